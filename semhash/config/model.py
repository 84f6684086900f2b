"""What the autoencoder is, as records."""

from typing import Literal

from semhash.config.record import Record, require
from semhash.config.training import PretrainingConfig, SupervisionConfig
from semhash.errors import ConfigError

__all__ = [
    "MAX_BITS",
    "MIN_BITS",
    "CodeConfig",
    "CorruptionConfig",
    "ModelConfig",
    "NeighbourConfig",
    "PenaltyConfig",
]

MIN_BITS = 8
MAX_BITS = 128

Visible = Literal["bernoulli", "gaussian", "multinomial", "poisson"]

_VISIBLE: dict[tuple[str, str], Visible] = {
    ("shares", "multinomial"): "multinomial",
    ("shares", "poisson"): "poisson",
    ("tfidf", "multinomial"): "poisson",
    ("tfidf", "poisson"): "poisson",
    ("tfidf", "gaussian"): "gaussian",
    ("binary", "multinomial"): "poisson",
    ("binary", "poisson"): "poisson",
    ("binary", "bernoulli"): "bernoulli",
}


class CodeConfig(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The code layer: what makes its units binary.

    Attributes
    ----------
    kind : {"bernoulli", "gaussian", "fixed-gaussian", "deterministic", "linear"}
        ``bernoulli`` draws each unit and passes the gradient straight through; ``gaussian`` adds noise to
        the units' inputs, drawn anew each time; ``fixed-gaussian`` draws it once for each document, as
        Salakhutdinov and Hinton (2009) did; ``deterministic`` does nothing; ``linear`` leaves out the
        logistic function too, so that the units' inputs are their values.
    noise : float
        Standard deviation of the Gaussian kinds, at its highest.
    schedule : {"linear", "constant"}
        Whether the Gaussian noise grows from 0 over the whole of training.
    threshold : float or "median"
        A bit is 1 where the unit's probability is above this; ``median`` is each unit's own, over the
        training documents.
    """

    kind: Literal["bernoulli", "gaussian", "fixed-gaussian", "deterministic", "linear"] = "bernoulli"
    noise: float = 4.0
    schedule: Literal["linear", "constant"] = "linear"
    threshold: float | Literal["median"] = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.noise >= 0, "noise", "0 or above", self.noise)
        if self.threshold != "median":
            expected = "a probability above 0 and below 1, or median"
            require(0 < self.threshold < 1, "threshold", expected, self.threshold)


class CorruptionConfig(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is done to a document before the encoder sees it; the target stays clean.

    Attributes
    ----------
    kind : {"masking", "salt-and-pepper", "gaussian", "none"}
        ``masking`` hides words before they are weighed; the others change weighed inputs.
    amount : float
        Share of the entries changed, or standard deviation of the Gaussian noise.
    varied : bool
        Whether every document has its own share of words masked, drawn evenly from as far below `amount` as above
        it and as far apart as can be: from none to all of them, where it is a half. So the encoder learns from whole
        documents and from a few words, as in a query. The other kinds are never varied.
    """

    kind: Literal["masking", "salt-and-pepper", "gaussian", "none"] = "masking"
    amount: float = 0.5
    varied: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.amount >= 0, "amount", "0 or above", self.amount)
        share = self.kind in ("masking", "salt-and-pepper")
        require(not share or self.amount < 1, "amount", "a share, 0 to below 1", self.amount)


