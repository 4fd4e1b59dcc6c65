"""Intervals of columns and comparisons, held to a bootstrap that draws one patient at a time."""

import numpy as np
import pytest
from seeded_recipe import LABELS, RECIPE, TARGETS, predict
from sklearn.metrics import average_precision_score

from cxrtui.show import scores
from cxrtui.show.result_formats import render
from cxrtui.show.result_parts import Results
from jobs.comparisons import compare_all, comparison_choices, verdict
from jobs.confidence import Estimate, all_column_choices, confidence
from jobs.results import build_results
from jobs.scores import RecipeScores
from jobs.scoring.bootstrap import Resamples
from jobs.scoring.ensembles import average_members
from jobs.scoring.views import apply_view_rule

RESAMPLES = 12
SCORES = RecipeScores(RECIPE, predict, TARGETS, RESAMPLES)
CONFIDENCE = confidence(SCORES)
COMPARED = compare_all(SCORES)


def probabilities(members, split, averaging="probabilities", rule="none", weights=None):
    table = TARGETS[split]
    made = [predict(model, split).probabilities for model in members]
    average = average_members(made, weights, averaging)
    return apply_view_rule(rule, average, table.study, table.view)


def small(seed, split):
    return probabilities([f"small-s{seed}"], split)


def big(seed, split):
    return probabilities([f"big-s{seed}"], split, rule="study-mean")


def both(seed, split):
    members = [f"big-s{seed}", f"large2-s{seed}"]
    return probabilities(members, split, "ranks", "frontal-mean", [1.0, 3.0])


COLUMNS = (small, big, both)


def slow_aps(made, split, drawn=None):
    """AP (C,) of the images, each taken as often as its patient is drawn."""
    table = TARGETS[split]
    rows = np.arange(len(table))
    if drawn is not None:
        owner = np.unique(table.patient, return_inverse=True)[1]
        rows = np.array([row for row in rows for _ in range(drawn[owner[row]])])
    pairs = ((table.targets[rows, label], made[rows, label]) for label in range(len(LABELS)))
    return np.array([average_precision_score(*pair) if pair[0].any() else np.nan for pair in pairs])


def slow(scorer, split):
    """The mean AP over the seeds: as it is, and in each resample."""
    draws = np.concatenate(Resamples(TARGETS[split].patient, RESAMPLES).blocks, axis=1).T
    made = [scorer(seed, split) for seed in RECIPE.seeds]
    whole = np.mean([slow_aps(one, split) for one in made], axis=0)
    drawn = [[slow_aps(one, split, draw) for draw in draws] for one in made]
    return whole, np.mean(drawn, axis=0)


def assert_estimate(found, value, replicates):
    low, high = np.nanpercentile(replicates, [2.5, 97.5])
    assert (found.value, found.low, found.high) == pytest.approx((value, low, high), abs=1e-9)


@pytest.fixture(scope="module")
def slowly():
    return {split: [slow(scorer, split) for scorer in COLUMNS] for split in ("dev", "test")}


def test_intervals_are_those_of_a_slow_bootstrap(slowly):
    for split, columns in slowly.items():
        for found, (value, replicates) in zip(
            CONFIDENCE.splits[split].columns, columns, strict=True
        ):
            for place, label in enumerate(LABELS):
                assert_estimate(found.labels[label], value[place], replicates[:, place])
            assert_estimate(found.means["all"], value.mean(), np.nanmean(replicates, axis=1))
            head = np.array(SCORES.groups) == "head"
            assert 0 < head.sum() < len(LABELS)
            over_head = np.nanmean(replicates[:, head], axis=1)
            assert_estimate(found.means["head"], value[head].mean(), over_head)


def test_differences_are_paired(slowly):
    for split, columns in slowly.items():
        found = CONFIDENCE.splits[split]
        assert found.differences[0] is None
        for place in (1, 2):
            (before, were), (after, are) = columns[place - 1 : place + 1]
            changed = np.nanmean(are, axis=1) - np.nanmean(were, axis=1)
            change = found.differences[place].means["all"]
            assert_estimate(change, after.mean() - before.mean(), changed)
            assert change.is_within_noise == (change.low <= 0 <= change.high)
            edema = LABELS.index("Edema")
            one = found.differences[place].labels["Edema"]
            assert_estimate(one, (after - before)[edema], (are - were)[:, edema])


