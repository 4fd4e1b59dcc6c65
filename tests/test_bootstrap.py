"""The bootstrap over patients, held to rows that are really repeated, one by one."""

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from jobs.scoring import bootstrap
from jobs.scoring.bootstrap import (
    FEW_PATIENTS,
    Interval,
    Resamples,
    few_positives,
    interval,
    mean_replicates,
    replicate_blocks,
    replicates,
)


def made(images, labels, patients, seed=0, levels=None):
    """Scores, targets and patients; with `levels` scores are coarse, so that many tie."""
    generator = np.random.default_rng(seed)
    targets = generator.random((images, labels)) < np.linspace(0.5, 0.02, labels)
    scores = generator.random((images, labels)) * 0.7 + 0.3 * targets
    if levels is not None:
        scores = np.floor(scores * levels) / levels
    patient = generator.integers(0, patients, images).astype(np.str_)
    return scores.astype(np.float32), targets, patient


def times_drawn(resamples):
    """(R, N) how often each image is in each resample."""
    return np.concatenate([block.T for block in resamples.blocks])[:, resamples.owner]


def slow(scores, targets, resamples):
    """scikit-learn's AP of the rows, each written as often as it was drawn."""
    found = np.full((resamples.count, targets.shape[1]), np.nan)
    for resample, times in enumerate(times_drawn(resamples)):
        rows = np.repeat(np.arange(len(targets)), times)
        for label in range(targets.shape[1]):
            if targets[rows, label].any():
                found[resample, label] = average_precision_score(
                    targets[rows, label], scores[rows, label]
                )
    return found


@pytest.mark.parametrize("levels", [None, 7, 1])
def test_replicates_are_scikit_learns_of_repeated_rows(levels):
    scores, targets, patient = made(900, 5, 200, levels=levels)
    resamples = Resamples(patient, 20)
    found = replicates(scores, targets, resamples)
    assert found.shape == (20, 5)
    np.testing.assert_allclose(found, slow(scores, targets, resamples), rtol=0, atol=1e-12)


SCORE = st.sampled_from([-1.0, -0.0, 0.0, 1e-45, 0.1, 0.5, float(np.nextafter(np.float32(0.5), 1))])
ROW = st.tuples(SCORE, st.booleans(), SCORE, st.booleans(), st.integers(0, 4))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(ROW, min_size=1, max_size=25), st.integers(0, 5))
def test_replicates_of_anything_are_scikit_learns(rows, seed):
    first, one, second, two, patient = (np.array(column) for column in zip(*rows, strict=True))
    scores = np.stack([first, second], axis=1).astype(np.float32)
    targets = np.stack([one, two], axis=1)
    resamples = Resamples(patient.astype(np.str_), 4, seed)
    found = replicates(scores, targets, resamples)
    np.testing.assert_allclose(found, slow(scores, targets, resamples), rtol=0, atol=1e-12)


@pytest.mark.parametrize("runs", [1, 2, 3, 1000])
def test_runs_of_any_number_give_the_same(runs, monkeypatch):
    scores, targets, patient = made(400, 3, 90)
    resamples = Resamples(patient, 5)
    before = replicates(scores, targets, resamples)
    monkeypatch.setattr(bootstrap, "_RUNS", runs)
    np.testing.assert_allclose(replicates(scores, targets, resamples), before, atol=1e-13)


def test_counts_beyond_sixteen_bits_stay_exact():
    images = 70_000
    scores = np.full((images, 1), 0.5, dtype=np.float32)
    scores[:2, 0] = 0.9, 0.5
    targets = np.zeros((images, 1), dtype=np.bool_)
    targets[:2] = True
    resamples = Resamples(np.array(["a", "b", "c"]).repeat([1, 1, images - 2]), 8)
    found = replicates(scores, targets, resamples)
    np.testing.assert_allclose(found, slow(scores, targets, resamples), rtol=0, atol=1e-12)


def test_every_patient_once_is_the_average_precision_itself():
    scores, targets, patient = made(60, 3, 1)
    found = replicates(scores, targets, Resamples(patient, 3))
    expected = [
        average_precision_score(own, score) for score, own in zip(scores.T, targets.T, strict=True)
    ]
    np.testing.assert_allclose(found, [expected] * 3, atol=1e-12)


def test_a_resample_draws_as_many_patients_as_there_are():
    patient = made(500, 1, 80)[2]
    resamples = Resamples(patient, 300, seed=3)
    drawn = np.concatenate([block.T for block in resamples.blocks])
    assert drawn.shape == (300, len(np.unique(patient)))
    assert set(drawn.sum(axis=1)) == {drawn.shape[1]}
    assert drawn.mean(axis=0) == pytest.approx(1, abs=0.4), "each patient as likely"
    assert drawn.var() == pytest.approx(1, abs=0.05)


