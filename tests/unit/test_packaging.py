"""What pyproject.toml declares is what the tree holds, what is installed, and what constraints.txt pins."""

import importlib
import re
import tomllib
from importlib.metadata import entry_points, version
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
SETUPTOOLS = PYPROJECT["tool"]["setuptools"]
FOLDERS = {"semhash": "semhash"} | {
    folder: package for package, folder in SETUPTOOLS["package-dir"].items()
}  # folder to package


def declared_requirements() -> list[str]:
    extras = PROJECT["optional-dependencies"].values()
    return [*PROJECT["dependencies"], *(line for extra in extras for line in extra)]


def pins() -> dict[str, str]:
    """Read constraints.txt strictly: a comment, or one exact pin a line."""
    found: dict[str, str] = {}
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            pin = re.fullmatch(r"([A-Za-z0-9._-]+)==([0-9][A-Za-z0-9.]*)", line)
            assert pin, f"constraints.txt: expected NAME==VERSION, found {line!r}"
            found[canonicalize_name(pin[1])] = pin[2]
    return found


def test_every_folder_of_code_is_a_listed_package() -> None:
    tree = {
        ".".join([package, *path.parent.relative_to(ROOT / folder).parts])
        for folder, package in FOLDERS.items()
        for path in (ROOT / folder).rglob("*.py")
    }
    assert sorted(SETUPTOOLS["packages"]) == sorted(tree)


def test_every_listed_package_has_an_init() -> None:
    folders = {package: folder for folder, package in FOLDERS.items()}
    for name in SETUPTOOLS["packages"]:
        top, *rest = name.split(".")
        assert ROOT.joinpath(folders[top], *rest, "__init__.py").is_file(), name


@pytest.mark.parametrize("name", SETUPTOOLS["packages"])
def test_every_listed_package_can_be_imported(name: str) -> None:
    assert importlib.import_module(name).__name__ == name


@pytest.mark.parametrize(
    ("package", "name"),
    [(package, name) for package, names in SETUPTOOLS["package-data"].items() for name in names],
)
def test_declared_data_is_installed(package: str, name: str) -> None:
    assert files(package).joinpath(name).is_file()


def test_every_top_package_says_it_is_typed() -> None:
    typed = {package for package, names in SETUPTOOLS["package-data"].items() if "py.typed" in names}
    assert typed == set(FOLDERS.values())


def test_one_version_everywhere() -> None:
    attribute = PYPROJECT["tool"]["setuptools"]["dynamic"]["version"]["attr"]
    module, name = attribute.rsplit(".", 1)
    assert version(PROJECT["name"]) == getattr(importlib.import_module(module), name)


def test_the_command_is_declared_once_and_can_be_called() -> None:
    [command] = [point for point in entry_points(group="console_scripts") if point.name == "semhash"]
    assert command.value == PROJECT["scripts"]["semhash"]
    assert callable(command.load())


@pytest.mark.parametrize("line", declared_requirements())
def test_every_requirement_is_pinned_in_its_range(line: str) -> None:
    requirement = Requirement(line)
    pinned = pins()
    name = canonicalize_name(requirement.name)
    assert name in pinned, f"constraints.txt has no pin for {name}"
    assert Version(pinned[name]) in requirement.specifier


def test_pins_have_no_local_version_and_no_double() -> None:
    lines = [
        line for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines() if "==" in line
    ]
    exact = [line for line in lines if not line.startswith("#")]
    assert len(exact) == len(pins())
    assert not [line for line in exact if "+" in line]
