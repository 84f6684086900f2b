"""The options of ``semhash index`` that set a field of the configuration: each with its dotted key."""

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Annotated, Any, Literal, get_args, get_origin

import typer

from semhash.analysis.languages import LANGUAGES
from semhash.config import IndexConfig
from semhash.errors import ConfigError

__all__ = [
    "OPTIONS",
    "Activation",
    "BatchSize",
    "Bits",
    "Code",
    "Device",
    "Epochs",
    "Exclude",
    "Fields",
    "Hidden",
    "Include",
    "Labels",
    "Language",
    "LearningRate",
    "Likelihood",
    "Masking",
    "MaxBytes",
    "Neighbours",
    "Noise",
    "Optimiser",
    "Passages",
    "Patience",
    "Pretraining",
    "Seed",
    "Split",
    "StopWords",
    "StoreText",
    "Supervised",
    "Threshold",
    "Tied",
    "TrainDocuments",
    "Vocabulary",
    "VocabularySize",
    "changes",
    "pairs",
]

_CORPUS, _CODES, _MODEL, _TRAINING, _OUTPUT = "Corpus", "Codes", "Model", "Training", "Output"

OPTIONS: dict[str, str] = {}
"""The option that sets a field, by the field's dotted key: ``{"model.bits": "--bits", ...}``."""

_DEFAULTS = IndexConfig()
_MANY = ("corpus.fields", "corpus.include", "corpus.exclude")


def _option(name: str, key: str, panel: str, metavar: str | None, about: str, **more: Any) -> Any:
    """Make an option that sets a field, and enter it in `OPTIONS`.

    Its help ends in the field's choices, where it has them, and in its default, where `about` has none.
    """
    OPTIONS[key] = name.partition("/")[0]
    *tables, field = key.split(".")
    record = reduce(getattr, tables, _DEFAULTS)
    kind: Any = type(record).__annotations__[field]
    if get_origin(kind) is Literal:
        choices = list(get_args(kind))
        about = f"{about}: {', '.join(choices)}."
        more["autocompletion"] = lambda: choices
    if "[default: " not in about and (default := getattr(record, field)) is not None:
        about = f"{about} [default: {default}]"
    return typer.Option(name, metavar=metavar, rich_help_panel=panel, help=about, **more)


def _widths(given: str) -> tuple[int, ...]:
    """Read the widths of hidden layers: numbers with commas, or none."""
    try:
        return () if given == "none" else tuple(map(int, given.split(",")))
    except ValueError:
        raise typer.BadParameter(f"expected widths such as 500,500, or none, found {given!r}") from None


def _threshold(given: str) -> float | str:
    """Read a probability or ``median``."""
    try:
        return given if given == "median" else float(given)
    except ValueError:
        raise typer.BadParameter(
            f"expected a probability such as 0.5 or 0.1, or median, found {given!r}"
        ) from None


