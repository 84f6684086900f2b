import math

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.distributions import MultivariateNormal

from semhash.autoencoder.geometry import (
    jacobians,
    reconstruction_errors,
    score_estimate,
    tangent_space,
    vector_field,
)
from semhash.errors import ConfigError
from semhash.learned.outliers import OutlierScale

SEEDS = pytest.mark.parametrize("seed", range(3))


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def largest_angle(a: Tensor, b: Tensor) -> float:
    """The largest principal angle, in rad, between the spans of the orthonormal rows of a and of b."""
    return math.acos(min(1.0, float(torch.linalg.svdvals(a @ b.T).min())))


def plane(n_dimensions: int, n_ambient: int, seed: int) -> Tensor:
    """Orthonormal rows that span a random subspace."""
    basis: Tensor = torch.linalg.qr(normal(n_ambient, n_dimensions, seed=seed))[0]
    return basis.T


# Tangents


def test_a_linear_encoders_tangents_are_the_right_singular_vectors_of_its_weights() -> None:
    weight, x = normal(3, 7), normal(4, 7, seed=1)
    space = tangent_space(lambda rows: rows @ weight.T + 1.0, x)
    _, values, vectors = torch.linalg.svd(weight, full_matrices=False)
    for i in range(4):
        torch.testing.assert_close(space.singular_values[i], values)
        cosines = space.directions[i] @ vectors.T
        torch.testing.assert_close(cosines.abs(), torch.eye(3, dtype=torch.float64))


def test_the_jacobian_is_that_of_finite_differences_at_each_document() -> None:
    first, second = normal(5, 6), normal(3, 5, seed=1)
    weights = [first.requires_grad_(), second.requires_grad_()]

    def encode(rows: Tensor) -> Tensor:
        return torch.sigmoid(torch.tanh(rows @ weights[0].T) @ weights[1].T)

    x = normal(4, 6, seed=2)
    found = jacobians(encode, x)
    assert not found.requires_grad
    step = 1e-6
    for k in range(6):
        ahead, behind = x.clone(), x.clone()
        ahead[:, k] += step
        behind[:, k] -= step
        slopes = (encode(ahead) - encode(behind)).detach() / (2 * step)
        torch.testing.assert_close(found[:, :, k], slopes, rtol=1e-6, atol=1e-8)


def test_on_a_circle_the_tangent_is_at_right_angles_to_the_radius() -> None:
    """A circle of radius 2 in five dimensions, coded by its angle: the code moves 1/2 rad a unit of length."""
    axes, angles = plane(2, 5, seed=0), torch.linspace(-3, 3, 7, dtype=torch.float64)
    x = 2 * torch.stack((angles.cos(), angles.sin()), dim=1) @ axes

    def encode(rows: Tensor) -> Tensor:
        across, up = (rows @ axes.T).unbind(dim=1)
        return torch.atan2(up, across)[:, None]

    space = tangent_space(encode, x)
    tangents = torch.stack((-angles.sin(), angles.cos()), dim=1) @ axes
    torch.testing.assert_close(space.singular_values, torch.full((7, 1), 0.5, dtype=torch.float64))
    cosines = (space.directions[:, 0] * tangents).sum(dim=1)
    torch.testing.assert_close(cosines.abs(), torch.ones(7, dtype=torch.float64))


