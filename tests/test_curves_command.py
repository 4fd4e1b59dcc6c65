"""`cxrtui curves`: the poster's figure in the terminal, as files and for scripts."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from lineage_workspace import POSTER, REPEATED, lineage_workspace, teach, teach_all
from rich.cells import cell_len
from rich.console import Console
from test_completion import offered
from typer.testing import CliRunner

from cxrtui.lineages.reading import chosen_lineages, read_lineages
from cxrtui.main import app
from cxrtui.show.curves import curve_charts
from jobs.errors import InputError
from jobs.recipe.load import load_recipe, parse_recipe
from jobs.workspace import open_workspace

SMALL = [0.10, 0.16, 0.20, 0.22, 0.24, 0.25]
STAGED = [0.21, 0.26, 0.28, 0.29]
LARGE = [0.12, 0.18, 0.22, 0.24, 0.26, 0.27]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The staged lineage is trained, the large one has not been asked for."""
    root = tmp_path_factory.mktemp("curves") / "w"
    fixture = lineage_workspace(root, queued=["small", "staged"])
    teach_all(fixture, {"small": SMALL, "staged": STAGED})
    return root


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both lineages are trained."""
    root = tmp_path_factory.mktemp("both") / "w"
    told = {"small": SMALL, "staged": STAGED, "large1": LARGE, "large2": STAGED}
    teach_all(lineage_workspace(root), told)
    return root


def run(root: Path, *arguments: str, width: int = 80) -> Result:
    """The command in this process; what a person did wrong is raised."""
    line = ["--workspace", str(root), "curves", *arguments]
    runner = CliRunner(env={"COLUMNS": str(width)})
    return runner.invoke(app, line, catch_exceptions=False)


def script(root: Path, *arguments: str) -> Any:
    return json.loads(run(root, *arguments, "--json").stdout)


@pytest.mark.parametrize("width", [50, 80, 120])
def test_the_terminal_shows_both_charts_and_says_what_they_are(both: Path, width: int) -> None:
    text = terminal(both, width)
    assert max(cell_len(line) for line in text.splitlines()) <= width
    axes = [line.split() for line in text.splitlines() if line.split()[:1] == ["0"]]
    assert {(axis[0], axis[-1]) for axis in axes} == {("0", "10")}, "cut off at the right"
    for said in ("Loss", "Validation mAP", "│stage2", "━A━ staged: 40x40, batch 32, then 80x80"):
        assert said in text
    told = " ".join(text.split())
    assert "epoch 10: train loss 0.710, val loss 1.710, val mAP 0.290" in told
    assert "stage2 starts: val loss 1.750 → 1.790, val mAP 0.250 → 0.210" in told
    assert "new optimizer and schedule" in told


def terminal(root: Path, width: int) -> str:
    """What a pipe of that width is given."""
    recipe = load_recipe(open_workspace(root).settings.recipe).recipe
    with open_workspace(root).database.read() as connection:
        found = read_lineages(connection, recipe, chosen_lineages(recipe, []))
    console = Console(width=width, color_system=None, markup=False)
    with console.capture() as captured:
        console.print(curve_charts(found.lineages, width))
    return captured.get()


def test_lines_are_told_apart_without_colours(both: Path) -> None:
    text = terminal(both, 100)
    charts = text[: text.index("━A━")].replace("Validation mAP", "").replace("Loss", "")
    for sign in "AaBb":
        assert charts.count(sign) >= 2
    assert "\x1b" not in text


def test_plain_when_piped_and_what_is_missing_is_named_aside(made: Path) -> None:
    done = run(made)
    assert done.exit_code == 0
    assert "\x1b" not in done.stdout
    assert "━A━ staged" in done.stdout
    assert "━B━" not in done.stdout
    assert done.stderr == "large2 has not been trained: `cxrtui queue add large2`\n"


def test_scripts_get_the_points_of_each_series(both: Path) -> None:
    value = script(both)
    staged, large = value["lineages"]
    assert (staged["name"], large["name"]) == ("staged", "large2")
    assert [(one["model"], one["begin"]) for one in staged["models"]] == [
        ("small", 0),
        ("staged", 6),
    ]
    (repeat,) = staged["repeats"]
    assert repeat["model"] == "staged"
    score = repeat["series"]["val_map"]
    assert score == {"epoch": [float(epoch) for epoch in range(1, 11)], "value": SMALL + STAGED}
    assert repeat["series"]["train_loss"]["value"] == [1 - value for value in SMALL + STAGED]
    assert staged["mean"]["val_map"] == score
    assert staged["final"]["val_map"] == {"epoch": 10, "value": 0.29, "low": 0.29, "high": 0.29}
    assert value["waiting"] == []


def test_a_named_model_takes_the_place_of_the_figure(both: Path) -> None:
    (small,) = script(both, "small")["lineages"]
    assert small["title"] == "small: 40x40, batch 32"
    assert [one["name"] for one in script(both, "large1", "small", "large1")["lineages"]] == [
        "large1",
        "small",
    ]


def test_a_base_name_stands_for_its_repeats_and_a_repeat_for_itself(tmp_path: Path) -> None:
    fixture = lineage_workspace(tmp_path / "w", REPEATED)
    teach_all(fixture, {"small-s0": [0.1, 0.2], "small-s1": [0.3, 0.4], "large1-s1": [0.5]})
    small, other, large = script(tmp_path / "w", "small", "small-s1", "large1")["lineages"]
    assert [repeat["model"] for repeat in small["repeats"]] == ["small-s0", "small-s1"]
    assert small["mean"]["val_map"]["value"] == pytest.approx([0.2, 0.3])
    assert small["models"][0]["model"] == "small"
    assert [repeat["model"] for repeat in other["repeats"]] == ["small-s1"]
    assert [repeat["model"] for repeat in large["repeats"]] == ["large1-s1"]


def test_numbers_that_are_none_are_null_in_json(tmp_path: Path) -> None:
    fixture = lineage_workspace(tmp_path / "w")
    teach(fixture, "small", [0.1, float("nan")])
    (small,) = script(tmp_path / "w", "small")["lineages"]
    assert small["mean"]["val_map"]["value"] == [0.1, None]
    assert small["final"]["val_map"]["value"] is None
    assert "val mAP undefined" in run(tmp_path / "w", "small").stdout


def test_pictures_are_written_whole_and_over_what_was_there(made: Path, tmp_path: Path) -> None:
    png, svg = tmp_path / "figure.png", tmp_path / "figure.svg"
    svg.write_text("an older one")
    done = run(made, "--png", str(png), "--svg", str(svg))
    assert png.read_bytes().startswith(b"\x89PNG")
    text = svg.read_text()
    assert text.startswith("<svg")
    assert text.rstrip().endswith("</svg>")
    assert "staged: 40x40, batch 32, then 80x80, batch 32" in text
    assert done.stdout.splitlines()[:2] == [f"wrote {png}", f"wrote {svg}"]
    assert "val mAP 0.290" in done.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["figure.png", "figure.svg"]
    run(made, "--svg", str(tmp_path / "again.svg"))
    assert (tmp_path / "again.svg").read_text() == text


def test_json_and_a_picture_at_once(made: Path, tmp_path: Path) -> None:
    svg = tmp_path / "figure.svg"
    value = script(made, "--svg", str(svg), "--smooth", "0.5", "--width", "6", "--height", "3")
    assert value["smoothing"] == 0.5
    assert 'viewBox="0 0 432 216"' in svg.read_text()
    smoothed = value["lineages"][0]["mean"]["val_map"]["value"]
    assert smoothed[:2] == pytest.approx([0.10, 0.14])
    assert smoothed[6] == 0.21, "smoothing starts anew where a stage does"


@pytest.mark.parametrize("place", ["none/figure.png", "."])
def test_a_path_that_cannot_be_written_is_one_line(made: Path, tmp_path: Path, place: str) -> None:
    path = tmp_path / place
    with pytest.raises(InputError, match="cannot be written") as told:
        run(made, "--png", str(path))
    assert str(told.value).startswith(f"{path}: ")
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_drawn_is_said_with_what_to_do(made: Path) -> None:
    with pytest.raises(InputError, match="no model 'stagde'; did you mean 'staged'"):
        run(made, "stagde")
    with pytest.raises(InputError, match="nothing to draw yet: large1 has not been trained: `cxr"):
        run(made, "large1")
    assert run(made, "--smooth", "1").exit_code == 2


def test_a_workspace_that_has_run_nothing_has_nothing_to_draw(made: Path, tmp_path: Path) -> None:
    shutil.copy(made.with_suffix(".toml"), tmp_path / "recipe.toml")
    runner = CliRunner()
    line = ["--workspace", str(tmp_path / "w")]
    runner.invoke(app, [*line, "init", "--recipe", str(tmp_path / "recipe.toml")])
    with pytest.raises(InputError, match="staged has not been trained"):
        run(tmp_path / "w")


def test_a_model_that_waits_is_told_with_its_state(tmp_path: Path) -> None:
    fixture = lineage_workspace(tmp_path / "w", queued=["small", "staged"])
    fixture.set_state("staged", "queued", "needs small train")
    teach(fixture, "small", SMALL[:2])
    done = run(tmp_path / "w", "staged")
    assert done.stderr == "staged is queued (needs small train), and no epoch is done yet\n"
    assert "epoch 2: train loss" in done.stdout


def test_without_a_figure_models_must_be_named_and_not_too_many() -> None:
    recipe = parse_recipe(POSTER.partition("[figure]")[0], "here")
    with pytest.raises(InputError, match=r"recipe figure has no \[figure\]: name models"):
        chosen_lineages(recipe, [])
    assert chosen_lineages(recipe, ["small"]) == ("small",)
    many = [recipe.models[0].model_copy(update={"base": f"m{place}"}) for place in range(7)]
    wide = recipe.model_copy(update={"models": tuple(many)})
    with pytest.raises(InputError, match="found 7 lineages; at most 6"):
        chosen_lineages(wide, [model.base for model in many])


def test_tab_offers_models(made: Path) -> None:
    line = f"cxrtui -w {made} curves "
    assert offered(line, made.parent) == ["small", "staged", "large1", "large2"]
    assert offered(f"{line}la", made.parent) == ["large1", "large2"]
