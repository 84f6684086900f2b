"""Near-identical documents of an index, each pair found without comparing all with all."""

from semhash.duplicates.duplicates import MIN_SIMILARITY, RADIUS, Duplicate, DuplicateGroup, find_duplicates

__all__ = ["MIN_SIMILARITY", "RADIUS", "Duplicate", "DuplicateGroup", "find_duplicates"]
