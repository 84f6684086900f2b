"""The SQL side of an index: documents, labels, what was skipped, and how it was built, in one SQLite file.

A document's *row* is its place in every array of the index, counted from 0 in reading order.
"""

from semhash.catalogue.catalogue import Catalogue
from semhash.catalogue.entries import CatalogueEntry, DocumentCode, DocumentHead, ShownDocument
from semhash.catalogue.tables import BUILDS, DOCUMENTS, LABELS, SCHEMA_VERSION

__all__ = [
    "BUILDS",
    "DOCUMENTS",
    "LABELS",
    "SCHEMA_VERSION",
    "Catalogue",
    "CatalogueEntry",
    "DocumentCode",
    "DocumentHead",
    "ShownDocument",
]
