import math
from collections.abc import Callable
from itertools import combinations

import pytest
import torch
from torch import Tensor

from semhash.autoencoder.supervised import contrastive_loss, nca_loss, share_a_label, squared_distances
from semhash.errors import ConfigError

MARGIN = 4.0
LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "nca": nca_loss,
    "contrastive": lambda h, same: contrastive_loss(h, same, MARGIN),
}
every_loss = pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)


def codes(n: int, bits: int, seed: int = 0) -> Tensor:
    return torch.rand(n, bits, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def mixed(seed: int = 0) -> tuple[Tensor, list[list[str]]]:
    """Eight documents with no label, one or two, among them one that shares its label with nobody."""
    labels = [["a"], ["b"], ["a", "b"], [], ["lone"], ["c"], ["c", "a"], ["b"]]
    return codes(8, 5, seed), labels


def gradient(loss: Callable[[Tensor, Tensor], Tensor], h: Tensor, same: Tensor) -> Tensor:
    h = h.clone().requires_grad_()
    [slope] = torch.autograd.grad(loss(h, same), h)
    return slope


def nca_by_loops(h: Tensor, labels: list[list[str]]) -> float:
    """The mean of 1 - p_i, written as the paper's sums over the documents that have labels."""

    def closeness(i: int, j: int) -> float:
        return math.exp(-sum((a - b) ** 2 for a, b in zip(h[i].tolist(), h[j].tolist(), strict=True)))

    labelled = [i for i in range(len(labels)) if labels[i]]
    wrong = []
    for i in labelled:
        others = [j for j in labelled if j != i]
        partners = [j for j in others if set(labels[i]) & set(labels[j])]
        if partners:
            wrong.append(1 - sum(closeness(i, j) for j in partners) / sum(closeness(i, j) for j in others))
    return sum(wrong) / len(wrong)


def contrastive_by_loops(h: Tensor, labels: list[list[str]], margin: float) -> float:
    terms = []
    for i, j in combinations([i for i in range(len(labels)) if labels[i]], 2):
        distance = math.dist(h[i].tolist(), h[j].tolist())
        alike = bool(set(labels[i]) & set(labels[j]))
        terms.append(distance**2 if alike else max(0.0, math.sqrt(margin) - distance) ** 2)
    return sum(terms) / len(terms)


def test_documents_are_the_same_when_any_of_their_labels_is_shared() -> None:
    _, labels = mixed()
    expected = [[bool(set(a) & set(b)) for b in labels] for a in labels]
    assert share_a_label(labels).tolist() == expected
    assert share_a_label([("x", "x"), {"x"}]).tolist() == [[True, True], [True, True]]
    assert share_a_label([[], []]).tolist() == [[False, False], [False, False]]
    assert share_a_label([]).shape == (0, 0)


def test_one_label_in_place_of_a_list_of_labels_is_an_error_in_words() -> None:
    with pytest.raises(ConfigError, match=r"expected a list of labels for each document, found 'sci\.space'"):
        share_a_label([["sci.med"], "sci.space"])


def test_the_distance_of_binary_codes_is_their_hamming_distance() -> None:
    a, b = 0b10110, 0b00011
    h = torch.tensor([[float(code >> i & 1) for i in range(5)] for code in (a, b)])
    assert squared_distances(h).tolist() == [[0, (a ^ b).bit_count()], [(a ^ b).bit_count(), 0]]


def test_ncas_value_by_hand_on_four_documents() -> None:
    """Codes 000, 001, 011, 111 in two classes: the distances in bits are those along a line."""
    h = torch.tensor([[0, 0, 0], [0, 0, 1], [0, 1, 1], [1, 1, 1]], dtype=torch.float64)
    same = share_a_label([["a"], ["a"], ["b"], ["b"]])
    e = [math.exp(-d) for d in range(4)]
    outer, inner = e[1] / (e[1] + e[2] + e[3]), e[1] / (e[1] + e[1] + e[2])
    assert nca_loss(h, same).item() == pytest.approx(1 - (outer + inner) / 2, rel=1e-12)


def test_the_contrastive_losss_value_by_hand_on_three_documents() -> None:
    """Pairs: alike one bit apart, unlike three bits apart, unlike four bits apart; the margin is four bits."""
    h = torch.tensor([[0, 0, 0, 0], [0, 0, 0, 1], [1, 1, 1, 1]], dtype=torch.float64)
    same = share_a_label([["a"], ["a"], ["b"]])
    by_hand = (1 + (2 - math.sqrt(3)) ** 2 + 0) / 3
    assert contrastive_loss(h, same, 4.0).item() == pytest.approx(by_hand, rel=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_both_losses_equal_brute_force_loops(seed: int) -> None:
    h, labels = mixed(seed)
    same = share_a_label(labels)
    assert nca_loss(h, same).item() == pytest.approx(nca_by_loops(h, labels), rel=1e-12)
    loops = contrastive_by_loops(h, labels, 1.0)
    assert contrastive_loss(h, same, 1.0).item() == pytest.approx(loops, rel=1e-12)


@every_loss
def test_the_gradient_is_that_of_finite_differences(loss: Callable[[Tensor, Tensor], Tensor]) -> None:
    h, labels = mixed()
    assert torch.autograd.gradcheck(lambda h: loss(h, share_a_label(labels)), h.requires_grad_())


@every_loss
def test_the_order_of_the_documents_is_of_no_account(loss: Callable[[Tensor, Tensor], Tensor]) -> None:
    h, labels = mixed()
    order = [3, 7, 0, 5, 1, 6, 2, 4]
    shuffled = share_a_label([labels[i] for i in order])
    torch.testing.assert_close(loss(h[order], shuffled), loss(h, share_a_label(labels)))


@every_loss
def test_documents_without_a_label_take_no_part(loss: Callable[[Tensor, Tensor], Tensor]) -> None:
    h, labels = mixed()
    kept = [i for i, names in enumerate(labels) if names]
    without = share_a_label([labels[i] for i in kept])
    torch.testing.assert_close(loss(h, share_a_label(labels)), loss(h[kept], without))
    assert not gradient(loss, h, share_a_label(labels))[labels.index([])].any()


def test_a_document_without_a_partner_is_left_out_of_ncas_mean_but_can_be_picked() -> None:
    h = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    p = [math.exp(-1) / (math.exp(-1) + math.exp(-2)), math.exp(-1) / (2 * math.exp(-1))]
    loss = nca_loss(h, share_a_label([["a"], ["a"], ["lone"]]))
    assert loss.item() == pytest.approx(1 - sum(p) / 2, rel=1e-6)


@every_loss
def test_a_batch_that_teaches_nothing_gives_zero_and_a_gradient_of_zeros(
    loss: Callable[[Tensor, Tensor], Tensor],
) -> None:
    h, nothing = codes(3, 4), share_a_label([[], [], []])
    assert loss(h, nothing).item() == 0
    assert torch.equal(gradient(loss, h, nothing), torch.zeros_like(h))
    alone = share_a_label([["a"]])
    assert loss(h[:1], alone).item() == 0


@every_loss
def test_codes_that_are_equal_or_far_apart_give_finite_gradients(
    loss: Callable[[Tensor, Tensor], Tensor],
) -> None:
    corner = torch.zeros(4, 128)
    corner[2:] = 1.0
    for labels in ([["a"], ["a"], ["b"], ["b"]], [["a"], ["b"], ["a"], ["b"]]):
        same = share_a_label(labels)
        assert loss(corner, same).isfinite()
        assert gradient(loss, corner, same).isfinite().all()


def test_the_contrastive_loss_is_zero_and_flat_where_it_should_be_and_only_there() -> None:
    """Its minimum: the like at one place, the unlike the margin or more apart."""
    same = share_a_label([["a"], ["a"], ["b"], ["b"]])
    best = torch.tensor([[0.0] * 5] * 2 + [[1.0] * 4 + [0.0]] * 2, dtype=torch.float64)
    loss = LOSSES["contrastive"]
    assert loss(best, same).item() == 0
    assert not gradient(loss, best, same).any()
    parted, drawn = best.clone(), best.clone()
    parted[0, 4] = 0.1
    drawn[2:, 0] = 0.9
    assert loss(parted, same).item() == pytest.approx(0.1**2 / 6)
    assert loss(drawn, same).item() == pytest.approx(4 * (2 - math.sqrt(3.81)) ** 2 / 6)
    assert contrastive_loss(best, same, 6.0).item() > 0


def test_nca_is_least_where_classes_sit_at_opposite_corners() -> None:
    """Two classes of two at opposite corners of B bits: p_i = 1 / (1 + 2 exp(-B)); nothing tried does better."""
    bits = 6
    same = share_a_label([["a"], ["a"], ["b"], ["b"]])
    best = torch.tensor([[0.0] * bits] * 2 + [[1.0] * bits] * 2, dtype=torch.float64)
    least = nca_loss(best, same).item()
    assert least == pytest.approx(1 - 1 / (1 + 2 * math.exp(-bits)), rel=1e-12)
    assert all(nca_loss(codes(4, bits, seed), same).item() > least for seed in range(20))
    for seed in range(20):
        near = (best + 0.2 * (codes(4, bits, seed) - 0.5)).clamp(0, 1)
        assert nca_loss(near, same).item() > least


@every_loss
@pytest.mark.parametrize("seed", range(3))
def test_descending_on_codes_alone_separates_two_classes(
    loss: Callable[[Tensor, Tensor], Tensor], seed: int
) -> None:
    same = share_a_label([["a"], ["b"]] * 10)
    z = (codes(20, 8, seed) - 0.5).requires_grad_()
    optimiser = torch.optim.Adam([z], lr=0.1)
    for _ in range(150):
        optimiser.zero_grad()
        loss(torch.sigmoid(z), same).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    distances = squared_distances(torch.sigmoid(z.detach()))
    assert distances[same].max() < 1.0
    assert distances[~same].min() > MARGIN - 1.0


@pytest.mark.parametrize("margin", [0.0, -1.0, math.nan])
def test_a_margin_that_is_no_distance_is_an_error_in_words(margin: float) -> None:
    with pytest.raises(ConfigError, match=f"margin: expected a number of bits above 0, found {margin}"):
        contrastive_loss(codes(2, 3), torch.ones(2, 2, dtype=torch.bool), margin)
