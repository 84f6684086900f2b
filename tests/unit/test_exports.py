import ast
import importlib
import inspect
from pathlib import Path

import pytest

import semhash


def promised() -> dict[str, str]:
    """What the block under TYPE_CHECKING tells a type checker: each name with its module."""
    tree = ast.parse(Path(inspect.getfile(semhash)).read_text(encoding="utf-8"))
    [block] = [node for node in tree.body if isinstance(node, ast.If)]
    imports = [node for node in block.body if isinstance(node, ast.ImportFrom)]
    return {alias.name: str(node.module) for node in imports for alias in node.names}


def test_every_exported_name_is_what_its_module_exports_and_is_documented() -> None:
    for name in [name for name in semhash.__all__ if name != "__version__"]:
        module = importlib.import_module(promised()[name])
        item = getattr(semhash, name)
        assert name in module.__all__
        assert item is getattr(module, name)
        assert item.__module__ == module.__name__
        assert inspect.getdoc(item), name


def test_type_checkers_are_told_of_the_same_names() -> None:
    assert {*promised(), "__version__"} == set(semhash.__all__)
    assert list(semhash.__all__) == sorted(semhash.__all__)


def test_what_is_exported_is_what_is_listed() -> None:
    assert dir(semhash) == sorted(semhash.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'semhash' has no attribute 'nothing'"):
        semhash.nothing  # noqa: B018
    assert not hasattr(semhash, "__wrapped__")
