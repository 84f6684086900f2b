"""An index on disk: a manifest and the files that it names, written whole or not at all, checked when read."""

from semhash.store.folder import IndexFolder

__all__ = ["IndexFolder"]
