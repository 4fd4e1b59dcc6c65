"""View rules, groups and ensembles beside slow and obvious versions of themselves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scoring_reference import slow_average, slow_view_rule

from jobs.scoring.ap import average_precision, mean_ap
from jobs.scoring.ensembles import EnsembleScorer, average_members
from jobs.scoring.groups import group_means, label_groups
from jobs.scoring.views import StudyGroups, apply_view_rule

RULES = ("none", "frontal-mean", "study-mean")
STUDIES = ("", "1", "2", "3", "10")
VIEWS = ("PA", "AP", "FRONTAL", "LL", "")
MEMBERS = ("model3", "model4", "model6")


@st.composite
def images(draw):
    rows = st.lists(
        st.tuples(st.sampled_from(STUDIES), st.sampled_from(VIEWS)),
        max_size=25,
    )
    studies_and_views = draw(rows)
    study = np.array([study for study, _ in studies_and_views], dtype=np.str_)
    view = np.array([view for _, view in studies_and_views], dtype=np.str_)
    seed = draw(st.integers(0, 2**32 - 1))
    return study, view, np.random.default_rng(seed).random((len(study), 3), dtype=np.float32)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(images(), st.sampled_from(RULES), st.sampled_from([0.0, 0.5, 0.7, 1.0]))
def test_equals_the_slow_version(made, rule, weight):
    study, view, probabilities = made
    before = probabilities.copy()
    found = apply_view_rule(rule, probabilities, study, view, weight)
    expected = slow_view_rule(rule, probabilities, study, view, weight)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=2e-7)
    np.testing.assert_array_equal(probabilities, before)


@settings(max_examples=50, deadline=None, derandomize=True)
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


def test_images_without_company_keep_their_very_bits():
    study = np.array(["", "", "1", "2", "2"])
    view = np.array(["PA", "PA", "PA", "AP", "LL"])
    probabilities = np.float32([[1e-45], [1 / 3], [0.7], [0.1], [0.9]])
    frontal = apply_view_rule("frontal-mean", probabilities, study, view)
    np.testing.assert_array_equal(frontal, probabilities)
    together = apply_view_rule("study-mean", probabilities, study, view, 0.75)
    np.testing.assert_array_equal(together[:3], probabilities[:3])
    np.testing.assert_allclose(together[3:], 0.75 * 0.1 + 0.25 * 0.9, rtol=1e-7)


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


@settings(max_examples=30, deadline=None, derandomize=True)
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


@pytest.mark.parametrize("averaging", ["probabilities", "logits", "ranks"])
def test_averages_by_hand(averaging):
    members = np.float32([[[0.2], [0.2], [0.9]], [[0.5], [0.8], [1.0]]])
    expected = {
        "probabilities": [(0.6 + 0.5) / 4, (0.6 + 0.8) / 4, (2.7 + 1) / 4],
        # Odds are 1/4, 1/4, 9 and 1, 4, 2^24: their weighted geometric mean.
        "logits": [odds / (1 + odds) for odds in (2**-1.5, 0.5, 9**0.75 * 64)],
        "ranks": [(3 * 1.5 + 1) / 12, (3 * 1.5 + 2) / 12, 1],
    }
    found = average_members(list(members), [3, 1], averaging)
    np.testing.assert_allclose(found[:, 0], expected[averaging], rtol=2e-7)
    np.testing.assert_array_equal(found, slow_average(members, [3, 1], averaging))


def test_logits_of_one_member_come_back_as_they_were():
    """But for exactly 0 and 1, which have none."""
    scores = np.geomspace(1e-45, 1, 5001).astype(np.float32)
    scores = np.concatenate((scores[:-1], 1 - scores[1000:-1]))[:, None]
    scores = scores[(scores > 0) & (scores < 1)][:, None]
    np.testing.assert_array_equal(average_members([scores], averaging="logits"), scores)
    edges = average_members([np.float32([[0], [1], [-2], [3]])], averaging="logits")
    assert edges[:, 0].tolist() == [2.0**-149, 1 - 2.0**-24] * 2


def test_refuses_an_unknown_averaging():
    with pytest.raises(ValueError, match="averaging 'median'"):
        average_members([np.zeros((2, 1), np.float32)], averaging="median")


def test_order_of_members_changes_no_bit_where_float64_has_to_round():
    """1 + 2^-24 is between two float32: what is left of 2^-53 + 2^-53 decides."""
    members = {"a": 1.0, "b": 2.0**-24, "c": 2.0**-53, "d": 2.0**-53}
    members = {name: np.float32([[score]]) for name, score in members.items()}
    studies = StudyGroups(np.array([""]), np.array([""]))
    targets = np.array([[True]])
    weights = dict.fromkeys(members, 1.0)
    forwards = EnsembleScorer(members, targets, studies).probabilities(weights)
    backwards = dict(reversed(members.items()))
    found = EnsembleScorer(backwards, targets, studies).probabilities(
        dict(reversed(weights.items()))
    )
    np.testing.assert_array_equal(found, forwards)
    assert average_members(list(backwards.values())) != forwards  # so that order does matter


def test_scorer_refuses_what_does_not_fit():
    made, targets, study, view = members_of(0)
    studies = StudyGroups(study, view)
    with pytest.raises(ValueError, match="30 rows, but 29 images"):
        EnsembleScorer(made, targets, StudyGroups(study[1:], view[1:]))
    with pytest.raises(ValueError, match="model4 is"):
        EnsembleScorer({**made, "model4": made["model4"][1:]}, targets, studies)
    made["model6"][3, 1] = np.inf
    with pytest.raises(ValueError, match="model6 has a score that is NaN"):
        EnsembleScorer(made, targets, studies)


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
