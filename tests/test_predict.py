import signal
from pathlib import Path

import numpy as np
import pytest
from attempts import (
    DATA,
    TINY,
    events_of,
    log_of,
    run,
    write_data,
    write_predict_job,
    write_train_job,
)

from jobs.checkpoints import attempts, finished_weights
from jobs.data.labels import LABELS
from jobs.data.pixels.decode import read_square
from jobs.data.reading import read_dataset
from jobs.durable import sha256_file
from jobs.failpoints import FAILPOINTS
from jobs.predictions import read_predictions
from jobs.scoring.ap import average_precision

pytest.importorskip("torch")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_data(tmp_path_factory.mktemp("predict"))


@pytest.fixture(scope="module")
def trained(root: Path) -> Path:
    job = write_train_job(root.parent / "trained", root, epochs=1)
    assert run("train", job) == 0, log_of(job)
    return job


@pytest.fixture(scope="module")
def predicted(root: Path, trained: Path) -> Path:
    job = write_predict_job(root.parent / "predicted", root, trained)
    assert run("predict", job) == 0, log_of(job)
    return job


def test_content_is_what_the_network_says(root: Path, trained: Path, predicted: Path) -> None:
    import timm
    import torch
    from safetensors.torch import load_file

    table = read_dataset(root, DATA, LABELS)["test"]
    network = timm.create_model("test_efficientnet", num_classes=len(LABELS), in_chans=1).eval()
    network.load_state_dict(load_file(finished_weights(trained)))
    squares = [read_square(root / path, TINY.image_size, "stretch") for path in table.path]
    pixels = np.stack([square.pixels for square in squares])
    mean = float(np.mean(network.pretrained_cfg["mean"]))
    std = float(np.mean(network.pretrained_cfg["std"]))
    with torch.inference_mode():
        images = torch.from_numpy(pixels / 255).float().unsqueeze(1)
        expected = network((images - mean) / std).sigmoid().numpy()

    told = {event["split"]: event for event in events_of(predicted, "predictions")}
    assert list(told) == ["val", "dev", "test"]
    event = told["test"]
    found = read_predictions(attempts(predicted)[0] / event["path"], event["sha256"])
    assert (found.split, found.labels) == ("test", LABELS)
    assert found.image.tolist() == table.image.tolist()
    assert found.view.tolist() == table.view.tolist()
    np.testing.assert_allclose(found.probabilities, expected, atol=2e-6)
    values = average_precision(found.probabilities, table.targets)
    for label, value in zip(LABELS, values, strict=True):
        assert event["label_ap"][label] == (None if np.isnan(value) else value)


def test_finished_names_every_file(predicted: Path) -> None:
    (finished,) = events_of(predicted, "finished")
    assert finished["weights"] is None
    for artifact in finished["artifacts"]:
        path = attempts(predicted)[0] / artifact["path"]
        assert (path.stat().st_size, sha256_file(path)) == (artifact["bytes"], artifact["sha256"])


def test_killed_between_any_two_writes_ends_with_the_same_bytes(
    root: Path, trained: Path, predicted: Path, tmp_path: Path
) -> None:
    job = write_predict_job(tmp_path / "job", root, trained)
    for name in FAILPOINTS:
        if name.startswith("predict."):
            assert run("predict", job, failpoint=name) == -signal.SIGKILL, (name, log_of(job))
    assert run("predict", job) == 0
    last, first = attempts(job)[-1], attempts(predicted)[0]
    for split in ("val", "dev", "test"):
        name = f"predictions/{split}.parquet"
        assert (last / name).read_bytes() == (first / name).read_bytes()


def test_damaged_weights_are_bad_input(root: Path, tmp_path: Path) -> None:
    trained = write_train_job(tmp_path / "train", root, epochs=1)
    assert run("train", trained) == 0
    with finished_weights(trained).open("ab") as file:
        file.write(b"!")
    job = write_predict_job(tmp_path / "predict", root, trained)
    assert run("predict", job) == 78
    assert "not as it was written" in log_of(job)


def test_weights_of_another_architecture_are_bad_input(
    root: Path, trained: Path, tmp_path: Path
) -> None:
    job = write_predict_job(tmp_path / "predict", root, trained, architecture="test_resnet")
    assert run("predict", job) == 78
    assert "does not fit" in log_of(job)
    assert len(log_of(job).splitlines()) == 1
