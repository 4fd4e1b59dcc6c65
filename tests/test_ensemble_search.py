"""The search for an ensemble: what is tried, which half chooses, what is said of the choice."""

import io
import json
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from dashboard_workspace import queued_workspace
from finished_workspace import copy_of, invoke
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from sklearn.metrics import average_precision_score

from cxrtui.current import current_holdings
from cxrtui.show.search import search_table, verdict
from jobs.ensemble_search import SearchReport, SearchSettings, search_ensembles
from jobs.errors import InputError
from jobs.scoring.bootstrap import Interval
from jobs.scoring.halves import split_halves
from jobs.scoring.search import SUBSETS_OF, best_subsets, greedy_selection
from jobs.scoring.views import apply_view_rule

SKILLS = {
    "model2": 0.5,
    "model3": 0.55,
    "model4": 0.5,
    "model5": 0.1,
    "model6": 0.45,
    "model7": 0.5,
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The poster's recipe with predictions of six models, drawn with these skills."""
    fixture = queued_workspace(tmp_path_factory.mktemp("search") / "workspace")
    for model, skill in SKILLS.items():
        fixture.predict(model, skill)
    return fixture.workspace.paths.root


@pytest.fixture(scope="module")
def report(made: Path) -> SearchReport:
    """What a search among all six finds."""
    _, holdings = current_holdings(made)
    return search_ensembles(holdings, [], SearchSettings(resamples=20))


def search(root, *arguments):
    """What `ensemble search --json` says."""
    done = invoke(root, "ensemble", "search", "--resamples", "30", *arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def own_ensemble(root):
    return current_holdings(root)[1].recipe.ensembles[0].name


def evaluator(seed, members):
    """An mAP that any ratio of weights has, and the weights that were asked for."""
    asked = []

    def evaluate(weights):
        asked.append(weights)
        shares = np.array([weights.get(name, 0) for name in members]) / sum(weights.values())
        generator = np.random.default_rng(seed)
        skill, useful = generator.random((2, len(members)))
        return float(shares @ skill - np.square(shares - useful / useful.sum()).sum())

    return evaluate, asked


NAMES = tuple("abcdefgh")


@pytest.mark.parametrize("count", [1, 2, 5, 8])
def test_every_subset_is_tried_once(count):
    evaluate, asked = evaluator(1, NAMES[:count])
    told = []
    found = best_subsets(evaluate, NAMES[:count][::-1], lambda *done: told.append(done))
    tried = {frozenset(weights) for weights in asked}
    assert len(tried) == len(asked) == len(found) == 2**count - 1
    assert told[-1] == (len(found), len(found))
    assert [one.map for one in found] == sorted((one.map for one in found), reverse=True)
    best = max(
        (evaluate(dict.fromkeys(chosen, 1.0)), chosen)
        for size in range(1, count + 1)
        for chosen in combinations(NAMES[:count], size)
    )
    assert (found[0].map, tuple(found[0].weights)) == best


def test_of_equal_subsets_the_smaller_is_better():
    found = best_subsets(lambda weights: 0.5, ["b", "a"])
    assert [list(one.weights) for one in found] == [["a"], ["b"], ["a", "b"]]


def test_more_members_than_subsets_are_tried_of_are_refused():
    with pytest.raises(ValueError, match="9 members"):
        best_subsets(lambda weights: 0.5, [*NAMES, "i"])
    with pytest.raises(ValueError, match="0 members"):
        best_subsets(lambda weights: 0.5, [])


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.integers(0, 1000), st.integers(1, 6), st.integers(1, 12), st.data())
def test_greedy_takes_the_best_next_member(seed, count, steps, data):
    start = data.draw(st.integers(0, count))
    members = NAMES[:count]
    evaluate, asked = evaluator(seed, members)
    found = greedy_selection(evaluate, members, steps, start)
    ratios = [tuple(np.round(shares(weights, members), 9)) for weights in asked]
    assert len(set(ratios)) == len(ratios), "no ensemble is scored twice"
    alone = sorted(members, key=lambda name: -evaluate({name: 1.0}))
    bag = alone[:start]
    passed = [tuple(bag)] if start else []
    for _ in range(steps):
        bag = max(([*bag, name] for name in members), key=lambda tried: evaluate(counted(tried)))
        passed.append(tuple(bag))
    expected = {tuple(np.round(shares(counted(one), members), 9)) for one in passed}
    assert {tuple(np.round(shares(one.weights, members), 9)) for one in found} == expected
    assert found[0].map == max(evaluate(counted(one)) for one in passed)
    assert [one.map for one in found] == sorted((one.map for one in found), reverse=True)


def counted(bag):
    return {name: float(bag.count(name)) for name in sorted(set(bag))}


def shares(weights, members):
    return np.array([weights.get(name, 0.0) for name in members]) / sum(weights.values())


def test_greedy_gives_a_better_member_more_weight():
    members = {"good": np.array([3.0, 1.0]), "bad": np.array([-1.0, 1.0])}

    def evaluate(weights):
        mean = sum(members[name] * weight for name, weight in weights.items())
        return -float(np.abs(mean / sum(weights.values()) - [2.0, 1.0]).sum())

    assert greedy_selection(evaluate, members, steps=8)[0].weights == {"good": 3.0, "bad": 1.0}


@pytest.mark.parametrize(("steps", "start"), [(0, 0), (1, 3), (1, -1)])
def test_greedy_refuses_what_it_cannot_do(steps, start):
    with pytest.raises(ValueError, match="members"):
        greedy_selection(lambda weights: 0.5, ["a", "b"], steps, start)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.lists(st.tuples(st.integers(0, 8), st.booleans(), st.booleans(), st.booleans()), min_size=1),
    st.integers(0, 3),
)
def test_halves_part_patients_and_share_labels(rows, seed):
    patient = np.array([row[0] for row in rows]).astype(np.str_)
    targets = np.array([row[1:] for row in rows])
    names = np.unique(patient)
    if len(names) < 2:
        with pytest.raises(ValueError, match="two patients"):
            split_halves(patient, targets, seed)
        return
    halves = split_halves(patient, targets, seed)
    assert sorted(np.concatenate(halves)) == list(range(len(rows)))
    assert not set(patient[halves.chosen]) & set(patient[halves.other])
    of_label = [set(patient[own]) for own in targets.T]
    for label, having in enumerate(of_label):
        rarer = [
            other
            for place, other in enumerate(of_label)
            if (len(other), place) < (len(having), label)
        ]
        if len(having) >= 2 and having - set().union(*rarer):
            assert all(targets[rows, label].any() for rows in halves)


