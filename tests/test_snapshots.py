"""Pictures of every screen at three sizes, from one fixed workspace: any change of a look is seen.

`pytest tests/test_snapshots.py --snapshot-update` takes them anew. Look at each before you keep it.
"""

import json
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import pytest
from dashboard_workspace import PHANTOM, Fixture, busy_workspace
from driven import dashboard
from finished_workspace import changed_rows
from PIL import Image
from pilots import screen_text, until
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from cxrtui.screens.app import Dashboard
from jobs.data.phantom.draw import draw_image
from jobs.gpus import TEST_VARIABLE, Gpu, GpuProcess
from jobs.queue.ensure import SupervisorInfo
from jobs.workspace import Workspace, open_workspace

BEGAN = 1e9  # the supervisor, and the first job
NOW = BEGAN + 4.2 * 3600
SIZES = ["80x24", "120x40", "200x60"]
HOME = "/home/mariacurie"  # as long as the real one, so that a line is cut at the same place
OWN_PROCESSES = {4711: "model2-train-2", 4712: "model7-train-1"}  # pids, and ids of attempts
GIB = 1 << 30
SIDE = 128  # pixels of an image
# What the template has and a kept picture does not need: fonts to fetch, a clip for each line.
FONTS = re.compile(r"\s*@font-face \{.*?\}\n", re.DOTALL)
CLIPS = re.compile(
    r'\s*<clipPath id="terminal-line-\d+">.*?</clipPath>| clip-path="url\(#terminal-line-\d+\)"',
    re.DOTALL,
)


class Svg(SingleFileSnapshotExtension):
    """A picture a file."""

    file_extension = "svg"
    _write_mode = WriteMode.TEXT


@dataclass(frozen=True)
class Sight:
    """What is looked at: the keys that lead there, and words that are on the whole of it."""

    name: str
    keys: tuple[str, ...]
    words: tuple[str, ...]


SIGHTS = [
    Sight("run", ("j", "space", "j"), ("Val mAP  ━ model2", "Log  model2 train", "epochs")),
    Sight("queue", ("2", *"jjjjjj"), ("20 jobs", "model6")),
    Sight("results", ("3",), ("Over the column before",)),
    Sight("ensemble", ("4",), ("within noise", "tail 0.")),
    Sight("images", ("i",), ("patient", "▀▀▀▀", "model0 on dev")),
    Sight("help", ("question_mark",), ("Everywhere", "Images")),
]


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A home folder with the workspace and the images of its development split."""
    home = Path(tempfile.mkdtemp(prefix="cx-", dir="/tmp"))
    made = busy_workspace(home / "cxr")
    _draw_images(made)
    with changed_rows(home / "cxr") as connection:  # so that durations are those of a life
        connection.execute(f"UPDATE job SET queued = {BEGAN}")
        connection.execute(f"UPDATE attempt SET started = {BEGAN} + 600 * id")
        connection.execute("UPDATE attempt SET ended = started + 540 WHERE ended IS NOT NULL")
    yield home
    shutil.rmtree(home)


def _draw_images(made: Fixture) -> None:
    table, settings = made.tables["dev"], PHANTOM.model_copy(update={"size": SIDE})
    for row, path in enumerate(table.path):
        file = made.workspace.paths.root / "data" / str(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        lateral = str(table.view[row]) not in ("AP", "PA")
        pixels = draw_image(settings, "dev", row, lateral, table.targets[row])
        Image.fromarray(pixels).save(file, quality=90)


@pytest.fixture
def workspace(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """The workspace at one moment, on a machine with four GPUs."""
    told = tmp_path / "gpus.json"
    told.write_text(json.dumps({"gpus": [asdict(gpu) for gpu in _gpus()], "trouble": ""}))
    supervisor = SupervisorInfo(4710, "here", BEGAN)
    with monkeypatch.context() as patched:
        patched.setattr(time, "time", lambda: NOW)
        patched.setattr("cxrtui.screens.feed.feed.supervisor_info", lambda paths: supervisor)
        patched.setattr(
            "cxrtui.screens.gpus.watch.attempt_of", lambda pid: OWN_PROCESSES.get(pid, "")
        )
        patched.setenv(TEST_VARIABLE, str(told))
        patched.setenv("HOME", str(home))
        patched.setenv("TZ", "UTC")
        patched.delenv("CUDA_VISIBLE_DEVICES", raising=False)
        time.tzset()
        yield open_workspace(home / "cxr")
    time.tzset()


def _gpus() -> list[Gpu]:
    name = "NVIDIA H100 80GB HBM3"
    first, second = (GpuProcess(pid, "", 61 * GIB) for pid in OWN_PROCESSES)
    other = GpuProcess(4242, "mayer", 39 * GIB)
    used = ((61, 97, (first,)), (58, 95, (second,)), (0, 0, ()), (39, 64, (other,)))
    return [
        Gpu(place, f"GPU-{place}", name, gib * GIB, 80 * GIB, who, busy, 40 + busy // 3, 320.0)
        for place, (gib, busy, who) in enumerate(used)
    ]


@pytest.mark.parametrize("size", SIZES)
async def test_all_screens_look_as_they_did(
    workspace: Workspace, size: str, snapshot: SnapshotAssertion
) -> None:
    width, height = map(int, size.split("x"))
    app = dashboard(workspace)
    changed = []
    async with app.run_test(size=(width, height)) as pilot:
        await until(lambda: app.known.overview and app.known.machine and app.known.end)
        for sight in SIGHTS:
            await pilot.press(*sight.keys)
            await until(partial(_is_whole, app, sight))
            await pilot.pause()
            picture = _normal(app.export_screenshot(title="cxrtui"), workspace)
            if picture != snapshot(name=sight.name, extension_class=Svg):
                changed.append(sight.name)
    assert not changed, "look at them, then keep them by --snapshot-update"


def _is_whole(app: Dashboard, sight: Sight) -> bool:
    shown = screen_text(app)
    return all(word in shown for word in sight.words)


def _normal(picture: str, workspace: Workspace) -> str:
    """Without what differs from run to run: the home folder, and the names that hang on it."""
    home = str(workspace.paths.root.parent)
    assert len(home) == len(HOME)
    named = re.sub(r"terminal-\d+", "terminal", picture.replace(home, HOME))
    return CLIPS.sub("", FONTS.sub("", named))
