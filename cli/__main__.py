"""Lets ``python -m semhash_cli`` stand in for the command ``semhash``."""

from . import main

main()
