"""Ensembles by name: how they average, their keys, and what is said when members have changed."""

import json
from pathlib import Path

import numpy as np
import pytest
from finished_workspace import copy_of, invoke, make_finished, stop
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.choice import Choice, choice_of, column_choices, ensemble_entry, ensemble_key
from jobs.errors import InputError
from jobs.loading import RecipeHoldings
from jobs.picking import choose
from jobs.queue.journal import record
from jobs.queue.rebuild import rebuild_database
from jobs.recipe.load import parse_recipe
from jobs.workspace import open_workspace

KEYS = {"a": "11", "b": "22", "c": "33", "again": "11"}


@pytest.fixture
def root(tmp_path_factory: pytest.TempPathFactory, data_folder: Path, tmp_path: Path) -> Path:
    return copy_of(make_finished(tmp_path_factory.getbasetemp(), data_folder), tmp_path)


def holdings(root: Path) -> RecipeHoldings:
    return RecipeHoldings(open_workspace(root), "chain")


def key(weights: dict[str, float], **how: object) -> str:
    fields = {"view_rule": "none", **how}
    return ensemble_key(Choice(weights, **fields), KEYS)


def test_a_key_is_of_what_decides_the_predictions_alone() -> None:
    plain = key({"a": 1.0, "b": 3.0})
    assert plain == key({"b": 6.0, "a": 2.0}) == key({"again": 1.0, "b": 3.0})
    assert plain == key({"a": 0.5, "again": 0.5, "b": 3.0}), "members with one key are one"
    assert plain == key({"a": 1.0, "b": 3.0}, frontal_weight=0.5), "of study-mean only"
    others = {
        key({"a": 1.0, "b": 2.0}),
        key({"a": 3.0, "b": 1.0}),
        key({"a": 1.0, "c": 3.0}),
        key({"a": 1.0, "b": 3.0}, averaging="logits"),
        key({"a": 1.0, "b": 3.0}, averaging="ranks"),
        key({"a": 1.0, "b": 3.0}, view_rule="study-mean"),
        key({"a": 1.0, "b": 3.0}, view_rule="study-mean", frontal_weight=0.5),
        key({"a": 1.0, "b": 3.0}, view_rule="frontal-mean"),
    }
    assert len(others - {plain}) == 8


@settings(derandomize=True, max_examples=30)
@given(st.dictionaries(st.sampled_from("abc"), st.integers(1, 9), min_size=1))
def test_only_the_ratio_of_weights_counts(weights: dict[str, int]) -> None:
    # Powers of two scale exactly; other factors may change a last bit of a share, and so a key.
    once = {name: float(weight) for name, weight in weights.items()}
    assert key(once) == key({name: weight * 8 for name, weight in reversed(once.items())})


SEEDED = """
name = "seeded"
labels = ["Edema"]
seeds = [3, 5]
[run]
device = "any"
[defaults]
image_size = 32
batch_size = 16
[[stages]]
name = "stage1"
[[models]]
name = "a"
stage = "stage1"
[[models]]
name = "b"
stage = "stage1"
[[ensembles]]
name = "both"
members = ["a", "b"]
weights = [1.0, 2.0]
averaging = "ranks"
[[columns]]
title = "one"
model = "a"
view_rule = "frontal-mean"
[[columns]]
title = "two"
ensemble = "both"
"""


def test_columns_and_names_of_a_recipe_with_seeds() -> None:
    recipe = parse_recipe(SEEDED, "seeded")
    one, two = (column_choices(recipe, column) for column in recipe.columns)
    assert one == (Choice({"a-s3": 1.0}, "frontal-mean"), Choice({"a-s5": 1.0}, "frontal-mean"))
    assert two[1] == Choice({"a-s5": 1.0, "b-s5": 2.0}, "none", averaging="ranks")
    assert choice_of(recipe, "both-s3") == two[0]
    assert choice_of(recipe, "b-s5") == Choice({"b-s5": 1.0}, "none")
    with pytest.raises(KeyError):
        choice_of(recipe, "both")


