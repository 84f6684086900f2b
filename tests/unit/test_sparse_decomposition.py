import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from sklearn.linear_model import Lasso
from torch import Tensor
from torch.nn.functional import normalize

from semhash.autoencoder.pretraining.sparse_coding import (
    DecompositionConfig,
    infer,
    objective,
    soft_threshold,
)
from semhash.autoencoder.pretraining.sparse_decomposition import (
    Decomposition,
    Predictor,
    fit,
    fit_predictor,
    update_dictionary,
)
from semhash.errors import ConfigError, TrainingError

EXACT = DecompositionConfig(sparsity=0.5, prediction=0.3, inference_steps=5000, tolerance=1e-9)
QUICK = DecompositionConfig(sparsity=0.3, prediction=0.1, alternations=8)
SEEDS = pytest.mark.parametrize("seed", range(3))


def source(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=source(seed))


def problem(seed: int = 0, n: int = 5, n_words: int = 8, n_codes: int = 12) -> tuple[Tensor, Tensor, Tensor]:
    """Documents, a dictionary of more columns than there are words, and predictions."""
    dictionary = normalize(normal(n_words, n_codes, seed=seed), dim=0)
    return normal(n, n_words, seed=seed + 100), dictionary, 0.5 * normal(n, n_codes, seed=seed + 200)


def planted(seed: int, n: int = 400, size: int = 16, active: int = 2) -> tuple[Tensor, Tensor]:
    """Documents that each mix two columns of a square dictionary, and that dictionary."""
    generator = source(seed)
    dictionary = normalize(normal(size, size, seed=seed + 50), dim=0)
    places = torch.rand(n, size, generator=generator).argsort(dim=1)[:, :active]
    sizes = 1 + torch.rand(n, active, dtype=torch.float64, generator=generator)
    signs = torch.randint(0, 2, (n, active), generator=generator) * 2 - 1
    codes = torch.zeros(n, size, dtype=torch.float64).scatter(1, places, sizes * signs)
    noise = 0.02 * torch.randn(n, size, dtype=torch.float64, generator=generator)
    return codes @ dictionary.T + noise, dictionary


def squared_error(x: Tensor, dictionary: Tensor, codes: Tensor) -> float:
    return (x - codes @ dictionary.T).square().sum().item()


def subgradients(
    x: Tensor, dictionary: Tensor, codes: Tensor, prediction: Tensor, config: DecompositionConfig
) -> Tensor:
    """The length of each document's shortest subgradient: 0 at the optimum alone."""
    slope = 2 * (codes @ dictionary.T - x) @ dictionary + 2 * config.prediction * (codes - prediction)
    cost = config.sparsity
    off = torch.where(codes != 0, slope + cost * codes.sign(), soft_threshold(slope, cost))
    lengths: Tensor = torch.linalg.vector_norm(off, dim=1)
    return lengths


# Inference


def test_the_soft_threshold_is_the_proximal_operator_of_the_absolute_value() -> None:
    """The minimiser of (u - v)^2 / 2 + t |u| over a fine grid of u."""
    values, grid = torch.linspace(-3, 3, 25, dtype=torch.float64), torch.arange(-4000, 4001) / 1000
    cost = (grid[:, None] - values).square() / 2 + 0.7 * grid.abs()[:, None]
    best = grid[cost.argmin(dim=0)]
    torch.testing.assert_close(soft_threshold(values, 0.7), best.double(), atol=6e-4, rtol=0)


def test_the_objective_by_hand_and_one_value_a_document() -> None:
    dictionary = torch.tensor([[1.0, 0.6], [0.0, 0.8]])
    x, codes = torch.tensor([[2.0, 1.0], [0.0, 0.0]]), torch.tensor([[1.0, -1.0], [0.0, 0.0]])
    prediction = torch.tensor([[0.0, 1.0], [2.0, 0.0]])
    config = DecompositionConfig(sparsity=0.5, prediction=0.25)
    by_hand = [(2 - 0.4) ** 2 + (1 + 0.8) ** 2 + 0.5 * 2 + 0.25 * (1 + 4), 0.25 * 4]
    assert objective(x, dictionary, codes, prediction, config).tolist() == pytest.approx(by_hand)


