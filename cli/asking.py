"""What the commands that ask share: the text that is asked by, and a word where it is unlike all that was learned."""

import os
import re
import sys
from typing import TYPE_CHECKING, Any

from typer.core import TyperCommand

from .console import say

if TYPE_CHECKING:
    from semhash.learned.novelty import Novelty

__all__ = ["AskingCommand", "asked", "novelty_json", "say_unlike"]

_BEYOND = 0.9975  # of texts of its length: what is no remark on its own is left out
_MOST = 0.999
_NOT_AN_OPTION = re.compile(r"-(?:[^\W\d_]{2}|[^\W\d_a-zA-Z]|[\d\"“„«「]).*", re.DOTALL)


class AskingCommand(TyperCommand):
    """A command in whose TEXT a word with a dash before it is no option: ``semhash query storm -snow``.

    Options of one dash have one letter here. What begins with a dash and two letters is a word that is excluded, and
    with a dash and a digit a number, but for an option that was written with one dash too few.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the command line."""
        given, before = [], ""
        options = [parameter for parameter in self.get_params(ctx) if parameter.param_type_name == "option"]
        with_value = {
            name for option in options if not getattr(option, "is_flag", False) for name in option.opts
        }
        for number, arg in enumerate(args):
            if arg == "--":
                given += args[number:]
                break
            is_text = before not in with_value and self._is_text(arg, ctx, options)
            given.append(f" {arg}" if is_text else arg)  # what begins with a blank is no option
            before = arg
        return super().parse_args(ctx, given)

    @staticmethod
    def _is_text(arg: str, ctx: Any, options: list[Any]) -> bool:
        """Say whether something that begins with a dash is no option."""
        names = {name for option in options for name in (*option.opts, *option.secondary_opts)}
        if re.match(r"-[a-zA-Z]\W*$", arg) and arg not in names:
            ctx.fail(f"No such option: {arg}; a text that holds {arg} is asked with -- before it")
        if arg.startswith("--") and len(arg) > 2:
            from difflib import get_close_matches

            name = arg.partition("=")[0]
            if name not in names and not get_close_matches(name, names):
                ctx.fail(f"No such option: {name}; a text that holds {name} is asked with -- before it")
            return False
        if _NOT_AN_OPTION.fullmatch(arg) is None or re.fullmatch(r"-[hkq]+[0-9]*", arg):
            return False
        if f"-{arg.partition('=')[0]}" in names:
            ctx.fail(f"{arg}: expected -{arg} for the option, or -- before a text that holds {arg}")
        return True


def asked(text: list[str]) -> str:
    """Join the words of the command line, or read the standard input; bytes that are no text become U+FFFD."""
    given = sys.stdin.buffer.read() if text == ["-"] else os.fsencode(" ".join(text))
    try:
        return given.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        from semhash.corpus.decoding import decode

        decoded = decode(given)
        return (given.decode("utf-8", "replace") if decoded is None else decoded.text).strip()


def say_unlike(novelty: "Novelty | None", quiet: bool) -> None:
    """Say that a text is unlike the documents that were learned from, if it is."""
    if novelty is None or not novelty.unlike:
        return
    why = f"{novelty.known:,} of its {novelty.words:,} words are in the vocabulary"
    if novelty.surprise > _BEYOND:
        share = min(novelty.surprise, _MOST)
        why = f"its words are expected less than those of {share:.1%} of texts of its length; {why}"
    say(
        f"this is unlike the documents that were learned from ({why}): hits may have little to do with it",
        quiet,
    )


def novelty_json(novelty: "Novelty | None") -> dict[str, Any] | None:
    """Give what JSON says of it: null where the index does not know, or no word is known."""
    if novelty is None:
        return None
    return {
        "percentile": round(novelty.percentile, 2),
        "unlike": novelty.unlike,
        "words": novelty.words,
        "known": novelty.known,
    }
