"""Recipes with a name: the one that is used unless another is asked for, and two to compare it with."""

from dataclasses import dataclass

from semhash.config.index import TextConfig
from semhash.config.model import CodeConfig, CorruptionConfig, ModelConfig, NeighbourConfig
from semhash.config.training import PretrainingConfig, TrainingConfig

__all__ = ["PRESETS", "Preset"]


@dataclass(frozen=True, slots=True)
class Preset:
    """A whole recipe.

    Attributes
    ----------
    summary : str
        What it is, in one line.
    model : ModelConfig
        The network and what it is to learn.
    training : TrainingConfig
        How it is trained.
    text : TextConfig
        Which words it sees.
    """

    summary: str
    model: ModelConfig
    training: TrainingConfig
    text: TextConfig


_FREQUENT = TextConfig(vocabulary="frequent")
_ALONE = NeighbourConfig(neighbours=0)
_CLEAN = CorruptionConfig(kind="none")

PRESETS: dict[str, Preset] = {
    "default": Preset("the recipe that semhash uses", ModelConfig(), TrainingConfig(), TextConfig()),
    "plain": Preset(
        "a deep autoencoder as a textbook has it, with Gaussian noise on the code layer",
        ModelConfig(
            hidden=(500, 500),
            code=CodeConfig(kind="gaussian"),
            corruption=_CLEAN,
            neighbours=_ALONE,
        ),
        TrainingConfig(
            epochs=45, decoder_epochs=0, min_updates=1000, learning_rate=1e-3, validation_share=0.05
        ),
        _FREQUENT,
    ),
    "paper": Preset(
        "Salakhutdinov and Hinton (2009): pretrained by Boltzmann machines, fine-tuned by conjugate gradients",
        ModelConfig(
            hidden=(500, 500),
            activation="sigmoid",
            inputs="shares",
            targets="shares",
            likelihood="multinomial",
            code=CodeConfig(kind="fixed-gaussian", noise=4.0, schedule="constant", threshold=0.1),
            corruption=_CLEAN,
            neighbours=_ALONE,
            pretraining=PretrainingConfig(
                method="rbm", epochs=50, learning_rate=0.1, steps=1, momentum=0.9, weight_cost=0.0002
            ),
        ),
        TrainingConfig(
            optimiser="cg",
            iterations=3,
            epochs=50,
            decoder_epochs=0,
            min_updates=0,
            batch_size=1000,
            learning_rate=1e-3,
        ),
        _FREQUENT,
    ),
}
"""Every preset, by its name."""