@SEEDS
@pytest.mark.parametrize("gamma", [0.0, 0.3, 10.0])
def test_inferred_codes_meet_the_conditions_of_the_optimum(seed: int, gamma: float) -> None:
    """Karush-Kuhn-Tucker: the smooth part's slope is -lambda sign(h) where h is not 0, within lambda where it is."""
    x, dictionary, prediction = problem(seed)
    config = replace(EXACT, prediction=gamma)
    codes = infer(x, dictionary, prediction, config)
    slope = 2 * (codes @ dictionary.T - x) @ dictionary + 2 * gamma * (codes - prediction)
    used = codes != 0
    assert used.any()
    assert not used.all()
    torch.testing.assert_close(slope[used], -0.5 * codes[used].sign(), atol=1e-8, rtol=0)
    assert slope[~used].abs().max() <= 0.5 + 1e-8


@SEEDS
def test_without_a_predictor_the_codes_are_scikit_learns_lasso(seed: int) -> None:
    """Lasso minimises ||x - W h||^2 / (2 n_words) + alpha |h|_1: alpha is lambda / (2 n_words)."""
    x, dictionary, prediction = problem(seed, n_codes=6)
    codes = infer(x, dictionary, prediction, replace(EXACT, prediction=0.0))
    for row, found in zip(x, codes, strict=True):
        lasso = Lasso(alpha=0.5 / (2 * 8), fit_intercept=False, tol=1e-12, max_iter=100_000)
        np.testing.assert_allclose(found, lasso.fit(dictionary.numpy(), row.numpy()).coef_, atol=1e-6)


def test_with_orthogonal_columns_the_codes_have_a_closed_form() -> None:
    """Each code alone: min (w x - h)^2 + lambda |h| + gamma (h - p)^2."""
    basis: Tensor = torch.linalg.qr(normal(6, 6))[0]
    x, prediction = normal(4, 6, seed=1), normal(4, 6, seed=2)
    expected = soft_threshold(x @ basis + 0.3 * prediction, 0.25) / 1.3
    torch.testing.assert_close(infer(x, basis, prediction, EXACT), expected)


@SEEDS
def test_no_other_codes_have_a_lower_objective_and_any_start_leads_there(seed: int) -> None:
    x, dictionary, prediction = problem(seed)
    codes = infer(x, dictionary, prediction, EXACT)
    least = objective(x, dictionary, codes, prediction, EXACT)
    for other in range(20):
        near = codes + 0.1 * normal(*codes.shape, seed=other) * (normal(*codes.shape, seed=other + 50) > 0)
        assert (objective(x, dictionary, near, prediction, EXACT) > least).all()
    elsewhere = infer(x, dictionary, prediction, EXACT, start=5 * normal(*codes.shape, seed=99))
    torch.testing.assert_close(elsewhere, codes, atol=1e-7, rtol=0)


@pytest.mark.parametrize("steps", [1, 2, 3, 5, 10, 20])
def test_however_few_the_steps_no_document_gets_worse_codes_than_it_started_from(steps: int) -> None:
    """From nearly the optimum momentum alone would overshoot."""
    x, dictionary, prediction = problem(n=50)
    few = replace(EXACT, inference_steps=steps)
    best = infer(x, dictionary, prediction, EXACT)
    for scale in (0.0, 1e-3, 1.0):
        start = best + scale * normal(*best.shape, seed=7)
        before = objective(x, dictionary, start, prediction, few)
        after = objective(x, dictionary, infer(x, dictionary, prediction, few, start), prediction, few)
        assert (after <= before).all()


def test_momentum_gets_there_in_fewer_steps_than_plain_proximal_gradient() -> None:
    x, dictionary, prediction = problem(n=20, n_words=30, n_codes=30)
    config = replace(EXACT, prediction=0.0, sparsity=0.05, inference_steps=60)
    lipschitz = 2 * float(torch.linalg.svdvals(dictionary)[0]) ** 2
    plain = prediction
    for _ in range(60):
        slope = 2 * (plain @ dictionary.T - x) @ dictionary
        plain = soft_threshold(plain - slope / lipschitz, config.sparsity / lipschitz)
    fast = infer(x, dictionary, prediction, config)
    best = infer(x, dictionary, prediction, replace(config, inference_steps=5000))
    left = [objective(x, dictionary, h, prediction, config).sum() for h in (fast, plain)]
    left = [total - objective(x, dictionary, best, prediction, config).sum() for total in left]
    assert 0 <= left[0] < left[1] / 3


