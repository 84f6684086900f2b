"""The terminal side of semhash: options in, one call of the library, an answer drawn. Installed as semhash_cli."""

import gc
import io
import sys


def main() -> None:
    """Run the command ``semhash``."""
    # Imports make many objects and hardly any garbage: looking for it less often is a twentieth of a query.
    gc.set_threshold(100_000, 50, 50)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that lacks a character shows its number; it ends no command.
            stream.reconfigure(errors="backslashreplace")
    from .app import app

    app()