def test_draws_follow_seed_and_patients_only():
    scores, targets, patient = made(300, 2, 50)
    before = replicates(scores, targets, Resamples(patient, 200))
    again = replicates(scores, targets, Resamples(patient, 200))
    np.testing.assert_array_equal(before, again)
    longer = replicates(scores, targets, Resamples(patient, 300))
    np.testing.assert_array_equal(longer[:200], before)
    turned = np.random.default_rng(1).permutation(300)
    moved = replicates(scores[turned], targets[turned], Resamples(patient[turned], 200))
    np.testing.assert_allclose(moved, before, atol=1e-12)
    assert not np.allclose(replicates(scores, targets, Resamples(patient, 200, 1)), before)


def test_a_label_without_positives_is_undefined_and_left_out_of_the_mean():
    scores, targets, patient = made(200, 3, 40)
    targets[:, 1] = False
    targets[:, 2] = patient == patient[0]
    resamples = Resamples(patient, 50)
    found = replicates(scores, targets, resamples)
    assert np.isnan(found[:, 1]).all()
    is_drawn = times_drawn(resamples)[:, 0] > 0
    assert 0 < is_drawn.sum() < 50
    np.testing.assert_array_equal(np.isnan(found[:, 2]), ~is_drawn)
    means = mean_replicates(found)
    assert means[~is_drawn] == pytest.approx(found[~is_drawn, 0])
    assert means[is_drawn] == pytest.approx(found[is_drawn][:, [0, 2]].mean(axis=1))
    assert np.isnan(mean_replicates(found[:, [1]])).all()


def test_interval_is_the_middle_ninety_five_percent():
    values = np.random.default_rng(0).normal(size=(1000, 3))
    values[::7, 1] = np.nan
    values[:, 2] = np.nan
    found = interval(values)
    for label in (0, 1):
        expected = np.nanpercentile(values[:, label], [2.5, 97.5])
        assert [found.low[label], found.high[label]] == pytest.approx(expected, abs=1e-12)
    assert np.isnan([found.low[2], found.high[2]]).all()
    assert list(found.includes(-1.7)) == [True, True, True]
    assert list(found.includes(9.0)) == [False, False, True], "nothing is known of the last"
    single = interval(values[:, 0])
    assert (float(single.low), float(single.high)) == (found.low[0], found.high[0])
    assert bool(Interval(single.low, single.high).includes(0.0))


def test_pairing_makes_the_interval_of_a_difference_narrow():
    scores, targets, patient = made(3000, 4, 500)
    shift = np.float32(0.05) * targets
    one, other = Resamples(patient, 200), Resamples(patient, 200, seed=1)
    of_better = mean_replicates(replicates(scores + shift, targets, one))
    of_worse = mean_replicates(replicates(scores, targets, one))
    unpaired = mean_replicates(replicates(scores, targets, other))
    paired = interval(of_better - of_worse)
    assert not paired.includes(0.0)
    assert paired.high - paired.low < 0.7 * np.ptp(np.percentile(of_better - unpaired, [2.5, 97.5]))


def test_patients_and_not_images_are_drawn():
    """Ten copies of every image say no more than one: the interval must not shrink."""
    scores, targets, patient = made(600, 2, 600)
    one = interval(replicates(scores, targets, Resamples(patient, 400)))
    tenfold = (np.repeat(part, 10, axis=0) for part in (scores, targets, patient))
    many_scores, many_targets, many_patient = tenfold
    many = interval(replicates(many_scores, many_targets, Resamples(many_patient, 400)))
    np.testing.assert_allclose(many.high - many.low, one.high - one.low, rtol=1e-9)


def test_few_positives_counts_patients():
    patient = np.array([f"p{number // 3}" for number in range(3 * 2 * FEW_PATIENTS)])
    targets = np.zeros((len(patient), 4), dtype=np.bool_)
    targets[: 3 * FEW_PATIENTS, 0] = True
    targets[: 3 * (FEW_PATIENTS - 1), 1] = True
    targets[::3, 2] = True
    assert list(few_positives(targets, patient)) == [False, True, False, True]


def test_whoever_stops_asking_cancels_the_rest():
    scores, targets, patient = made(300, 2, 50)
    blocks = replicate_blocks(scores, targets, Resamples(patient, 2000))
    first = next(blocks)
    assert 0 < len(first) < 2000
    blocks.close()
    assert not [one for one in threading.enumerate() if "ThreadPool" in one.name]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda scores, targets: (scores.astype(np.float64), targets), "float32 and bool"),
        (lambda scores, targets: (scores[1:], targets[1:]), "expected two"),
        (lambda scores, targets: (scores[:, 0], targets[:, 0]), "expected two"),
        (lambda scores, targets: (np.where(targets, np.float32("nan"), scores), targets), "NaN"),
    ],
)
def test_what_does_not_fit_is_refused(change, message):
    scores, targets, patient = made(30, 2, 10)
    with pytest.raises(ValueError, match=message):
        replicates(*change(scores, targets), Resamples(patient, 2))


def test_nothing_to_draw_is_refused():
    with pytest.raises(ValueError, match="nothing to draw"):
        Resamples(np.array([], dtype=np.str_))
    with pytest.raises(ValueError, match="nothing to draw"):
        Resamples(np.array(["a"]), 0)
