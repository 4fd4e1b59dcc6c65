"""The program that packs, in real processes."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from attempts import events_of, next_attempt, write_data, write_pack_job

from jobs.checkpoints import attempts
from jobs.data.pixels import chunks
from jobs.data.pixels.pack import open_pack, verify_pack
from jobs.durable import sha256_file
from jobs.programs import pack

IMAGES = 112


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_data(tmp_path_factory.mktemp("pack"))


def run(job: Path, failpoint: str = "") -> int:
    """Run the job's next attempt in a process of its own; torch may not come into it."""
    line = (
        "import sys; from jobs.programs.pack import main; code = main(sys.argv[1:]);"
        "assert 'torch' not in sys.modules; sys.exit(code)"
    )
    environment = {**os.environ, "CXRTUI_FAILPOINT": f"{failpoint}@{job}"}
    command = [sys.executable, "-c", line, str(job / "job.json")]
    return subprocess.run(command, env=environment, check=False).returncode


def test_it_tells_all_and_needs_no_torch(root: Path, tmp_path: Path) -> None:
    job = write_pack_job(tmp_path / "job", root)
    assert run(job) == 0
    whole = root.parent / "pack/pixels.npy"
    assert (job / "pixels/pixels.npy").read_bytes() == whole.read_bytes()
    (started,) = events_of(job, "started")
    assert (started["steps"], started["step"], started["samples"]) == (IMAGES, 0, IMAGES)
    last = events_of(job, "step")[-1]
    assert (last["step"], last["epoch"]) == (IMAGES, 1)
    assert last["images_per_second"] > 0
    assert "loss" not in last
    (finished,) = events_of(job, "finished")
    (artifact,) = finished["artifacts"]
    assert sha256_file(attempts(job)[0] / artifact["path"]) == artifact["sha256"]
    assert artifact["sha256"] == sha256_file(job / "pixels/pack.json")


def test_killed_it_goes_on_from_what_is_on_the_disk(root: Path, tmp_path: Path) -> None:
    job = write_pack_job(tmp_path / "job", root)
    for name in ("pixels.chunk-recorded", "pixels.published"):
        assert run(job, failpoint=name) == -signal.SIGKILL
    assert pack.main([str(next_attempt(job))]) == 0
    assert [event["step"] for event in events_of(job, "started")] == [0, IMAGES, IMAGES]
    assert verify_pack(job / "pixels").size == 32


def test_a_smaller_pack_from_a_master(root: Path, tmp_path: Path) -> None:
    master = str(root.parent / "pack")
    job = write_pack_job(tmp_path / "job", root, master=master, size=16, data_root="/nowhere")
    assert pack.main([str(next_attempt(job))]) == 0
    assert open_pack(job / "pixels").pixels.shape == (IMAGES, 16, 16)


def test_what_is_wrong_is_told_in_one_line(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    job = write_pack_job(tmp_path / "job", root, data_root=str(tmp_path))
    assert pack.main([str(next_attempt(job))]) == 78
    assert f"lists {IMAGES} of {IMAGES} images" in capsys.readouterr().err
    usage = shutil.disk_usage(tmp_path)._replace(free=10**5)
    monkeypatch.setattr(chunks.shutil, "disk_usage", lambda path: usage)
    full = write_pack_job(tmp_path / "full", root)
    assert pack.main([str(next_attempt(full))]) == 79
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_term_stops_it_and_the_next_attempt_ends_it(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = pack.Teller.__call__

    def asked_meanwhile(self: pack.Teller, done: int, total: int) -> None:
        original(self, done, total)
        if done == 5:
            os.kill(os.getpid(), signal.SIGTERM)

    job = write_pack_job(tmp_path / "job", root)
    monkeypatch.setattr(pack.Teller, "__call__", asked_meanwhile)
    assert pack.main([str(next_attempt(job))]) == 75
    assert not events_of(job, "finished")
    monkeypatch.undo()
    assert pack.main([str(next_attempt(job))]) == 0
    made = (job / "pixels/pixels.npy").read_bytes()
    assert made == (root.parent / "pack/pixels.npy").read_bytes()
