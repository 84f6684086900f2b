"""Packages that only some formats need, loaded when the first such file is met."""

from importlib import import_module
from typing import Any

from semhash.corpus.document import Skip, SkipReason

__all__ = ["INSTALL", "extra"]

INSTALL = "pip install 'semhash-index[documents]'"
"""The command that installs what heavy formats need."""


def extra(module: str, what: str) -> Any:
    """Load a module of the extra ``documents``.

    Parameters
    ----------
    module : str
        Its name.
    what : str
        The format that cannot be read without it.

    Raises
    ------
    Skip
        It is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        detail = f"expected the package {package} to read {what}, found none; install it with: {INSTALL}"
        raise Skip(SkipReason.MISSING_EXTRA, detail) from error
