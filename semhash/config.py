"""What an index was made with: frozen records, strict JSON both ways.

Every field is checked where it is set and again where it is read back; an unknown field is an error, so a
misspelt option never passes unseen.
"""

from typing import Any, Literal, Self

import msgspec

from semhash.errors import ConfigError

__all__ = [
    "MAX_BITS",
    "MIN_BITS",
    "CorpusConfig",
    "IndexConfig",
    "ModelConfig",
    "TextConfig",
    "TrainingConfig",
]

MIN_BITS = 8
MAX_BITS = 128


def _require(condition: bool, name: str, expected: str, found: object) -> None:
    if not condition:
        raise ConfigError(f"{name}: expected {expected}, found {found!r}")


class _Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of the records: strict conversion from and to plain JSON values."""

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Build from plain JSON values.

        Raises
        ------
        ConfigError
            A field is unknown, of the wrong type or out of range; the message names its path.
        """
        try:
            return msgspec.convert(value, cls)
        except msgspec.ValidationError as error:
            raise ConfigError(f"configuration: {error}") from error

    def to_json(self) -> dict[str, Any]:
        """Give plain JSON values that `from_json` reads back to an equal record."""
        return dict(msgspec.to_builtins(self))


class CorpusConfig(_Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a corpus is read.

    Attributes
    ----------
    labels : {"none", "folder"}
        ``folder`` takes a file's parent folder as its label. Rows of JSONL bring their own labels.
    split : str or None
        Keep only the rows of JSONL whose split is this one.
    fields : dict of str to str
        Names of JSONL fields, by what they are to us: ``{"text": "body"}`` reads ``body`` as the text.
        Keys are among ``id``, ``text``, ``title``, ``labels``, ``split``.
    max_bytes : int
        Files and JSONL rows larger than this many bytes are skipped.
    """

    labels: Literal["none", "folder"] = "none"
    split: str | None = None
    fields: dict[str, str] = {}
    max_bytes: int = 20_000_000

    def __post_init__(self) -> None:
        known = ("id", "text", "title", "labels", "split")
        for name in self.fields:
            _require(name in known, "field", f"one of {', '.join(known)}", name)
        _require(self.max_bytes > 0, "max_bytes", "a number of bytes above 0", self.max_bytes)


class TextConfig(_Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From text to counts.

    Attributes
    ----------
    stop_words : str
        A language whose stop words are left out, such as ``"english"``, or ``"none"``.
    vocabulary_size : int
        How many of the corpus's most frequent words the autoencoder sees.
    """

    stop_words: str = "english"
    vocabulary_size: int = 2000

    def __post_init__(self) -> None:
        _require(
            1 <= self.vocabulary_size <= 100_000, "vocabulary_size", "1 to 100000 words", self.vocabulary_size
        )


class ModelConfig(_Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The shape of the autoencoder and the noise in it.

    Attributes
    ----------
    bits : int
        Units of the code layer, 8 to 128.
    hidden : tuple of int
        Widths of the encoder's hidden layers; the decoder is their mirror.
    code_noise : float
        Standard deviation of the Gaussian noise added to the inputs of the code units, at the end of
        training; it grows from 0 in a straight line.
    masking : float
        Share of a document's words hidden from the encoder in training, 0 to below 1.
    input_scale : float
        Euclidean length that a document's weighed counts are scaled to.
    """

    bits: int = 20
    hidden: tuple[int, ...] = (500, 500)
    code_noise: float = 4.0
    masking: float = 0.5
    input_scale: float = 10.0

    def __post_init__(self) -> None:
        _require(MIN_BITS <= self.bits <= MAX_BITS, "bits", f"{MIN_BITS} to {MAX_BITS}", self.bits)
        _require(all(width > 0 for width in self.hidden), "hidden", "widths above 0", self.hidden)
        _require(self.code_noise >= 0, "code_noise", "0 or above", self.code_noise)
        _require(0 <= self.masking < 1, "masking", "0 to below 1", self.masking)
        _require(self.input_scale > 0, "input_scale", "above 0", self.input_scale)


class TrainingConfig(_Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the autoencoder is trained.

    Attributes
    ----------
    seed : int
        Start of every random stream; one seed gives one index on one machine.
    train_documents : int
        A larger corpus trains on a seeded sample of this many documents; all are encoded.
    epochs : int
        Passes over the training documents.
    min_updates : int
        A small corpus goes on beyond `epochs` until it has seen this many mini-batches.
    batch_size : int
        Documents in a mini-batch.
    learning_rate : float
        Peak of the one-cycle schedule.
    """

    seed: int = 0
    train_documents: int = 20_000
    epochs: int = 40
    min_updates: int = 1000
    batch_size: int = 128
    learning_rate: float = 1e-3

    def __post_init__(self) -> None:
        _require(0 <= self.seed < 2**63, "seed", "0 to 2^63 - 1", self.seed)
        for name in ("train_documents", "epochs", "batch_size"):
            _require(getattr(self, name) >= 1, name, "1 or above", getattr(self, name))
        _require(self.min_updates >= 0, "min_updates", "0 or above", self.min_updates)
        _require(self.learning_rate > 0, "learning_rate", "above 0", self.learning_rate)


class IndexConfig(_Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything an index was made with; stored in its manifest.

    Attributes
    ----------
    corpus, text, model, training : record
        One record a step.
    store_text : bool
        Keep the documents' text in the catalogue, compressed, for snippets.
    """

    corpus: CorpusConfig = CorpusConfig()
    text: TextConfig = TextConfig()
    model: ModelConfig = ModelConfig()
    training: TrainingConfig = TrainingConfig()
    store_text: bool = True
