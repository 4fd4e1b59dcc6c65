"""Average precision beside scikit-learn, which is the definition of the shared task's metric."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scoring_reference import slow_average_precision

from jobs.scoring.ap import average_precision, mean_ap


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1), st.sampled_from([1, 2, 3, 17, 1 << 12, 1 << 24]))
def test_equals_scikit_learn_on_many_rows(seed, levels):
    """`levels` distinct scores among 3,000 rows: from all tied to none."""
    generator = np.random.default_rng(seed)
    scores = (generator.integers(0, levels, (3000, 5)) / levels).astype(np.float32)
    targets = generator.random((3000, 5)) < [0.0, 0.001, 0.05, 0.5, 1.0]
    np.testing.assert_allclose(
        average_precision(scores, targets),
        slow_average_precision(scores, targets),
        rtol=0,
        atol=1e-12,
    )


@pytest.mark.parametrize(
    "scores",
    [
        np.geomspace(1e-38, 1, 9000),  # nearly all thresholds lie in the table's first cell
        1 - np.geomspace(1e-7, 1, 9000),
        np.repeat([-1.0, 1e-45, 0.3, 1e30], 2250),
        np.linspace(-3e38, 3e38, 9000),
        np.append(np.zeros(8999), 1e-45),
    ],
)
def test_scores_that_crowd_or_spread_unevenly(scores):
    generator = np.random.default_rng(0)
    scores = generator.permuted(np.tile(scores.astype(np.float32), (3, 1)), axis=1).T
    targets = generator.random(scores.shape) < [0.001, 0.3, 0.999]
    np.testing.assert_allclose(
        average_precision(scores, targets),
        slow_average_precision(scores, targets),
        rtol=0,
        atol=1e-12,
    )


@pytest.mark.parametrize("order", ["C", "F"])
def test_labels_scored_side_by_side_are_those_scored_alone(order):
    generator = np.random.default_rng(3)
    scores = np.asarray(generator.random((30_000, 9), dtype=np.float32), order=order)
    targets = np.asarray(generator.random(scores.shape) < 0.1, order=order)
    alone = [average_precision(scores[:, [one]], targets[:, [one]])[0] for one in range(9)]
    np.testing.assert_array_equal(average_precision(scores, targets), alone)
    scores[7, [4, 6]] = np.nan
    with pytest.raises(ValueError, match="column 4"):
        average_precision(scores, targets)


def test_label_without_positives_is_undefined_and_all_positives_is_one():
    scores = np.array([[0.1, 0.2], [0.3, 0.1]], dtype=np.float32)
    found = average_precision(scores, np.array([[False, True], [False, True]]))
    assert np.isnan(found[0])
    assert found[1] == 1.0


def test_one_row():
    scores = np.full((1, 2), 0.5, dtype=np.float32)
    found = average_precision(scores, np.array([[True, False]]))
    assert found[0] == 1.0
    assert np.isnan(found[1])


def test_no_rows_at_all():
    found = average_precision(np.zeros((0, 2), np.float32), np.zeros((0, 2), np.bool_))
    assert found.shape == (2,)
    assert np.isnan(found).all()
    assert average_precision(np.zeros((3, 0), np.float32), np.zeros((3, 0), np.bool_)).shape == (0,)


def test_signed_zeros_are_one_threshold():
    scores = np.array([[0.0], [-0.0], [0.0], [-0.0]], dtype=np.float32)
    assert average_precision(scores, np.array([[True], [False], [False], [True]]))[0] == 0.5


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_not_finite_names_the_label(wrong):
    scores = np.zeros((3, 2), dtype=np.float32)
    scores[1, 1] = wrong
    targets = np.ones((3, 2), dtype=np.bool_)
    with pytest.raises(ValueError, match="column 1"):
        average_precision(scores, targets)
    with pytest.raises(ValueError, match="'Hernia'"):
        average_precision(scores, targets, ["Edema", "Hernia"])


def test_both_infinities_do_not_cancel():
    scores = np.array([[np.inf], [-np.inf]], dtype=np.float32)
    with pytest.raises(ValueError, match="column 0"):
        average_precision(scores, np.ones((2, 1), dtype=np.bool_))


def test_largest_floats_are_finite():
    scores = np.full((4, 1), np.finfo(np.float32).max, dtype=np.float32)
    scores[0] = np.finfo(np.float32).min
    assert average_precision(scores, np.array([[False], [True], [True], [True]]))[0] == 1.0


@pytest.mark.parametrize(
    ("scores", "targets"),
    [
        (np.zeros((2, 1), np.float64), np.zeros((2, 1), np.bool_)),
        (np.zeros((2, 1), np.float32), np.zeros((2, 1), np.int64)),
        (np.zeros((2, 1), np.float32), np.zeros((3, 1), np.bool_)),
        (np.zeros(2, np.float32), np.zeros(2, np.bool_)),
    ],
)
def test_refuses_other_shapes_and_types(scores, targets):
    with pytest.raises(ValueError, match="expected"):
        average_precision(scores, targets)


def test_mean_leaves_undefined_labels_out():
    assert mean_ap([0.5, np.nan, 1.0]) == 0.75
    assert np.isnan(mean_ap([np.nan, np.nan]))
    assert np.isnan(mean_ap([]))
