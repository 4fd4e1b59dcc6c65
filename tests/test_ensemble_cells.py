"""What the Ensemble screen shows equals scikit-learn's average precision, digit by digit."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ensemble_app import Shown, opened
from ensemble_workspace import NO_POSITIVES, SKILL, small_workspace
from pilots import screen_text, until
from scoring_reference import FRONTAL, slow_average
from sklearn import config_context
from sklearn.metrics import average_precision_score

RULES = ["none", "frontal-mean", "study-mean"]
AVERAGINGS = ["probabilities", "logits", "ranks"]
KEYS = ["space", "space", "space", "plus", "equals_sign", "minus", "0", "v", "a", "t"]
TOGGLES = 200


@dataclass
class Person:
    """What somebody who presses these keys believes to have chosen."""

    ticked: set[str]
    weights: dict[str, float] = field(default_factory=lambda: dict.fromkeys(SKILL, 1.0))
    rule: str = "frontal-mean"
    averaging: str = "probabilities"
    split: str = "dev"

    def press(self, key: str, model: str) -> None:
        if key == "space":
            self.ticked ^= {model}
        elif key in ("plus", "equals_sign") and model not in self.ticked:
            self.ticked |= {model}
        elif key in ("plus", "equals_sign"):
            self.weights[model] += 0.5
        elif key == "minus" and model in self.ticked:
            self.weights[model] = max(self.weights[model] - 0.5, 0.5)
        elif key == "0":
            self.weights[model] = 1.0
        elif key == "v":
            self.rule = RULES[(RULES.index(self.rule) + 1) % 3]
        elif key == "a":
            self.averaging = AVERAGINGS[(AVERAGINGS.index(self.averaging) + 1) % 3]
        elif key == "t":
            self.split = {"dev": "test", "test": "dev"}[self.split]

    @property
    def asked(self) -> tuple:
        members = tuple((name, self.weights[name]) for name in sorted(self.ticked))
        return self.split, self.rule, self.averaging, members


class Reference:
    """The same from the files, by pandas, plain loops and scikit-learn."""

    def __init__(self, root: Path) -> None:
        files = root.glob("runs/*/*/predict-*/attempt-1/predictions/*.parquet")
        self.frames = {
            (path.parents[3].name[:6], path.stem): pd.read_parquet(path) for path in files
        }
        self.targets = {
            split: pd.read_parquet(next(root.rglob(f"targets/{split}.parquet")))
            for split in ("dev", "test")
        }
        self.labels = list(self.frames["model0", "dev"].columns[4:])
        self.aps = cache(self._aps)
        self.cells = cache(self._cells)

    def _aps(self, split: str, rule: str, averaging: str, weights: tuple) -> np.ndarray:
        frames = [self.frames[name, split] for name, _ in weights]
        members = [frame[self.labels].to_numpy() for frame in frames]
        mean = slow_average(members, [weight for _, weight in weights], averaging)
        ids = frames[0]
        given = by_view_rule(rule, mean, list(ids["study"]), list(ids["view"]), 0.7)
        return average_precision(given, self.targets[split][self.labels].to_numpy())

    def _cells(self, split: str, rule: str, averaging: str, weights: tuple) -> dict:
        own = self.aps(split, rule, averaging, weights)
        alone = [self.aps(split, rule, averaging, ((name, 1.0),)) for name, _ in weights]
        best = np.max(alone, axis=0)
        base = max(alone, key=np.nanmean)
        positives = self.targets[split][self.labels].to_numpy().sum(axis=0)
        return {
            label: {
                "positives": {str(positives[place])},
                "value": either(digits, own[place]),
                "best": either(digits, best[place]),
                "change": either(change, own[place] - base[place]),
            }
            for place, label in enumerate(self.labels)
        } | {"": {"map": either(digits, np.nanmean(own))}}


def average_precision(scores: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """By scikit-learn, of all labels in one call, which takes half the time; NaN if none is."""
    is_any = targets.any(axis=0)
    found = np.full(targets.shape[1], np.nan)
    with config_context(assume_finite=True, skip_parameter_validation=True):
        given = targets[:, is_any].astype(np.uint8), scores[:, is_any]
        found[is_any] = average_precision_score(*given, average=None)
    return found


def by_view_rule(
    rule: str, scores: np.ndarray, study: list[str], view: list[str], weight: float
) -> np.ndarray:
    """Study by study, each image by its share: how a mean is rounded decides over ties."""
    given = scores.copy()
    for one in sorted(set(study) - {""}):
        rows = [row for row, name in enumerate(study) if name == one]
        frontal = [row for row in rows if view[row] in FRONTAL]
        others = [row for row in rows if row not in frontal]
        if rule == "none" or (rule == "frontal-mean" and not frontal):
            continue
        shares = {row: 1 / len(frontal) for row in frontal}
        if rule == "study-mean" and frontal and others:
            shares = {row: weight / len(frontal) for row in frontal}
            shares |= {row: (1 - weight) / len(others) for row in others}
        elif rule == "study-mean":
            shares = {row: 1 / len(rows) for row in rows}
        mean = sum(scores[row].astype(np.float64) * shares[row] for row in sorted(shares))
        given[sorted(shares)] = mean.astype(np.float32)
    return given


def either(form: Callable[[float], str], value: float) -> set[str]:
    """How it may be shown: few positives often give a number right between two of three digits."""
    return {form(value - 1e-12), form(value + 1e-12)}


def digits(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:.3f}"


def change(value: float) -> str:
    if np.isnan(value):
        return "-"
    return "=  0.000" if abs(value) < 0.0005 else f"{'▲' if value > 0 else '▼'} {value:+.3f}"


def drawn(app: Shown) -> dict:
    """What is on the screen, without the marks of intervals, which come when they come."""
    found = {}
    for label, row in app.cells.items():
        found[label] = {
            key: row[key].rstrip("°~") for key in ("positives", "value", "best", "change")
        }
    return found | {"": {"map": app.ensemble.panel.map}}


def differing(shown: dict, expected: dict) -> list:
    """What is shown otherwise than it may be."""
    assert shown.keys() == expected.keys()
    return [
        (label, key, text, expected[label][key])
        for label, row in shown.items()
        for key, text in row.items()
        if text not in expected[label][key]
    ]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("small") / "w"


async def test_cells_are_those_of_scikit_learn_after_200_random_toggles(root: Path) -> None:
    made = small_workspace(root)
    reference = Reference(root)
    views = reference.frames["model0", "dev"].groupby("study").size()
    assert (views > 1).any()
    person, app = Person({"model3", "model4", "model6"}), Shown(made.workspace)
    rng, seen = random.Random(0), Counter[str]()
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        for _ in range(TOGGLES):
            app.ensemble.members.highlighted = rng.randrange(len(SKILL))
            model = app.ensemble.members.member
            assert model is not None
            key = rng.choice(KEYS)
            if person.ticked == {model} and key == "space":
                key = "plus"
            person.press(key, model)
            await pilot.press(key)
            await until(lambda: app.is_settled)
            assert not differing(drawn(app), reference.cells(*person.asked)), (key, model)
            seen[key] += 1
            if not sum(seen.values()) % 40:
                await pilot.pause()
                lines = screen_text(app).splitlines()
                for label, row in app.cells.items():
                    line = next(line for line in lines if f" {label} " in line)
                    assert row["value"] in line
                    assert row["best"] in line
                    assert row["change"] in line
    assert set(seen) == set(KEYS)
    assert reference.cells(*person.asked)[NO_POSITIVES]["value"] == {"-"}
