"""The Images screen on a real workspace, and the files that it reads."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from dashboard_workspace import Fixture, busy_workspace
from images_app import LABEL, Shown, data_folder, settled
from PIL import Image
from pilots import screen_text, until
from results_app import NAME
from textual.containers import VerticalScroll

from cxrtui.chart.glyphs import ASCII
from cxrtui.screens.app import Dashboard
from cxrtui.screens.help_screen import HelpScreen
from cxrtui.screens.images import screen as images_screen
from cxrtui.screens.images.screen import ImagesScreen, Question
from cxrtui.screens.images.work import MemberScores, ScoresRead, load_scores
from cxrtui.screens.results.label_screen import LabelScreen
from cxrtui.screens.status_line import StatusLine
from jobs.data.pixels.packing import build_pack
from jobs.loading import RecipeHoldings
from jobs.pictures import pack_folders
from jobs.recipe.schema import PixelSettings

STEP = 3  # half of what lies between two of the 64 grays that are drawn, and one for rounding
SIDE = 420  # pixels; ten for each of the picture's at 80x24


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Fixture:
    """Two models have predicted dev and test, whose images are there."""
    fixture = busy_workspace(tmp_path_factory.mktemp("busy") / "w")
    noise, images = np.random.default_rng(0), []
    for _ in range(37):
        images.append(BytesIO())
        Image.fromarray(noise.integers(60, 180, (24, 20), np.uint8)).save(images[-1], "PNG")
    for split in ("dev", "test"):
        for number, path in enumerate(fixture.tables[split].path):
            file = data_folder(fixture.workspace) / str(path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(images[number % len(images)].getvalue())
    return fixture


def slow_cases(scores: MemberScores, label: str, kind: str) -> list[tuple[str, str]]:
    """Scores and patients of the first hundred, by Python's own sort."""
    place = scores.table.labels.index(label)
    wanted = kind != "false positives"
    rows = [row for row in range(len(scores.table)) if scores.table.targets[row, place] == wanted]
    rows.sort(key=lambda row: scores.scores[row, place], reverse=kind != "missed")
    shown = rows[:100]
    return [(f"{scores.scores[row, place]:.3f}", scores.table.patient[row]) for row in shown]


async def test_the_cases_of_every_kind_are_the_right_ones(made: Fixture) -> None:
    app = Shown(made.workspace)
    async with app.run_test(size=(80, 24)) as pilot:
        for kind in ("false positives", "true positives", "missed", "false positives"):
            await settled(pilot, app)
            words = [line.split() for line in app.lines]
            told = [(word[1], word[-1]) for word in words]
            assert told == slow_cases(app.scores, LABEL, kind)
            assert [word[0] for word in words] == [str(rank + 1) for rank in range(len(words))]
            assert kind in str(app.cases.border_subtitle)
            await pilot.press("f")


async def test_the_scores_of_the_image_are_all_there(made: Fixture) -> None:
    app = Shown(made.workspace)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot, app)
        await pilot.press("j", "j")
        await settled(pilot, app)
        row, table = app.cases.row, app.scores.table
        assert str(table.image[row])[:16] in app.named()
        values = dict(zip(table.labels, app.scores.scores[row], strict=True))
        is_true = dict(zip(table.labels, table.targets[row], strict=True))
        others = sorted((name for name in values if name != LABEL), key=lambda name: -values[name])
        for line, name in zip(app.said, [LABEL, *others], strict=True):
            assert name in line
            assert line.startswith("✓") == is_true[name]
            assert line.endswith(f"{values[name]:.3f}")


async def test_cells_hold_the_mean_brightness_of_the_image(made: Fixture) -> None:
    app = Shown(made.workspace)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot, app)
        ramp = np.add.outer(np.arange(SIDE), np.arange(SIDE)) // 8 % 200 + 20
        image = np.random.default_rng(1).normal(ramp, 20).clip(0, 255).astype(np.uint8)
        app.picture.show(image)
        app.picture.turn_contrast()
        shown = app.pixels()
        assert shown.shape == (42, 42)
        box = image.reshape(42, 10, 42, 10).mean(axis=(1, 3))
        assert np.abs(shown - box).max() <= STEP
        app.picture.turn_contrast()
        low, high = np.percentile(image, [0.5, 99.5])
        wide = (np.clip(image, low, high) - low) * 255 / (high - low)
        box = wide.reshape(42, 10, 42, 10).mean(axis=(1, 3))
        assert np.abs(app.pixels() - box).max() <= STEP
        app.picture.show(np.full((30, 30), 77, np.uint8))
        assert set(app.pixels().ravel().tolist()) == {77}


