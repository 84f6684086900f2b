"""Layers in numpy: the units' functions, the pass through some layers, and reading them from a file.

What the trained encoder and the trained decoder share. Only what trains needs torch.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semhash.errors import IndexDamagedError

__all__ = [
    "ACTIVATIONS",
    "Layers",
    "layer_shapes",
    "layers_of",
    "read_all_tensors",
    "read_tensors",
    "sigmoid",
    "through",
]

Floats = NDArray[np.float32]

Layers = list[tuple[Floats, Floats]]
"""Weight of shape (n_out, n_in) and bias of shape (n_out,) of each layer, float32."""


def sigmoid(x: Floats) -> Floats:
    """Give ``1 / (1 + exp(-x))``, by the hyperbolic tangent, which overflows nowhere."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * x)), dtype=np.float32)


def _rectify(x: Floats) -> Floats:
    return np.maximum(x, 0)


def _same(x: Floats) -> Floats:
    return x


ACTIVATIONS: dict[str, Callable[[Floats], Floats]] = {
    "relu": _rectify,
    "sigmoid": sigmoid,
    "tanh": np.tanh,
    "linear": _same,
}
"""What hidden units do, by the names of `ModelConfig.activation`."""


def through(layers: Layers, x: Floats, activation: str) -> Floats:
    """Send documents through layers, the last of which is left as it is.

    Parameters
    ----------
    layers : Layers
        One or more.
    x : ndarray of shape (n_documents, n_in), float32
    activation : str
        What the hidden units do.

    Returns
    -------
    ndarray of shape (n_documents, n_out), float32
        Pre-activations.
    """
    function = ACTIVATIONS[activation]
    for weight, bias in layers[:-1]:
        x = function(x @ weight.T + bias)
    weight, bias = layers[-1]
    return np.asarray(x @ weight.T + bias)


def layer_shapes(part: str, widths: Sequence[int]) -> dict[str, tuple[int, ...]]:
    """Give the shapes of the tensors of the layers between some widths, by name.

    Parameters
    ----------
    part : {"encoder", "decoder"}
    widths : sequence of int
        Units of the inputs, of each hidden layer, of the outputs.
    """
    shapes: dict[str, tuple[int, ...]] = {}
    for i, (n_in, n_out) in enumerate(pairwise(widths)):
        shapes |= {f"{part}.{i}.weight": (n_out, n_in), f"{part}.{i}.bias": (n_out,)}
    return shapes


def layers_of(part: str, tensors: Mapping[str, Floats], number: int) -> Layers:
    """Take the layers of the encoder or of the decoder out of a trained model's tensors, by their names."""
    return [(tensors[f"{part}.{i}.weight"], tensors[f"{part}.{i}.bias"]) for i in range(number)]


def read_tensors(file: Path, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Floats]:
    """Read tensors from a safetensors file; each must be float32, of the shape that is expected.

    Raises
    ------
    IndexDamagedError
        The file is no safetensors file, or a tensor is missing or of another shape or type.
    """
    with _opened(file) as opened:
        for name, shape in shapes.items():
            _check(file, name, opened.get_slice(name), shape)
        return {name: opened.get_tensor(name) for name in shapes}


def read_all_tensors(file: Path) -> dict[str, Floats]:
    """Read every tensor of a safetensors file; each must be float32.

    Raises
    ------
    IndexDamagedError
        The file is no safetensors file, or a tensor is of another type.
    """
    with _opened(file) as opened:
        names = list(opened.keys())
        for name in names:
            _check(file, name, opened.get_slice(name), None)
        return {name: opened.get_tensor(name) for name in names}


@contextmanager
def _opened(file: Path) -> Iterator[Any]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, framework="numpy") as opened:
            yield opened
    except (SafetensorError, OSError, ValueError) as error:
        raise IndexDamagedError(
            f"{file}: expected a trained model, found: {error}; look closer with: semhash verify"
        ) from error


def _check(file: Path, name: str, tensor: Any, shape: tuple[int, ...] | None) -> None:
    """Hold what a file says of a tensor against what is expected, before memory is taken for it."""
    kind, found = tensor.get_dtype(), tuple(tensor.get_shape())
    kind = {"F16": "float16", "F32": "float32", "F64": "float64"}.get(kind, kind)
    if kind != "float32" or shape not in {None, found}:
        wanted = "" if shape is None else f" of shape {shape}"
        raise IndexDamagedError(
            f"{file}: expected {name} float32{wanted}, found {kind} of shape {found}; "
            "look closer with: semhash verify"
        )
