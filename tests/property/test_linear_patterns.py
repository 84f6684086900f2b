"""Every regular expression takes time in proportion to what it is given, whatever that is.

The patterns are found, not listed: those that modules hold, and those that calls such as ``re.sub`` have in their
source. Each is given texts made of its own parts, repeated: what stands before a repeat, then the repeated over and
over, with and without an ending. Two sizes are compared, in the process's own time, so that no slow machine fails.
"""

import ast
import gc
import importlib
import re
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from itertools import pairwise
from pathlib import Path
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from types import FrameType, ModuleType
from typing import Any

import pytest
import regex
import semhash_cli  # type: ignore[import-not-found]

import semhash

SIZES = (256, 2048, 16_384)  # characters
SECONDS = 0.004  # less is no time that can be compared
TIMES_LONGER = 3  # than eight texts of an eighth of the size; in quadratic time it would be 8
HANGS = 20  # seconds of the process's own time
TRIES = 4
FUNCTIONS = {"compile", "sub", "subn", "split", "match", "search", "fullmatch", "findall", "finditer"}
# Their patterns hold what is known only when they run: they are given names of folders and paths, no documents, or
# they are nothing but a choice among words.
MADE_LATER = {
    "semhash.asking.compounds",
    "semhash.asking.snippet",
    "semhash.asking.where",
    "semhash.evaluation.folder",
    "semhash.store.draft",
}
NAMES = {"separator": ","}  # what patterns that are made in functions are made of
ENDINGS = ("", "\n", "\x00")
COMMON = (" ", "\n", "a", "0", "-", ".", "<", '"', "é", "漢", "e\u0301")


def sources() -> dict[str, Path]:
    """Find the modules that have to do with patterns, without loading any."""
    found = {}
    for package in (semhash, semhash_cli):
        root = Path(package.__path__[0])
        for path in sorted(root.rglob("*.py")):
            parts = (package.__name__, *path.relative_to(root).with_suffix("").parts)
            if re.search(r"^\s*(?:import|from) (?:re|regex)\b", path.read_text("utf-8"), re.MULTILINE):
                found[".".join(part for part in parts if part != "__init__")] = path
    return found


SOURCES = sources()


def held(value: object, depth: int = 0) -> Iterator[Any]:
    """Walk what a module's name stands for, as far as patterns may lie in it."""
    if isinstance(value, re.Pattern | regex.Pattern):
        yield value
    elif isinstance(value, tuple | list | set | frozenset) and depth < 3:
        for item in value:
            yield from held(item, depth + 1)
    elif isinstance(value, dict) and depth < 3:
        yield from held(list(value.values()), depth + 1)


def written(module: ModuleType, source: str) -> Iterator[Any]:
    """Compile what the source of a module gives to ``re`` and ``regex``, in its functions too."""
    tree = ast.parse(source)
    functions: list[ast.AST] = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    for scope in (tree, *functions):
        names = {"re": re, "regex": regex, **NAMES, **vars(module)}
        called = {
            id(line.value): line.targets[0].attr
            for line in ast.walk(scope)
            if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Attribute)
        }
        for line in scope.body if isinstance(scope, ast.FunctionDef) else ():
            if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
                value = evaluated(line.value, names)
                if isinstance(value, str | bytes):
                    names[line.targets[0].id] = value
        for node in ast.walk(scope):
            if is_pattern_call(node):
                assert isinstance(node, ast.Call)
                name = called.get(id(node))
                for pattern, ways in compiled(node, names, module, isinstance(scope, ast.FunctionDef)):
                    used = set(re.findall(rf"\.{name}\.(\w+)\(", source)) & FUNCTIONS if name else set()
                    yield pattern, used or ways


def is_pattern_call(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("re", "regex")
        and node.func.attr in FUNCTIONS
    )


def evaluated(node: ast.expr, names: dict[str, Any]) -> object:
    try:
        return eval(compile(ast.Expression(node), "", "eval"), names)
    except Exception:
        return None


