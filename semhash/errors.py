"""Every error that semhash raises on purpose.

::

    SemhashError
    ├── ConfigError             (ValueError)   an option or a configuration value cannot be used
    ├── CodeError               (ValueError)   bits, codes or radii out of range
    ├── CorpusError                            the corpus cannot be indexed
    ├── TrainingError                          training ended in a model that would be no good
    ├── EvaluationError         (ValueError)   what was to be measured cannot be
    ├── DocumentNotFoundError   (LookupError)  no document of that id in the index
    └── IndexFolderError                       the index folder as a whole
        ├── IndexNotFoundError                 no index there
        ├── IndexExistsError                   an index stands there already
        ├── IndexBusyError                     another process is writing it
        ├── IndexFormatError                   written by a version that this one does not read
        ├── IndexDamagedError                  a file is missing, cut short or altered
        └── IndexClosedError                   it was closed before it was asked

Every message says what was expected, what was found, and what to do next.
"""

__all__ = [
    "CodeError",
    "ConfigError",
    "CorpusError",
    "DocumentNotFoundError",
    "EvaluationError",
    "IndexBusyError",
    "IndexClosedError",
    "IndexDamagedError",
    "IndexExistsError",
    "IndexFolderError",
    "IndexFormatError",
    "IndexNotFoundError",
    "SemhashError",
    "TrainingError",
]


class SemhashError(Exception):
    """Base of every error that semhash raises on purpose; its text is fit to show a user."""


class ConfigError(SemhashError, ValueError):
    """An option or a configuration value cannot be used."""


class CodeError(SemhashError, ValueError):
    """Bits, codes or radii are out of range."""


class CorpusError(SemhashError):
    """The corpus cannot be indexed: missing, empty, or (when strict) not readable in full."""


class TrainingError(SemhashError):
    """Training ended in a model that would be no good, so nothing is written."""


class EvaluationError(SemhashError, ValueError):
    """What was to be measured cannot be: codes, labels or cut-offs that do not fit together."""


class DocumentNotFoundError(SemhashError, LookupError):
    """No document of that id is in the index."""


class IndexFolderError(SemhashError):
    """The index folder as a whole cannot be used."""


class IndexNotFoundError(IndexFolderError):
    """There is no index at that place."""


class IndexExistsError(IndexFolderError):
    """An index stands there already, and was not to be replaced."""


class IndexBusyError(IndexFolderError):
    """Another process is writing the index."""


class IndexFormatError(IndexFolderError):
    """The index was written in a format that this version does not read."""


class IndexDamagedError(IndexFolderError):
    """A file of the index is missing, cut short or altered."""


class IndexClosedError(IndexFolderError):
    """The index was closed before it was asked, or while it was."""
