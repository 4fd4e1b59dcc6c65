import os
from pathlib import Path

import pytest

from jobs.errors import InputError
from jobs.gpus import Gpu, GpuProcess
from jobs.queue.slots import Place, Slot, all_slots, count_slots, resource_of, slots_of, take
from jobs.workspace import read_settings

CORES = len(os.sched_getaffinity(0))


def gpu(index: int, *pids: int, fault: str = "", used: int = 0) -> Gpu:
    processes = tuple(GpuProcess(pid, "1003", 39 * 10**9) for pid in pids)
    uuid = f"GPU-test-{os.getpid()}-{index}"
    return Gpu(index, uuid, "fake", used, 80 << 30, processes, fault=fault)


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


def test_a_program_sees_only_the_gpus_of_its_place() -> None:
    first, second, _ = all_slots([gpu(0), gpu(1)], None)
    assert Place((first,)).environment()["CUDA_VISIBLE_DEVICES"] == gpu(0).uuid
    both = Place((first, second))
    assert both.environment()["CUDA_VISIBLE_DEVICES"] == f"{gpu(0).uuid},{gpu(1).uuid}"
    assert slots_of(both.name) == [first.name, second.name]
    assert Place((all_slots([], 1)[0],)).environment()["CUDA_VISIBLE_DEVICES"] == ""


def test_a_gpu_is_taken_once_on_the_whole_machine() -> None:
    slots = all_slots([gpu(0), gpu(1)], None)[:2]
    had = take(slots[:1], 1)
    assert had is not None
    assert take(slots, 2) is None
    other = take(slots, 1)
    assert other is not None
    assert other[0].gpus == (gpu(1),)
    for descriptor in (*had[1], *other[1]):
        os.close(descriptor)
    both = take(slots, 2)
    assert both is not None
    for descriptor in both[1]:
        os.close(descriptor)
    for slot in slots:
        slot.gpu.lock.unlink()


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (gpu(2, 4711), "GPU 2 is used by pid 4711 of user 1003, 39 GB"),
        (gpu(1, fault="GPU is lost"), "GPU 1 is set aside (GPU is lost)"),
        (gpu(0, used=39 * 10**9), "GPU 0 holds 39 GB that no process in sight owns"),
    ],
)
def test_a_gpu_that_is_not_free_is_left_alone(found: Gpu, said: str) -> None:
    slot = all_slots([found], None)[0]
    assert take([slot], 1) is None
    assert slot.obstacle() == said


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