class NeighbourConfig(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a document's nearest neighbours do in training; no labels are used.

    Attributes
    ----------
    neighbours : int
        Neighbours of each document, at most; a small corpus has one for every 20 documents, lest everybody
        be everybody's neighbour. 0 trains each document on itself alone.
    words : int
        Likeness is measured over this many of the corpus's most frequent words.
    latent_dimensions, latent_weight, latent_idf_power : int, float, float
        Likeness is the TF-IDF cosine plus `latent_weight` times the cosine in a latent semantic space of
        `latent_dimensions`, whose words weigh ``idf ** latent_idf_power``.
    diffusion_steps : int
        Steps of the random walk over the neighbour graph that mixes the targets.
    input_share : float
        Share of documents that one of their neighbours stands in for as the input, 0 to 1.
    guide : float
        Weight of the cross-entropy, averaged over the bits, between the code units and the bits that the targets'
        principal components suggest (`semhash.autoencoder.spectral_codes`); 0 is none, and then the encoder learns by
        reconstruction alone.
    guide_dimensions, guide_whitening : int, float
        How many of the components these bits are made of, and the power of their standard deviations that they are
        divided by: 0 to 1.
    guide_rounds : int
        How often each document takes part in moving these bits until whoever is near a document is near its bits
        (`semhash.autoencoder.neighbour_embedding`); a small corpus does more. 0 leaves them as they are.
    contrast, temperature : float
        Weight and temperature of the contrastive term between a document and a neighbour; weight 0 is none.
    """

    neighbours: int = 10
    words: int = 20_000
    latent_dimensions: int = 32
    latent_weight: float = 0.3
    latent_idf_power: float = 2.0
    diffusion_steps: int = 10
    input_share: float = 0.0
    guide: float = 1.0
    guide_dimensions: int = 32
    guide_whitening: float = 0.15
    guide_rounds: int = 60
    contrast: float = 0.0
    temperature: float = 0.3

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in (
            "neighbours",
            "diffusion_steps",
            "latent_weight",
            "latent_idf_power",
            "guide",
            "guide_rounds",
            "contrast",
        ):
            require(getattr(self, name) >= 0, name, "0 or above", getattr(self, name))
        for name in ("words", "latent_dimensions", "guide_dimensions"):
            require(getattr(self, name) >= 1, name, "1 or above", getattr(self, name))
        for name in ("input_share", "guide_whitening"):
            require(0 <= getattr(self, name) <= 1, name, "0 to 1", getattr(self, name))
        require(self.temperature > 0, "temperature", "above 0", self.temperature)


class PenaltyConfig(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Weights of what is added to the loss; 0 leaves a term out. `semhash.autoencoder.penalties` has them.

    Attributes
    ----------
    l1 : float
        Sum of the code's activations: sparse codes.
    kl, activation : float
        Divergence of each unit's mean activation from `activation`.
    contractive : float
        Squared Frobenius norm of the encoder's Jacobian.
    balance : float
        Squared distance of each unit's mean from 1/2.
    decorrelation : float
        Squared second moments between the units.
    """

    l1: float = 0.0
    kl: float = 0.0
    activation: float = 0.1
    contractive: float = 0.0
    balance: float = 0.0
    decorrelation: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("l1", "kl", "contractive", "balance", "decorrelation"):
            require(getattr(self, name) >= 0, name, "0 or above", getattr(self, name))
        require(0 < self.activation < 1, "activation", "above 0 and below 1", self.activation)


class ModelConfig(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The autoencoder.

    Attributes
    ----------
    bits : int
        Units of the code layer, 8 to 128.
    hidden : tuple of int
        Widths of the encoder's hidden layers; the decoder is their mirror.
    activation : {"relu", "sigmoid", "tanh", "linear"}
        What the hidden units do; ``linear`` is nothing.
    tied : bool
        Whether the decoder's weights are the encoder's, transposed.
    inputs : {"tfidf", "shares", "binary"}
        What the encoder sees: sublinear TF-IDF; each word's share of the document; or whether it occurs.
    input_scale : float
        Euclidean length that a document's TF-IDF inputs are scaled to.
    targets : {"tfidf", "shares", "counts", "binary", "inputs"}
        What the decoder is to give: shares of TF-IDF weight; of the words; the counts; which words occur; or
        what the encoder sees of the clean document.
    likelihood : {"multinomial", "poisson", "bernoulli", "gaussian"}
        The distribution of the targets given the code.
    code, corruption, neighbours, penalties : record
        The code layer; the noise on the inputs; the company a document keeps; what is added to the loss.
    pretraining, supervision : record
        Where the weights start, and fine-tuning with labels; both off unless asked for.
    """

    bits: int = 20
    hidden: tuple[int, ...] = (500,)
    activation: Literal["relu", "sigmoid", "tanh", "linear"] = "relu"
    tied: bool = False
    inputs: Literal["tfidf", "shares", "binary"] = "tfidf"
    input_scale: float = 10.0
    targets: Literal["tfidf", "shares", "counts", "binary", "inputs"] = "tfidf"
    likelihood: Literal["multinomial", "poisson", "bernoulli", "gaussian"] = "multinomial"
    code: CodeConfig = CodeConfig()
    corruption: CorruptionConfig = CorruptionConfig()
    neighbours: NeighbourConfig = NeighbourConfig()
    penalties: PenaltyConfig = PenaltyConfig()
    pretraining: PretrainingConfig = PretrainingConfig()
    supervision: SupervisionConfig = SupervisionConfig()

    def __post_init__(self) -> None:
        super().__post_init__()
        require(MIN_BITS <= self.bits <= MAX_BITS, "bits", f"{MIN_BITS} to {MAX_BITS}", self.bits)
        require(all(width > 0 for width in self.hidden), "hidden", "widths above 0", self.hidden)
        require(self.input_scale > 0, "input_scale", "above 0", self.input_scale)
        bounded = self.targets != "counts" and (self.targets, self.inputs) != ("inputs", "tfidf")
        expected = "targets of 0 to 1 (tfidf, shares or binary) for the likelihood bernoulli"
        require(self.likelihood != "bernoulli" or bounded, "targets", expected, self.targets)
        if self.pretraining.method != "none":
            self._check_pretraining()

    @property
    def visible(self) -> Visible:
        """Kind of the units that a first layer is pretrained on; it follows from the inputs and the likelihood.

        Raises
        ------
        ConfigError
            They do not go together: the decoder's last layer could not be the first layer's mirror.
        """
        kind = _VISIBLE.get((self.inputs, self.likelihood))
        if kind is None:
            known = ", ".join(name for inputs, name in _VISIBLE if inputs == self.inputs)
            raise ConfigError(
                f"likelihood: expected one of {known}, to pretrain on {self.inputs}, found {self.likelihood!r}"
            )
        return kind

    def _check_pretraining(self) -> None:
        """Refuse pretraining whose layers this network could not take over."""
        method = self.pretraining.method
        decomposition = method == "sparse-decomposition"
        units = "tanh" if decomposition else "sigmoid"
        fits = not self.hidden or self.activation == units
        require(fits, "activation", f"{units}, for pretraining by {method}", self.activation)
        logistic = self.code.kind != "linear"
        require(
            logistic, "code.kind", "logistic units, to pretrain them, such as deterministic", self.code.kind
        )
        if decomposition:
            linear = f"for pretraining by {method}, whose decoder gives back its inputs as they are"
            require(self.likelihood == "gaussian", "likelihood", f"gaussian, {linear}", self.likelihood)
            require(self.targets == "inputs", "targets", f"inputs, {linear}", self.targets)
            require(not self.tied, "tied", f"false, {linear}", self.tied)
            return
        given = {"gaussian": ("inputs",), "bernoulli": ("inputs", "binary")}.get(self.visible)
        same = f"{' or '.join(given or ())}, which is what pretraining on {self.inputs} gives back"
        require(given is None or self.targets in given, "targets", same, self.targets)
        untied = not (self.tied and self.inputs == "shares")
        require(
            untied, "tied", "false, to pretrain on shares, which are scaled for the encoder alone", self.tied
        )
