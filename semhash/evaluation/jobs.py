"""What is fitted and measured, one after the other: semhash's own methods first, then what they are compared with."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal

from semhash.baselines.registry import ALL, BASELINES, STANDARD, Baseline, find
from semhash.baselines.retriever import Documents, FittedRetriever
from semhash.config import IndexConfig
from semhash.errors import ConfigError
from semhash.evaluation.hybrid import ByHybrid
from semhash.evaluation.own import ByCodes, ByShortlist, Learned, learn, taken_from
from semhash.evaluation.seen import GivenIndex
from semhash.evaluation.settings import Recipe, Settings, recipes
from semhash.progress import Progress
from semhash.ranking import TermIndex

__all__ = ["Job", "Method", "chosen", "jobs"]

Group = Literal["semhash", "lexical", "real-valued", "binary", "pretrained"]

_TRAINING_WEIGHT = 8.0


@dataclass(frozen=True, kw_only=True)
class Method:
    """Whose figures they will be; as `RetrieverResult`, which says what the fields are."""

    name: str
    title: str
    group: Group
    ranks_by: Literal["codes", "scores"]
    size: int | None
    seed: int | None
    uses_labels: bool
    own: bool
    config: dict[str, object] = field(default_factory=dict)


Fit = Callable[[Documents, Progress], Iterator[FittedRetriever]]


@dataclass(frozen=True)
class Job:
    """What is fitted at once: one method, or several that stand on one training.

    Attributes
    ----------
    methods : tuple of Method
    fit : callable
        Gives the methods in their order, each when it is fitted; tells of its progress if it is long.
    weight : float
        How long it takes beside others, roughly.
    title : callable or None
        Gives the title by the size, should that come out smaller than what was asked for.
    """

    methods: tuple[Method, ...]
    fit: Fit
    weight: float = 1.0
    title: Callable[[int], str] | None = None


def jobs(settings: Settings, indexes: Sequence[GivenIndex], labelled: bool) -> list[Job]:
    """Give all that is to be done.

    Parameters
    ----------
    settings : Settings
    indexes : sequence of GivenIndex
    labelled : bool
        Whether the database has labels; without, methods that need them are left out unless asked for by name.

    Raises
    ------
    ConfigError
        There is no baseline of a name, or nothing to do.
    """
    found = []
    for recipe in recipes(settings):
        for bits in recipe.widths:
            found += [_of_recipe(recipe, bits, seed) for seed in dict.fromkeys(settings.seeds)]
    found += map(_of_index, indexes)
    for baseline in chosen(settings.against, labelled):
        found += _of_baseline(baseline, settings)
    if not found:
        raise ConfigError(
            "expected a method to measure, found none; leave --preset none or --against none out"
        )
    return found


def chosen(against: Sequence[str], labelled: bool = True) -> list[Baseline]:
    """Give the baselines of some names, each once.

    Parameters
    ----------
    against : sequence of str
        Names; ``standard`` and ``all`` stand for several, ``none`` for none.
    labelled : bool
        Whether there are labels; without, those that need them are not among ``standard`` and ``all``.

    Raises
    ------
    ConfigError
        There is none of a name; the message lists what there is.
    """
    found: dict[str, Baseline] = {}
    for name in against:
        if name in ("standard", "all"):
            group = [BASELINES[listed] for listed in (STANDARD if name == "standard" else ALL)]
            found |= {baseline.name: baseline for baseline in group if labelled or not baseline.uses_labels}
        elif name != "none":
            found[name] = find(name)
    return list(found.values())


def _own(name: str, title: str, bits: int, seed: int | None, uses_labels: bool) -> tuple[Method, ...]:
    """Give the methods that codes make, in the order of `_all`: alone, ranked again, and together with words."""
    codes = Method(
        name=name,
        title=f"{title}, {bits} bits",
        group="semhash",
        ranks_by="codes",
        size=bits,
        seed=seed,
        uses_labels=uses_labels,
        own=True,
    )
    again = Method(
        name=f"{name}-tfidf",
        title=f"{title} then TF-IDF, {bits} bits",
        group="semhash",
        ranks_by="scores",
        size=bits,
        seed=seed,
        uses_labels=uses_labels,
        own=True,
    )
    hybrid = replace(again, name=f"{name}-hybrid", title=f"{title} hybrid, {bits} bits")
    return codes, again, hybrid


def _of_recipe(recipe: Recipe, bits: int, seed: int) -> Job:
    config = recipe.config(bits, seed)
    supervised = config.model.supervision.loss != "none"
    methods = _own(recipe.name, recipe.title, bits, seed, supervised)
    return Job(methods, partial(_trained, config=config), _TRAINING_WEIGHT)


def _trained(database: Documents, progress: Progress, config: IndexConfig) -> Iterator[FittedRetriever]:
    return _all(learn(database, config, progress), database)


def _all(learned: Learned, database: Documents) -> Iterator[FittedRetriever]:
    yield ByCodes(learned)
    terms = TermIndex.build(database.ranked_by)
    yield ByShortlist(learned, terms)
    yield ByHybrid.fit(learned, terms, None if database.spellings is None else database.spellings.data)


def _of_index(given: GivenIndex) -> Job:
    index, made_with = given.index, given.index.manifest.config
    supervised = made_with.model.supervision.loss != "none"
    methods = _own(
        f"index:{given.name}", f"index {given.name}", index.bits, made_with.training.seed, supervised
    )
    as_json = made_with.to_json()
    config = {name: as_json[name] for name in ("text", "model", "training")}

    def fit(database: Documents, progress: Progress) -> Iterator[FittedRetriever]:
        return _all(taken_from(index, database), database)

    seen: dict[str, object] = {"queries_seen": given.queries_seen}
    return Job(tuple(replace(method, config=config | seen) for method in methods), fit)


def _of_baseline(baseline: Baseline, settings: Settings) -> list[Job]:
    sizes: Sequence[int | None]
    if baseline.sizes == "bits":
        own = [bits for recipe in recipes(settings) for bits in recipe.widths]
        sizes = settings.widths if settings.bits else list(dict.fromkeys(own)) or settings.widths
    else:
        sizes = list(dict.fromkeys(settings.dimensions)) if baseline.sizes == "dimensions" else (None,)
    seeds: Sequence[int | None] = list(dict.fromkeys(settings.seeds)) if baseline.seeded else (None,)
    return [_sized(baseline, size, seed) for size in sizes for seed in seeds]


def _sized(baseline: Baseline, size: int | None, seed: int | None) -> Job:
    method = Method(
        name=baseline.name,
        title=baseline.title(size),
        group=baseline.group,
        ranks_by="codes" if baseline.sizes == "bits" else "scores",
        size=size,
        seed=seed,
        uses_labels=baseline.uses_labels,
        own=False,
    )

    def fit(database: Documents, progress: Progress) -> Iterator[FittedRetriever]:
        yield baseline.make(size, seed or 0).fit(database)

    return Job((method,), fit, title=baseline.title)
