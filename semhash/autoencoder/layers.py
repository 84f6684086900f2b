"""Layers in numpy: the units' functions, the pass through some layers, and reading them from a file.

What the trained encoder and the trained decoder share. Only what trains needs torch.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semhash.errors import IndexDamagedError

__all__ = ["ACTIVATIONS", "Layers", "layer_shapes", "layers_of", "read_tensors", "sigmoid", "through"]

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
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, framework="numpy") as opened:
            tensors = {name: opened.get_tensor(name) for name in shapes}
    except (SafetensorError, OSError) as error:
        raise IndexDamagedError(f"{file}: expected a trained model, found: {error}") from error
    for name, shape in shapes.items():
        _check(file, name, tensors[name], shape)
    return tensors


def _check(file: Path, name: str, tensor: NDArray[Any], shape: tuple[int, ...]) -> None:
    if tensor.shape != shape or tensor.dtype != np.float32:
        raise IndexDamagedError(
            f"{file}: expected {name} float32 of shape {shape}, found {tensor.dtype} of shape {tensor.shape}"
        )
