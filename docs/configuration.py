"""Write docs/configuration.md from the records, their docstrings, and those of what they configure.

Run it after a change to any of them: ``python docs/configuration.py``. A test holds the page against it.
"""

import inspect
import re
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

from semhash.autoencoder import (
    code_layer,
    corruption,
    encoder,
    likelihoods,
    neighbour_embedding,
    neighbourhood,
    optimisers,
    penalties,
    spectral_codes,
    supervised,
    telling_words,
)
from semhash.autoencoder.pretraining import (
    contrastive_divergence,
    recirculation,
    shallow_autoencoder,
    sparse_decomposition,
    stack,
)
from semhash.config import IndexConfig
from semhash.config.files import preset_config
from semhash.config.presets import PRESETS
from semhash.config.record import Record, in_words

PAGE = Path(__file__).with_suffix(".md")
OPTIONS: dict[str, str] = import_module("semhash_cli.config_options").OPTIONS

INTRODUCTION = """\
# Configuration

<!-- Written by docs/configuration.py from the docstrings of the code: change those, and run it again. -->

Everything that an index is made with, stored in the index and shown by `semhash info`. What nobody sets is as
a *preset* has it; a TOML *file* changes what it names; an *option* of the command wins over both:

```console
$ semhash index corpus/ --preset plain --bits 32
$ semhash index corpus/ --config recipe.toml --seed 1
$ semhash index --preset paper --hidden 500,250 --print-config > recipe.toml
```

The last command writes every field with its value, as a file for `--config`. A file needs only what it changes:

```toml
preset = "plain"  # keys without a table come first

[text]
language = "german"

[model]
hidden = [1000, 500]

[model.code]
kind = "gaussian"
noise = 3.0
```

A misspelt key, a value of the wrong type and one out of range are errors that name the file, the key, what was
expected and what was found. A field whose default stands as *none* is left out to be none. Three options set
a field more than their own: `--epochs` sets `training.min_updates` to 0, `--patience` above 0 sets
`training.validation_share` to 0.05, and `--masking` sets `model.corruption.kind` to `masking`, or to `none` for a
share of 0.

In Python each table is a record, `semhash.IndexConfig` and those in it; `semhash.read_config("recipe.toml")` reads
a file, for `semhash.build_index`.
"""

EQUATIONS: dict[str, dict[str, Any]] = {
    "text": {"vocabulary": telling_words.neighbour_information},
    "model": {
        'inputs = "tfidf"': encoder.weigh,
        **{f'likelihood = "{name}"': likelihood.loss for name, likelihood in likelihoods.LIKELIHOODS.items()},
    },
    "model.code": {
        'kind = "bernoulli"': code_layer.bernoulli,
        'kind = "gaussian"': code_layer.noisy_logistic,
        'kind = "fixed-gaussian"': code_layer.FixedNoise,
        "threshold": code_layer.activation_thresholds,
    },
    "model.corruption": {
        "kind": corruption,
        'kind = "masking"': corruption.mask,
        'kind = "salt-and-pepper"': corruption.salt_and_pepper,
        'kind = "gaussian"': corruption.gaussian,
    },
    "model.neighbours": {
        "neighbours": neighbourhood,
        "latent_weight": neighbourhood.Neighbourhood.find,
        "latent_dimensions": neighbourhood.latent_semantics,
        "diffusion_steps": neighbourhood.Neighbourhood.diffuse,
        "guide": spectral_codes,
        "guide_dimensions": spectral_codes.iterative_quantisation,
        "guide_whitening": spectral_codes.spectral_bits,
        "guide_rounds": neighbour_embedding.neighbour_loss,
        "contrast": penalties.info_nce,
    },
    "model.penalties": {
        "l1": penalties.l1,
        "kl": penalties.kl_sparsity,
        "contractive": penalties.contractive,
        "balance": penalties.bit_balance,
        "decorrelation": penalties.decorrelation,
    },
    "model.pretraining": {
        "method": stack,
        'method = "rbm"': contrastive_divergence,
        'method = "autoencoder"': shallow_autoencoder,
        'method = "recirculation"': recirculation,
        'method = "sparse-decomposition"': sparse_decomposition,
    },
    "model.supervision": {
        'loss = "nca"': supervised.nca_loss,
        'loss = "contrastive"': supervised.contrastive_loss,
    },
    "training": {
        'optimiser = "adam"': optimisers.one_cycle,
        'optimiser = "lbfgs" and "cg"': optimisers.minimise,
    },
}
"""Whose docstring has the equation and the source of which option, by table."""


