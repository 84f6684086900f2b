"""Putting documents in order: by words, by codes, and by both.

`semhash.ranking.rankers` has every way by its name; the others are what those work with.
"""

from semhash.ranking.shortlist import Ranking, TermIndex, rank

__all__ = ["Ranking", "TermIndex", "rank"]
