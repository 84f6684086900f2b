"""How good codes and rankings are, measured against what belongs together.

`relevance` says which documents a query should find; `metrics` has the measures of codes and of ordered lists, and
`measure`, which takes a ranking to all of them; `results` is what an evaluation leaves behind.
"""
