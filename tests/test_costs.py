"""What training took, from attempts and events; and what `results` prints of a workspace."""

import csv
import io
import json
from pathlib import Path

import pytest
from dashboard_workspace import Fixture, busy_workspace, queued_workspace
from finished_workspace import invoke
from seeded_recipe import RECIPE

from cxrtui.show.stage_table import saving_sentence, stage_grid
from db.attempts import add_attempt, attempts_of, update_attempt
from db.records import AttemptStart
from jobs.costs import Cost, lineage_cost, mean_cost, model_costs
from jobs.events import EventWriter
from jobs.loading import RecipeHoldings
from jobs.stages import ModelScores, Saving, saving, stage_rows

HOUR = 3600.0
NOW = 2e9


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Fixture:
    return busy_workspace(tmp_path_factory.mktemp("costs") / "busy")


@pytest.fixture
def queued(tmp_path: Path) -> Fixture:
    return queued_workspace(tmp_path / "queued")


def attempt(made: Fixture, model: str, slot: str, started: float, **values: object) -> None:
    """An attempt of a train job, with what it told if `samples` are given."""
    job = made.job(model)
    samples = values.pop("samples", None)
    with made.workspace.database.write() as connection:
        number = len(attempts_of(connection, job.id)) + 1
        uid = f"{model}-{number}"
        start = AttemptStart(uid, number, 0, slot, "here", "boot", "", None, started, 8)
        update_attempt(connection, add_attempt(connection, job.id, start), **values)
    folder = made.workspace.paths.job(job.folder) / f"attempt-{number}"
    folder.mkdir(parents=True)
    events = EventWriter(folder / "events.jsonl")
    if samples is not None:
        events.write("warning", text="started in a hurry")
        events.write("started", model=model, device="cpu", steps=100, step=0, samples=samples)
    events.close()


def costs(made: Fixture) -> dict[str, Cost]:
    holdings = RecipeHoldings(made.workspace, "cxr-lt-2023")
    return model_costs(made.workspace, holdings.models.values(), now=NOW)


def test_hours_are_those_of_every_attempt_times_its_gpus(queued: Fixture) -> None:
    attempt(
        queued, "model0", "gpu:a+gpu:b", 0.0, ended=HOUR, state="interrupted", samples=500, step=40
    )
    attempt(queued, "model0", "gpu:a", 5 * HOUR, ended=5.5 * HOUR, state="succeeded", samples=500)
    queued.set_state("model0", "succeeded")
    attempt(
        queued, "model1", "cpu:0", NOW - HOUR / 2, state="running", samples=800, step=25, steps=100
    )
    attempt(queued, "model2", "cpu:0", 0.0, ended=HOUR, state="failed")
    found = costs(queued)
    assert found["model0"] == Cost(500.0, 500.0 * 224**2, 2.5, on_gpu=True, finished=True)
    assert found["model1"] == Cost(200.0, 200.0 * 224**2, 0.5, on_gpu=False, finished=False)
    assert found["model2"] == Cost(None, None, 1.0, on_gpu=False, finished=False)
    assert set(found) == {"model0", "model1", "model2"}


def test_a_lineage_is_all_that_a_model_started_from() -> None:
    recipe = RECIPE
    each = {
        model.name: Cost(10.0 * number, 100.0 * number, 1.0 * number, number != 4, True)
        for number, model in enumerate(recipe.models, start=1)
    }
    assert lineage_cost(recipe, each, "big-s3") == Cost(60.0, 600.0, 6.0, False, True)
    assert lineage_cost(recipe, each, "small-s0") == each["small-s0"]
    del each["small-s3"]
    assert lineage_cost(recipe, each, "big-s3") is None
    assert mean_cost([]) is None
    unknown = Cost(None, None, 3.0, True, True)
    assert mean_cost([each["small-s0"], unknown]) == Cost(None, None, 2.0, True, True)


def seeded_rows(missing: str = ""):
    sides = {model.name: model.settings.image_size for model in RECIPE.models}
    each = {
        name: Cost(1e6, 1e6 * side**2, side / 32 + int(name[-1]), True, True)
        for name, side in sides.items()
    }
    scores = {
        name: ModelScores(0.3 + int(name[-1]) / 100, 0.2) for name in sides if name != missing
    }
    return stage_rows(RECIPE, scores, each)


def test_with_seeds_a_row_is_the_mean_over_them() -> None:
    rows = seeded_rows()
    assert [(row.model, row.pre_weight) for row in rows] == [
        ("small", "none"),
        ("big", "small"),
        ("large", "none"),
        ("large2", "large"),
    ]
    assert rows[1].cost == Cost(1e6, 4.096e9, 3.5, True, True)
    assert rows[1].lineage == Cost(2e6, 5.12e9, 6.0, True, True)
    drawn = stage_grid(rows, with_costs=True).rows
    assert drawn[1][-6:] == ("0.315 ±0.021", "0.200 ±0.000", "1.00M", "3.50", "2.00M", "6.00")
    unfinished = stage_grid(seeded_rows("big-s3")).rows[1]
    assert unfinished[-2:] == ("-", "-")


