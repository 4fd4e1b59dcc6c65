import os
from pathlib import Path

import pytest

from jobs.errors import InputError
from jobs.gpus import Gpu, GpuProcess
from jobs.queue.slots import Slot, all_slots, count_slots, resource_of
from jobs.workspace import read_settings

CORES = len(os.sched_getaffinity(0))


def gpu(index: int, *pids: int, fault: str = "") -> Gpu:
    processes = tuple(GpuProcess(pid, "1003", 39 * 10**9) for pid in pids)
    uuid = f"GPU-test-{os.getpid()}-{index}"
    return Gpu(index, uuid, "fake", 0, 80 << 30, processes, fault=fault)


PACKING = Slot("cores", CORES, resource="pack")


def test_without_a_gpu_there_is_a_slot_for_each_core() -> None:
    assert all_slots([], None) == [*(Slot(f"cpu:{number}", 1) for number in range(CORES)), PACKING]


def test_fewer_slots_have_more_threads() -> None:
    assert all_slots([], 1) == [Slot("cpu:0", CORES), PACKING]


def test_packs_have_a_slot_of_their_own_beside_the_gpus() -> None:
    assert count_slots([gpu(0), gpu(1)], None) == {"network": 2, "pack": 1}
    assert [resource_of(kind) for kind in ("pack", "train", "predict")] == [
        "pack", "network", "network",
    ]  # fmt: skip


def test_a_program_sees_only_the_gpu_of_its_slot() -> None:
    first, second, _ = all_slots([gpu(0), gpu(1)], None)
    assert first.environment()["CUDA_VISIBLE_DEVICES"] == gpu(0).uuid
    assert second.name == f"gpu:{gpu(1).uuid}"
    assert all_slots([], 1)[0].environment()["CUDA_VISIBLE_DEVICES"] == ""


def test_a_gpu_is_taken_once_on_the_whole_machine() -> None:
    slot = all_slots([gpu(0)], None)[0]
    locks = slot.take()
    assert locks is not None
    other = all_slots([gpu(0)], None)[0]
    assert other.take() is None
    assert other.obstacle() == "GPU 0 is used by another workspace"
    os.close(locks[0])
    gpu(0).lock.unlink()


def test_a_gpu_with_a_process_of_others_is_not_free() -> None:
    slot = all_slots([gpu(2, 4711)], None)[0]
    assert slot.take() is None
    assert slot.obstacle() == "GPU 2 is used by pid 4711 of user 1003, 39 GB"


def test_a_gpu_that_failed_is_set_aside() -> None:
    slot = all_slots([gpu(1, fault="GPU is lost")], None)[0]
    assert slot.take() is None
    assert slot.obstacle() == "GPU 1 has failed (GPU is lost)"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("recipe = 3", "recipe: found 3"),
        ('recipe = "demo"\ncpu_slots = 0', "cpu_slots: found 0"),
        ('recipe = "demo"\ncpu_slots = true', "cpu_slots: found True"),
        ('recipe = "demo"\ncolour = "red"', "unknown field 'colour'"),
        ('data = "x"', "no field 'recipe'"),
        ('recipe = "demo"\nbackend = "cloud"', "backend: found 'cloud'"),
        ("recipe = demo", "line 1"),
    ],
)
def test_what_is_wrong_in_workspace_toml_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "workspace.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=said):
        read_settings(path)