def test_halves_are_of_one_size_and_follow_the_seed():
    generator = np.random.default_rng(0)
    patient = generator.integers(0, 300, 1000).astype(np.str_)
    targets = generator.random((1000, 6)) < [0.5, 0.3, 0.1, 0.03, 0.01, 0.004]
    halves = split_halves(patient, targets, 4)
    sizes = [len(np.unique(patient[rows])) for rows in halves]
    assert abs(sizes[0] - sizes[1]) <= 1
    for positive in targets.T:
        having = [len(np.unique(patient[rows][positive[rows]])) for rows in halves]
        assert abs(having[0] - having[1]) <= 1
    again = split_halves(patient, targets, 4)
    np.testing.assert_array_equal(halves.chosen, again.chosen)
    assert not np.array_equal(split_halves(patient, targets, 5).chosen, halves.chosen)


def test_scores_are_those_of_the_two_halves(made):
    document = search(made, "--top", "3")
    assert document["members"] == list(SKILLS)
    assert (document["search"], document["tried"], document["split"]) == ("subsets", 63, "dev")
    assert document["baseline"]["name"] == own_ensemble(made)
    _, holdings = current_holdings(made)
    table = holdings.targets["dev"]
    halves = split_halves(table.patient, table.targets, 0)
    both = [table.targets[rows].any(axis=0) for rows in halves]
    labels = np.flatnonzero(both[0] & both[1])
    assert document["undefined"] == [
        label for place, label in enumerate(table.labels) if place not in labels
    ]
    for one in (document["baseline"], *document["best"]):
        weights = one["members"]
        mean = np.average(
            [holdings.predictions(name, "dev").probabilities for name in weights],
            axis=0, weights=list(weights.values()),
        ).astype(np.float32)  # fmt: skip
        assert one["view_rule"] == "frontal-mean"
        given = apply_view_rule("frontal-mean", mean, table.study, table.view)
        maps = [
            np.mean([average_precision_score(table.targets[r, c], given[r, c]) for c in labels])
            for r in halves
        ]
        assert [one["chosen_map"], one["other_map"]] == pytest.approx(maps, abs=1e-9)
        low, high = one["other_interval"]
        assert low < one["other_map"] < high
    for one in document["best"]:
        assert one["other_gain"] == one["other_map"] - document["baseline"]["other_map"]
        low, high = one["gain_interval"]
        assert one["within_noise"] == (low <= 0 <= high)
    chosen = [one["chosen_map"] for one in document["best"]]
    assert chosen == sorted(chosen, reverse=True)


def test_the_other_half_has_no_say_in_the_choice(made, report):
    _, holdings = current_holdings(made)
    table, predictions = holdings.targets["dev"], holdings.predictions
    other = split_halves(table.patient, table.targets, 0).other

    def scrambled(name, split):
        found = predictions(name, split)
        probabilities = found.probabilities.copy()
        probabilities[other] = probabilities[other][:, ::-1]
        return replace(found, probabilities=probabilities)

    holdings.predictions = scrambled
    again = search_ensembles(holdings, [], SearchSettings(resamples=20))
    assert [one.choice for one in again.best] == [one.choice for one in report.best]
    assert [one.chosen_map for one in again.best] == [one.chosen_map for one in report.best]
    assert again.best[0].other_map != report.best[0].other_map


def test_another_seed_parts_other_halves(made, report):
    document = search(made, "--seed", "1", "--top", "1")
    assert document["best"][0]["chosen_map"] != report.best[0].chosen_map


