"""Parts of the report by themselves: the graph, and the curves of labels against slow ones."""

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss

from cxrtui.report.graph import BOX, draw_graph
from cxrtui.report.label_curves import BINS, POINTS, label_curves
from cxrtui.report.label_figures import draw_label
from cxrtui.report.model_sheets import ensemble_sheet
from cxrtui.report.settings import settings_sheets
from cxrtui.report.sheets import Piece
from jobs.recipe.load import load_recipe, shipped_recipes


@pytest.mark.parametrize("name", shipped_recipes())
def test_boxes_do_not_overlap_and_arrows_follow_lineages(name):
    recipe = load_recipe(name).recipe
    drawing = draw_graph(recipe)
    places = {box.name: (box.x, box.y) for box in drawing.boxes}
    assert set(places) == {model.base for model in recipe.models}
    for one, (x, y) in places.items():
        assert 0 <= x <= drawing.width - BOX[0]
        assert 0 <= y <= drawing.height - BOX[1]
        for other, (left, top) in places.items():
            assert one == other or abs(x - left) >= BOX[0] or abs(y - top) >= BOX[1]
    bases = {model.name: model.base for model in recipe.models}
    wanted = {(bases[one.parent], one.base) for one in recipe.models if one.parent}
    assert len(drawing.arrows) == len(wanted)
    tips = {(places[child][0], places[child][1] + BOX[1] / 2) for _, child in wanted}
    assert {(arrow.x, arrow.y) for arrow in drawing.arrows} == tips


def test_members_of_ensembles_are_marked():
    boxes = {box.name: box for box in draw_graph(load_recipe("cxr-lt-2023").recipe).boxes}
    marked = {name for name, box in boxes.items() if "poster" in box.ensembles}
    assert marked == {"model3", "model4", "model6", "model7"}
    assert boxes["figure1"].optional
    assert not boxes["model1"].optional


def test_repeats_with_other_seeds_are_told_once():
    recipe = load_recipe("phantom-study").recipe
    bases = list(dict.fromkeys(model.base for model in recipe.models))
    differ, same = settings_sheets(recipe)
    assert [row.head for row in differ.rows] == bases
    ensembles = ensemble_sheet(recipe)
    texts = [
        piece.text
        for sheet in (differ, same, ensembles)
        for row in sheet.rows
        for cell in row.cells
        for piece in (*cell, Piece(row.head))
    ]
    assert not [text for text in texts if "-s0" in text or "-s1" in text]
    assert ", ".join(map(str, recipe.seeds)) in texts


def drawn(images, seed=0, ties=False):
    rng = np.random.default_rng(seed)
    targets = rng.random((images, 3)) < (0.4, 0.1, 0.02)
    scores = rng.random((images, 3)) * 0.5 + targets * rng.random((images, 3)) * 0.5
    return (np.round(scores, 1) if ties else scores).astype(np.float32), targets


@pytest.mark.parametrize("ties", [False, True])
def test_curves_are_those_of_a_slow_reference(ties):
    scores, targets = drawn(90, ties=ties)
    found = label_curves(["a", "b", "c"], scores, targets, np.array([False, True, False]))
    for place, curves in enumerate(found.values()):
        score, target = scores[:, place].astype(np.float64), targets[:, place]
        points = {}
        for threshold in sorted(set(score), reverse=True):
            taken = score >= threshold
            points.setdefault(target[taken].sum() / target.sum(), target[taken].mean())
        points.setdefault(0.0, 1.0)
        expected = dict(zip(curves.recall, curves.precision, strict=True))
        assert {level: expected[level] for level in expected if level} == pytest.approx(
            {level: points[level] for level in points if level}
        )
        steps = np.diff(curves.recall) @ curves.precision[1:]
        assert steps == pytest.approx(curves.ap)
        assert curves.brier == pytest.approx(brier_score_loss(target, score))
        assert (curves.positives, curves.images) == (target.sum(), 90)
        edges = np.percentile(score, np.arange(1, BINS) * 100 / BINS)
        bins = [[] for _ in range(BINS)]
        for one, is_there in zip(score, target, strict=True):
            bins[sum(one > edge for edge in edges)].append((one, is_there))
        means = [np.mean(each, axis=0) for each in bins if each]
        assert list(curves.predicted) == pytest.approx([mean[0] for mean in means])
        assert list(curves.observed) == pytest.approx([mean[1] for mean in means])
        wrong = sum(abs(sum(one - there for one, there in each)) for each in bins) / 90
        assert curves.calibration_error == pytest.approx(wrong)
    assert [one.few for one in found.values()] == [False, True, False]


def test_long_curves_are_thinned_and_keep_their_ends():
    scores, targets = drawn(4000)
    curves = label_curves(["a", "b", "c"], scores, targets, np.zeros(3, bool))["a"]
    assert len(curves.recall) == POINTS
    assert (curves.recall[0], curves.recall[-1]) == (0, 1)
    assert (np.diff(curves.recall) > 0).all()
    assert np.diff(curves.recall) @ curves.precision[1:] == pytest.approx(curves.ap, abs=0.01)
    picture = draw_label(curves, None)
    assert picture == draw_label(curves, None)
    assert picture.startswith(b"<svg")
    assert len(picture) < 40_000


def test_a_label_that_all_or_none_have_is_left_out():
    scores, targets = drawn(50)
    targets[:, 0], targets[:, 1] = True, False
    assert set(label_curves(["a", "b", "c"], scores, targets, np.zeros(3, bool))) == {"c"}
