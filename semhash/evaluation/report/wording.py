"""What measures are called and what they mean: without labels, nothing may read as if it spoke of relevance."""

from dataclasses import dataclass

from semhash.evaluation.results import CorpusFacts

__all__ = ["Wording", "wording_of"]


@dataclass(frozen=True)
class Wording:
    """The words for one kind of relevance.

    Attributes
    ----------
    prefix : str
        What names of measures begin with.
    good : str
        What a document is that should be found, as in *P@10: the share of ... documents*.
    relevance : str
        What makes it so: a whole sentence.
    warning : str
        What must be read before the figures; empty where there is nothing.
    ahead, behind : str
        What is said of a method that is better or worse than another.
    """

    prefix: str
    good: str
    relevance: str
    warning: str = ""
    ahead: str = "is ahead of"
    behind: str = "is behind"

    def heading(self, measure: str) -> str:
        """Give what a measure is called."""
        return self.prefix + measure

    def meaning(self, measure: str) -> str:
        """Give what a measure says, in a sentence; empty for one that is not known here."""
        graded = "graded "
        if measure.startswith(graded):
            plain = self.meaning(measure.removeprefix(graded))
            counted = "each document counted by the share of labels that it has in common with the query"
            return plain and f"{plain.removesuffix('.')}, {counted}."
        name, _, depth = measure.partition("@")
        said = {
            "P": f"The share of {self.good} documents among the first {depth} of a ranking.",
            "R": f"The share of all {self.good} documents that is among the first {depth} of a ranking.",
            "MAP": f"Average precision: the precision at the place of each {self.good} document, averaged over "
            f"all that are {self.good}, found early or late.",
            "nDCG": f"The gain of the first {depth}, each {self.good} document worth less the later it comes, "
            "divided by that of the best order there is.",
        }
        return said.get(name, "")


_LABELS = Wording(
    "",
    "relevant",
    "A document is relevant to a query when the two share a label. Rankings never see the queries' labels.",
)
_JUDGEMENTS = Wording("", "relevant", "A document is relevant to a query when a person judged it to be.")
_NEIGHBOURS = Wording(
    "kept ",
    "neighbouring",
    "A document is neighbouring when it is among those nearest to the query under TF-IDF.",
    "This is no measure of relevance. The corpus has no labels and no judgements, so nothing here says whether "
    "what a method finds is of use. What is measured is how many of each document's nearest neighbours under "
    "TF-IDF a method keeps: a method that understood more than words would be marked down for it. "
    "Methods that rank by TF-IDF themselves are at an advantage by construction.",
    "keeps more of TF-IDF's neighbours than",
    "keeps fewer of TF-IDF's neighbours than",
)


def wording_of(corpus: CorpusFacts) -> Wording:
    """Give the words for a corpus's kind of relevance."""
    return {"labels": _LABELS, "judgements": _JUDGEMENTS, "tfidf-neighbours": _NEIGHBOURS}[corpus.relevance]
