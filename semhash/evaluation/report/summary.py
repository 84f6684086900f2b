"""The figures in plain words, by rules: what was measured, where semhash stands, at what cost, what is missing."""

from collections.abc import Iterator
from statistics import median

from semhash.drawing import numbers
from semhash.evaluation.report.methods import Method
from semhash.evaluation.report.view import KEY, Difference, View, best_of

__all__ = ["in_prose", "sentences", "verdict"]

_SHOWN_IDS = 5
_COMPARED = ("P@10", "P@100", "nDCG@10")


def in_prose(title: str) -> str:
    """Write a method's title so that it can stand in a sentence: *LSA, 128 numbers* as *LSA (128 numbers)*."""
    name, comma, size = title.partition(", ")
    if not comma:
        return title
    return f"{name[:-1]}, {size})" if name.endswith(")") else f"{name} ({size})"


def verdict(view: View) -> str:
    """Say in one sentence where semhash stands against the best other method that knows the texts alone."""
    lead, rival = view.lead, view.best_rival()
    if lead is None:
        return "No method of semhash was measured, so this compares the others among themselves."
    measure, mine, caveat = view.wording.heading(KEY), numbers.figure(lead.mean(KEY)), ""
    difference = view.difference(lead, rival) if rival else None
    if rival is None or difference is None:
        return f"{in_prose(lead.title)} reaches a {measure} of {mine}; nothing was measured beside it."
    theirs = f"{in_prose(rival.title)}, the best other method that knows the texts alone"
    figures = f"{measure} {mine} against {numbers.figure(rival.mean(KEY))}"
    if lead.first.uses_labels:
        caveat = " But it was shown labels, which the other was not."
    said = {
        "ahead": f"{view.wording.ahead} {theirs}: {figures}{_but(view)}.",
        "behind": f"{view.wording.behind} {theirs}: {figures}.",
        "tied": f"is tied with {theirs}: {figures}, a difference that chance could explain.",
        "untested": f"stands beside {theirs}: {figures}; the difference was not tested.",
    }
    return f"{in_prose(lead.title)} {said[difference.verdict]}{caveat}"


def _but(view: View) -> str:
    """Say in which measures another is ahead, where in the key measure none is: a verdict hides nothing."""
    names = [view.wording.heading(measure) for measure, *_ in _standings(view, "behind")]
    return f"; but in {numbers.listed(names)} it is behind the best" if names else ""


def _standings(view: View, word: str) -> list[tuple[str, Method, Method]]:
    """Give the measures beside the key measure in which semhash stands so to the best rival there, and the two."""
    found = []
    for measure in _COMPARED:
        rival = view.best_rival(measure)
        difference = view.difference(view.lead, rival, measure) if view.lead and rival else None
        if view.lead and rival and difference and difference.verdict == word:
            found.append((measure, view.lead, rival))
    return found


def sentences(view: View) -> list[str]:
    """Say the rest, a short paragraph for each subject."""
    parts = (_measured, _against_best, _first_page, _elsewhere, _against_all, _own, _aided, _cost, _missing)
    return [said for part in parts if (said := " ".join(part(view)))]


def _measured(view: View) -> Iterator[str]:
    corpus = view.results.corpus
    yield (
        f"Measured on {corpus.name}: {numbers.counted(corpus.n_queries, 'query', 'queries')} against a database of "
        f"{numbers.counted(corpus.n_database, 'document')}."
    )
    yield view.wording.relevance
    yield f"{numbers.counted(len(view.methods), 'method')} ranked the same database for the same queries."


def _against_best(view: View) -> Iterator[str]:
    lead, rival = view.lead, view.best_rival()
    if lead is None or lead.mean(KEY) is None:
        return
    seeds = f", mean of {len(lead.runs)} seeds" if len(lead.runs) > 1 else ""
    yield f"{in_prose(lead.title)} reaches a {view.wording.heading(KEY)} of {_value(lead, KEY)}{seeds}."
    if rival is None:
        yield "No other method that knows the texts alone was measured."
        return
    yield f"The best other method that knows the texts alone is {in_prose(rival.title)}: {_value(rival, KEY)}."
    difference = view.difference(lead, rival)
    if difference:
        yield _compared(difference, view.interval(lead, rival))


def _first_page(view: View) -> Iterator[str]:
    """Say what a reader meets: of the first hundred documents where there are so many to find, or else of ten."""
    found = [query.n_relevant for query in view.results.queries]
    depth = 100 if found and median(found) >= 100 else 10
    measure = f"P@{depth}"
    lead, rival = view.lead, view.best_rival(measure)
    if lead is None or rival is None:
        return
    mine, theirs = lead.mean(measure), rival.mean(measure)
    difference = view.difference(lead, rival, measure)
    if mine is None or theirs is None or difference is None:
        return
    ending = {
        "ahead": "semhash is significantly ahead",
        "behind": "semhash is significantly behind",
        "tied": "the difference is not significant",
        "untested": "the difference was not tested",
    }
    digits = 0 if depth == 100 else 1
    yield (
        f"Of the first {'hundred' if depth == 100 else 'ten'} documents, {depth * mine:.{digits}f} are "
        f"{view.wording.good} with {in_prose(lead.title)}, and {depth * theirs:.{digits}f} with "
        f"{in_prose(rival.title)}, the best other method in this; {ending[difference.verdict]}."
    )