def compiled(call: ast.Call, names: dict[str, Any], module: ModuleType, sure: bool) -> Iterator[Any]:
    assert isinstance(call.func, ast.Attribute)
    assert isinstance(call.func.value, ast.Name)
    engine = {"re": re, "regex": regex}[call.func.value.id]
    found = evaluated(call.args[0], names)
    if isinstance(found, str | bytes):
        flags = [word.value for word in call.keywords if word.arg == "flags"]
        flags += call.args[1:2] if call.func.attr == "compile" else []
        flags_found = evaluated(flags[0], names) if flags else 0
        pattern = engine.compile(found, flags_found)
        yield pattern, {"search" if call.func.attr in ("compile", "sub") else call.func.attr}
    elif sure and not isinstance(found, re.Pattern | regex.Pattern):
        where = f"{module.__name__}, line {call.lineno}"
        assert module.__name__ in MADE_LATER, f"{where}: expected a pattern that can be told from the source"


def patterns(name: str) -> dict[str, tuple[Any, frozenset[str]]]:
    """Find the patterns of a module, and how each is used; what is never seen to be used is searched for."""
    module = importlib.import_module(name)
    source = SOURCES[name].read_text("utf-8")
    found: dict[str, tuple[Any, frozenset[str]]] = {}
    for called, value in vars(module).items():
        ways = frozenset(re.findall(rf"(?<![\w.]){re.escape(called)}\.(\w+)\(", source)) & FUNCTIONS
        anchored = isinstance(value, re.Pattern) and ways and ways <= {"match", "fullmatch"}
        for pattern in held(value):
            found[key(pattern)] = (pattern, ways if anchored else frozenset({"search"}))
    for pattern, ways in written(module, source):
        found.setdefault(key(pattern), (pattern, frozenset(ways)))
    return found


def key(pattern: Any) -> str:
    return repr((pattern.pattern, int(pattern.flags), type(pattern).__module__))


def examples(tree: Any) -> tuple[str, list[tuple[str, str]]]:
    """Give a text that a parsed pattern takes, and its repeats: what stands before each, and what is repeated."""
    text, pumps = "", []
    for op, argument in tree:
        piece, inner = example(op, argument)
        pumps += [(text + before, repeated) for before, repeated in inner]
        text += piece
    return text, pumps


def example(op: Any, argument: Any) -> tuple[str, list[tuple[str, str]]]:
    if op in (sre.LITERAL,):
        return chr(argument), []
    if op is sre.NOT_LITERAL:
        return ("a" if argument != ord("a") else "b"), []
    if op is sre.ANY:
        return "a", []
    if op is sre.IN:
        return member(argument), []
    if op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        text, pumps = examples(argument[2])
        return text * max(1, argument[0]), [("", text), *pumps]
    if op is sre.SUBPATTERN:
        return examples(argument[-1])
    if op is sre.ATOMIC_GROUP:
        return examples(argument)
    if op is sre.BRANCH:
        branches = [examples(branch) for branch in argument[1]]
        pumps = [("", text) for text, _ in branches] + [pump for _, inner in branches for pump in inner]
        return branches[0][0], pumps
    return "", []


def member(options: Any) -> str:
    for letter in ("a", " ", "0", "\n", ".", "-", "A", "<", '"', "é"):
        if in_set(options, letter):
            return letter
    op, argument = options[0]
    return chr(argument[0] if op is sre.RANGE else argument if op is sre.LITERAL else 97)


def in_set(options: Any, letter: str) -> bool:
    wanted, inside, code = True, False, ord(letter)
    for op, argument in options:
        if op is sre.NEGATE:
            wanted = False
        elif op is sre.LITERAL:
            inside |= code == argument
        elif op is sre.RANGE:
            inside |= argument[0] <= code <= argument[1]
        elif op is sre.CATEGORY:
            name = str(argument).rsplit("_", 1)[1].lower()
            found = {"digit": letter.isdigit(), "space": letter.isspace(), "word": letter.isalnum()}[name]
            inside |= found != ("NOT" in str(argument))
    return inside is wanted


