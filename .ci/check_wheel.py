"""Compare what a built wheel holds with what the tree says it should: python .ci/check_wheel.py WHEEL."""

import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = {"semhash": "semhash", "cli": "semhash_cli"}


def main(wheel: str) -> None:
    """Exit with what is missing or too much; say how many files were found otherwise."""
    with zipfile.ZipFile(wheel) as archive:
        found = {name for name in archive.namelist() if ".dist-info/" not in name}
        entry_points = [name for name in archive.namelist() if name.endswith(".dist-info/entry_points.txt")]
        licences = [name for name in archive.namelist() if name.endswith("/LICENSE")]
    expected = {
        f"{package}/{path.relative_to(ROOT / folder).as_posix()}"
        for folder, package in FOLDERS.items()
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".typed", ".html", ".css", ".js"}
    }
    if found != expected:
        sys.exit(f"{wheel}: missing {sorted(expected - found)}, not in the tree {sorted(found - expected)}")
    if len(entry_points) != 1 or len(licences) != 1:
        sys.exit(f"{wheel}: expected one entry_points.txt and one LICENSE, found {entry_points}, {licences}")
    sys.stdout.write(f"{Path(wheel).name}: {len(found)} files, as in the tree\n")


if __name__ == "__main__":
    main(sys.argv[1])
