"""An index that lives: brought up to date with its corpus, added to, taken from."""

from semhash.living.report import UpdateReport
from semhash.living.upkeep import add_documents, remove_documents, update_index
from semhash.living.watch import watch_index

__all__ = ["UpdateReport", "add_documents", "remove_documents", "update_index", "watch_index"]
