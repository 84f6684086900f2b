"""The terminal side of semhash: options in, one call of the library, an answer drawn. Installed as semhash_cli."""


def main() -> None:
    """Run the command ``semhash``."""
    from .app import app

    app()
