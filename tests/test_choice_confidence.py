"""`ensemble score --confidence` and `--against`: intervals of a choice and of a difference."""

import json
from pathlib import Path

import numpy as np
import pytest
from dashboard_workspace import queued_workspace
from finished_workspace import invoke

from cxrtui.current import current_holdings
from jobs.picking import choose, make_scorer
from jobs.scoring.bootstrap import Resamples, interval, mean_replicates, replicates


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    fixture = queued_workspace(tmp_path_factory.mktemp("scored") / "workspace")
    for model, skill in {"model3": 0.5, "model4": 0.45}.items():
        fixture.predict(model, skill)
    return fixture.workspace.paths.root


def test_the_intervals_are_those_of_paired_resamples(made: Path) -> None:
    said = ("--against", "model3", "--resamples", "120", "--split", "test", "--json")
    done = invoke(made, "ensemble", "score", "model3", "model4", *said)
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    _, holdings = current_holdings(made)
    table = holdings.targets["test"]
    resamples = Resamples(table.patient, 120)
    drawn = []
    for names in (["model3", "model4"], ["model3"]):
        choice = choose(holdings, names, None)
        scores = make_scorer(holdings, names, "test").probabilities(choice.weights)
        drawn.append(replicates(scores, table.targets, resamples))
    own, change = interval(drawn[0]), interval(drawn[0] - drawn[1])
    for place, label in enumerate(table.labels):
        if label not in found["confidence"]["labels"]:
            assert not table.targets[:, place].any()
            continue
        of_label, changed = (found[what]["labels"][label] for what in ("confidence", "change"))
        np.testing.assert_allclose(
            [of_label["low"], of_label["high"], changed["low"], changed["high"]],
            [own.low[place], own.high[place], change.low[place], change.high[place]],
            atol=1e-12,
        )
        assert changed["within_noise"] == (changed["low"] <= 0 <= changed["high"])
    whole = interval(mean_replicates(drawn[0]) - mean_replicates(drawn[1]))
    mean = found["change"]["means"]["all"]
    assert [mean["low"], mean["high"]] == pytest.approx([whole.low, whole.high])
    assert mean["value"] == pytest.approx(np.mean(
        [one["value"] for one in found["change"]["labels"].values()]
    ))  # fmt: skip
    assert found["few_positives"]


def test_the_table_marks_noise_and_rare_labels_and_says_so(made: Path) -> None:
    done = invoke(made, "ensemble", "score", "model4", "--against", "model3")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert [line.count("95 % interval") for line in lines[:1]] == [2]
    assert any(line.startswith("Pneumoperitoneum°") for line in lines)
    assert any("~  " in line for line in lines)
    assert "~ within noise" in done.stdout
    assert "do not trust the interval" in done.stdout
    alone = invoke(made, "ensemble", "score", "model4", "--confidence").stdout
    assert alone.count("95 % interval") == 1
    assert "95 %" not in invoke(made, "ensemble", "score", "model4").stdout


def test_what_cannot_be_compared_is_one_line(made: Path) -> None:
    done = invoke(made, "ensemble", "score", "model4", "--against", "model5")
    assert "model5 has no predictions of dev yet" in str(done.exception)
