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


@pytest.mark.parametrize("name", semhash.__all__)
def test_every_exported_name_can_be_imported(name: str) -> None:
    scope: dict[str, object] = {}
    exec(f"from semhash import {name}", scope)
    assert scope[name] is getattr(semhash, name)


@pytest.mark.parametrize("name", set(semhash.__all__) - {"__version__"})
def test_every_exported_name_is_what_its_module_exports_and_is_documented(name: str) -> None:
    module = importlib.import_module(promised()[name])
    item = getattr(semhash, name)
    assert name in module.__all__
    assert item is getattr(module, name)
    assert item.__module__ == module.__name__
    assert inspect.getdoc(item)


def test_type_checkers_are_told_of_the_same_names() -> None:
    assert {*promised(), "__version__"} == set(semhash.__all__)
    assert list(semhash.__all__) == sorted(semhash.__all__)


def test_what_is_exported_is_what_is_listed() -> None:
    assert dir(semhash) == sorted(semhash.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'semhash' has no attribute 'nothing'"):
        semhash.nothing  # noqa: B018
    assert not hasattr(semhash, "__wrapped__")


def test_the_version_is_three_numbers() -> None:
    assert len([int(part) for part in semhash.__version__.split(".")[:3]]) == 3
