"""What must hold of any scores: found by search, beside scikit-learn and slow references."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scoring_reference import slow_average, slow_average_precision, slow_view_rule

from jobs.scoring import EnsembleScorer, average_precision
from jobs.scoring.views import StudyGroups

FINITE = st.floats(width=32, allow_nan=False, allow_infinity=False)
EDGES = st.sampled_from([0.0, -0.0, 2.0**-149, -(2.0**-149), 2.0**-126, 0.5, 0.5 + 2**-24, 1.0])
RULES = st.sampled_from(["none", "frontal-mean", "study-mean"])
AVERAGINGS = st.sampled_from(["probabilities", "logits", "ranks"])
WEIGHTS = st.sampled_from([0.0, 1.0, 0.3, 2.0])
NAMES = ("a", "b", "c", "d")
few = settings(max_examples=40, deadline=None, derandomize=True)


@st.composite
def scored(draw):
    """Finite scores (N, C), many of them equal, and targets."""
    shape = draw(st.tuples(st.integers(1, 60), st.integers(1, 3)))
    values = draw(st.lists(EDGES | FINITE, min_size=1, max_size=30))
    places = draw(hnp.arrays(np.intp, shape, elements=st.integers(0, len(values) - 1)))
    return np.float32(values)[places], draw(hnp.arrays(np.bool_, shape))


@st.composite
def splits(draw):
    """Four members with ties, targets, studies and views of up to 30 images.

    Scores are multiples of 1/64 inside (0, 1): a study's sum is exact in every order.
    """
    images = draw(st.integers(1, 30))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    levels = draw(st.sampled_from([2, 8, 64]))
    scores = generator.integers(1, levels, (len(NAMES), images, 2)) / np.float32(levels)
    members = dict(zip(NAMES, scores.astype(np.float32), strict=True))
    study = generator.choice(["", "1", "2", "3", "4", "5"], images)
    view = generator.choice(["PA", "AP", "FRONTAL", "LATERAL", ""], images)
    return members, generator.random((images, 2)) < 0.4, study, view


weightings = st.fixed_dictionaries(dict.fromkeys(NAMES, WEIGHTS)).filter(
    lambda weights: any(weights.values())
)


@settings(few, max_examples=120)
@given(scored())
def test_kernel_is_scikit_learn(problem):
    np.testing.assert_allclose(
        average_precision(*problem), slow_average_precision(*problem), rtol=0, atol=1e-12
    )


@few
@given(scored(), st.randoms(use_true_random=False))
def test_order_of_rows_changes_no_bit(problem, random):
    scores, targets = problem
    order = random.sample(range(len(scores)), len(scores))
    np.testing.assert_array_equal(
        average_precision(scores[order], targets[order]), average_precision(scores, targets)
    )


@few
@given(scored(), scored())
def test_monotone_transform_changes_no_bit(problem, other):
    """Each distinct score is replaced by another that stands in the same order."""
    scores, targets = problem
    levels, place = np.unique(scores, return_inverse=True)
    values = np.unique(np.append(other[0], np.linspace(-1, 2, levels.size).astype(np.float32)))
    transformed = values[: levels.size][place].reshape(scores.shape)
    np.testing.assert_array_equal(
        average_precision(transformed, targets), average_precision(scores, targets)
    )


@settings(few, max_examples=80)
@given(splits(), weightings, RULES, AVERAGINGS, st.sampled_from([0.0, 0.7, 1.0]))
def test_scorer_is_the_slow_way(made, weights, rule, averaging, frontal_weight):
    members, targets, study, view = made
    scorer = EnsembleScorer(members, targets, StudyGroups(study, view))
    found = scorer.probabilities(weights, rule, frontal_weight, averaging)
    average = slow_average(members.values(), [weights[name] for name in NAMES], averaging)
    expected = slow_view_rule(rule, average, study, view, frontal_weight)
    np.testing.assert_allclose(found, expected, rtol=4e-7)
    score = scorer.score(weights, rule, frontal_weight, averaging)
    np.testing.assert_allclose(
        score.per_label, slow_average_precision(found, targets), rtol=0, atol=1e-12
    )


@few
@given(splits(), st.lists(st.tuples(weightings, RULES, AVERAGINGS), min_size=2, max_size=4))
def test_what_was_scored_before_changes_no_bit(made, choices):
    members, targets, study, view = made
    studies = StudyGroups(study, view)
    long_used = EnsembleScorer(members, targets, studies)
    for weights, rule, averaging in choices:
        backwards = dict(reversed(weights.items()))
        fresh = EnsembleScorer(dict(reversed(members.items())), targets, studies)
        np.testing.assert_array_equal(
            long_used.probabilities(weights, rule, averaging=averaging),
            fresh.probabilities(backwards, rule, averaging=averaging),
        )
        np.testing.assert_array_equal(
            long_used.score(weights, rule, averaging=averaging).per_label,
            fresh.score(backwards, rule, averaging=averaging).per_label,
        )


@few
@given(splits(), weightings, RULES, AVERAGINGS, st.randoms(use_true_random=False))
def test_order_of_images_changes_no_score(made, weights, rule, averaging, random):
    members, targets, study, view = made
    order = random.sample(range(len(study)), len(study))
    shuffled = {name: member[order] for name, member in members.items()}
    plain = EnsembleScorer(members, targets, StudyGroups(study, view))
    other = EnsembleScorer(shuffled, targets[order], StudyGroups(study[order], view[order]))
    np.testing.assert_array_equal(
        other.score(weights, rule, averaging=averaging).per_label,
        plain.score(weights, rule, averaging=averaging).per_label,
    )


@few
@given(splits(), weightings, RULES)
def test_ranks_ask_only_for_the_order_of_scores(made, weights, rule):
    members, targets, study, view = made
    bent = {name: np.square(member) for name, member in members.items()}
    plain, other = (
        EnsembleScorer(each, targets, StudyGroups(study, view)) for each in (members, bent)
    )
    np.testing.assert_array_equal(
        plain.probabilities(weights, rule, averaging="ranks"),
        other.probabilities(weights, rule, averaging="ranks"),
    )
