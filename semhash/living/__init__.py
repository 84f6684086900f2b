"""An index that lives: brought up to date with its corpus, added to, taken from."""

from semhash.living.living import add_documents, remove_documents, update_index
from semhash.living.report import UpdateReport

__all__ = ["UpdateReport", "add_documents", "remove_documents", "update_index"]
