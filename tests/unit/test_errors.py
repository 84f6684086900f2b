import inspect
import re

from semhash import errors

CLASSES = {
    name: item
    for name, item in vars(errors).items()
    if inspect.isclass(item) and item.__module__ == errors.__name__
}


def drawn() -> dict[str, tuple[str | None, str | None]]:
    """Read the tree in the docstring: each name with the one above it and the built-in one beside it."""
    found: dict[str, tuple[str | None, str | None]] = {}
    above: list[tuple[int, str]] = []
    for line in (inspect.getdoc(errors) or "").splitlines():
        match = re.fullmatch(r"([ │├└─]*)(\w+Error)(?: +\((\w+)\))?(?:  +\w.*)?", line)
        if match is None:
            continue
        depth = len(match[1])
        above = [(d, name) for d, name in above if d < depth]
        found[match[2]] = (above[-1][1] if above else None, match[3])
        above.append((depth, match[2]))
    return found


def test_the_tree_drawn_is_the_tree_there_is() -> None:
    tree = drawn()
    assert set(tree) == set(CLASSES)
    assert len(tree) > 10
    for name, (above, built_in) in tree.items():
        bases = [base.__name__ for base in CLASSES[name].__bases__]
        assert bases == [base for base in (above or "Exception", built_in) if base], name


def test_every_one_is_exported() -> None:
    assert errors.__all__ == sorted(CLASSES)
