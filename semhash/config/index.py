"""What an index was made with: frozen records, strict JSON both ways.

Every field is checked where it is set and again where it is read back; an unknown field is an error, so a
misspelt option never passes unseen.
"""

from typing import Literal

import msgspec

from semhash.config.model import (
    ModelConfig,
)
from semhash.config.record import Record, require
from semhash.config.training import TrainingConfig
from semhash.errors import ConfigError

__all__ = ["MIN_PASSAGE", "CorpusConfig", "IndexConfig", "TextConfig", "check_together"]

MIN_PASSAGE = 10
"""Fewer words than this say too little of a subject."""


class CorpusConfig(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a corpus is read.

    Attributes
    ----------
    labels : {"none", "folder"}
        ``folder`` takes a file's parent folder as its label. Rows of JSONL bring their own labels.
    split : str or None
        Keep only the rows of JSONL whose split is this one.
    fields : dict of str to str
        Names of JSONL fields and of CSV columns, by what they are to us: ``{"text": "body"}`` reads ``body`` as
        the text, ``title,abstract`` both together, ``body.text`` a field inside of another, ``column 2`` the second
        column. Keys are among ``id``, ``text``, ``title``, ``labels``, ``split``.
    max_bytes : int
        Files, rows and messages larger than this many bytes are skipped, and so is what unpacks to more.
    include, exclude : list of str
        Globs as in a ``.gitignore``, such as ``*.md``, ``docs/`` or ``/notes/**/*.txt``: only files that one of
        `include` matches are read (all, where there is none), and none that one of `exclude` matches. What they
        leave out, and what a ``.semhashignore`` does, is no part of the corpus and is not counted as skipped.
    encoding : str
        What files are in that declare no encoding and are no UTF-8, such as ``"cp1252"`` or ``"shift_jis"``: any
        label of the WHATWG Encoding Standard, or Python's name. Empty to guess it, file by file.
    passages : int
        Documents of more words than this are split into passages of at most so many, at the ends of paragraphs
        or sentences: documents of their own, called ``ID#1``, ``ID#2``, ... 0 splits none.
    """

    labels: Literal["none", "folder"] = "none"
    split: str | None = None
    fields: dict[str, str] = msgspec.field(default_factory=dict)
    max_bytes: int = 20_000_000
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    encoding: str = ""
    passages: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        known = ("id", "text", "title", "labels", "split")
        for name in self.fields:
            require(name in known, "fields", f"one of {', '.join(known)}", name)
        require(self.max_bytes > 0, "max_bytes", "a number of bytes above 0", self.max_bytes)
        if self.encoding:
            _check_encoding(self.encoding)
        shortest = self.passages == 0 or self.passages >= MIN_PASSAGE
        require(shortest, "passages", f"at least {MIN_PASSAGE} words, or 0 for none", self.passages)


def _check_encoding(label: str) -> None:
    from semhash.charsets import codec_of, nearest

    if codec_of(label) is None:
        near = nearest(label) or ["windows-1252", "shift_jis", "koi8-r"]
        raise ConfigError(
            f"encoding: expected the name of an encoding, such as {' or '.join(near)}, found {label!r}; "
            "leave it out to have it guessed"
        )


class TextConfig(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From text to counts.

    Attributes
    ----------
    language : str
        The language of the documents: ``"auto"`` to have it found for each, ``"none"`` for no stems, or a language's
        name or ISO 639 code, such as ``"german"`` or ``"de"``.
    stop_words : str
        Whose stop words the codes are not learned from: ``"auto"`` for those of each document's language, ``"none"``,
        or a language's name, such as ``"english"``.
    vocabulary : {"telling", "frequent"}
        Which words the autoencoder sees: those that tell most of a document's nearest neighbours
        (`semhash.autoencoder.telling_words`), or the most frequent. Without neighbours, the most frequent.
    vocabulary_size : int
        How many words it sees.
    """

    language: str = "auto"
    stop_words: str = "auto"
    vocabulary: Literal["telling", "frequent"] = "telling"
    vocabulary_size: int = 2000

    def __post_init__(self) -> None:
        super().__post_init__()
        require(
            1 <= self.vocabulary_size <= 100_000, "vocabulary_size", "1 to 100000 words", self.vocabulary_size
        )


class IndexConfig(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
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

    def __post_init__(self) -> None:
        super().__post_init__()
        check_together(self.model, self.training)


def check_together(model: ModelConfig, training: TrainingConfig) -> None:
    """Refuse a way of training that the model does not allow.

    Line searches follow one loss, so the loss of a mini-batch must be the same each time for the same weights.

    Raises
    ------
    ConfigError
        The optimiser searches along lines, and the model draws noise anew each time.
    """
    if training.optimiser == "adam":
        return
    steady = ("deterministic", "fixed-gaussian", "linear")
    if model.code.kind not in steady:
        raise ConfigError(
            f"optimiser: expected adam for code units of kind {model.code.kind}, whose noise is drawn anew each "
            f"time, found {training.optimiser}; choose adam, or a code of kind {', '.join(steady)}"
        )
    if model.corruption.kind != "none":
        raise ConfigError(
            f"optimiser: expected adam where inputs are corrupted ({model.corruption.kind}), found "
            f"{training.optimiser}; choose adam, or corruption of kind none"
        )
