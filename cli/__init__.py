"""The terminal side of semhash: options in, one call of the library, an answer drawn. Installed as semhash_cli."""

import io
import sys


def main() -> None:
    """Run the command ``semhash``."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that lacks a character shows its number; it ends no command.
            stream.reconfigure(errors="backslashreplace")
    from .app import app

    app()
