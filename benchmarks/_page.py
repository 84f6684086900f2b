"""The sections of the page of results, each drawn from the runs of one experiment."""

from collections.abc import Iterator, Sequence

from _results import Run
from _sections import NOTHING, by_set, earlier_recipe, of_experiment, set_title
from _tables import figure, grouped, points, seconds, table, value, whole
from _titles_section import titles
from _variants import GROUPS

__all__ = ["page"]

P100, MAP = "figures/precision/100", "figures/mean_average_precision"
ADDRESSES = "figures/addresses_in_use"
HEAD = """\
# Results

Drawn by `python benchmarks/render.py` from the runs in `benchmarks/results/`, and not written by hand.

**What is measured.** Documents with labels are cut in two: the database, which the codes are learned from,
and the queries. No label is seen in training. A document is relevant to a query when they share a label.
Every query ranks the whole database by Hamming distance alone. P@100 is the share of relevant documents among
the first hundred; MAP is the mean over queries of average precision, which asks for *all* relevant documents
to stand near the top. At twenty bits most distances are equal, so both are expected values over random order
among equal distances, computed exactly. Figures over several seeds are means, with their standard deviation
behind the ±.

**How to read it.** A difference that is smaller than the spread over seeds says nothing. The test half is
for the first section and the last; everything that helps to choose a recipe is measured on a fifth of the
training half. Seconds are upper bounds: other runs shared the two cores.
"""


def page(runs: Sequence[Run]) -> str:
    """Draw the whole page."""
    sections = [
        HEAD,
        *_figures(runs),
        *_curve(runs),
        *_ablation(runs),
        *titles(runs),
        *_paper(runs),
        *_machines(runs),
    ]
    return "\n".join(sections).rstrip("\n") + "\n"


def _figures(runs: Sequence[Run]) -> Iterator[str]:
    yield "## Codes by their width\n"
    yield (
        "Each bit doubles the number of addresses. Few bits must put subjects together that differ; many take more "
        "room, and beyond 24 of them a table of all addresses becomes too large to hold. What they are to be compared "
        "with is in [quality](quality/report.md).\n"
    )
    found = of_experiment(runs, "figures")
    if not found:
        yield NOTHING.format(script="figures.py") + "\n"
    for of_set in by_set(found):
        documents, queries = (
            int(value(of_set[0], f"figures/n_{name}") or 0) for name in ("documents", "queries")
        )
        yield set_title(of_set[0])
        yield f"{documents:,} documents in the database, {queries:,} queries.\n"
        yield from earlier_recipe(of_set[0], of_set[0]["name"])
        ordered = sorted(of_set, key=lambda run: int(run["config"]["model"]["bits"]))
        widths = grouped(ordered, lambda run: (run["name"], run["config"]["model"]["bits"]))
        rows = [_figure_row(_code_name(group[0]), group) for group in widths]
        yield from table(("codes of", "P@100", "MAP", "addresses in use", "seconds to learn"), rows)
        yield ""


def _code_name(run: Run) -> str:
    recipe = "" if run["name"] == "default" else f", {run['name']}"
    return f"**{run['config']['model']['bits']} bits**{recipe}"


def _figure_row(name: str, runs: Sequence[Run]) -> tuple[str, ...]:
    return name, figure(runs, P100), figure(runs, MAP), whole(runs, ADDRESSES), seconds(runs)


def _curve(runs: Sequence[Run]) -> Iterator[str]:
    yield "## Time to quality\n"
    yield (
        "How long is long enough? Each row is a training of its own from the start: the learning rate rises and "
        "falls once over all epochs planned, so a long training that is cut short is worse than a short one that "
        "was planned. The seconds include the search for neighbours, which takes the same time however long the "
        "training is.\n"
    )
    found = of_experiment(runs, "curve")
    if not found:
        yield NOTHING.format(script="curve.py") + "\n"
    for of_set in by_set(found):
        yield set_title(of_set[0])
        yield from earlier_recipe(of_set[0], of_set[0]["name"], ["training.epochs", "training.min_updates"])
        ordered = sorted(of_set, key=lambda run: int(run["epochs"]))
        rows = [
            (_epochs(group), seconds(group), figure(group, P100), figure(group, MAP), whole(group, ADDRESSES))
            for group in grouped(ordered, lambda run: (run["name"], run["epochs"]))
        ]
        yield from table(("epochs", "seconds to learn", "P@100", "MAP", "addresses in use"), rows)
        yield ""


def _epochs(runs: Sequence[Run]) -> str:
    recipe = "" if runs[0]["name"] == "default" else f", {runs[0]['name']}"
    return f"{runs[0]['epochs']}{recipe}"


def _ablation(runs: Sequence[Run]) -> Iterator[str]:
    yield "## What each part of the recipe is worth\n"
    yield (
        "One thing is changed at a time, and everything else stays. The columns of changes are in points, "
        "hundredths of P@100 and of MAP, against the recipe as it is. A part whose removal changes nothing on one "
        "set may matter on another, and two parts that do the same work hide each other's worth.\n"
    )
    found = of_experiment(runs, "ablation")
    if not found:
        yield NOTHING.format(script="ablation.py") + "\n"
    for of_set in by_set(found):
        # A recipe that was measured before is no longer the recipe.
        of_recipe = [run for run in of_set if run["recipe_digest"] == of_set[-1]["recipe_digest"]]
        yield set_title(of_set[0])
        yield from _variants(of_recipe)