def texts(pattern: Any) -> Iterator[Callable[[int], str]]:
    """Give texts to be made at any size."""
    source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    letters = dict.fromkeys([*COMMON, *(letter for letter in source if not letter.isalnum())])
    pumps: list[tuple[str, str]] = [("", letter) for letter in letters]
    if isinstance(pattern, re.Pattern):
        whole, found = examples(_parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG))
        pumps += [("", whole), *found, *(("", repeated) for _, repeated in found)]
        befores = dict.fromkeys(before for before, _ in found if before)
        pumps += [(before, letter) for before in befores for letter in letters]
        pumps += [("", before) for before in befores]
        pumps += [("", before + letter) for before in befores for letter in (" ", "\n", "a")]
    for before, repeated in dict.fromkeys(pumps):
        if repeated:
            for ending in ENDINGS:
                yield partial(made, before, repeated, ending)


def made(before: str, repeated: str, ending: str, size: int) -> str:
    return before + repeated * (size // len(repeated)) + ending


def run(pattern: Any, way: str, make: Callable[[int], str], size: int) -> float:
    made = make(size)
    text = made if isinstance(pattern.pattern, str) else made.encode()
    gc.disable()  # a collection takes as long as other tests have left things behind
    try:
        begun = time.process_time()
        if way in ("match", "fullmatch"):
            getattr(pattern, way)(text)
        else:
            for _ in pattern.finditer(text):
                pass
        return time.process_time() - begun
    finally:
        gc.enable()


def hung(signum: int, frame: FrameType | None) -> None:
    raise TimeoutError


def is_linear(work: Callable[[int], float]) -> bool:
    """Compare what a text takes with what eight of an eighth of it do, more than once where it looks slow."""
    work(SIZES[0])
    for small, large in pairwise(SIZES):
        n, whole, parts = large // small, work(large), 0.0
        for _ in range(TRIES):  # what else the machine does only adds to either
            if whole <= max(SECONDS, TIMES_LONGER * parts):
                break
            parts = max(parts, sum(work(small) for _ in range(n)))
            whole = min(whole, work(large))
        else:
            return False
    return True


@contextmanager
def ending(seconds: float) -> Iterator[Callable[[], None]]:
    """Give what winds up an alarm that ends what hangs, in the process's own time."""
    before = signal.signal(signal.SIGVTALRM, hung)
    try:
        yield lambda: signal.setitimer(signal.ITIMER_VIRTUAL, seconds) and None
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def slow_texts(pattern: Any, ways: Iterable[str], seconds: float = HANGS) -> Iterator[str]:
    """Give a sample of each kind of text for which a pattern takes more time than is in proportion."""
    with ending(seconds) as wind_up:
        for way in sorted(ways):
            for make in texts(pattern):
                wind_up()
                with suppress(TimeoutError):
                    if is_linear(partial(run, pattern, way, make)):
                        continue
                yield f"{way} {make(60)!r}"


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_patterns_take_time_in_proportion(name: str) -> None:
    for pattern, ways in patterns(name).values():
        slow = next(slow_texts(pattern, ways), None)
        assert slow is None, (
            f"{pattern.pattern!r} takes more time than is in proportion to: {slow} and the like"
        )


@pytest.mark.parametrize(
    "bad", [r"(a+)+b", r"\s*x?\s*y", r"(?:<!--.{0,2000}?-->\s*){0,5}<svg", r" +$", r"a.*b.*c"]
)
def test_what_is_known_to_be_slow_is_told(bad: str) -> None:
    assert next(slow_texts(re.compile(bad, re.DOTALL), {"search"}, seconds=1), None)