@SEEDS
def test_momentum_that_is_set_back_in_time_does_not_swing_about_the_optimum(seed: int) -> None:
    """Without it, the rate of FISTA is 1 / k^2: after these steps subgradients of 1e-3 would be left."""
    x, dictionary, prediction = problem(seed, n=20, n_words=30, n_codes=30)
    config = replace(EXACT, prediction=0.0, sparsity=0.05, inference_steps=1000)
    codes = infer(x, dictionary, prediction, config)
    assert subgradients(x, dictionary, codes, prediction, config).max() < 1e-6


def test_the_dearer_a_distance_the_nearer_the_codes_are_to_the_prediction() -> None:
    x, dictionary, prediction = problem()
    codes = [
        infer(x, dictionary, prediction, replace(EXACT, prediction=g)) for g in (0.0, 0.1, 1.0, 10.0, 1e4)
    ]
    distances = [(h - prediction).norm().item() for h in codes]
    assert all(after < before for before, after in pairwise(distances))
    assert distances[-1] < 1e-2


def test_inference_stops_at_its_tolerance() -> None:
    x, dictionary, prediction = problem()
    loose = replace(EXACT, tolerance=1e-2)
    codes = infer(x, dictionary, prediction, loose)
    assert 1e-6 < subgradients(x, dictionary, codes, prediction, loose).max() <= 1e-2


# Dictionary and predictor


@SEEDS
def test_the_dictionarys_step_lowers_the_error_keeps_length_one_and_ends_where_no_column_can_gain(
    seed: int,
) -> None:
    """On the sphere the optimum of each column is where the error's slope is along the column."""
    x, dictionary, _ = problem(seed, n=40, n_codes=6)
    codes = infer(x, dictionary, torch.zeros(40, 6, dtype=torch.float64), EXACT)
    gram, cross = codes.T @ codes, x.T @ codes
    errors = [squared_error(x, dictionary, codes)]
    for _ in range(300):
        dictionary = update_dictionary(dictionary, gram, cross)
        errors.append(squared_error(x, dictionary, codes))
        torch.testing.assert_close(dictionary.norm(dim=0), torch.ones(6, dtype=torch.float64))
    assert errors[1] < errors[0]
    assert all(after <= before + 1e-9 for before, after in pairwise(errors))
    slope = 2 * (codes @ dictionary.T - x).T @ codes
    across = slope - (slope * dictionary).sum(dim=0) * dictionary
    torch.testing.assert_close(across, torch.zeros_like(across), atol=1e-5, rtol=0)


def test_each_column_takes_the_best_value_of_length_one() -> None:
    x, dictionary, codes = problem(n_codes=1)
    updated = update_dictionary(dictionary, codes.T @ codes, x.T @ codes)
    least = squared_error(x, updated, codes)
    others = normalize(normal(8, 500, seed=3), dim=0)
    assert all(squared_error(x, other[:, None], codes) > least for other in others.T)


def test_a_column_that_no_document_uses_stays_as_it_is() -> None:
    x, dictionary, codes = problem(n_codes=4)
    codes[:, 2] = 0
    updated = update_dictionary(dictionary, codes.T @ codes, x.T @ codes)
    torch.testing.assert_close(updated[:, 2], dictionary[:, 2])
    assert not torch.allclose(updated[:, 1], dictionary[:, 1])


def test_the_predictor_is_a_scaled_hyperbolic_tangent() -> None:
    predictor = Predictor(
        torch.tensor([2.0, -1.0]), torch.tensor([[1.0, 0.0, 1.0], [0.0, 3.0, 0.0]]), torch.ones(2)
    )
    assert predictor(torch.tensor([[0.5, -1.0, 0.25]])).tolist() == [
        [pytest.approx(2 * math.tanh(1.75)), pytest.approx(-math.tanh(-2))]
    ]


@SEEDS
def test_the_predictor_finds_codes_that_a_predictor_made(seed: int) -> None:
    true = Predictor(1 + normal(4, seed=seed).abs(), normal(4, 6, seed=seed + 1), normal(4, seed=seed + 2))
    x = normal(120, 6, seed=seed + 3)
    start = Predictor.zero(normal(6, 4))
    assert not start(x).any()
    found = fit_predictor(start, torch.split(x, 50), torch.split(true(x), 50), steps=200)
    missed = (found(normal(50, 6, seed=8)) - true(normal(50, 6, seed=8))).square().mean()
    assert missed < 1e-4 * true(x).square().mean()


