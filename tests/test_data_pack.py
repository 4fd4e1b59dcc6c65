"""`cxrtui data pack` as a person runs it."""

import json
import shutil
from pathlib import Path

import pytest
from conftest import FAKE_PROGRAM, Command

MASTER = '\n[data.pixels]\nresize = "pad"\nmaster = 48\n'


@pytest.fixture
def named(recipe: Path, data_folder: Path) -> tuple[str, ...]:
    """The options that name a recipe with a master, and its data."""
    recipe.write_text(recipe.read_text() + MASTER)
    return ("--recipe", str(recipe), "--data", str(data_folder))


def test_packs_are_planned_made_verified_and_made_again(
    cxrtui: Command, named: tuple[str, ...], workspace: Path
) -> None:
    planned = json.loads(cxrtui("data", "pack", *named, "--dry-run", "--json").stdout)
    assert [(one["size"], one["from"], one["is_there"]) for one in planned] == [
        (48, None, False),
        (32, 48, False),
    ]
    assert planned[0]["bytes"] > planned[0]["images"] * 48 * 48
    assert not workspace.exists()

    told = cxrtui("data", "pack", *named).stdout
    assert "48px pack succeeded" in told
    assert "from" in told.splitlines()[0]
    pixels = {one["size"]: Path(one["folder"]) / "pixels.npy" for one in planned}
    whole = pixels[32].read_bytes()
    pixels[32].write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    damaged = cxrtui("data", "pack", "--verify", check=False)
    assert damaged.returncode == 2
    assert damaged.stderr.count("as they were written") == 1
    assert "is not as it was written" in damaged.stderr

    shutil.rmtree(pixels[32].parent)
    plan = json.loads(cxrtui("run-all", "--dry-run", "--json").stdout)
    assert [line["runs"] for line in plan if line["kind"] == "pack"] == [False, True]
    cxrtui("data", "pack")
    assert pixels[32].read_bytes() == whole


def test_unreadable_images_are_told_refused_and_can_be_left_out(
    cxrtui: Command, named: tuple[str, ...], data_folder: Path, workspace: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    shutil.copytree(data_folder, folder)
    images = sorted(str(path.relative_to(folder)) for path in folder.glob("files/**/*.jpg"))
    (folder / images[0]).write_bytes((folder / images[0]).read_bytes()[:700])
    (folder / images[-1]).unlink()
    done = cxrtui("run-all", *named[:2], "--data", str(folder), check=False)
    assert done.returncode == 1
    assert "48px pack succeeded" in done.stdout
    assert "2 of 114 images cannot be read" in done.stdout
    assert "cannot be read, as 1 of" in done.stdout
    (listed,) = workspace.glob("cache/pixels/48px-*/unreadable.txt")
    assert [line.split("\t")[0] for line in listed.read_text().splitlines()] == [
        images[0], images[-1],
    ]  # fmt: skip

    shutil.copy(listed, folder / "without.txt")
    recipe = Path(named[1])
    recipe.write_text(recipe.read_text().replace("[data]", '[data]\nexclude = "without.txt"'))
    cxrtui("supervisor", "stop")
    told = cxrtui("run-all", "--json", CXRTUI_TEST_PROGRAM=str(FAKE_PROGRAM)).stdout
    plan = json.loads(told)["plan"]
    assert [line["runs"] for line in plan] == [False, False, True, True]


def test_a_size_that_no_model_has_is_one_line(cxrtui: Command, named: tuple[str, ...]) -> None:
    done = cxrtui("data", "pack", *named, "--size", "33", check=False)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "choose from 32" in done.stderr
