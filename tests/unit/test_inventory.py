"""Sizes of the parts of an index."""

from semhash.inspection.inventory import sizes_by_part


def test_every_file_is_counted_once_and_what_nobody_knows_is_told_apart() -> None:
    sizes = {"codes.npy": 1, "counts-data.npy": 2, "norms.npy": 4, "postings.json": 8, "new-thing.bin": 16}
    found = sizes_by_part(sizes)
    assert found == {"codes": 1, "counts": 6, "postings": 8, "others": 16}
    assert list(found) == ["codes", "counts", "postings", "others"]
    assert sizes_by_part({}) == {}