def _variants(runs: Sequence[Run]) -> Iterator[str]:
    base = [run for run in runs if "group" not in run]
    several = len({run["config"]["training"]["seed"] for run in runs}) > 1
    called = base[0]["recipe"] if base else runs[0]["recipe"]
    chance = "" if several else " One seed: take small differences for chance."
    bits = runs[0]["config"]["model"]["bits"]
    yield f"Recipe: {called}, {bits} bits.{chance}\n"
    if base:
        yield from earlier_recipe(base[0], called)
    for key, group in GROUPS.items():
        variants = grouped([run for run in runs if run.get("group") == key], lambda run: run["name"])
        if variants:
            yield f"#### {group.title}\n"
            yield f"{group.lesson}\n"
            against = next((variant for variant in variants if variant[0]["name"] == group.base), base)
            rows = [_variant_row(variant, against) for variant in ([base] if base else []) + variants]
            yield from table(
                ("", "P@100", "change", "MAP", "change", "addresses in use", "seconds to learn"), rows
            )
            yield ""
            yield from _failures(variants)
            yield from _finding([v for v in variants if v is not against], against)


def _variant_row(runs: Sequence[Run], base: Sequence[Run]) -> tuple[str, ...]:
    changes = ["" if runs is base else _signed(points(runs, base, path)) for path in (P100, MAP)]
    return (
        runs[0]["name"],
        figure(runs, P100),
        changes[0],
        figure(runs, MAP),
        changes[1],
        whole(runs, ADDRESSES),
        seconds(runs),
    )


def _signed(change: float | None) -> str:
    return "" if change is None else f"{change:+.1f}".replace("-", "−")


def _failures(variants: Sequence[Sequence[Run]]) -> Iterator[str]:
    """Say why trainings failed, without the advice to whoever ran them."""
    for run in (run for runs in variants for run in runs if "failed" in run):
        seed = run["config"]["training"]["seed"]
        yield f"*{run['name']}*, seed {seed}, failed: {run['failed'].partition(';')[0]}.\n"


def _finding(variants: Sequence[Sequence[Run]], base: Sequence[Run]) -> Iterator[str]:
    """Say in words which change cost and which gained the most."""
    changes = [(points(runs, base, P100), runs[0]["name"]) for runs in variants]
    known = sorted((change, name) for change, name in changes if change is not None)
    if not known:
        return
    (worst, worst_name), (best, best_name) = known[0], known[-1]
    parts = [
        *([f"most is lost with *{worst_name}* ({_signed(worst)})"] if worst < 0 else ["nothing is lost"]),
        *([f"most is gained with *{best_name}* ({_signed(best)})"] if best > 0 else ["nothing is gained"]),
    ]
    yield f"In points of P@100, {parts[0]}; {parts[1]}.\n"


def _paper(runs: Sequence[Run]) -> Iterator[str]:
    yield "## The paper's findings, asked again\n"
    yield (
        "Salakhutdinov and Hinton showed their results as curves, on data prepared in another way, so no figure "
        "of theirs can be compared with one of these. What can be compared is the order: which of two rankings is "
        "the more precise. It is asked after 1, 3, 7, ... documents, and the answer is yes where the mean over "
        "those is higher. LSA is asked twice, since what it sees decides much: TF-IDF, where rare words weigh more, "
        "and `log(1 + count)`, which knows no more of words than the codes do.\n"
    )
    found = of_experiment(runs, "paper")
    if not found:
        yield NOTHING.format(script="paper.py") + "\n"
    for of_set in by_set(found):
        yield set_title(of_set[0])
        for group in grouped(of_set, lambda run: (run["name"], run["recipe"])):
            yield from _order(group)


def _order(runs: Sequence[Run]) -> Iterator[str]:
    done = [run for run in runs if "failed" not in run]
    yield f"#### {runs[0]['name']} ({runs[0]['recipe']})\n"
    if not done:
        yield f"Failed: {runs[0]['failed']}\n"
        return
    levels = done[0]["figures"]["levels"]
    left, right = (done[0]["figures"][side]["name"] for side in ("left", "right"))
    held = sum(run["figures"]["holds"] for run in done)
    verdict = "yes" if held == len(done) else "no" if held == 0 else f"with {held} of {len(done)} seeds"
    above = ", ".join(str(run["figures"]["above_at"]) for run in done)
    yield f"{left} the more precise: **{verdict}** (above at {above} of {len(levels)} places).\n"
    head = ("documents", f"precision, {left}", right, f"recall, {left}", right)
    yield from table(head, [(f"{level:,}", *_sides(done, i)) for i, level in enumerate(levels)])
    yield ""


def _sides(runs: Sequence[Run], place: int) -> Iterator[str]:
    for measure in ("precision", "recall"):
        for side in ("left", "right"):
            values = [run["figures"][side][measure][place] for run in runs]
            yield f"{sum(values) / len(values):.3f}"


_LIBRARIES = ("torch", "numpy", "scipy", "scikit-learn")
_SHOWN = ("semhash", *_LIBRARIES, "python", "system", "processor", "cores", "gpu")


def _machines(runs: Sequence[Run]) -> Iterator[str]:
    yield "## Measured with\n"
    if not runs:
        yield "Nothing yet.\n"
        return
    for group in grouped(runs, lambda run: [run["environment"][name] for name in _SHOWN].__repr__()):
        one = group[0]["environment"]
        dates = sorted({run["date"] for run in group})
        threads = sorted({run["course"]["threads"] for run in group if "course" in run})
        libraries = ", ".join(f"{name} {one[name]}" for name in _LIBRARIES)
        machine = f"{one['processor']}, {one['cores']} cores" + (f", {one['gpu']}" if one["gpu"] else "")
        trained = f", threads in training: {' or '.join(map(str, threads))}" if threads else ""
        days = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
        yield (
            f"- {len(group)} runs, {days}: semhash {one['semhash']}, {libraries}, Python {one['python']}, "
            f"{one['system']}; {machine}{trained}"
        )