def page() -> str:
    """Give the whole page."""
    return "\n".join([INTRODUCTION, _presets(), *(_table(*table) for table in tables(IndexConfig()))])


def tables(record: Record, name: str = "") -> Iterator[tuple[str, Record]]:
    """Give every table of a configuration file with the record behind it; "" is the top."""
    yield name, record
    for field in record.__struct_fields__:
        value = getattr(record, field)
        if isinstance(value, Record):
            yield from tables(value, f"{name}.{field}" if name else field)


def _presets() -> str:
    """Say what each preset is, and where it differs from the default."""
    values = {name: _flat(preset_config(name)) for name in PRESETS}
    lines = ["## Presets", ""]
    lines += [f"- `{name}`: {preset.summary}" for name, preset in PRESETS.items()]
    lines += ["", _row(["key", *(f"`{name}`" for name in PRESETS)]), _row(["---"] * (len(PRESETS) + 1))]
    for key in values["default"]:
        row = [preset[key] for preset in values.values()]
        if len(set(row)) > 1:
            lines.append(_row([f"`{key}`", *row]))
    return "\n".join(lines) + "\n"


def _flat(config: IndexConfig) -> dict[str, str]:
    """Give each value as the page shows it, by dotted key."""
    return {
        f"{name}.{field}".lstrip("."): _shown(getattr(record, field))
        for name, record in tables(config)
        for field in record.__struct_fields__
        if not isinstance(getattr(record, field), Record)
    }


def _table(name: str, record: Record) -> str:
    about, meanings = described(type(record))
    lines = [f"## `[{name}]`" if name else "## At the top", "", about, ""]
    lines += [_row(["key", "holds", "default", "option", "meaning"]), _row(["---"] * 5)]
    if not name:
        choices = f"one of {', '.join(PRESETS)}"
        lines.append(
            _row(["`preset`", choices, '`"default"`', "`--preset`", "Where all that is not set is from."])
        )
    for field in msgspec.structs.fields(record):
        value = getattr(record, field.name)
        if not isinstance(value, Record):
            option = OPTIONS.get(f"{name}.{field.name}".lstrip("."))
            cells = [f"`{field.name}`", in_words(field.type), _shown(value)]
            cells += [f"`{option}`" if option else "", meanings[field.name]]
            lines.append(_row(cells))
    for what, source in EQUATIONS.get(name, {}).items():
        lines += ["", f"**`{what}`**: {head(source)}"]
    return "\n".join(lines) + "\n"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def described(kind: type[Record]) -> tuple[str, dict[str, str]]:
    """Give what a record's docstring says of it and, by field, what it says of each field."""
    doc = inspect.getdoc(kind) or ""
    about, _, attributes = doc.partition("\n\nAttributes\n----------\n")
    meanings: dict[str, str] = {}
    for names, text in re.findall(
        r"^(\w[\w, ]*) : .*\n((?:    .*(?:\n|$))+)", attributes, flags=re.MULTILINE
    ):
        first, *others = names.split(", ")
        meanings[first] = _markdown(text)
        meanings |= dict.fromkeys(others, f"With `{first}`.")
    return _markdown(about), meanings


def head(source: object) -> str:
    """Give the beginning of a docstring: its first line, the equation and the source."""
    doc = inspect.getdoc(source) or ""
    beginning = re.split(r"\n\n(?=\w+\n---)", doc)[0].split("\n\n")
    parts = beginning[:3] if beginning[1:2] and beginning[1].endswith("::") else beginning[:2]
    return "\n\n".join(part if part.startswith("    ") else _markdown(part) for part in parts)


def _markdown(text: str) -> str:
    """Turn a paragraph of reStructuredText, as the docstrings have it, into one line of Markdown."""
    text = " ".join(text.split()).replace("``", "`")
    if text.startswith("Give "):  # what a function gives, the page says of the option
        text = text[5:6].upper() + text[6:]
    return re.sub(r"::$", ":", text)


def _shown(value: object) -> str:
    """Show a value as TOML writes it."""
    if value is None or value == {}:
        return "*none*"
    if isinstance(value, bool | tuple):
        value = str(value).lower() if isinstance(value, bool) else list(value)
    return f'`"{value}"`' if isinstance(value, str) and value not in {"true", "false"} else f"`{value}`"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