def test_greedy_weighs_members(made):
    document = search(made, "--greedy", "--steps", "7", "--start", "2", "--top", "20")
    assert document["search"] == "greedy"
    assert 1 <= document["tried"] <= 8
    sums = {sum(one["members"].values()) for one in document["best"]}
    assert sums <= set(range(2, 10))
    subsets = search(made, "--top", "1")["best"][0]
    assert document["best"][0]["chosen_map"] > subsets["chosen_map"] - 0.02


def test_views_and_averaging_as_asked(made):
    usual = search(made, "model2", "model3", "--top", "1")
    asked = search(made, "model2", "model3", "--views", "none", "--averaging", "ranks")
    assert {one["view_rule"] for one in asked["best"]} == {"none"}
    assert {one["averaging"] for one in asked["best"]} == {"ranks"}
    assert asked["members"] == ["model2", "model3"]
    assert asked["baseline"] == usual["baseline"], "the recipe's ensemble stays as it is"
    assert asked["best"][0]["chosen_map"] != usual["best"][0]["chosen_map"]


def test_members_of_an_ensemble_are_searched(made):
    assert len(search(made, own_ensemble(made))["members"]) == 4


def test_without_the_recipes_ensemble_the_best_member_is_the_baseline(tmp_path):
    fixture = queued_workspace(tmp_path / "workspace")
    for model, skill in {"model0": 0.9, "model1": 0.1}.items():
        fixture.predict(model, skill)
    root = fixture.workspace.paths.root
    document = search(root, "--top", "3")
    assert document["baseline"]["name"] == "model0"
    assert document["best"][0]["members"] == {"model0": 1.0}
    assert document["verdict"] == "The best is model0 itself."
    assert document["best"][0]["gain_interval"] == [0, 0]


def test_the_best_is_saved(made, tmp_path):
    root = copy_of(made, tmp_path)
    done = invoke(root, "ensemble", "search", "--resamples", "20", "--save", "picked")
    assert done.exit_code == 0, done.output
    assert "saved picked" in done.stdout
    saved = [
        one
        for one in json.loads(invoke(root, "ensemble", "list", "--json").stdout)
        if one["name"] == "picked"
    ]
    best = search(root, "--top", "1")["best"][0]
    assert saved[0]["weights"] == best["members"]
    assert saved[0]["view_rule"] == "frontal-mean"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["model2", "modle3"], "modle3"),
        (["model2=2", "model3"], "a search finds the weights"),
        (["model2"], "a search needs two"),
        (["model2", "model0"], "model0 has no predictions of dev"),
        (["--split", "train"], "no split is called 'train'"),
        (["--split", "val"], "no split is called 'val'"),
        (["--views", "best"], "no view rule is called 'best'"),
        (["--greedy", "--start", "7"], "--start 7"),
        (["--save", "model3"], "'model3' is a name of recipe"),
    ],
)
def test_what_cannot_be_searched_is_said_in_a_line(made, arguments, message):
    done = invoke(made, "ensemble", "search", *arguments)
    assert done.exit_code != 0
    assert isinstance(done.exception, InputError)
    assert message in str(done.exception)


def test_too_many_members_ask_for_greedy(made, monkeypatch):
    monkeypatch.setattr("jobs.ensemble_search.SUBSETS_OF", SUBSETS_OF - 3)
    done = invoke(made, "ensemble", "search")
    assert isinstance(done.exception, InputError)
    assert "--greedy" in str(done.exception)
    assert search(made, "--greedy", "--steps", "1")["best"]


def test_the_table_fits_and_is_harmless(report):
    name = "\x1b[31mmodel-with-a-name-that-does-not-fit-anywhere"
    choice = replace(report.best[0].choice, weights={name: 2.0, **report.best[0].choice.weights})
    report = replace(report, best=(replace(report.best[0], choice=choice), *report.best[1:]))
    report = replace(report, baseline_name=name)
    console = Console(width=80, file=io.StringIO())
    console.print(search_table(report))
    text = console.file.getvalue()
    assert max(map(len, text.splitlines())) <= 80
    assert "\x1b" not in text
    for one in report.best:
        assert f"{one.other_map:.3f}" in text
        assert f"{one.chosen_map:.3f}" in text
        assert f"{float(one.gain_interval.low):+.3f}, {float(one.gain_interval.high):+.3f}" in text


@pytest.mark.parametrize(
    ("chosen", "other", "interval", "said"),
    [
        (0.02, 0.015, (0.01, 0.02), ["25% of it was lost", "beyond noise"]),
        (0.02, 0.02, (-0.01, 0.03), ["none of it was lost", "within noise"]),
        (0.02, -0.01, (-0.03, -0.001), ["all of it was lost", "beyond noise"]),
        (0.0, 0.01, (-0.01, 0.03), ["None that was tried beats "]),
    ],
)
def test_the_verdict_says_what_was_lost(report, chosen, other, interval, said):
    bounds = Interval(*(np.float64(bound) for bound in interval))
    best = replace(report.best[0], chosen_gain=chosen, other_gain=other, gain_interval=bounds)
    text = verdict(replace(report, best=(best,)))
    for words in said:
        assert words in text