def test_cells_are_means_over_the_seeds(slowly):
    table = build_results(RECIPE, predict, TARGETS)
    for split, columns in slowly.items():
        for column, (value, _) in enumerate(columns):
            cells = [getattr(row.cells[column], split) for row in table.rows]
            order = [LABELS.index(row.label) for row in table.rows]
            assert cells == pytest.approx(value[order])
            maps = [slow_aps(COLUMNS[column](seed, split), split).mean() for seed in RECIPE.seeds]
            assert getattr(table.repeats[column], split) == pytest.approx(maps)


def test_a_column_is_unfinished_while_a_repeat_is_missing():
    def some(model, split):
        return None if (model, split) == ("large2-s3", "dev") else predict(model, split)

    partial = RecipeScores(RECIPE, some, TARGETS, RESAMPLES)
    found = confidence(partial).splits["dev"]
    assert [column is None for column in found.columns] == [False, False, True]
    assert [one is None for one in found.differences] == [True, False, True]
    table = build_results(RECIPE, some, TARGETS)
    assert [(one.dev, one.test) for one in table.finished] == [(True, True)] * 2 + [(False, True)]
    assert table.repeats[2].dev == ()
    ranked = compare_all(partial)[1]
    assert ranked.missing == {"dev": ("large2-s3",)}
    assert list(ranked.splits) == ["test"]


def test_few_positives_are_counted_by_patient():
    table = TARGETS["dev"]
    for place, label in enumerate(LABELS):
        patients = set(table.patient[table.targets[:, place]])
        assert (label in CONFIDENCE.splits["dev"].few_positives) == (len(patients) < 10)
    assert CONFIDENCE.splits["dev"].few_positives == ("Nodule",)


def test_comparisons_are_those_of_a_slow_bootstrap(slowly):
    for split in ("dev", "test"):
        found = COMPARED[0].splits[split]
        choice = slow(lambda seed, part: probabilities([f"big-s{seed}"], part), split)
        control = slowly[split][0]
        changed = np.nanmean(choice[1], axis=1) - np.nanmean(control[1], axis=1)
        assert_estimate(found.mean, (choice[0] - control[0]).mean(), changed)
        assert found.rose == (choice[0] > control[0]).sum()
        assert found.rose_of == len(LABELS)
        values = [
            (
                slow_aps(probabilities([f"big-s{seed}"], split), split)
                - slow_aps(small(seed, split), split)
            ).mean()
            for seed in RECIPE.seeds
        ]
        assert [seed.value for seed in found.seeds] == pytest.approx(values)
        assert found.verdict == "shown"


def test_a_group_is_compared_over_its_labels_alone():
    head = np.array(SCORES.groups) == "head"
    for split, found in COMPARED[1].splits.items():
        values = [
            slow_aps(both(seed, split), split)[head].mean()
            - slow_aps(probabilities([f"large2-s{seed}"], split), split)[head].mean()
            for seed in RECIPE.seeds
        ]
        assert [seed.value for seed in found.seeds] == pytest.approx(values)
        assert found.mean.value == pytest.approx(np.mean(values))
        assert found.rose_of == head.sum()


def test_a_group_without_labels_says_nothing():
    rare = [one.model_copy(update={"group": "tail"}) for one in RECIPE.comparisons]
    recipe = RECIPE.model_copy(update={"comparisons": tuple(rare)})
    assert all(not one.splits for one in compare_all(RecipeScores(recipe, predict, TARGETS, 10)))


