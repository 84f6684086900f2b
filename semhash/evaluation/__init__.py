"""How good codes and rankings are, measured against what people said belongs together.

From the bottom: `relevance` says which documents a query should find; `shells` counts what lies at which
Hamming distance; `expected` has the measures of codes, exact over random order among equal distances;
`rankings` has those of ordered lists; `measures` sums either up over all queries. numpy alone.
"""