def _elsewhere(view: View) -> Iterator[str]:
    """Say where semhash stands to the best method in each of the other measures."""
    for word, said in (
        ("ahead", "significantly ahead"),
        ("behind", "significantly behind"),
        ("tied", "tied"),
    ):
        found = [
            f"{view.wording.heading(measure)} ({numbers.figure(lead.mean(measure))} against "
            f"{numbers.figure(rival.mean(measure))} of {rival.title})"
            for measure, lead, rival in _standings(view, word)
        ]
        if found:
            yield f"Against the best other method in each it is {said} in {numbers.listed(found)}."


def _against_all(view: View) -> Iterator[str]:
    if view.lead is None or len(view.rivals) < 2:
        return
    found = [view.difference(view.lead, rival) for rival in view.rivals]
    verdicts = [difference.verdict for difference in found if difference]
    if not verdicts or set(verdicts) == {"untested"}:
        return
    n = {word: verdicts.count(word) or "none" for word in ("ahead", "behind", "tied", "untested")}
    untested = f", and not compared with {n['untested']}" if "untested" in verdicts else ""
    yield (
        f"Of the {len(verdicts)} other methods that know the texts alone, it is significantly ahead of {n['ahead']}, "
        f"significantly behind {n['behind']}, tied with {n['tied']}{untested}."
    )


def _own(view: View) -> Iterator[str]:
    if not view.own:
        return
    others = [f"{in_prose(m.title)} {numbers.figure(m.mean(KEY))}" for m in view.by_key(view.own)[:3]]
    yield f"semhash's other kinds reach in {view.wording.heading(KEY)}: {numbers.listed(others)}."


def _aided(view: View) -> Iterator[str]:
    """Say where the methods stand that know more than the texts."""
    labelled = [m for m in view.aided if m.first.uses_labels]
    pretrained = [m for m in view.aided if not m.first.uses_labels]
    for methods, knowing in ((labelled, "shown the labels"), (pretrained, "pretrained elsewhere")):
        best = best_of(methods, KEY)
        difference = view.difference(view.lead, best) if best and view.lead else None
        if best is None or difference is None or view.lead is None:
            continue
        yield f"The best method that was {knowing}, {in_prose(best.title)}, reaches {_value(best, KEY)}."
        yield _compared(difference, view.interval(view.lead, best))


def _cost(view: View) -> Iterator[str]:
    lead, rival = view.lead, view.best_rival()
    if lead is None or lead.cost is None:
        return
    mine = lead.cost
    yield (
        f"{in_prose(lead.title)} keeps {numbers.amount(mine.bytes_per_document)} bytes of each document in order to "
        f"rank it. It took {numbers.amount(mine.fit_seconds)} s to build and "
        f"{numbers.amount(mine.query_milliseconds)} ms a query."
    )
    if rival is None or rival.cost is None:
        return
    theirs = rival.cost
    yield (
        f"{in_prose(rival.title)} keeps {numbers.amount(theirs.bytes_per_document)} bytes"
        f"{_times(mine.bytes_per_document, theirs.bytes_per_document)}, and took "
        f"{numbers.amount(theirs.fit_seconds)} s and {numbers.amount(theirs.query_milliseconds)} ms."
    )


def _missing(view: View) -> Iterator[str]:
    corpus = view.results.corpus
    if view.failed:
        failed = numbers.listed([in_prose(title) for title in view.failed])
        yield f"Failed and left out: {failed}; the reasons stand under the table."
    if corpus.n_unanswerable:
        yield (
            f"{numbers.counted(corpus.n_unanswerable, 'query was', 'queries were')} left out, since nothing in the "
            f"database is {view.wording.good} to {'it' if corpus.n_unanswerable == 1 else 'them'}."
        )
    if corpus.n_across:
        some = ", ".join(corpus.across[:_SHOWN_IDS])
        more = ", …" if corpus.n_across > len(corpus.across[:_SHOWN_IDS]) else ""
        one = corpus.n_across == 1
        yield (
            f"The text{' of 1 query stands' if one else f's of {numbers.whole(corpus.n_across)} queries stand'} in the "
            f"database too and {'was' if one else 'were'} left there, which helps every method: {some}{more}."
        )


def _value(method: Method, measure: str) -> str:
    ends = method.interval(measure)
    written = numbers.spread(method.mean(measure), method.deviation(measure))
    return f"{written} (95 % interval {numbers.interval(ends, ' to ')})" if ends else written


def _compared(difference: Difference, ends: tuple[float, float] | None) -> str:
    """Say how far semhash is above or below the method named last, and whether chance explains it."""
    test = "not tested"
    if difference.p_value is not None:
        test = numbers.p_value(difference.p_value)
    if difference.verdict == "tied":
        between = f", 95 % interval {numbers.signed(ends[0])} to {numbers.signed(ends[1])}" if ends else ""
        return f"The difference of {numbers.signed(difference.value)} is not significant ({test}{between}): a tie."
    above = difference.value > 0
    if ends and not above:
        ends = (-ends[1], -ends[0])
    between = f"95 % interval {numbers.interval(ends, ' to ')}, " if ends else ""
    significant = "" if difference.p_value is None else "significantly "
    side = "above" if above else "below"
    return f"semhash is {significant}{side} it, by {numbers.figure(abs(difference.value))} ({between}{test})."


def _times(mine: float, theirs: float) -> str:
    if not mine or not theirs or mine == theirs:
        return ""
    if theirs > mine:
        return f", so that semhash needs {numbers.ratio(theirs / mine)} times fewer"
    return f", so that semhash needs {numbers.ratio(mine / theirs)} times as many"
