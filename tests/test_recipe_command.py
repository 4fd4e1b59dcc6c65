import json
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console, RenderableType
from typer.testing import CliRunner

from cxrtui.commands.recipe import app
from cxrtui.show.recipe_tree import recipe_tree
from cxrtui.show.stage_table import ModelScores, stage_table
from jobs.errors import InputError
from jobs.published import published
from jobs.recipe.load import load_recipe, parse_recipe

Draw = Callable[[RenderableType], list[str]]


@pytest.fixture
def draw() -> Draw:
    def lines(shown: RenderableType) -> list[str]:
        console = Console(width=80, color_system=None, markup=False)
        with console.capture() as capture:
            console.print(shown)
        return [line.rstrip() for line in capture.get().splitlines()]

    return lines


def _run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    return result.exit_code, result.stdout


def test_the_tree_shows_each_lineage_below_its_root(draw: Draw) -> None:
    lines = draw(recipe_tree(load_recipe("cxr-lt-2023").recipe))
    at = {name: n for n, line in enumerate(lines) for name in [line.strip("│├└─ ").split()[0]]}
    assert lines[at["model7"]].index("model7") > lines[at["model3"]].index("model3")
    assert at["model0"] < at["model3"] < at["model7"] < at["model1"] < at["model4"]
    assert "512 px, batch 48, lr 0.001, os 0.1, 30 epochs" in lines[at["model7"]]
    assert lines[at["figure1"]].endswith("optional")
    assert any("model3 + model4 + model6 + model7, frontal-mean" in line for line in lines)


def test_the_stage_table_fits_and_shows_what_is_there(draw: Draw) -> None:
    recipe = load_recipe("cxr-lt-2023").recipe
    scores = {"model0": ModelScores(0.1234, 0.25), "model5": ModelScores(val=0.3)}
    lines = draw(stage_table(recipe, scores, published("cxr-lt-2023")))
    rows = {line.split()[0]: line.split() for line in lines[2:]}
    assert rows["model0"][-4:] == ["0.123", "0.250", "0.282", "0.298"]
    assert rows["model5"][3:] == ["320x320", "128", "0.001", "0.15", "0.300", "-", "0.299", "N/A"]
    assert rows["figure2"][-5:] == ["N/A", "-", "-", "N/A", "N/A"]
    assert len(rows) == 10


def test_text_of_a_recipe_is_never_markup_nor_a_command_to_the_terminal(draw: Draw) -> None:
    text = load_recipe("demo").text
    evil = text.replace('title = "The poster', 'title = "[red]\\u001b[2J poster')
    recipe = parse_recipe(evil, "evil")
    shown = "\n".join(draw(recipe_tree(recipe)))
    assert "[red]\N{REPLACEMENT CHARACTER}[2J poster" in shown
    assert "\x1b" not in shown


def test_list() -> None:
    names = ["cxr-lt-2023", "demo", "phantom-study"]
    assert [line.split()[0] for line in _run("list")[1].splitlines()] == names
    code, out = _run("list", "--json")
    assert code == 0
    assert [entry["name"] for entry in json.loads(out)] == names


def test_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # where there is no workspace that names a recipe
    code, out = _run("show", "demo")
    assert code == 0
    assert "model7 stage3" in out
    assert "threshold" in out
    assert json.loads(_run("show", "--json")[1])["name"] == "cxr-lt-2023"
    with pytest.raises(InputError, match="did you mean 'demo'"):
        _run("show", "dem")


def test_check(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    assert _run("new", str(file), "--from", "demo")[0] == 0
    code, out = _run("check", str(file))
    assert (code, out) == (0, f"{file}: recipe mine is fine: 10 models in 3 stages\n")
    assert json.loads(_run("check", str(file), "--json")[1]) == {"file": str(file), "problems": []}

    text = file.read_text().replace('pre_weight = "model3"', 'pre_weight = "[bold]3"')
    file.write_text(text.replace("image_size = 96", "image_size = 1"))
    code, out = _run("check", str(file))
    lines = text.splitlines()
    at = lines.index('pre_weight = "[bold]3"') + 1
    assert code == 2
    first, second = out.splitlines()
    assert first.startswith(f"{file}:{at}: models.model7.pre_weight: unknown model '[bold]3'; ")
    assert second.startswith(f"{file}:{at + 1}: models.model7.image_size: found 1; allowed: at")
    code, out = _run("check", str(file), "--json")
    assert code == 2
    assert [problem["line"] for problem in json.loads(out)["problems"]] == [at, at + 1]


def test_new_overwrites_nothing(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("precious")
    with pytest.raises(InputError, match="is there already"):
        _run("new", str(file))
    assert file.read_text() == "precious"