def test_saving_is_said_when_both_lineages_are_trained() -> None:
    found = saving(RECIPE, seeded_rows())
    assert isinstance(found, Saving)
    assert found.staged_sizes == (32, 64)
    assert found.large_cost.hours == 7.0
    assert saving_sentence(found) == (
        "Stage training: big (32, then 64 px) took 6.00 GPU-hours, 14% less than large2 (64 px) "
        "with 7.00, and 5.12G pixels, 38% less than 8.19G; val mAP 0.315 against 0.315."
    )
    assert saving(RECIPE, seeded_rows("large2-s0")) is None
    assert saving(RECIPE.model_copy(update={"figure": None}), seeded_rows()) is None


def result(busy: Fixture, *options: str) -> str:
    done = invoke(busy.workspace.paths.root, "results", *options)
    assert done.exit_code == 0, done.stdout
    return done.stdout


def test_results_has_stages_alone_in_any_format(busy: Fixture) -> None:
    rows = list(csv.DictReader(io.StringIO(result(busy, "--stages", "-f", "csv"))))
    document = json.loads(result(busy, "--stages", "-f", "json"))
    assert [row["model"] for row in rows] == [one["model"] for one in document["stages"]]
    assert len(rows) == 10
    hours = document["stages"][2]["cost"]["hours"]
    assert 0 < float(rows[2]["hours"]) <= hours == pytest.approx(float(rows[2]["hours"]))
    assert document["saving"] is None
    assert "rows" not in document
    for form, row in (
        ("table", "model2 "),
        ("markdown", "| model2 |"),
        ("html", "<th>model2</th>"),
    ):
        text = result(busy, "--stages", "-f", form)
        assert text.count(row) == {"table": 2}.get(form, 1)
        assert "Support Devices" not in text


def test_results_with_confidence_for_scripts(busy: Fixture) -> None:
    options = ("--confidence", "--resamples", "100")
    document = json.loads(result(busy, *options, "-f", "json"))
    third = document["confidence"]["columns"][3]
    assert third["column"] == "Postprocess"
    before = document["mean"]["cells"][2]["dev"]
    change = third["dev"]["differences"]["means"]["all"]
    assert change["value"] == pytest.approx(document["mean"]["cells"][3]["dev"] - before)
    assert change["within_noise"] == (change["low"] <= 0 <= change["high"])
    label = third["test"]["intervals"]["labels"]["Edema"]
    assert label["low"] < label["value"] < label["high"]
    lines = list(csv.DictReader(io.StringIO(result(busy, *options, "-f", "csv"))))
    edema = next(line for line in lines if line["label"] == "Edema")
    assert float(edema["Postprocess test low"]) == label["low"]
    assert edema["few positives dev"] in ("true", "false")
    mean = next(line for line in lines if line["label"] == "Mean")
    assert float(mean["Postprocess dev change"]) == change["value"]
    assert mean["2nd stage dev change"] == mean["Oversampling dev change"] == ""


def test_results_has_comparisons_alone_and_says_what_is_missing(busy: Fixture) -> None:
    options = ("--comparisons", "--resamples", "100")
    document = json.loads(result(busy, *options, "-f", "json"))
    lines = list(csv.DictReader(io.StringIO(result(busy, *options, "-f", "csv"))))
    text = result(busy, *options)
    assert len(document["comparisons"]) > 1
    for one in document["comparisons"]:
        assert one["claim"] in text
        of_claim = [line for line in lines if line["claim"] == one["claim"]]
        assert [line["split"] for line in of_claim] == ["dev", "test"]
        for line in of_claim:
            found = one[line["split"]]
            assert line["verdict"] == (found["verdict"] or "unfinished")
            assert (found["verdict"] is None) == bool(found["missing"])
    unfinished = next(one for one in document["comparisons"] if one["dev"]["missing"])
    assert "model2" in unfinished["dev"]["missing"]
    assert f"No predictions yet of {', '.join(unfinished['dev']['missing'])}." in text
    shown = next(one for one in document["comparisons"] if not one["dev"]["missing"])
    mean = shown["dev"]["mean"]
    assert f"{mean['difference']:+.3f} [{mean['low']:+.3f}, {mean['high']:+.3f}]" in text


def test_options_that_exclude_each_other_are_refused(busy: Fixture) -> None:
    done = invoke(busy.workspace.paths.root, "results", "--stages", "--comparisons")
    assert done.exit_code != 0
    assert "give one of them" in str(done.exception)