async def test_the_picture_keeps_its_shape_at_every_size(made: Fixture) -> None:
    app = Shown(made.workspace)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot, app)
        for size, beside in (((80, 24), False), ((120, 40), False), ((200, 60), True)):
            await pilot.resize_terminal(*size)
            await until(lambda size=size: app.screen.size == size)  # type: ignore[misc]
            await pilot.pause()
            assert app.images.has_class("-beside") == beside
            (height, width), room = app.pixels().shape, app.picture.size
            assert height >= 2 * (room.height - 1) or width >= room.width - 1
            assert abs(height / width - 24 / 20) < 0.06
            scores = app.images.query_one("#scores").region
            assert (scores.x > app.picture.region.x) == beside
            assert max(map(len, app.lines)) <= app.cases.size.width
            assert screen_text(app).count(app.said[0].strip()) == 1


async def test_every_key(made: Fixture) -> None:
    app = Shown(made.workspace)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot, app)
        order = app.scores.order
        place = order.index(LABEL)
        for keys, by in ((("right", "l", "right_square_bracket"), 1),
                         (("left", "h", "left_square_bracket"), -1)):  # fmt: skip
            for key in keys:
                await pilot.press(key)
                place += by
                assert app.images.asked.label == order[place]
        await pilot.press("left")
        await settled(pilot, app)
        assert [line.split()[1] for line in app.lines] == [
            score for score, _ in slow_cases(app.scores, order[place - 1], "false positives")
        ]
        for key, at in (("j", 1), ("down", 2), ("k", 1), ("up", 0)):
            await pilot.press(key)
            assert app.cases.highlighted == at
        box = app.images.query_one("#scores", VerticalScroll)
        await pilot.press("space")
        assert box.scroll_y > 0
        for _ in range(3):
            await pilot.press("space")
        assert box.scroll_y == 0
        before = app.pixels()
        await pilot.press("c")
        assert (app.pixels() != before).any()
        for member in ("model4", "model6"):
            await pilot.press("m")
            await settled(pilot, app)
            assert app.scores.member == member
        await pilot.press("t")
        await settled(pilot, app)
        assert app.scores.split == "dev"
        assert "model6 on dev" in screen_text(app)
        await pilot.press("escape")
        assert app.screen is not app.images


async def test_a_key_held_down_ends_at_the_image_of_its_case(made: Fixture) -> None:
    app = Shown(made.workspace)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot, app)
        await pilot.press(*["j"] * 7)
        assert app.cases.highlighted == 7
        await settled(pilot, app)
        for part in (app.images, app.picture):
            part._tell_to_wait()  # as by timers that were heard too late
        await pilot.press("c")
        file = data_folder(made.workspace) / str(app.scores.table.path[app.cases.row])
        pixels = Image.fromarray(np.asarray(Image.open(file)))
        height, width = app.pixels().shape
        wanted = np.asarray(pixels.resize((width, height), Image.Resampling.BICUBIC), np.int64)
        assert np.abs(app.pixels() - wanted).max() <= STEP