Split = Annotated[
    str | None,
    _option("--split", "corpus.split", _CORPUS, "NAME", "Only the rows of JSONL whose split is this."),
]
Labels = Annotated[
    str | None,
    _option(
        "--labels",
        "corpus.labels",
        _CORPUS,
        "SOURCE",
        "What labels a file (folder: the folder that it is in)",
    ),
]
Fields = Annotated[
    list[str] | None,
    _option(
        "--field",
        "corpus.fields",
        _CORPUS,
        "OURS=THEIRS",
        "Another name of a JSONL field or CSV column, such as text=body, text=title,abstract (both), text=body.text "
        "(nested) or 'text=column 2'; ours: id, text, title, labels, split. "
        "[default: none]",
    ),
]
Include = Annotated[
    list[str] | None,
    _option(
        "--include",
        "corpus.include",
        _CORPUS,
        "GLOB",
        "Only files that match, as in a .gitignore: '*.md', 'docs/'; may be given again. [default: all]",
    ),
]
Exclude = Annotated[
    list[str] | None,
    _option(
        "--exclude",
        "corpus.exclude",
        _CORPUS,
        "GLOB",
        "No files or folders that match; may be given again. A .semhashignore says the same. [default: none]",
    ),
]
Passages = Annotated[
    int | None,
    _option(
        "--passages",
        "corpus.passages",
        _CORPUS,
        "N",
        "Split documents of more than N words into passages, found one by one; 0: none.",
    ),
]
Encoding = Annotated[
    str | None,
    _option(
        "--encoding",
        "corpus.encoding",
        _CORPUS,
        "NAME",
        "What files are in that declare no encoding and are no UTF-8, such as cp1252 or shift_jis. "
        "[default: guessed, file by file]",
    ),
]
Language = Annotated[
    str | None,
    _option(
        "--language",
        "text.language",
        _CORPUS,
        "LANGUAGE",
        "auto to find each document's; none for no stems; or one of: "
        + ", ".join(f"{language.name} {language.codes[0]}" for language in LANGUAGES)
        + ".",
    ),
]
StopWords = Annotated[
    str | None,
    _option(
        "--stop-words",
        "text.stop_words",
        _CORPUS,
        "LANGUAGE",
        "Words that codes are not made of: auto for those of each document's language, a language's, or none.",
    ),
]
MaxBytes = Annotated[
    int | None,
    _option("--max-bytes", "corpus.max_bytes", _CORPUS, "N", "Files and rows with more bytes are skipped."),
]
Bits = Annotated[int | None, _option("--bits", "model.bits", _CODES, "B", "Bits of a code, 8 to 128.")]
Code = Annotated[
    str | None,
    _option("--code", "model.code.kind", _CODES, "KIND", "What makes the code's units binary in training"),
]
Noise = Annotated[
    float | None,
    _option(
        "--noise", "model.code.noise", _CODES, "S", "Deviation of the noise, for the Gaussian kinds of code."
    ),
]
Threshold = Annotated[
    str | None,
    _option(
        "--threshold",
        "model.code.threshold",
        _CODES,
        "P",
        "A bit is 1 above this probability: 0.5, 0.1, or median for each unit's own.",
        parser=_threshold,
    ),
]
Vocabulary = Annotated[
    str | None,
    _option(
        "--vocabulary",
        "text.vocabulary",
        _MODEL,
        "KIND",
        "Which words the codes are made of: telling of neighbours, or most frequent",
    ),
]
VocabularySize = Annotated[
    int | None,
    _option(
        "--vocabulary-size",
        "text.vocabulary_size",
        _MODEL,
        "V",
        "How many words the codes are made of.",
    ),
]
Hidden = Annotated[
    str | None,
    _option(
        "--hidden",
        "model.hidden",
        _MODEL,
        "W,W,...",
        "Widths of the encoder's hidden layers, or none. [default: 500]",
        parser=_widths,
    ),
]
Activation = Annotated[
    str | None, _option("--activation", "model.activation", _MODEL, "KIND", "What the hidden units do")
]
Tied = Annotated[
    bool | None,
    _option(
        "--tied/--untied",
        "model.tied",
        _MODEL,
        None,
        "Whether the decoder's weights are the encoder's, transposed. [default: untied]",
    ),
]
Likelihood = Annotated[
    str | None,
    _option("--likelihood", "model.likelihood", _MODEL, "KIND", "Distribution of the words given the code"),
]
Masking = Annotated[
    float | None,
    _option(
        "--masking",
        "model.corruption.amount",
        _MODEL,
        "SHARE",
        "Share of a document's words that are hidden from it in training, 0 to below 1.",
    ),
]
Neighbours = Annotated[
    int | None,
    _option(
        "--neighbours",
        "model.neighbours.neighbours",
        _MODEL,
        "N",
        "Nearest neighbours whose words a document is to guess too; 0: each document alone.",
    ),
]
Pretraining = Annotated[
    str | None,
    _option(
        "--pretraining",
        "model.pretraining.method",
        _MODEL,
        "METHOD",
        "How layers are trained one by one first",
    ),
]
Supervised = Annotated[
    str | None,
    _option(
        "--supervised",
        "model.supervision.loss",
        _MODEL,
        "LOSS",
        "Fine-tune with the corpus's labels, which no code sees otherwise",
    ),
]
TrainDocuments = Annotated[
    int | None,
    _option(
        "--train-documents",
        "training.train_documents",
        _TRAINING,
        "N",
        "A larger corpus trains on a sample of this many documents.",
    ),
]
Epochs = Annotated[
    int | None,
    _option(
        "--epochs",
        "training.epochs",
        _TRAINING,
        "N",
        f"Passes over the training documents. [default: {_DEFAULTS.training.epochs}, more for few documents]",
    ),
]
BatchSize = Annotated[
    int | None,
    _option("--batch-size", "training.batch_size", _TRAINING, "N", "Documents in a mini-batch."),
]
Optimiser = Annotated[
    str | None, _option("--optimiser", "training.optimiser", _TRAINING, "NAME", "What takes the steps")
]
LearningRate = Annotated[
    float | None,
    _option(
        "--learning-rate", "training.learning_rate", _TRAINING, "R", "Peak of adam's one-cycle schedule."
    ),
]
Patience = Annotated[
    int | None,
    _option(
        "--patience",
        "training.patience",
        _TRAINING,
        "N",
        "Hold out 5 % of the documents, and stop after so many epochs that did not lower the loss on them; 0: never.",
    ),
]
Device = Annotated[
    str | None,
    _option(
        "--device", "training.device", _TRAINING, "NAME", "Where to train (auto: on a GPU, if there is one)"
    ),
]
Seed = Annotated[
    int | None,
    _option(
        "--seed",
        "training.seed",
        _TRAINING,
        "S",
        "Start of every random stream; the same seed, the same index.",
    ),
]
StoreText = Annotated[
    bool | None,
    _option(
        "--store-text/--no-store-text",
        "store_text",
        _OUTPUT,
        None,
        "Keep the texts in the index, for snippets. [default: store-text]",
    ),
]


def changes(given: Mapping[str, Any]) -> dict[str, Any]:
    """Give the fields that the command line sets, by dotted key.

    Parameters
    ----------
    given : mapping
        The command's parameters by name; None for an option that was not used. A command may have but some of them.
    """
    fields: dict[str, Any] = {}
    for key, option in OPTIONS.items():
        value = given.get(option.removeprefix("--").replace("-", "_"))
        unused = value is None or (not value and key in _MANY)  # of those: an empty list
        if not unused:
            fields[key] = value
    if "training.epochs" in fields:  # taken at their word, however few updates they make
        fields["training.min_updates"] = 0
    if fields.get("training.patience"):  # which needs a loss to watch
        fields["training.validation_share"] = 0.05
    if "model.corruption.amount" in fields:
        fields["model.corruption.kind"] = "masking" if fields["model.corruption.amount"] else "none"
    if "corpus.fields" in fields:
        fields["corpus.fields"] = pairs(fields["corpus.fields"])
    return fields


def pairs(given: Sequence[str]) -> dict[str, str]:
    """Read OURS=THEIRS pairs."""
    found = {}
    for pair in given:
        ours, equals, theirs = pair.partition("=")
        if not (ours and equals and theirs):
            raise ConfigError(f"--field: expected OURS=THEIRS, such as text=body, found {pair!r}")
        found[ours] = theirs
    return found
