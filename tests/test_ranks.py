"""Several processes that train one model: on the CPU, where gloo stands in for NCCL."""

import os
import signal
import sys
import uuid
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import pytest
from attempts import (
    CALM,
    EAGER,
    SERVER,
    become_program,
    events_of,
    log_of,
    next_attempt,
    run,
    start,
    wait_for,
    write_data,
    write_train_job,
)

from jobs.checkpoints import finished_weights
from jobs.durable import sha256_file
from jobs.errors import InputError
from jobs.processes import ATTEMPT_VARIABLE, processes_of
from jobs.recipe.schema import Augmentation, RunSettings

torch = pytest.importorskip("torch")

TWO = EAGER.model_copy(update={"gpus": 2})
PLAIN = Augmentation(flip=0, rotate=0, scale=1, brightness=0, contrast=0)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_data(tmp_path_factory.mktemp("ranks"))


def together(folder: Path, target: Callable[..., None], *given: object) -> list[int]:
    """Run `target(number, meeting, *given)` in two processes that meet; their exit codes."""
    meeting = folder / f"meeting-{uuid.uuid4().hex}"
    both = [SERVER.Process(target=target, args=(n, meeting, *given)) for n in (0, 1)]
    for process in both:
        process.start()
    for process in both:
        process.join(120)
    return [process.exitcode if process.exitcode is not None else 999 for process in both]


def train_together(job: Path) -> None:
    attempt = next_attempt(job)
    assert together(attempt, _train, attempt) == [0, 0], log_of(job)


def other_ranks_of(mark: str) -> list[int]:
    """Pids of the ranks of an attempt but rank 0."""
    found = []
    for pid in processes_of(mark):
        with suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            if b"\0jobs.programs.rank\0" in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(pid)
    return found


def _train(number: int, meeting: Path, attempt: Path) -> None:
    from jobs.programs import rank
    from jobs.programs.attempt import open_splits, read_attempt_job
    from jobs.programs.endings import Stop
    from jobs.programs.loop import lead_job
    from jobs.programs.network import choose_device
    from jobs.programs.ranks import join_ranks
    from jobs.spec import TrainJob

    become_program(attempt)
    if number:
        rank.follow(attempt, number, 2, meeting)
        return
    job = read_attempt_job(attempt, TrainJob)
    splits = open_splits(job, attempt)
    precision = choose_device(job.run, 0, 2)
    ranks = join_ranks(0, 2, precision.device, meeting)
    lead_job(job, attempt, splits["train"], splits["val"], Stop(), precision, ranks)


def test_two_ranks_train_as_one(root: Path, tmp_path: Path) -> None:
    """Where nothing is drawn for an image and each is normalised by itself."""
    how: dict[str, Any] = {"architecture": "test_efficientnet_gn", "drop_rate": 0.0}
    how |= {"augmentation": PLAIN, "batch_size": 7}
    jobs = [write_train_job(tmp_path / name, root, CALM, **how) for name in ("one", "two")]
    assert run("train", jobs[0]) == 0
    train_together(jobs[1])
    one, two = (events_of(job, "epoch") for job in jobs)
    assert len(one) == len(two) == 2
    for alone, shared in zip(one, two, strict=True):
        assert shared["step"] == alone["step"]
        for value in ("train_loss", "val_loss", "val_map"):
            assert shared[value] == pytest.approx(alone[value], rel=1e-4)


def test_stopped_or_broken_off_ends_bit_equal(root: Path, tmp_path: Path) -> None:
    """Batch norm, dropout and augmentation included."""
    unbroken = write_train_job(tmp_path / "unbroken", root, TWO)
    train_together(unbroken)
    job, mark = write_train_job(tmp_path / "job", root, TWO), uuid.uuid4().hex
    environment = {"CXRTUI_RANKS": "2", ATTEMPT_VARIABLE: mark}

    first = start("train", next_attempt(job), environment=environment)
    wait_for(lambda: len(other_ranks_of(mark)) == 1)  # rank 0 has begun, and hears
    os.kill(first.pid, signal.SIGTERM)
    first.join(120)
    assert first.exitcode == 75, log_of(job)
    assert [event["step"] for event in events_of(job, "checkpoint")] == [1]
    assert processes_of(mark) == []

    second = start("train", next_attempt(job), environment=environment)
    wait_for(lambda: len(events_of(job, "checkpoint")) > 2)
    (other,) = other_ranks_of(mark)
    os.kill(other, signal.SIGKILL)
    second.join(60)
    assert second.exitcode == -signal.SIGKILL
    assert log_of(job) == "rank 1 was killed by signal 9\n"

    assert run("train", job, environment=environment) == 0, log_of(job)
    assert processes_of(mark) == []
    assert events_of(job, "started")[-1]["device"] == "2 x cpu"
    assert sha256_file(finished_weights(job)) == sha256_file(finished_weights(unbroken))
    newest = {event["epoch"]: event for event in events_of(job, "epoch")}
    assert list(newest.values()) == events_of(unbroken, "epoch")


