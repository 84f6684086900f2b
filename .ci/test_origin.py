"""Run by .ci/run with the pytest that will run the suite: what it imports must be what pip installed."""

import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("name", ["semhash", "semhash_cli"])
def test_is_imported_from_site_packages(name: str) -> None:
    """Neither the tree nor an editable install stands in for the wheel."""
    module = importlib.import_module(name)
    origin = Path(module.__file__ or "").resolve()
    assert "site-packages" in origin.parts, f"{name} is imported from {origin}"
    assert not origin.is_relative_to(ROOT), f"{name} is imported from the tree: {origin}"