def test_averaging_is_asked_for_kept_and_scored(root: Path) -> None:
    assert invoke(root, "ensemble", "save", "mine", "a", "b=3", "--averaging", "ranks").stdout
    rank = json.loads(invoke(root, "ensemble", "score", "mine", "--json").stdout)
    assert rank["averaging"] == "ranks"
    options = ("a", "b=3", "--averaging", "ranks", "--json")
    assert json.loads(invoke(root, "ensemble", "score", *options).stdout) == rank
    plain = invoke(root, "ensemble", "score", "mine", "--averaging", "probabilities", "--json")
    assert json.loads(plain.stdout)["key"] != rank["key"]
    with pytest.raises(InputError, match="no averaging is called 'median': known are prob"):
        choose(holdings(root), ["a"], None, "median")
    with pytest.raises(InputError, match="no model or ensemble is called 'mino'; did you mean 'm"):
        choose(holdings(root), ["mino"], None)


def test_an_ensemble_shows_the_key_that_it_was_saved_with(root: Path) -> None:
    saved = invoke(root, "ensemble", "save", "mine", "b", "a=2", "--views", "study-mean").stdout
    listed = {
        one["name"]: one for one in json.loads(invoke(root, "ensemble", "list", "--json").stdout)
    }
    mine = listed["mine"]
    assert mine["key"][:8] in saved
    assert (mine["saved"], mine["changed"], mine["averaging"]) == (True, [], "probabilities")
    assert listed["both"]["key"]
    assert not listed["both"]["saved"]
    entry = json.loads((root / "journal.jsonl").read_text().splitlines()[-1])
    assert entry["key"] == mine["key"]
    assert entry["member_keys"] == {name: holdings(root).member_key(name) for name in ("b", "a")}
    assert f"mine: {mine['key'][:8]}: b=1, a=2; " in invoke(root, "ensemble", "list").stdout
    again = invoke(root, "ensemble", "save", "other", "a=6", "b=3", "--views", "study-mean").stdout
    assert mine["key"][:8] in again


def test_a_member_that_is_another_now_is_told(root: Path) -> None:
    opened, had = open_workspace(root), holdings(root)
    before = {"a": had.member_key("a"), "b": "0123456789"}
    record(opened, ensemble_entry("chain", "old", Choice({"a": 1.0, "b": 1.0}, "none"), before))
    gone = ensemble_entry("chain", "lost", Choice({"x": 1.0}, "none"), {"x": "77"})
    record(opened, gone)
    told = "b is trained with other settings or data now: it was saved with key 01234567, its key"
    assert told in invoke(root, "ensemble", "list").stdout
    changed = json.loads(invoke(root, "ensemble", "list", "--json").stdout)[-1]["changed"]
    assert [(one["member"], one["was"]) for one in changed] == [("b", "0123456789")]
    scored = invoke(root, "ensemble", "score", "old", "--json")
    assert f"cxrtui: old: {told}" in scored.stderr
    assert "a " not in scored.stderr.split("old: ")[1][:2]
    now = invoke(root, "ensemble", "score", "a", "b", "--json")
    assert json.loads(now.stdout) == json.loads(scored.stdout)
    assert now.stderr == ""
    lost = invoke(root, "ensemble", "score", "lost")
    assert "x is gone" in lost.stderr
    assert isinstance(lost.exception, InputError)
    assert "x is gone" in str(invoke(root, "ensemble", "save", "lost2", "lost").exception)


def test_an_older_entry_averages_probabilities_and_has_no_key(root: Path) -> None:
    entry = ensemble_entry("chain", "old", Choice({"a": 1.0, "b": 1.0}, "none"), KEYS)
    for name in ("averaging", "key", "member_keys"):
        del entry[name]
    record(open_workspace(root), entry)
    for _ in range(2):
        listed = json.loads(invoke(root, "ensemble", "list", "--json").stdout)[-1]
        assert (listed["averaging"], listed["key"], listed["changed"]) == (
            "probabilities",
            None,
            [],
        )
        assert "old: --------: a=1, b=1; " in invoke(root, "ensemble", "list").stdout
        stop(root)
        rebuild_database(root)


def test_members_are_models_with_predictions(root: Path) -> None:
    had = holdings(root)
    assert had.members == ("a", "b", "c")
    assert had.member_key("b") == had.models["b"].predict_key
    assert np.isfinite(had.predictions("b", "dev").probabilities).all()
