"""The changes that the ablation makes to a recipe, one at a time, in groups that ask one question each."""

from dataclasses import dataclass
from typing import Any

__all__ = ["GROUPS", "VARIANTS", "Group", "Variant"]

FROM_RANDOM = "sigmoid units from random weights"

Changes = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Group:
    """Variants that belong together.

    Attributes
    ----------
    title : str
    lesson : str
        What is asked, and how to read the answer; whatever the figures turn out to be.
    base : str or None
        The variant that the others of the group are compared with; None for the recipe itself.
    """

    title: str
    lesson: str
    base: str | None = None


@dataclass(frozen=True)
class Variant:
    """One change.

    Attributes
    ----------
    group : str
        Key of `GROUPS`.
    name : str
        What is different, in words.
    changes : dict
        Fields of `IndexConfig` by table, laid over the recipe.
    """

    group: str
    name: str
    changes: Changes


GROUPS = {
    "code": Group(
        "What makes the code binary",
        "A code unit gives a number between 0 and 1, and an address needs a bit. Something in training has to "
        "push the numbers to the ends, or rounding them throws away what was learned. Noise is meant to do it: "
        "what a unit says only half-heartedly is drowned by it. Units without any noise are the control.",
    ),
    "corruption": Group(
        "What is hidden from the encoder",
        "A network that sees a whole document can copy it; one that sees part of it must learn which words go "
        "together. Too little hidden teaches little, too much leaves nothing to learn from, so the best share "
        "lies between. Noise of other kinds shows whether it is hiding words that helps, or any disturbance.",
    ),
    "neighbours": Group(
        "What a document's neighbours do",
        "The recipe finds each document's nearest neighbours by their words, without labels, and uses them in "
        "four ways: their words join the targets, one of them stands in for the document at the input, bits made of "
        "the targets' principal components guide the code units, and a gentle contrastive term draws the codes of "
        "neighbours together. Each way is left out alone, then all of them: what is lost is what it was worth. Losses "
        "need not add up, as the ways do similar work.",
    ),
    "pretraining": Group(
        "Where the weights start",
        "Deep autoencoders were once impossible to train from random weights, and were pretrained layer by layer. "
        "Pretraining needs sigmoid hidden units, so all rows but the recipe's have those, and the changes are "
        "against such units with random weights.",
        base=FROM_RANDOM,
    ),
    "likelihood": Group(
        "What the decoder is asked for",
        "The loss is the negative logarithm of a probability, and one has to say of what. A multinomial shares "
        "one document's weight among all words; Poisson, Bernoulli and Gaussian units take every word by itself, "
        "so that two thousand mostly absent words weigh as much as the few that are there. Their losses are those of "
        "a whole document, hundreds of nats where the multinomial's are a few, so that the guide, whose weight "
        "stays, counts for less beside them.",
    ),
    "penalties": Group(
        "What is added to the loss",
        "Penalties ask for codes of a shape: few units on (l1, KL), each on half of the time (balance), each "
        "saying something of its own (decorrelation), none moved by small changes of the input (contractive). "
        "They promise addresses evenly used. Watch both columns: more addresses in use is no better in itself, "
        "if documents on one subject are spread over them.",
    ),
    "width": Group(
        "How wide and how deep",
        "More units can learn more and take longer; a layer more can learn what one cannot. Tied weights "
        "halve what there is to learn: the decoder uses the encoder's, transposed.",
    ),
    "inputs": Group(
        "What the encoder sees",
        "The recipe weighs words by TF-IDF, which holds down the common ones. The paper's inputs are each "
        "word's share of the document; the barest are whether a word occurs at all. The vocabulary decides how "
        "many words are seen and have to be guessed.",
    ),
}
"""By key, in the order of the page."""


def _model(**changes: Any) -> Changes:
    return {"model": changes}


def _code(**changes: Any) -> Changes:
    return _model(code=changes)


def _corruption(kind: str, amount: float) -> Changes:
    return _model(corruption={"kind": kind, "amount": amount})


def _masking(amount: float) -> Changes:
    return _model(corruption={"kind": "masking", "amount": amount, "varied": False})


def _neighbours(**changes: Any) -> Changes:
    return _model(neighbours=changes)


def _together(**changes: Any) -> Changes:
    return {"training": {"decoder_epochs": 0}, "model": {"neighbours": changes}}


def _pretraining(method: str) -> Changes:
    return _model(activation="sigmoid", pretraining={"method": method})


def _likelihood(likelihood: str, targets: str) -> Changes:
    return _model(likelihood=likelihood, targets=targets)