def test_a_predictor_that_fits_already_is_left_alone() -> None:
    x = normal(20, 6)
    perfect = Predictor(torch.ones(3).double(), normal(3, 6), normal(3))
    assert fit_predictor(perfect, [x], [perfect(x)], steps=5) is perfect


# Alternation


@SEEDS
@pytest.mark.parametrize("gamma", [0.0, 0.1, 1.0])
def test_each_of_the_three_steps_lowers_the_objective_and_so_does_every_alternation(
    seed: int, gamma: float
) -> None:
    x, _ = planted(seed, n=60)
    config = replace(QUICK, prediction=gamma, alternations=4)
    dictionary = normalize(normal(16, 20, seed=seed), dim=0)
    predictor, codes = Predictor.zero(dictionary), torch.zeros(60, 20, dtype=torch.float64)

    def total() -> float:
        return objective(x, dictionary, codes, predictor(x), config).mean().item()

    values = [total()]
    for _ in range(4):
        codes = infer(x, dictionary, predictor(x), config, start=codes)
        values.append(total())
        dictionary = update_dictionary(dictionary, codes.T @ codes, x.T @ codes)
        values.append(total())
        predictor = fit_predictor(predictor, [x], [codes], config.predictor_steps)
        values.append(total())
    drops = [before - after for before, after in pairwise(values)]
    assert min(drops) >= -1e-12
    assert all(drop > 0 for i, drop in enumerate(drops) if gamma > 0 or i % 3 != 2)
    objectives = fit(torch.split(x, 30), 20, config, source(seed)).objectives
    assert len(objectives) == config.alternations
    assert all(after < before for before, after in pairwise(objectives))


@SEEDS
def test_inference_goes_on_from_one_alternation_to_the_next(seed: int) -> None:
    """With a single step each time, the codes are nearly the best ones for the dictionary in the end."""
    x, _ = planted(seed, n=60)
    config = replace(QUICK, prediction=0.0, alternations=40, inference_steps=1, predictor_steps=1)
    found = fit([x], 20, config, source(seed))
    best = infer(x, found.dictionary, found.predict(x), replace(config, inference_steps=5000))
    least = objective(x, found.dictionary, best, best, config).mean().item()
    assert found.objectives[-1] < 1.05 * least < found.objectives[0] / 2


def test_distances_are_shares_of_what_predicting_nothing_misses() -> None:
    x, _ = planted(0, n=60)
    for scale in (1e-2, 1.0, 1e2):
        config = replace(QUICK, sparsity=0.3 * scale, alternations=2)
        distances = fit([scale * x], 20, config, source(0)).distances
        assert all(0.01 < distance < 1 for distance in distances)


@pytest.fixture(scope="module")
def fitted() -> list[tuple[Tensor, Tensor, Decomposition]]:
    """Three planted dictionaries of 16 columns, and what is found of each with 20 columns."""
    config = replace(QUICK, alternations=30)
    found = []
    for seed in range(3):
        x, dictionary = planted(seed)
        found.append((x, dictionary, fit(torch.split(x, 150), 20, config, source(seed + 1000))))
    return found


def matches(dictionary: Tensor, found: Tensor) -> Iterator[tuple[int, float]]:
    """The column found that is nearest to each planted one, whatever the sign, with their cosine."""
    best = (dictionary.T @ found).abs().max(dim=1)
    return zip(best.indices.tolist(), best.values.tolist(), strict=True)


def test_a_planted_dictionary_is_found_again_up_to_order_and_sign(
    fitted: list[tuple[Tensor, Tensor, Decomposition]],
) -> None:
    recovered = []
    for x, dictionary, decomposition in fitted:
        before = matches(dictionary, normalize(x[:20].T, dim=0))
        assert sum(cosine > 0.95 for _, cosine in before) <= 2  # documents themselves are no such columns
        recovered.append([j for j, cosine in matches(dictionary, decomposition.dictionary) if cosine > 0.95])
    assert all(len(set(columns)) == len(columns) for columns in recovered)
    assert sum(map(len, recovered)) >= 0.9 * 3 * 16


def test_predicted_codes_approach_the_inferred_ones(
    fitted: list[tuple[Tensor, Tensor, Decomposition]],
) -> None:
    for _, _, decomposition in fitted:
        assert decomposition.distances[-1] < decomposition.distances[0] / 2


