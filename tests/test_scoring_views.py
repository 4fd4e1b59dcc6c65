"""View rules, groups and ensembles beside slow and obvious versions of themselves."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.scoring.ap import average_precision, mean_ap
from jobs.scoring.ensembles import EnsembleScorer, average_members
from jobs.scoring.groups import group_means, label_groups
from jobs.scoring.views import StudyGroups, apply_view_rule

RULES = ("none", "frontal-mean", "study-mean")
STUDIES = ("", "1", "2", "3", "10")
VIEWS = ("PA", "AP", "LL", "")
MEMBERS = ("model3", "model4", "model6")


def slow_view_rule(rule, probabilities, study, view, weight):
    by_study = defaultdict(lambda: {True: [], False: []})
    frontal = [one in ("PA", "AP") for one in view]
    for row, one in enumerate(study):
        if one:
            by_study[one][frontal[row]].append(row)
    given = probabilities.copy()
    for kinds in by_study.values():
        means = {
            kind: sum(probabilities[row].astype(np.float64) for row in rows) / len(rows)
            for kind, rows in kinds.items()
            if rows
        }
        if rule == "frontal-mean" and kinds[True]:
            given[kinds[True]] = means[True]
        if rule == "study-mean":
            both = weight * means.get(True, 0) + (1 - weight) * means.get(False, 0)
            given[kinds[True] + kinds[False]] = both if len(means) == 2 else sum(means.values())
    return given


@st.composite
def images(draw):
    rows = st.lists(
        st.tuples(
            st.sampled_from(["", "1", "2", "3", "10"]), st.sampled_from(["PA", "AP", "LL", ""])
        ),
        max_size=25,
    )
    studies_and_views = draw(rows)
    study = np.array([study for study, _ in studies_and_views], dtype=np.str_)
    view = np.array([view for _, view in studies_and_views], dtype=np.str_)
    seed = draw(st.integers(0, 2**32 - 1))
    return study, view, np.random.default_rng(seed).random((len(study), 3), dtype=np.float32)


@settings(max_examples=150, deadline=None)
@given(images(), st.sampled_from(RULES), st.sampled_from([0.0, 0.5, 0.7, 1.0]))
def test_equals_the_slow_version(made, rule, weight):
    study, view, probabilities = made
    before = probabilities.copy()
    found = apply_view_rule(rule, probabilities, study, view, weight)
    expected = slow_view_rule(rule, probabilities, study, view, weight)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=2e-7)
    np.testing.assert_array_equal(probabilities, before)


@settings(max_examples=50, deadline=None)
@given(images(), st.sampled_from(RULES), st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(made, rule, random):
    study, view, probabilities = made
    order = list(range(len(study)))
    random.shuffle(order)
    plain = apply_view_rule(rule, probabilities, study, view)
    shuffled = apply_view_rule(rule, probabilities[order], study[order], view[order])
    np.testing.assert_allclose(shuffled, plain[order], rtol=1.2e-7)


@pytest.mark.parametrize("rule", ["frontal-mean", "study-mean"])
def test_images_of_a_study_get_the_very_same_number(rule):
    """A last bit of difference would break a tie and so change an AP."""
    study = np.array(["7"] * 5)
    view = np.array(["PA", "AP", "PA", "AP", "PA"])
    probabilities = np.random.default_rng(0).random((5, 9), dtype=np.float32)
    given = apply_view_rule(rule, probabilities, study, view)
    assert (given == given[0]).all()


def test_refuses_what_does_not_fit():
    groups = StudyGroups(np.array(["1", "1"]), np.array(["PA", ""]))
    with pytest.raises(ValueError, match="rows"):
        groups.apply("none", np.zeros((3, 1), np.float32))
    with pytest.raises(ValueError, match="frontal weight"):
        groups.apply("study-mean", np.zeros((2, 1), np.float32), 1.5)
    with pytest.raises(ValueError, match="unknown view rule"):
        groups.apply("mean", np.zeros((2, 1), np.float32))
    with pytest.raises(ValueError, match="study is"):
        StudyGroups(np.array(["1"]), np.array(["PA", ""]))


def members_of(seed, rows=30, labels=3):
    generator = np.random.default_rng(seed)
    targets = generator.random((rows, labels)) < 0.4
    made = {name: generator.random((rows, labels), dtype=np.float32) for name in MEMBERS}
    study = generator.integers(0, 12, rows).astype(np.str_)
    view = generator.choice(["PA", "AP", "LATERAL", ""], rows)
    return made, targets, study, view


def test_average_is_weighted_and_only_ratios_count():
    made, *_ = members_of(0)
    one, two, _ = made.values()
    expected = (one.astype(np.float64) + 3 * two) / 4
    np.testing.assert_allclose(average_members([one, two], [1, 3]), expected, rtol=1e-7)
    np.testing.assert_array_equal(
        average_members([one, two], [1, 3]), average_members([one, two], [0.5, 1.5])
    )
    np.testing.assert_array_equal(average_members([one]), one)


def test_average_of_many_rows_is_that_of_each_row():
    generator = np.random.default_rng(1)
    one, two = generator.random((2, 5000, 2), dtype=np.float32)
    np.testing.assert_allclose(average_members([one, two]), (one + two) / 2, rtol=1e-6)


@pytest.mark.parametrize(
    ("count", "weights"), [(0, None), (1, [0.0]), (1, [-1.0]), (1, [np.nan]), (2, [1.0])]
)
def test_average_refuses_weights_that_make_no_sense(count, weights):
    with pytest.raises(ValueError, match=r"weights|member"):
        average_members([np.zeros((2, 1), np.float32)] * count, weights)


def test_average_refuses_members_of_other_shapes():
    with pytest.raises(ValueError, match="shape"):
        average_members([np.zeros((2, 1), np.float32), np.zeros((3, 1), np.float32)])


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.sampled_from(RULES), st.permutations(MEMBERS))
def test_scorer_is_the_plain_way_whatever_the_order_of_members(seed, rule, order):
    made, targets, study, view = members_of(seed)
    groups = label_groups([500, 50, 5], 1000)
    scorer = EnsembleScorer(
        {name: made[name] for name in order}, targets, StudyGroups(study, view), groups
    )
    weights = {"model3": 1.0, "model4": 2.0, "model6": 0.0}
    found = scorer.score({name: weights[name] for name in order}, rule)
    average = average_members([made["model3"], made["model4"]], [1, 2])
    expected = average_precision(apply_view_rule(rule, average, study, view), targets)
    np.testing.assert_array_equal(found.per_label, expected)
    assert found.map == mean_ap(expected)
    assert found.groups == group_means(expected, groups)


def test_averaging_and_view_rule_can_change_places():
    made, _, study, view = members_of(5)
    studies = StudyGroups(study, view)
    for rule in RULES:
        first = studies.apply(rule, average_members(list(made.values())))
        last = average_members([studies.apply(rule, member) for member in made.values()])
        np.testing.assert_allclose(first, last, rtol=1e-6)


def test_scorer_names_an_unknown_member():
    made, targets, study, view = members_of(0)
    scorer = EnsembleScorer(made, targets, StudyGroups(study, view))
    assert scorer.score({"model3": 1}).groups == {}
    with pytest.raises(KeyError, match="model9"):
        scorer.score({"model9": 1})
    with pytest.raises(ValueError, match="at least one"):
        scorer.score({"model3": 0})


def test_groups_at_their_bounds():
    assert label_groups([101, 100, 10, 9], 1000) == ("head", "medium", "medium", "tail")
    targets = np.zeros((200, 2), dtype=np.bool_)
    targets[:30, 0] = True
    assert label_groups(targets, 200) == ("head", "tail")
    with pytest.raises(ValueError, match="at least one"):
        label_groups([0], 0)
    means = group_means(np.array([0.5, np.nan, 0.1]), ("head", "head", "tail"))
    assert (means["head"], means["tail"]) == (0.5, 0.1)
    assert np.isnan(means["medium"])
