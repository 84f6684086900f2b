"""How the autoencoder is trained, as records: pretraining, training itself, and fine-tuning with labels."""

from typing import Literal

from semhash.config.record import Record, require

__all__ = ["PretrainingConfig", "SupervisionConfig", "TrainingConfig"]


class PretrainingConfig(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the weights start: drawn at random, or learned layer by layer. Off unless asked for.

    Hidden units must be of the kind that the method trains: ``tanh`` for ``sparse-decomposition``, ``sigmoid``
    for the others. What the first layer takes documents for (counted words, bits, real numbers) follows from the
    inputs and the likelihood.

    Attributes
    ----------
    method : {"none", "rbm", "autoencoder", "recirculation", "sparse-decomposition"}
        Each layer is a restricted Boltzmann machine, trained by contrastive divergence; a (denoising)
        autoencoder; a recirculation loop; or the predictor of a predictive sparse decomposition.
    epochs : int
        Passes over the training documents for each layer, in mini-batches of 100 documents.
    learning_rate : float or None
        Of ``rbm``, ``autoencoder`` and ``recirculation``; None for the method's own. But for ``autoencoder``,
        layers that count words take ten times it, and layers of real numbers a hundredth.
    steps : int
        k of CD-k, for ``rbm``.
    momentum : float
        Of ``rbm`` and ``recirculation``; the first five epochs of ``rbm`` take 0.5 at most.
    weight_cost : float
        Pull of all weights towards 0, for ``rbm`` and ``recirculation``.
    masking : float
        Share of the values that is hidden, for ``autoencoder``; 0 is a plain autoencoder.
    sparsity, prediction : float
        Lambda and gamma of ``sparse-decomposition``: cost of a code's absolute values, and of its squared
        distance from the prediction.
    """

    method: Literal["none", "rbm", "autoencoder", "recirculation", "sparse-decomposition"] = "none"
    epochs: int = 30
    learning_rate: float | None = None
    steps: int = 1
    momentum: float = 0.9
    weight_cost: float = 0.0002
    masking: float = 0.25
    sparsity: float = 0.5
    prediction: float = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("epochs", "steps"):
            require(getattr(self, name) >= 1, name, "1 or above", getattr(self, name))
        for name in ("weight_cost", "sparsity", "prediction"):
            require(getattr(self, name) >= 0, name, "0 or above", getattr(self, name))
        for name in ("momentum", "masking"):
            require(0 <= getattr(self, name) < 1, name, "0 to below 1", getattr(self, name))
        rate = self.learning_rate
        require(rate is None or rate > 0, "learning_rate", "above 0, or none for the method's own", rate)


class SupervisionConfig(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fine-tuning with labels, after training without them. Off unless asked for.

    Attributes
    ----------
    loss : {"none", "nca", "contrastive"}
        ``nca``: how often a document's random neighbour is of another label; ``contrastive``: documents of
        one label drawn together, others pushed apart.
    weight : float
        What the loss counts for beside the reconstruction's.
    margin : float
        How many bits documents of different labels are to differ in, for ``contrastive``.
    epochs : int
        Passes over the training documents with this loss.
    learning_rate : float
        Peak of the one-cycle schedule of ``adam`` in these.
    """

    loss: Literal["none", "nca", "contrastive"] = "none"
    weight: float = 1.0
    margin: float = 5.0
    epochs: int = 10
    learning_rate: float = 1e-3

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("weight", "margin", "learning_rate"):
            require(getattr(self, name) > 0, name, "above 0", getattr(self, name))
        require(self.epochs >= 1, "epochs", "1 or above", self.epochs)


class TrainingConfig(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the autoencoder is trained.

    Attributes
    ----------
    seed : int
        Start of every random stream; one seed gives one index on one machine.
    train_documents : int
        A larger corpus trains on a seeded sample of this many documents; all are encoded.
    epochs : int
        Passes over the training documents, at most.
    decoder_epochs : int
        Where there is a guide, the encoder learns from its bits alone, and the decoder is then fitted to codes that
        stand, in so many passes, more of a small corpus: a fraction of the time that both need together. 0 trains both
        at once, by reconstruction and by the guide, and so it is done where there is no guide or weights are tied.
    min_updates : int
        A small corpus goes on beyond `epochs` until it has seen this many mini-batches, or line searches.
    batch_size : int
        Documents in a mini-batch.
    optimiser : {"adam", "lbfgs", "cg"}
        ``adam`` with a one-cycle schedule; or L-BFGS or conjugate gradients, with line searches on each
        mini-batch, for codes without noise or with noise that is fixed for each document.
    learning_rate : float
        Peak of the one-cycle schedule of ``adam``.
    iterations : int
        Line searches on each mini-batch of ``lbfgs`` and ``cg``.
    validation_share : float
        Share of the training documents that is held out, 1,000 at most and none of a corpus of fewer than
        40: the loss on them is watched. 0 holds out none.
    patience : int
        Training stops once so many epochs in a row have not lowered the loss on the held-out documents; the
        weights that had the lowest are kept. 0 never stops early. More in proportion, where `min_updates`
        makes more epochs.
    device : {"auto", "cpu", "cuda"}
        Where it is computed; ``auto`` takes a CUDA device where there is one.
    """

    seed: int = 0
    train_documents: int = 80_000
    epochs: int = 15
    decoder_epochs: int = 2
    min_updates: int = 300
    batch_size: int = 128
    optimiser: Literal["adam", "lbfgs", "cg"] = "adam"
    learning_rate: float = 4e-3
    iterations: int = 3
    validation_share: float = 0.0
    patience: int = 5
    device: Literal["auto", "cpu", "cuda"] = "auto"

    def __post_init__(self) -> None:
        super().__post_init__()
        require(0 <= self.seed < 2**63, "seed", "0 to 2^63 - 1", self.seed)
        for name in ("train_documents", "epochs", "batch_size", "iterations"):
            require(getattr(self, name) >= 1, name, "1 or above", getattr(self, name))
        for name in ("decoder_epochs", "min_updates", "patience"):
            require(getattr(self, name) >= 0, name, "0 or above", getattr(self, name))
        require(self.learning_rate > 0, "learning_rate", "above 0", self.learning_rate)
        share = self.validation_share
        require(0 <= share <= 0.5, "validation_share", "a share, 0 to 0.5", share)