def test_what_ranks_do_together(tmp_path: Path) -> None:
    assert together(tmp_path, _meet) == [0, 0]


def _meet(number: int, meeting: Path) -> None:
    from jobs.programs import ranks as module
    from jobs.programs.ranks import join_ranks

    module.VERDICT_SECONDS = 0.0  # type: ignore[misc]
    module.BUCKET_BYTES = 20  # type: ignore[misc]
    ranks = join_ranks(number, 2, torch.device("cpu"), meeting)
    mine = [torch.full((size,), number + size / 10) for size in (3, 2, 8, 1)]
    mine.append(torch.arange(8.0).reshape(1, 2, 2, 2).to(memory_format=torch.channels_last))
    ranks.add_up(mine)
    for size, total in zip((3, 2, 8, 1), mine, strict=False):
        torch.testing.assert_close(total, torch.full((size,), 1 + size / 5))
    torch.testing.assert_close(mine[-1], 2 * torch.arange(8.0).reshape(1, 2, 2, 2))

    own = [torch.tensor([7.0, number]), torch.tensor(5.0 + number)]
    ranks.take_leaders(own)
    assert [one.tolist() for one in own] == [[7, 0], 5]

    torch.manual_seed(0)
    network = torch.nn.Linear(3, 2)
    ranks.check_same(network, 4)
    if number:
        network.bias.data.view(torch.int32)[1] += 1
    seen = ""
    try:
        ranks.check_same(network, 5)
    except RuntimeError as error:
        seen = str(error)
    assert seen == ("rank 1 has not the weights of rank 0 at step 5" if number else "")


def test_shares_cover_the_batch() -> None:
    from jobs.programs.ranks import ALONE, Ranks

    assert Ranks(0, 2).place == ALONE.place
    for size in range(20):
        for count in range(1, 6):
            shares = [Ranks(number, count).share(size) for number in range(count)]
            assert [row for part in shares for row in range(size)[part]] == list(range(size))
            assert len({Ranks(number, count).place for number in range(count)}) == count
            sizes = [part.stop - part.start for part in shares]
            assert sizes == sorted(sizes, reverse=True)
            assert sizes[0] - sizes[-1] <= 1


def test_ranks_are_the_gpus_in_sight(monkeypatch: pytest.MonkeyPatch) -> None:
    from jobs.programs.ranks import count_ranks

    def seen(gpus: int) -> Callable[[], int]:
        return lambda: gpus

    four = RunSettings(gpus=4)
    for gpus, expected in ((0, 1), (1, 1), (3, 3), (8, 4)):
        monkeypatch.setattr(torch.cuda, "device_count", seen(gpus))
        assert count_ranks(four, 8) == expected
        assert count_ranks(RunSettings(), 1) == 1
    with pytest.raises(InputError, match="a batch of 7 images is too small for 4 GPUs"):
        count_ranks(four, 7)


OUT_OF_MEMORY = """
from jobs.programs.endings import leave, run_program
def eat(argv, stop):
    raise MemoryError("CUDA out of memory")
leave(run_program(eat, []))
"""
DUTIFUL = """
import sys
from pathlib import Path
from jobs.programs.endings import die_with
from jobs.programs.rank_processes import await_end
die_with(int(sys.argv[2]))
Path(sys.argv[1], "ready").touch()
await_end()
"""


def lead(folder: Path, mark: str, *codes: str) -> ForkServerProcess:
    """Start a process that has a rank for each of `codes`, until there is a file `enough`."""
    process = SERVER.Process(target=_lead, args=(folder, mark, codes))
    process.start()
    return process


def _lead(folder: Path, mark: str, codes: tuple[str, ...]) -> None:
    from jobs.programs.rank_processes import other_ranks

    become_program(folder, **{ATTEMPT_VARIABLE: mark})
    lines = [[sys.executable, "-c", code, str(folder)] for code in codes]
    with other_ranks(lines, os.memfd_create("meeting")):
        wait_for((folder / "enough").exists)


def test_a_rank_out_of_memory_ends_the_attempt(tmp_path: Path) -> None:
    mark = uuid.uuid4().hex
    process = lead(tmp_path, mark, DUTIFUL, OUT_OF_MEMORY)
    process.join(60)
    assert process.exitcode == 76
    assert (tmp_path / "log.txt").read_text() == "CUDA out of memory\n"
    wait_for(lambda: processes_of(mark) == [])


@pytest.mark.parametrize("killed", [False, True])
def test_no_rank_outlives_rank_0(tmp_path: Path, killed: bool) -> None:
    mark = uuid.uuid4().hex
    process = lead(tmp_path, mark, DUTIFUL)
    wait_for((tmp_path / "ready").exists)
    assert len(processes_of(mark)) == 1
    if killed:
        process.kill()
    else:
        (tmp_path / "enough").touch()
    process.join(60)
    assert process.exitcode == (-signal.SIGKILL if killed else 0)
    wait_for(lambda: processes_of(mark) == [])
