"""Measures of retrieval, one formula a function, and `measure`, which takes a ranking to all of them.

::

    from semhash.evaluation.metrics import CUTS, Measured, measure
    measure(ranking, relevance, cuts=(10, 100), report=unheard) -> Measured

From the bottom: `parts`, `harmonic` and `gain` hold what measures share; `shells` counts what lies at which Hamming
distance. `expected` has the measures of codes, exact over random order among equal distances; `extremes` those in
the worst and the best order; `balls` those of balls. `order` and `rankings` are for ordered lists, `recall_levels`
for either. `measured` sums up. numpy alone.

The figures agree with those of trec_eval, which the tests ask through ``ir-measures``. They are computed here since
the judgements of a labelled corpus are all its pairs, hundreds of millions, and no library's dictionaries hold
them; and since none has expected values over ties.
"""

from semhash.evaluation.metrics.measured import Measured, measure
from semhash.evaluation.metrics.parts import CUTS

__all__ = ["CUTS", "Measured", "measure"]
