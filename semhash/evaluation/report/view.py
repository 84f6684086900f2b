"""Who is compared with whom: semhash's leading method, its rivals, and what was decided between them."""

from dataclasses import dataclass
from functools import cached_property

from semhash.evaluation.report.methods import Method, methods_of
from semhash.evaluation.report.wording import Wording, wording_of
from semhash.evaluation.results import Comparison, Results
from semhash.evaluation.statistics import bootstrap_interval

__all__ = ["ALPHA", "KEY", "Difference", "View"]

KEY = "MAP"
"""What methods are put in order by: it asks for all that is relevant, at every depth."""

ALPHA = 0.05
"""Below it, a difference is called significant."""

_SEED = 0


@dataclass(frozen=True)
class Difference:
    """How far apart two methods are in one measure, over the same queries.

    Attributes
    ----------
    value : float
        Mean of the first less that of the second.
    p_value : float or None
        Of the paired randomisation test; None where none was made.
    """

    value: float
    p_value: float | None

    @property
    def verdict(self) -> str:
        """``ahead``, ``behind``, ``tied``, or ``untested`` where there is no test to say it."""
        if self.p_value is None:
            return "untested"
        if self.p_value >= ALPHA:
            return "tied"
        return "ahead" if self.value > 0 else "behind"


class View:
    """Results, with every method in its place.

    Attributes
    ----------
    results : Results
    methods : list of Method
        All that were measured, in the order of the results.
    wording : Wording
        What measures are called; it depends on what relevance is.
    """

    def __init__(self, results: Results) -> None:
        self.results = results
        self.methods = methods_of(results)
        self.wording: Wording = wording_of(results.corpus)

    @property
    def name(self) -> str:
        """The corpus's name."""
        return self.results.corpus.name

    @cached_property
    def lead(self) -> Method | None:
        """The method that the report is about: semhash's first that ranks by codes without having seen labels.

        The first and not the best, so that it is not chosen by the figures it then shows.
        """
        own = [method for method in self.methods if method.first.own]
        plain = [m for m in own if m.unaided and m.first.ranks_by == "codes"]
        unaided = [m for m in own if m.unaided]
        return next(iter([*plain, *unaided, *own]), None)

    @cached_property
    def own(self) -> list[Method]:
        """Give semhash's other methods that know the texts alone."""
        return [m for m in self.methods if m.first.own and m.unaided and m is not self.lead]

    @cached_property
    def reference(self) -> list[Method]:
        """Where relevance is made of TF-IDF, the TF-IDF rankings: they are the yardstick, not competitors."""
        if self.results.corpus.relevance != "tfidf-neighbours":
            return []
        return [m for m in self.methods if not m.first.own and m.first.name.startswith("tfidf")]

    @cached_property
    def rivals(self) -> list[Method]:
        """Others' methods that know the texts alone."""
        return [m for m in self.methods if not m.first.own and m.unaided and m not in self.reference]

    @cached_property
    def aided(self) -> list[Method]:
        """Methods that were shown labels, or stand on a pretrained model; semhash's own among them."""
        return [m for m in self.methods if not m.unaided and m is not self.lead]

    @cached_property
    def failed(self) -> dict[str, str]:
        """What failed and why, by title; by title and seed where other seeds did not."""
        measured = {m.title for m in self.methods}
        found = {}
        for r in self.results.retrievers:
            if r.failed is not None:
                found[f"{r.title}, seed {r.seed}" if r.title in measured else r.title] = r.failed
        return found

    def best_rival(self, measure: str = KEY) -> Method | None:
        """Give the rival with the highest mean."""
        return best_of(self.rivals, measure)

    def by_key(self, methods: list[Method]) -> list[Method]:
        """Sort methods, the best in the key measure first; equal ones keep their order."""
        return sorted(methods, key=lambda m: -(m.mean(KEY) or 0.0))

    def difference(self, method: Method, against: Method, measure: str = KEY) -> Difference | None:
        """Give how far a method is above another; None where one of them lacks the measure."""
        mine, theirs = method.mean(measure), against.mean(measure)
        if mine is None or theirs is None:
            return None
        tested = self._comparisons.get((method.title, against.title, measure))
        return Difference(mine - theirs, None if tested is None else tested.p_value)

    def interval(self, method: Method, against: Method, measure: str = KEY) -> tuple[float, float] | None:
        """Give the 95 % bootstrap interval of the mean difference over the queries; None where they are not kept."""
        mine, theirs = method.values(measure), against.values(measure)
        if mine is None or theirs is None or not 1 < len(mine) == len(theirs):
            return None
        return bootstrap_interval(mine - theirs, _SEED)

    @cached_property
    def _comparisons(self) -> dict[tuple[str, str, str], Comparison]:
        found = {}
        for c in self.results.comparisons:
            found[c.against, c.title, c.measure] = c
        for c in self.results.comparisons:
            found[c.title, c.against, c.measure] = c
        return found


def best_of(methods: list[Method], measure: str) -> Method | None:
    """Give the method with the highest mean; None where none was measured."""
    measured = [m for m in methods if m.mean(measure) is not None]
    return max(measured, key=lambda m: m.mean(measure) or 0.0, default=None)
