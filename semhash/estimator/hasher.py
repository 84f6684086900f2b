"""The library as a scikit-learn estimator: counts in, codes out."""

import math
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_array, check_is_fitted, check_non_negative, validate_data

from semhash.autoencoder.decoder import Decoder
from semhash.autoencoder.encoder import Encoder
from semhash.codes import Packed
from semhash.config.model import ModelConfig
from semhash.config.presets import PRESETS
from semhash.config.record import require
from semhash.config.training import TrainingConfig
from semhash.estimator.inputs import as_counts, as_labels, as_seed, overlaid
from semhash.progress import Progress, silent
from semhash.vocabulary import Counts

__all__ = ["SemanticHasher"]

_BLOCK = 512


class SemanticHasher(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Learn binary codes of documents from their word counts: near codes for documents on one subject.

    A deep autoencoder must guess a document's words from a few bits: Salakhutdinov and Hinton, *Semantic
    Hashing*, International Journal of Approximate Reasoning 50 (2009). The recipe is that of ``semhash
    index``, but for one thing: all columns of X are coded, since the vectorizer chose them, and they alone
    say which documents are neighbours. Let the vectorizer choose some thousands, by its `max_features`.

    Parameters
    ----------
    n_bits : int or None
        Width of the codes, 8 to 128. For this and all that follows, None leaves what the recipe says, and
        anything else holds over it. The recipe's width is 20 bits.
    preset : str
        The recipe, one of `semhash.config.presets.PRESETS`: ``"default"``, ``"plain"`` or ``"paper"``.
    hidden : sequence of int or None
        Widths of the encoder's hidden layers; the decoder is their mirror. By default one of 500.
    neighbours : int or None
        Neighbours of each document, found without labels, whose words its code must tell of too. By default
        10, and at most one for every 20 documents; 0 trains each document on itself alone.
    supervision : {"none", "nca", "contrastive"} or None
        Fine-tuning with the labels given as y; see `SupervisionConfig`. By default none, and y is ignored.
    epochs, min_updates, batch_size : int or None
        Passes over the documents; mini-batches to train on at least, be the documents ever so few; documents
        in a mini-batch. By default 15, 300 and 128.
    learning_rate : float or None
        Peak of the one-cycle schedule, by default 0.004.
    model, training : ModelConfig, TrainingConfig or None
        Records with all the other options there are, in place of the preset's. `random_state` stands in for
        the seed in `training`.
    random_state : int, RandomState instance or None
        Start of every random stream. An int gives the same codes again on the same machine.
    progress : callable or None
        Called as ``progress(stage, done, total, detail)`` after every mini-batch; `print` will do. Only what
        can be pickled can be pickled along.

    Attributes
    ----------
    encoder_, decoder_ : Encoder, Decoder
        The trained network, in numpy: torch is needed for `fit` and `score` alone.
    losses_ : list of float
        Mean objective of each epoch.
    held_out_losses_ : list of float
        Mean reconstruction loss after each epoch on the documents held out; empty where none was.
    fine_tuning_losses_ : list of float
        Mean objective of each epoch with labels; empty without supervision.
    best_epoch_ : int
        The epoch whose weights these are, or were before fine-tuning; the first is 1.
    stopped_ : {"finished", "early", "interrupted"}
        Why training ended.
    model_, training_ : ModelConfig, TrainingConfig
        The records that were trained by, with the seed.
    n_features_in_ : int
        Columns of the X that was trained on.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, where X had some.

    Notes
    -----
    Counts may be fractional: below 1 a word weighs what its count is, from 1 on the count's logarithm plus 1.
    A document without a word is left out in training and scoring; its code, that of no words at all, means
    nothing.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.feature_extraction.text import CountVectorizer
    >>> from semhash import SemanticHasher, codes
    >>> subjects = "moon star orbit comet", "bread butter flour oven", "boat sail mast anchor"
    >>> random = np.random.default_rng(0)
    >>> texts = [" ".join(random.choice(subjects[i % 3].split(), 8)) for i in range(60)]
    >>> counts = CountVectorizer().fit_transform(texts)
    >>> hasher = SemanticHasher(8, hidden=(32,), min_updates=200, learning_rate=0.01, random_state=0)
    >>> packed = hasher.fit(counts).predict_codes(counts)
    >>> packed.shape, packed.dtype
    ((60, 1), dtype('uint8'))

    Documents on the first one's subject have nearer codes than others:

    >>> distances = codes.hamming_distances(packed[0], packed)
    >>> bool(distances[::3].mean() < 1 < distances[1::3].mean())
    True

    Codes as integers are addresses, in a table that finds who lives nearby:

    >>> from semhash.hamming_table import HammingTable
    >>> table = HammingTable.build(packed, 8, rows=np.arange(60))
    >>> nearby = table.ball(codes.to_ints(packed)[0], radius=1).rows
    >>> bool((nearby % 3 == 0).all())
    True
    """

    def __init__(
        self,
        n_bits: int | None = None,
        *,
        preset: str = "default",
        hidden: Sequence[int] | None = None,
        neighbours: int | None = None,
        supervision: str | None = None,
        epochs: int | None = None,
        min_updates: int | None = None,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        model: ModelConfig | None = None,
        training: TrainingConfig | None = None,
        random_state: Any = None,
        progress: Progress | None = None,
    ) -> None:
        self.n_bits = n_bits
        self.preset = preset
        self.hidden = hidden
        self.neighbours = neighbours
        self.supervision = supervision
        self.epochs = epochs
        self.min_updates = min_updates
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.model = model
        self.training = training
        self.random_state = random_state
        self.progress = progress

    def fit(self, X: Any, y: ArrayLike | None = None) -> Self:
        """Train on the counts of some documents.

        Ctrl-C ends the training once an epoch is finished, and keeps the best weights so far.

        Parameters
        ----------
        X : array or sparse matrix of shape (n_documents, n_features)
            Counts, 0 or above, as `sklearn.feature_extraction.text.CountVectorizer` gives them.
        y : array of shape (n_documents,) or (n_documents, n_labels), or None
            A label for each document; or 1 where a document has a label and 0 elsewhere. Looked at only
            where supervision is asked for.

        Returns
        -------
        SemanticHasher
            Itself.

        Raises
        ------
        ValueError
            An argument cannot be used: negative counts, no document with a word in it, no labels where
            supervision asks for them, an option out of range (`ConfigError`).
        TrainingError
            What was learned would be no good: it is not finite, or tells hardly a document from another.
        """
        from semhash.autoencoder.training import train  # torch takes a second to load

        model, training = self._records()
        counts = self._counts(X, reset=True, words=True)
        labels = as_labels(y, len(counts)) if model.supervision.loss != "none" else None
        terms = np.arange(counts.n_columns)
        trained = train(counts, terms, model, training, self.progress or silent, labels=labels)
        self.encoder_ = Encoder.from_tensors(trained.tensors, model)
        self.decoder_ = Decoder.from_tensors(trained.tensors, model)
        self.losses_ = trained.losses
        self.held_out_losses_ = trained.held_out_losses
        self.fine_tuning_losses_ = trained.fine_tuning_losses
        self.best_epoch_, self.stopped_ = trained.best_epoch, trained.stopped
        self.model_, self.training_ = model, training
        return self

    def transform(self, X: Any) -> NDArray[np.float32]:
        """Give each bit's probability of being 1, for every document.

        Parameters
        ----------
        X : array or sparse matrix of shape (n_documents, n_features)
            Counts of the same words.

        Returns
        -------
        ndarray of shape (n_documents, n_bits), float32
            Where the code layer is linear, the units' values, which are no probabilities.
        """
        check_is_fitted(self)
        return self.encoder_.values(self._counts(X))

    def predict_codes(self, X: Any) -> Packed:
        """Give every document its code, packed as in `semhash.codes`.

        A bit is 1 where its probability is above the threshold of `CodeConfig`, 0.5 unless set otherwise.
        `HammingTable` and `BinaryIndex` take packed codes as they are. ``codes.to_ints(packed)`` gives them
        as integers, ``codes.addresses(packed, n_bits)`` as an array of addresses up to 24 bits, and
        ``codes.unpack(packed, n_bits)`` as bits.

        Parameters
        ----------
        X : array or sparse matrix of shape (n_documents, n_features)
            Counts of the same words.

        Returns
        -------
        ndarray of shape (n_documents, ceil(n_bits / 8)), uint8
        """
        check_is_fitted(self)
        return self.encoder_.codes(self._counts(X))

    def inverse_transform(self, P: Any) -> NDArray[np.float32]:
        """Give what is expected of each word in the documents that have some code.

        Parameters
        ----------
        P : array of shape (n_documents, n_bits)
            What `transform` gives, or bits.

        Returns
        -------
        ndarray of shape (n_documents, n_features), float32
            With the default recipe each word's share of a document's TF-IDF weight; in general the mean of
            the likelihood in units of `ModelConfig.targets`: shares, which sum to 1 in each document, for the
            multinomial and the Poisson; probabilities for the Bernoulli; values for the Gaussian.

        Raises
        ------
        ValueError
            The array has another width, or something in it is no finite number.
        """
        check_is_fitted(self)
        return self.decoder_.mean(check_array(P, dtype=np.float32))

    def score(self, X: Any, y: Any = None) -> float:
        """Give the mean log-likelihood of documents under the model: the higher, the better.

        The mean, over the documents with a word in them, of ``ln p(x | code)``. Here x are the document's
        own targets (`ModelConfig.targets`; no neighbour's are mixed in), and the code is what `transform` gives,
        without noise. With the default recipe it is the mean of a word's log-probability, in nats, weighed by
        the words' shares of the document's TF-IDF weight; so ``exp(-score)`` is a perplexity. With counts as
        targets it is nats a document. Constants that no parameter moves are left out: the multinomial's
        coefficient and the Gaussian's normalisation. Compare scores of models with the same targets, the same
        likelihood and the same words.

        Parameters
        ----------
        X : array or sparse matrix of shape (n_documents, n_features)
            Counts of the same words, best of documents that were not trained on.
        y : None
            Ignored; here by convention.

        Returns
        -------
        float

        Raises
        ------
        ValueError
            No document has a word in it.
        """
        check_is_fitted(self)
        counts = self._counts(X, words=True)
        documents = np.flatnonzero(np.diff(counts.indptr))
        blocks = np.array_split(documents, math.ceil(len(documents) / _BLOCK))
        return math.fsum(self._log_likelihood(counts.take(rows)) for rows in blocks) / len(documents)

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn what X may be and what `transform` gives."""
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.positive_only = True
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags

    @property
    def _n_features_out(self) -> int:
        return self.encoder_.bits

    def _records(self) -> tuple[ModelConfig, TrainingConfig]:
        """Lay what is given over the recipe."""
        require(self.preset in PRESETS, "preset", f"one of {', '.join(PRESETS)}", self.preset)
        preset = PRESETS[self.preset]
        model = preset.model if self.model is None else self.model
        require(isinstance(model, ModelConfig), "model", "a ModelConfig or None", model)
        training = preset.training if self.training is None else self.training
        require(isinstance(training, TrainingConfig), "training", "a TrainingConfig or None", training)
        model = overlaid(
            model,
            bits=self.n_bits,
            hidden=self.hidden,
            neighbours=overlaid(model.neighbours, neighbours=self.neighbours),
            supervision=overlaid(model.supervision, loss=self.supervision),
        )
        training = overlaid(
            training,
            seed=as_seed(self.random_state),
            epochs=self.epochs,
            min_updates=self.min_updates,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
        )
        return model, training

    def _counts(self, X: Any, *, reset: bool = False, words: bool = False) -> Counts:
        """Check X, and where asked that there is a word in it; give it as counts."""
        _check_no_texts(X)
        least = 2 if reset else 1  # one document, or one word, tells no document from another
        X = validate_data(
            self,
            X,
            reset=reset,
            accept_sparse="csr",
            dtype=np.float32,
            ensure_min_samples=least,
            ensure_min_features=least,
        )
        check_non_negative(X, f"{type(self).__name__}: expected word counts, 0 or above")
        counts = as_counts(X)
        if words and not len(counts.data):
            raise ValueError(
                f"X: expected counts with a word in at least one document, found {X.shape[0]} documents without any; "
                "look at the vectorizer's vocabulary"
            )
        return counts

    def _log_likelihood(self, counts: Counts) -> float:
        """Give the sum of the documents' log-likelihoods."""
        import torch

        from semhash.autoencoder.batches import clean_targets
        from semhash.autoencoder.likelihoods import LIKELIHOODS

        pre_activations = self.decoder_.pre_activations(self.encoder_.values(counts))
        targets = clean_targets(counts, self.encoder_.idf, self.model_)
        loss = LIKELIHOODS[self.model_.likelihood].loss
        # In double precision: a sum over thousands of words and documents.
        return -float(
            loss(torch.from_numpy(pre_activations).double(), torch.from_numpy(targets).double()).sum()
        )


def _check_no_texts(X: Any) -> None:
    if isinstance(X, list | tuple | np.ndarray) and len(X) and isinstance(X[0], str):
        raise ValueError(
            "X: expected a matrix of word counts, found texts; count their words first, as by make_pipeline("
            "CountVectorizer(max_features=2000), SemanticHasher())"
        )
