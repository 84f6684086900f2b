"""How the files of a corpus are encoded, decided before they are read.

Each is decided by its own bytes, and where those are too few to tell, by what the other files are in.
All files are looked through once, whoever reads them afterwards: so the outcome does not hang on who reads which.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress

from semhash.charsets import codec_of
from semhash.config import CorpusConfig
from semhash.corpus.decoding import Decision, Evidence
from semhash.corpus.document import Skip
from semhash.corpus.source import Found, look_into

__all__ = ["Votes", "decided"]

_BY_FOLDER, _BY_CORPUS = (
    3.0,
    2.0,
)  # how much likelier an encoding is that all files of a folder, or of all, are in
_DOUBT = 0.5  # votes that stand for there being others


class Votes:
    """What the files of a corpus are in, by folder and as a whole."""

    def __init__(self) -> None:
        self._of_folder: dict[str, dict[str, float]] = {}
        self._of_all: dict[str, float] = {}

    def add(self, name: str, encoding: str, confidence: float | None, weight: int = 1) -> None:
        """Count a file, as much as it is sure of; with a weight of -1 take it back.

        Parameters
        ----------
        name : str
            Its path.
        encoding : str
            What it is in, if that is no UTF-8.
        confidence : float or None
            How surely; None where it is known.
        weight : int
            How often.
        """
        vote = weight * (1.0 if confidence is None else confidence**2)
        for votes in (self._of_folder.setdefault(_folder(name), {}), self._of_all):
            votes[encoding] = votes.get(encoding, 0.0) + vote

    def prior(self, name: str) -> dict[str, float]:
        """Return how much likelier each encoding is for a file than it would be in no company."""
        prior: dict[str, float] = {}
        for votes, most in ((self._of_folder.get(_folder(name), {}), _BY_FOLDER), (self._of_all, _BY_CORPUS)):
            total = sum(votes.values()) + _DOUBT
            for encoding, count in votes.items():
                prior[encoding] = prior.get(encoding, 1.0) + most * max(0.0, count) / total
        return prior


def decided(
    files: Sequence[Found], config: CorpusConfig, others: Iterable[tuple[str, str, float | None]] = ()
) -> list[Found]:
    """Look through files, and return them with what they are in.

    Parameters
    ----------
    files : sequence of Found
        Those that are to be read.
    config : CorpusConfig
        How.
    others : iterable of (str, str, float or None)
        Path, encoding and confidence of files of the corpus that were read before.

    Returns
    -------
    list of Found
        In the same order. One that cannot be read is as it was: its reader tells why.
    """
    given = (codec_of(config.encoding) or "") if config.encoding else ""
    evidence = [_evidence(found) for found in files]
    votes = Votes()
    for name, encoding, confidence in others:
        votes.add(name, encoding, confidence)
    alone: dict[int, Decision] = {}
    for place, (found, known) in enumerate(zip(files, evidence, strict=True)):
        if known is not None and not given and (known.known is None or _is_legacy(known.known)):
            decision = known.decide()
            if decision.encoding:
                alone[place] = decision
                votes.add(found.name, decision.encoding, decision.confidence)
    return [
        found
        if known is None
        else Found(
            found.path,
            found.name,
            found.size,
            found.mtime_ns,
            _decision(found, known, alone.get(place), votes, given),
        )
        for place, (found, known) in enumerate(zip(files, evidence, strict=True))
    ]


def _decision(found: Found, evidence: Evidence, alone: Decision | None, votes: Votes, given: str) -> Decision:
    """Decide one file with regard to all others, itself left out."""
    if alone is None or evidence.known is not None:
        return evidence.decide(otherwise=given)
    votes.add(found.name, alone.encoding, alone.confidence, -1)
    decision = evidence.decide(votes.prior(found.name))
    votes.add(found.name, alone.encoding, alone.confidence)
    return decision


def _is_legacy(decision: Decision) -> bool:
    return not decision.encoding.startswith("utf-")


def _evidence(found: Found) -> Evidence | None:
    with suppress(OSError, Skip):
        return look_into(found.path)
    return None


def _folder(name: str) -> str:
    return name.rpartition("/")[0]