def test_a_choice_is_resampled_once_whoever_asks():
    fresh = RecipeScores(RECIPE, predict, TARGETS, 5)
    told = []
    fresh.resample(all_column_choices(RECIPE), lambda done, of: told.append((done, of)))
    assert told == [(done, 12) for done in range(12)]
    kept = [fresh.splits["dev"].replicates(one) for one in all_column_choices(RECIPE)]
    told.clear()
    # Of big, small, both and large2 only big without a view rule, and large2, are new.
    fresh.resample(comparison_choices(RECIPE), lambda done, of: told.append((done, of)))
    assert told == [(done, 8) for done in range(8)]
    again = [fresh.splits["dev"].replicates(one) for one in all_column_choices(RECIPE)]
    assert all(one is other for one, other in zip(kept, again, strict=True))


@pytest.mark.parametrize("form", ["table", "markdown", "html"])
def test_every_interval_and_verdict_is_drawn(form):
    table = build_results(RECIPE, predict, TARGETS)
    results = Results("any", (), None, table, CONFIDENCE, True, COMPARED, RESAMPLES)
    text = render(results, form).replace("\\", "")
    for split in ("dev", "test"):
        found = CONFIDENCE.splits[split]
        for estimates in found.columns:
            for one in (*estimates.labels.values(), *estimates.means.values()):
                assert f"{one.low:.3f}\N{EN DASH}{one.high:.3f}" in text
        for change in (one for each in found.differences[1:] for one in each.means.values()):
            noise = " within noise" if change.is_within_noise else ""
            assert f"{drawn(change)}{noise}" in text
        for tested in (one.splits[split] for one in COMPARED):
            assert all(drawn(one) in text for one in (*tested.seeds, tested.mean))
            assert tested.verdict in text
    assert "Nodule \N{DAGGER}" in text
    deviation = np.std(table.repeats[1].dev, ddof=1)
    assert f"{deviation:.3f} / " in next(line for line in text.splitlines() if "over the s" in line)


def test_a_narrow_terminal_has_a_sign_for_noise():
    table = build_results(RECIPE, predict, TARGETS)
    lines = render(Results("any", (), None, table, CONFIDENCE), "table", 72).splitlines()
    assert max(map(len, lines)) <= 72
    change = CONFIDENCE.splits["test"].differences[1].means["medium"]
    assert change.is_within_noise
    assert any(line.endswith(f"{drawn(change)} ~") for line in lines)


def test_what_is_not_quick_is_left_to_be_asked_for(monkeypatch):
    quick = scores.with_what_is_quick(Results("any"), SCORES)
    assert quick.confidence == CONFIDENCE
    assert quick.comparisons == COMPARED
    monkeypatch.setattr(scores, "QUICK", 0)
    slow_one = scores.with_what_is_quick(Results("any"), SCORES)
    assert slow_one.confidence is None
    assert slow_one.comparisons == ()
    assert "--confidence" in slow_one.remarks[0]
    assert "--comparisons" in slow_one.remarks[0]


def drawn(estimate):
    return f"{estimate.value:+.3f} [{estimate.low:+.3f}, {estimate.high:+.3f}]"


@pytest.mark.parametrize(
    ("seeds", "low", "high", "margin", "expected"),
    [
        ((0.1, 0.2), 0.01, 0.3, None, "shown"),
        ((-0.01, 0.3), 0.01, 0.3, None, "not shown"),
        ((0.1, 0.2), 0.0, 0.3, None, "not shown"),
        ((-0.1, -0.2), -0.3, -0.01, None, "contradicted"),
        ((0.1, -0.2), -0.3, 0.0, None, "not shown"),
        ((0.01, -0.01), -0.02, 0.02, 0.03, "shown"),
        ((0.01, 0.01), -0.02, 0.04, 0.03, "not shown"),
        ((0.05, 0.06), 0.04, 0.07, 0.03, "contradicted"),
        ((-0.05, -0.06), -0.07, -0.04, 0.03, "contradicted"),
        ((0.05, 0.06), 0.02, 0.07, 0.03, "not shown"),
    ],
)
def test_verdict(seeds, low, high, margin, expected):
    each = [Estimate(value, value - 1, value + 1) for value in seeds]
    assert verdict(each, Estimate(sum(seeds) / 2, low, high), margin) == expected