async def test_images_that_are_gone_come_from_the_pack(tmp_path: Path) -> None:
    fixture = busy_workspace(tmp_path / "w")
    workspace, table = fixture.workspace, fixture.tables["test"]
    holdings = RecipeHoldings(workspace, NAME)
    folders = pack_folders(workspace, holdings.models.values())
    sizes = [int(folder.name.partition("px")[0]) for folder in folders]
    assert sizes == sorted(sizes, reverse=True)
    scores = load_scores(workspace, NAME, "test", "model3")
    values, positive = scores.column(LABEL)
    first, second = np.flatnonzero(~positive)[np.argsort(-values[~positive], kind="stable")][:2]
    file = data_folder(workspace) / str(table.path[first])
    file.parent.mkdir(parents=True)
    Image.fromarray(np.arange(60 * 40, dtype=np.uint8).reshape(60, 40)).save(file, "PNG")
    build_pack(folders[-1], data_folder(workspace), table.path[[first]], 32, PixelSettings())
    whole = file.read_bytes()
    for content, pack in ((whole, None), (whole[:90], 32), (b"", 32)):
        file.write_bytes(content)
        picture = scores.pictures.read(str(table.path[first]), 512)
        assert (picture.pack, picture.pixels.shape) == (pack, (32, 21) if pack else (60, 40))
    file.unlink()
    app = Shown(workspace)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot, app)
        assert "from the 32 px pack" in app.named()
        assert abs(np.divide(*app.pixels().shape) - 60 / 40) < 0.06
        await pilot.press("j")
        await settled(pilot, app)
        assert str(table.image[second])[:12] in app.named()
        assert "missing" in " ".join(screen_text(app).split())


async def test_what_cannot_be_shown_is_said(made: Fixture) -> None:
    app = Shown(made.workspace, member="model2")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: "no predictions of test" in " ".join(screen_text(app).split()))
        await pilot.press("j", "l", "m", "f", "space", "c")
        app.images.asked = replace(app.images.asked, member="model3", kind="missed")
        scores = load_scores(made.workspace, NAME, "test", "model3")
        none = replace(scores.table, targets=np.zeros_like(scores.table.targets))
        app.images.post_message(ScoresRead(replace(scores, table=none)))
        await until(lambda: "No image of test has" in screen_text(app))
        assert app.lines == []
        await pilot.press("f")
        await settled(pilot, app)
        assert len(app.lines) == 100


async def test_text_of_others_is_only_text(made: Fixture) -> None:
    app = Shown(made.workspace)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot, app)
        table = app.scores.table
        hostile = ["[red]x\x1b[31m[/nothing]"] * len(table)
        labels = ("[b]Edema\x1b[2J", *table.labels[1:])
        bad = replace(table, labels=labels, image=np.array(hostile), view=np.array(hostile))
        scores = replace(app.scores, table=bad, order=labels)
        app.images.asked = replace(app.images.asked, label=labels[0])
        app.images.post_message(ScoresRead(scores))
        await until(lambda: "[red]x" in app.named())
        await pilot.press("j")
        await pilot.pause()
        text = screen_text(app)
        assert "[red]x\N{REPLACEMENT CHARACTER}[31m" in text
        assert text.count("[b]Edema") == 2
        assert "\x1b" not in text


async def test_ascii_terminals(made: Fixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images_screen, "terminal_glyphs", lambda: ASCII)
    app = Shown(made.workspace)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot, app)
        app.picture.show(np.tile(np.arange(200, dtype=np.uint8), (200, 1)))
        strips = [app.picture.render_line(y).text for y in range(app.picture.size.height)]
        assert strips[0].strip().startswith(".")
        assert sorted(set(strips[0]), key=strips[0].rfind)[-2:] == ["@", " "]
        assert "".join([*strips, *app.said, *app.lines]).isascii()


async def test_on_to_another_screen_of_the_dashboard(made: Fixture) -> None:
    app = Dashboard(made.workspace, NAME, watch_only=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: app.known.overview is not None)
        images = ImagesScreen(app.known, made.workspace, split="test", member="model3", label=LABEL)
        await app.push_screen(images)
        await until(lambda: images.scores is not None)
        line = images.query_one(StatusLine)
        app.known.trouble = "the disk is on fire"
        app._show_status()  # as by news of the machine
        await until(lambda: "the disk is on fire" in str(line.content))
        await pilot.press("3")
        await until(lambda: app.results_screen.drawn is not None)
        await pilot.press("down", "enter")
        await until(lambda: isinstance(app.screen, LabelScreen))
        await pilot.press("question_mark")
        await until(lambda: isinstance(app.screen, HelpScreen))
        await pilot.press("escape", "i")
        await until(lambda: isinstance(app.screen, ImagesScreen))
        label = app.results_screen._selected()
        assert isinstance(app.screen, ImagesScreen)
        assert label is not None
        assert app.screen.asked == Question("test", "model0", label.title)
        await pilot.press("escape")
        assert app.screen is app.results_screen
