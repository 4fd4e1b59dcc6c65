"""The parts of the training program, without a process around them."""

from pathlib import Path

import numpy as np
import pytest
from attempts import TINY

from jobs.data.oversampling import repeat_counts, repeat_factors
from jobs.errors import InputError
from jobs.programs.batches import BatchPlan, micro_batches, random_stream
from jobs.programs.schedule import one_cycle

torch = pytest.importorskip("torch")


def test_repeat_factors_by_hand() -> None:
    targets = np.zeros((100, 4), dtype=np.bool_)
    targets[:, 0] = True  # f = 1: r = 1
    targets[:4, 1] = True  # f = 0.04: r = sqrt(0.16 / 0.04) = 2
    targets[0, 2] = True  # f = 0.01: r = sqrt(0.16 / 0.01) = 4; label 3 is never positive
    factors = repeat_factors(targets, 0.16)
    np.testing.assert_allclose(factors[:5], [4, 2, 2, 2, 1])
    np.testing.assert_allclose(factors[5:], 1)
    assert repeat_factors(np.zeros((2, 3), dtype=np.bool_), 0.5).tolist() == [1, 1]


def test_repeats_are_rounded_to_their_expectation() -> None:
    factors = np.full(20_000, 1.3)
    counts = repeat_counts(factors, random_stream(0, 1))
    assert set(counts.tolist()) == {1, 2}
    assert abs(counts.mean() - 1.3) < 0.02


def test_batches_are_a_function_of_seed_and_epoch() -> None:
    targets = np.random.default_rng(0).random((101, 3)) < 0.1
    plan = BatchPlan(TINY, targets)
    again = BatchPlan(TINY, targets)
    assert plan.total_steps == sum(len(again.of(epoch)) for epoch in range(TINY.epochs))
    assert all(len(rows) == TINY.batch_size for rows in plan.of(0))
    np.testing.assert_array_equal(plan.of(1), again.of(1))
    assert plan.of(0)[0].tolist() != plan.of(1)[0].tolist()
    other = BatchPlan(TINY.model_copy(update={"seed": 1}), targets)
    assert plan.of(0)[0].tolist() != other.of(0)[0].tolist()
    plain = BatchPlan(TINY.model_copy(update={"oversampling_threshold": None}), targets)
    assert plain.steps == (12, 12)
    assert len(np.unique(np.concatenate(plain.of(0)))) == 96


def test_fewer_images_than_a_batch_are_one_batch() -> None:
    settings = TINY.model_copy(update={"oversampling_threshold": None, "epochs": 3})
    plan = BatchPlan(settings, np.zeros((5, 2), dtype=np.bool_))
    assert (plan.steps, plan.samples) == ((1, 1, 1), 15)
    with pytest.raises(InputError, match="at least 2"):
        BatchPlan(settings, np.zeros((1, 2), dtype=np.bool_))


@pytest.mark.parametrize("rows", [2, 3, 7, 32, 33])
@pytest.mark.parametrize("micro_batch", [None, 1, 2, 16, 32, 64])
def test_micro_batches_cover_the_batch(rows: int, micro_batch: int | None) -> None:
    parts = micro_batches(rows, micro_batch)
    covered = [row for part in parts for row in range(rows)[part]]
    assert covered == list(range(rows))
    sizes = [part.stop - part.start for part in parts]
    assert min(sizes) >= 2
    assert max(sizes) <= max(micro_batch or rows, 3)


def test_one_cycle_is_torchs() -> None:
    steps, max_lr, warmup = 50, 0.01, 0.3
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.AdamW([parameter])
    reference = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr, total_steps=steps, pct_start=warmup
    )
    for step in range(steps):
        assert one_cycle(step, steps, max_lr, warmup) == pytest.approx(
            reference.get_last_lr()[0], rel=1e-9
        )
        optimizer.step()
        if step + 1 < steps:
            reference.step()


@pytest.mark.parametrize("steps", [1, 2, 3, 10])
def test_one_cycle_of_few_steps(steps: int) -> None:
    rates = [one_cycle(step, steps, 0.01, 0.3) for step in range(steps)]
    assert all(0 < rate <= 0.01 for rate in rates)
    assert steps < 10 or rates[-1] == pytest.approx(0.01 / 25 / 1e4)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_imagenet_file(tmp_path: Path, channels: int, suffix: str) -> None:
    import timm
    from safetensors.torch import save_file

    from jobs.programs.network import start_network

    torch.manual_seed(7)
    weights = timm.create_model("test_efficientnet").state_dict()
    path = tmp_path / f"imagenet{suffix}"
    if suffix == ".pth":
        torch.save(weights, path)
    else:
        save_file(weights, path)
    update = {"pre_weight": "imagenet", "imagenet_file": path.name, "channels": channels}
    network = start_network(TINY.model_copy(update=update), 26, tmp_path, None)
    found = network.state_dict()
    assert found["classifier.weight"].shape[0] == 26
    stem = weights["conv_stem.weight"]
    expected = stem.sum(dim=1, keepdim=True) if channels == 1 else stem
    torch.testing.assert_close(found["conv_stem.weight"], expected)
    assert torch.equal(found["conv_head.weight"], weights["conv_head.weight"])


@pytest.mark.parametrize("content", [None, b"no weights"])
@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_imagenet_file_that_is_none(tmp_path: Path, content: bytes | None, suffix: str) -> None:
    from jobs.programs.network import start_network

    if content is not None:
        (tmp_path / f"x{suffix}").write_bytes(content)
    update = {"pre_weight": "imagenet", "imagenet_file": f"x{suffix}"}
    with pytest.raises(InputError, match="imagenet_file"):
        start_network(TINY.model_copy(update=update), 26, tmp_path, None)


def test_normalisation_is_the_backbones() -> None:
    from jobs.programs.network import build_network
    from jobs.programs.scoring import Normalisation

    network = build_network(TINY, 26)
    mean, std = network.pretrained_cfg["mean"], network.pretrained_cfg["std"]
    device = torch.device("cpu")
    one, three = (Normalisation.of(network, channels, device) for channels in (1, 3))
    image = torch.full((2, 1, 4, 4), 0.25)
    assert float(one(image)[0, 0, 0, 0]) == pytest.approx(
        (0.25 - np.mean(mean)) / np.mean(std), rel=1e-5
    )
    assert three(image).shape == (2, 3, 4, 4)
    assert float(three(image)[1, 2, 0, 0]) == pytest.approx((0.25 - mean[2]) / std[2], rel=1e-5)


def test_accumulated_gradient_is_the_batchs() -> None:
    """With batch norm in evaluation mode: in training its statistics are the micro-batch's."""
    from torch.nn import functional

    from jobs.programs.network import build_network

    network = build_network(TINY.model_copy(update={"drop_rate": 0.0}), 4).eval()
    images, targets = torch.rand(11, 1, 32, 32), torch.rand(11, 4).round()
    gradients = []
    for micro_batch in (None, 3):
        network.zero_grad()
        for part in micro_batches(11, micro_batch):
            logits = network(images[part])
            loss = functional.binary_cross_entropy_with_logits(logits, targets[part])
            (loss * len(logits) / 11).backward()
        gradients.append([one.grad.clone() for one in network.parameters()])
    for whole, accumulated in zip(*gradients, strict=True):
        torch.testing.assert_close(whole, accumulated, rtol=1e-3, atol=1e-5)