VARIANTS = [
    Variant("code", "Gaussian noise, growing to 4", _code(kind="gaussian", noise=4.0, schedule="linear")),
    Variant("code", "Gaussian noise of 1", _code(kind="gaussian", noise=1.0, schedule="constant")),
    Variant(
        "code",
        "Gaussian noise of 4, fixed for each document",
        _code(kind="fixed-gaussian", schedule="constant"),
    ),
    Variant("code", "no noise", _code(kind="deterministic")),
    Variant("code", "bits cut at the median, not at 0.5", _code(threshold="median")),
    Variant("corruption", "nothing hidden", _corruption("none", 0.0)),
    Variant("corruption", "30 % of the words hidden, in every document", _masking(0.3)),
    Variant("corruption", "50 % of the words hidden, in every document", _masking(0.5)),
    Variant("corruption", "70 % of the words hidden, in every document", _masking(0.7)),
    Variant("corruption", "salt and pepper on 5 % of the inputs", _corruption("salt-and-pepper", 0.05)),
    Variant("corruption", "Gaussian noise of 0.2 on the inputs", _corruption("gaussian", 0.2)),
    Variant("neighbours", "no neighbours at all", _neighbours(neighbours=0)),
    Variant("neighbours", "own words as targets", _neighbours(diffusion_steps=0)),
    Variant("neighbours", "plain averages, no diffusion", _neighbours(diffusion_steps=1)),
    Variant("neighbours", "no guide", _neighbours(guide=0.0)),
    Variant("neighbours", "reconstruction in every step", _together()),
    Variant("neighbours", "reconstruction in every step, a guide of weight 0.1", _together(guide=0.1)),
    Variant("neighbours", "a guide of bits as they were rounded", _neighbours(guide_rounds=0)),
    Variant("neighbours", "contrast of 0.02", _neighbours(contrast=0.02)),
    Variant("neighbours", "contrast of 0.1", _neighbours(contrast=0.1)),
    Variant("neighbours", "neighbours stand in for half of the inputs", _neighbours(input_share=0.5)),
    Variant("neighbours", "5 neighbours", _neighbours(neighbours=5)),
    Variant("neighbours", "20 neighbours", _neighbours(neighbours=20)),
    Variant("neighbours", "found by TF-IDF alone", _neighbours(latent_weight=0.0)),
    Variant("neighbours", "found with plain idf in the latent space", _neighbours(latent_idf_power=1.0)),
    Variant("neighbours", "found by 2,000 words", _neighbours(words=2000)),
    Variant("pretraining", FROM_RANDOM, _model(activation="sigmoid")),
    Variant("pretraining", "restricted Boltzmann machines", _pretraining("rbm")),
    Variant("pretraining", "autoencoders", _pretraining("autoencoder")),
    Variant("pretraining", "recirculation", _pretraining("recirculation")),
    Variant("likelihood", "multinomial over word counts", _likelihood("multinomial", "shares")),
    Variant("likelihood", "Poisson, word counts", _likelihood("poisson", "counts")),
    Variant("likelihood", "Bernoulli, words that occur", _likelihood("bernoulli", "binary")),
    Variant("likelihood", "Gaussian, what the encoder sees", _likelihood("gaussian", "inputs")),
    Variant("penalties", "l1, 0.01", _model(penalties={"l1": 0.01})),
    Variant("penalties", "KL to a tenth, 0.01", _model(penalties={"kl": 0.01, "activation": 0.1})),
    Variant("penalties", "balance, 0.1", _model(penalties={"balance": 0.1})),
    Variant("penalties", "balance, 1", _model(penalties={"balance": 1.0})),
    Variant("penalties", "decorrelation, 0.1", _model(penalties={"decorrelation": 0.1})),
    Variant("penalties", "decorrelation, 1", _model(penalties={"decorrelation": 1.0})),
    Variant("penalties", "contractive, 0.001", _model(penalties={"contractive": 0.001})),
    Variant("width", "no hidden layer", _model(hidden=[])),
    Variant("width", "one layer of 250", _model(hidden=[250])),
    Variant("width", "one layer of 1000", _model(hidden=[1000])),
    Variant("width", "500-500", _model(hidden=[500, 500])),
    Variant("width", "500-500, tied weights", _model(hidden=[500, 500], tied=True)),
    Variant("width", "tied weights", _model(tied=True)),
    Variant("inputs", "shares of words", _model(inputs="shares")),
    Variant("inputs", "words that occur", _model(inputs="binary")),
    Variant("inputs", "the most frequent words", {"text": {"vocabulary": "frequent"}}),
    Variant("inputs", "1,000 words", {"text": {"vocabulary_size": 1000}}),
    Variant("inputs", "5,000 words", {"text": {"vocabulary_size": 5000}}),
    Variant("inputs", "10,000 words", {"text": {"vocabulary_size": 10_000}}),
    Variant("inputs", "stop words too", {"text": {"stop_words": "none"}}),
]
"""In the order of the page."""
