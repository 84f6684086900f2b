import pytest

from semhash.config import ModelConfig, TrainingConfig
from semhash.config.presets import PRESETS


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_written_as_json_and_read_back_equal(name: str) -> None:
    preset = PRESETS[name]
    assert ModelConfig.from_json(preset.model.to_json()) == preset.model
    assert TrainingConfig.from_json(preset.training.to_json()) == preset.training


def test_the_default_is_what_is_used_when_nothing_is_said() -> None:
    assert (PRESETS["default"].model, PRESETS["default"].training) == (ModelConfig(), TrainingConfig())


def test_the_paper_is_as_published() -> None:
    """Salakhutdinov and Hinton (2009), section 4: what the authors say of their networks and their training."""
    model, training = PRESETS["paper"].model, PRESETS["paper"].training
    assert (model.hidden, model.activation, model.code.threshold) == ((500, 500), "sigmoid", 0.1)
    assert (model.code.kind, model.code.noise**2, model.code.schedule) == ("fixed-gaussian", 16, "constant")
    pretraining = model.pretraining
    assert (pretraining.method, pretraining.steps, pretraining.epochs) == ("rbm", 1, 50)
    assert (pretraining.learning_rate, pretraining.momentum) == (0.1, 0.9)
    assert (training.optimiser, training.iterations, training.batch_size) == ("cg", 3, 1000)