@SEEDS
def test_a_trained_contractive_autoencoder_knows_the_plane_that_its_data_lie_on(seed: int) -> None:
    """Four tied tanh units, a plane in eight dimensions: two directions stand out, and they span the plane.

    The penalty is the squared Frobenius norm of the Jacobian (Rifai et al., 2011): it makes the encoder deaf
    to whatever the reconstruction of the data does not need.
    """
    axes = plane(2, 8, seed)
    x = 0.5 * normal(100, 2, seed=seed + 10) @ axes
    weight = (0.5 * normal(4, 8, seed=seed + 20)).requires_grad_()

    def encode(rows: Tensor) -> Tensor:
        return torch.tanh(rows @ weight.T)

    optimiser = torch.optim.LBFGS([weight], max_iter=100, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimiser.zero_grad()
        h = encode(x)
        contraction = (1 - h.square()).square() @ weight.square().sum(dim=1)
        loss = ((h @ weight - x).square().sum(dim=1) + 0.01 * contraction).mean()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    assert largest_angle(tangent_space(encode, x[:1]).directions[0, :2], axes) > 0.5
    optimiser.step(closure)  # type: ignore[no-untyped-call]
    space = tangent_space(encode, x)
    assert torch.equal(space.dimensions(), torch.full((100,), 2))
    assert max(largest_angle(directions[:2], axes) for directions in space.directions) < 0.05


def test_dimensions_are_those_above_a_share_of_the_largest_singular_value() -> None:
    weight = torch.diag(torch.tensor([4.0, 2.0, 0.3]))
    space = tangent_space(lambda rows: rows @ weight, torch.zeros(1, 3))
    assert [int(space.dimensions(share)) for share in (0.6, 0.4, 0.1, 0.05)] == [1, 2, 2, 3]


# The vector field


def gaussian(seed: int = 0) -> tuple[Tensor, Tensor]:
    root = normal(4, 4, seed=seed)
    return normal(4, seed=seed + 1), root @ root.T


def posterior_mean(x: Tensor, mean: Tensor, covariance: Tensor, sigma: float) -> Tensor:
    """The best denoiser of Gaussian data: E[clean | noisy], the conditional mean of two joint Gaussians."""
    noisy = covariance + sigma**2 * torch.eye(len(mean), dtype=x.dtype)
    gain: Tensor = torch.linalg.solve(noisy, covariance)
    return mean + (x - mean) @ gain


def slope_of_log_density(log_density: MultivariateNormal, x: Tensor) -> Tensor:
    x = x.clone().requires_grad_()
    total: Tensor = log_density.log_prob(x).sum()  # type: ignore[no-untyped-call]
    [slope] = torch.autograd.grad(total, x)
    return slope


@pytest.mark.parametrize("sigma", [0.1, 1.0, 3.0])
def test_the_best_denoiser_of_gaussian_data_gives_the_score_of_the_noisy_data_exactly(sigma: float) -> None:
    mean, covariance = gaussian()
    x = 2 * normal(6, 4, seed=5)

    def denoise(rows: Tensor) -> Tensor:
        return posterior_mean(rows, mean, covariance, sigma)

    noisy = MultivariateNormal(mean, covariance + sigma**2 * torch.eye(4, dtype=torch.float64))
    score = slope_of_log_density(noisy, x)
    torch.testing.assert_close(vector_field(denoise, x), sigma**2 * score, rtol=1e-9, atol=1e-11)
    torch.testing.assert_close(score_estimate(denoise, x, sigma), score, rtol=1e-9, atol=1e-8)


def test_as_the_noise_goes_to_zero_the_estimate_goes_to_the_score_of_the_clean_data() -> None:
    """Alain and Bengio (2014), theorem 1: what is left of the error is of the order of sigma squared."""
    mean, covariance = gaussian()
    x = normal(6, 4, seed=5)
    score = slope_of_log_density(MultivariateNormal(mean, covariance), x)

    def error(sigma: float) -> float:
        estimate = score_estimate(lambda rows: posterior_mean(rows, mean, covariance, sigma), x, sigma)
        return float((estimate - score).norm())

    small = 0.02 * math.sqrt(float(torch.linalg.eigvalsh(covariance)[0]))
    assert error(small) / error(small / 2) == pytest.approx(4, rel=0.01)


@SEEDS
def test_a_denoiser_fitted_to_samples_points_along_the_score(seed: int) -> None:
    sigma, axes = 0.5, torch.diag(torch.tensor([2.0, 0.2, 0.2], dtype=torch.float64))
    clean = normal(4000, 3, seed=seed) @ axes
    noisy = clean + sigma * normal(4000, 3, seed=seed + 10)
    weight = torch.linalg.lstsq(noisy, clean).solution
    x = normal(50, 3, seed=seed + 20)
    score = -x / (axes.diagonal() ** 2 + sigma**2)
    estimate = score_estimate(lambda rows: rows @ weight, x, sigma)
    assert float((estimate - score).norm() / score.norm()) < 0.1


def test_noise_that_is_no_noise_is_an_error_in_words() -> None:
    with pytest.raises(ConfigError, match=r"sigma: expected a standard deviation above 0, found 0\.0"):
        score_estimate(lambda rows: rows, normal(2, 3), 0.0)


# Outliers


def test_the_error_by_hand_and_a_document_without_a_word_has_none() -> None:
    log_probabilities = torch.tensor(
        [[0.5, 0.25, 0.25], [1.0, 0.0, 0.0], [0.0, 0.5, 0.5], [0.5, 0.25, 0.25]]
    ).log()
    targets = torch.tensor([[0.0, 0.5, 0.5], [1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.0, 0.0, 0.0]])
    errors = reconstruction_errors(log_probabilities, targets).tolist()
    assert errors[:3] == [pytest.approx(math.log(4)), 0.0, math.inf]
    assert math.isnan(errors[3])


@pytest.mark.parametrize("length", [2, 10, 200])
def test_the_mean_error_of_documents_drawn_as_expected_is_the_entropy_at_any_length(length: int) -> None:
    random = np.random.default_rng(0)
    expected = random.dirichlet(np.full(30, 0.5))
    shares = torch.from_numpy(random.multinomial(length, expected, size=20_000) / length)
    log_probabilities = torch.from_numpy(expected).log().expand(20_000, -1)
    errors = reconstruction_errors(log_probabilities, shares)
    entropy = -float((expected * np.log(expected)).sum())
    assert float(errors.mean()) == pytest.approx(entropy, abs=5 * float(errors.std()) / math.sqrt(20_000))


def two_topics() -> Tensor:
    """Log-probabilities of 60 words in two topics, each of which has half of them almost to itself."""
    shares = torch.full((2, 60), 0.0005, dtype=torch.float64)
    for topic, start in enumerate((0, 30)):
        shares[topic, start : start + 30] = 1 / torch.arange(1, 31, dtype=torch.float64)
    return (shares / shares.sum(dim=1, keepdim=True)).log()


def test_noise_documents_score_high_and_new_documents_on_the_topics_do_not() -> None:
    """The autoencoder: one unit that tells which half of the words a text uses, and the topic of that half."""
    topics, random = two_topics(), np.random.default_rng(0)

    def drawn(n: int, length: int) -> Tensor:
        rows = [random.multinomial(length, topics[i % 2].exp().numpy()) for i in range(n)]
        return torch.from_numpy(np.array(rows) / length)

    def errors(documents: Tensor) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        unit = torch.sigmoid(40 * (documents[:, 30:].sum(dim=1) - documents[:, :30].sum(dim=1)))
        mixed = torch.logaddexp(topics[0] + (1 - unit).log()[:, None], topics[1] + unit.log()[:, None])
        return np.asarray(reconstruction_errors(mixed, documents).numpy())

    scale = OutlierScale.learn(errors(drawn(2000, 40)))
    noise = torch.from_numpy(random.multinomial(40, np.full(60, 1 / 60), size=100) / 40)
    assert scale.score(errors(noise)).min() > 0.99
    assert scale.z_score(errors(noise)).min() > 3
    assert scale.score(errors(drawn(500, 40))).mean() == pytest.approx(0.5, abs=0.06)
