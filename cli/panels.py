"""Help of a command with many options: one heading for each panel of them, in plain text."""

from typing import Any

from typer.core import TyperCommand

__all__ = ["PanelledCommand"]

_ARGUMENTS, _REST = "Arguments", "Output"


class PanelledCommand(TyperCommand):
    """A command whose help lists options under the headings that their ``rich_help_panel`` names.

    Typer does so itself only where rich draws the help, which takes longer to load than the help to read.
    """

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments, then options by panel, in the order in which panels are first named."""
        panels: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            line = parameter.get_help_record(ctx)
            if line is not None:
                rest = _REST if parameter.param_type_name == "option" else _ARGUMENTS
                panels.setdefault(getattr(parameter, "rich_help_panel", None) or rest, []).append(line)
        for name, lines in panels.items():
            with formatter.section(name):
                formatter.write_dl(lines)