def test_the_predictor_knows_the_codes_of_documents_that_it_never_saw(
    fitted: list[tuple[Tensor, Tensor, Decomposition]],
) -> None:
    """As a share of the codes' squared length: predicting nothing misses 1."""
    for seed, (_, dictionary, decomposition) in enumerate(fitted):
        x = planted(seed, n=500)[0][400:]
        assert torch.equal(planted(seed)[1], dictionary)
        predicted = decomposition.predict(x)
        inferred = infer(x, decomposition.dictionary, predicted, replace(EXACT, prediction=0.0))
        assert (predicted - inferred).square().sum() < 0.3 * inferred.square().sum()
        decoded = decomposition.decode(predicted)
        assert (decoded - x).square().sum() < 0.05 * x.square().sum()


def test_how_the_documents_are_cut_into_batches_is_of_no_account() -> None:
    x, _ = planted(0, n=60)
    config = replace(EXACT, alternations=2, tolerance=1e-11)
    whole, cut = fit([x], 10, config, source(1)), fit(torch.split(x, 17), 10, config, source(1))
    torch.testing.assert_close(cut.dictionary, whole.dictionary, atol=1e-6, rtol=0)
    assert cut.objectives == pytest.approx(whole.objectives, rel=1e-6)


def test_one_seed_gives_one_decomposition_another_another_and_no_global_stream_is_drawn_from() -> None:
    x, _ = planted(0, n=40)
    state = torch.get_rng_state()
    first, again, other = (fit([x], 6, QUICK, source(seed)) for seed in (3, 3, 4))
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(first.dictionary, again.dictionary)
    assert torch.equal(first.predictor.weight, again.predictor.weight)
    assert not torch.allclose(first.dictionary, other.dictionary)


def test_single_precision_empty_documents_and_more_codes_than_documents_are_no_obstacle() -> None:
    x = torch.cat((planted(0, n=8)[0], torch.zeros(3, 16, dtype=torch.float64))).float()
    found = fit([x[:0], *torch.split(x, 4)], 30, replace(QUICK, alternations=3), source(0))
    assert found.dictionary.dtype == torch.float32
    torch.testing.assert_close(found.dictionary.norm(dim=0), torch.ones(30))
    assert found.objectives[-1] < found.objectives[0]
    nothing = fit([torch.zeros(3, 16)], 2, QUICK, source(0))
    assert (nothing.objectives[-1], nothing.distances[-1]) == (0, 0)


def test_progress_counts_mini_batches_and_tells_the_objective() -> None:
    heard: list[tuple[float, float]] = []
    remarks: list[str] = []

    def hear(done: float, total: float, detail: str) -> None:
        heard.append((done, total))
        remarks.append(detail)

    x, _ = planted(0, n=30)
    found = fit(torch.split(x, 10), 4, replace(QUICK, alternations=2), source(0), hear)
    assert heard == [(n, 6) for n in range(1, 7)]
    assert remarks[0] == "alternation 1 of 2"
    assert remarks[-1] == f"alternation 2 of 2, objective {found.objectives[0]:.3f}"


@pytest.mark.parametrize("bad", [math.nan, math.inf, 1e200])
def test_documents_that_are_no_numbers_are_an_error_in_words(bad: float) -> None:
    x = normal(5, 4)
    x[2, 1] = bad
    with pytest.raises(TrainingError, match=r"expected documents of finite squared length, found (nan|inf)"):
        fit([x], 3, QUICK, source(0))


def test_what_cannot_be_fitted_is_an_error_in_words() -> None:
    with pytest.raises(ConfigError, match="n_codes: expected 1 or above, found 0"):
        fit([normal(3, 4)], 0, QUICK, source(0))
    for nothing in ([], [normal(0, 4)]):
        with pytest.raises(ConfigError, match="x_batches: expected one document at least"):
            fit(nothing, 2, QUICK, source(0))


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("sparsity", -1.0, "a number of 0 or above"),
        ("prediction", math.inf, "a number of 0 or above"),
        ("tolerance", math.nan, "a number of 0 or above"),
        ("alternations", 0, "1 or above"),
        ("inference_steps", 0, "1 or above"),
        ("predictor_steps", 0, "1 or above"),
    ],
)
def test_a_setting_out_of_range_is_an_error_in_words(name: str, value: float, expected: str) -> None:
    with pytest.raises(ConfigError, match=f"{name}: expected {expected}, found {value}"):
        DecompositionConfig(**{name: value})  # type: ignore[arg-type]
