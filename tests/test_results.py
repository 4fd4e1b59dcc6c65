"""The result table: which predictions fill it, what is bold, what scripts and people read."""

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from sklearn.metrics import average_precision_score

from cxrtui.show import result_formats
from cxrtui.show.result_formats import FORMATS
from cxrtui.show.result_parts import Results
from cxrtui.show.result_table import result_table
from jobs.data.labels import DISPLAY_ORDER, LABELS
from jobs.data.table import ImageTable
from jobs.errors import DamagedError
from jobs.predictions import PredictionSet
from jobs.published import published
from jobs.recipe.load import load_recipe
from jobs.results import _cells, build_results, display_order, rose, to_json

RECIPE = load_recipe("cxr-lt-2023").recipe
POSTER_ENSEMBLE = next(one for one in RECIPE.ensembles if one.name == "poster")
POSTER = published("cxr-lt-2023")
ROWS = 120


def target_table(split, labels=LABELS):
    generator = np.random.default_rng(["train", "dev", "test"].index(split))
    targets = generator.random((ROWS, len(labels))) < np.linspace(0.4, 0.05, len(labels))
    targets[0] = True
    if split == "dev":
        targets[:, labels.index("Fibrosis")] = False
    image = np.array([f"{split}{row:04}" for row in range(ROWS)])
    study = np.sort(generator.integers(0, ROWS // 2, ROWS)).astype(np.str_)
    view = generator.choice(["PA", "AP", "LATERAL", ""], ROWS)
    return ImageTable(split, labels, image, study, study, view, image, targets)


TARGETS = {split: target_table(split) for split in ("train", "dev", "test")}


def predict(model, split):
    table = TARGETS[split]
    generator = np.random.default_rng([int(model[-1]), len(split)])
    noise = generator.random(table.targets.shape, dtype=np.float32)
    made = (0.5 * noise + 0.3 * table.targets * generator.random()).astype(np.float32)
    return PredictionSet(
        split, table.labels, table.image, table.study, table.patient, table.view, made
    )


def shuffled(model, split):
    """The same predictions, rows and labels in another order."""
    made = predict(model, split)
    rows = np.random.default_rng(7).permutation(ROWS)
    labels = np.random.default_rng(8).permutation(len(made.labels))
    return PredictionSet(
        split,
        tuple(made.labels[place] for place in labels),
        *(getattr(made, name)[rows] for name in ("image", "study", "patient", "view")),
        made.probabilities[rows][:, labels],
    )


TABLE = build_results(RECIPE, predict, TARGETS)


def render(table, form, beside=None, width=120):
    return result_formats.render(Results("any", table=table, published=beside), form, width)


def with_ensemble(**changes):
    others = [one for one in RECIPE.ensembles if one is not POSTER_ENSEMBLE]
    changed = POSTER_ENSEMBLE.model_copy(update=changes)
    return RECIPE.model_copy(update={"ensembles": (*others, changed)})


def test_cells_are_scikit_learns():
    for split in ("dev", "test"):
        for column, model in enumerate(["model0", "model2", "model3"]):
            made = predict(model, split)
            for row in TABLE.rows:
                place = LABELS.index(row.label)
                targets = TARGETS[split].targets[:, place]
                found = getattr(row.cells[column], split)
                if not targets.any():
                    assert found is None
                    continue
                expected = average_precision_score(targets, made.probabilities[:, place])
                assert found == pytest.approx(expected, abs=1e-12)


def test_mean_is_over_the_labels_that_have_one():
    for column, mean in enumerate(TABLE.mean):
        values = [row.cells[column].dev for row in TABLE.rows]
        assert values.count(None) == 1
        assert mean.dev == pytest.approx(np.mean([value for value in values if value is not None]))


def test_order_of_rows_labels_and_members_does_not_matter():
    assert build_results(RECIPE, shuffled, TARGETS) == TABLE
    members = POSTER_ENSEMBLE.members
    assert build_results(with_ensemble(members=members[::-1]), predict, TARGETS) == TABLE
    weighted = with_ensemble(members=members, weights=(1.0, 2.0, 3.0, 4.0))
    turned = with_ensemble(members=members[::-1], weights=(4.0, 3.0, 2.0, 1.0))
    result = build_results(weighted, predict, TARGETS)
    assert result == build_results(turned, predict, TARGETS)
    assert result != TABLE


def test_rows_of_the_table_in_another_order_score_the_same():
    rows = np.random.default_rng(3).permutation(ROWS)
    turned = {split: table.take(rows, split) for split, table in TARGETS.items()}
    found = build_results(RECIPE, predict, turned)
    for before, after in zip(TABLE.rows, found.rows, strict=True):
        for one, two in zip(before.cells, after.cells, strict=True):
            assert one.dev == pytest.approx(two.dev, abs=1e-6)


def without_a_row(made):
    names = ("image", "study", "patient", "view", "probabilities")
    return replace(made, **{name: getattr(made, name)[1:] for name in names})


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (without_a_row, "image dev0000 and 0 more missing"),
        (lambda made: replace(made, image=np.roll(np.append(made.image[1:], "x"), 1)), "missing"),
        (lambda made: replace(made, labels=("Other", *made.labels[1:])), "Atelectasis .* missing"),
        (lambda made: replace(made, split="test"), "split 'test'"),
    ],
)
def test_predictions_of_other_images_are_no_table(damage, message):
    def damaged(model, split):
        made = predict(model, split)
        return damage(made) if (model, split) == ("model3", "dev") else made

    with pytest.raises(DamagedError, match=message) as caught:
        build_results(RECIPE, damaged, TARGETS)
    assert "model3" in str(caught.value)
    assert "retry" in str(caught.value)


def test_what_is_not_predicted_yet_is_unfinished():
    def some(model, split):
        return (
            None
            if (model, split) in {("model2", "dev"), ("model7", "test")}
            else predict(model, split)
        )

    table = build_results(RECIPE, some, TARGETS)
    assert [column.dev for column in table.finished] == [True, False, True, True, True]
    assert [column.test for column in table.finished] == [True, True, True, True, False]
    assert table.mean[1].dev is None
    assert table.mean[4].test is None
    assert table.mean[1].test == TABLE.mean[1].test
    assert not any(row.cells[2].best_dev for row in table.rows), "its forerunner is unknown"
    assert rose(table)[0].dev_of == 0
    nothing = build_results(RECIPE, predict, {})
    assert not any(column.dev or column.test for column in nothing.finished)
    assert nothing.rows[0].positives_dev is None
    json.dumps(to_json(nothing), allow_nan=False)


NUMBER = st.sampled_from([0.1, 0.2, np.nextafter(0.2, 1), 0.3, np.nan])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(NUMBER, NUMBER), min_size=1, max_size=6))
def test_best_is_strictly_greater_than_all_before(values):
    cells = _cells(*np.array(values).T)
    for place, cell in enumerate(cells):
        for split, best in ((0, cell.best_dev), (1, cell.best_test)):
            before = [pair[split] for pair in values[:place]]
            assert best == (place > 0 and all(values[place][split] > one for one in before))


def test_rose_counts_labels_over_the_column_before():
    first = rose(TABLE)[0]
    pairs = [(row.cells[0], row.cells[1]) for row in TABLE.rows]
    assert first.column == "2nd stage"
    assert first.test == sum(after.test > before.test for before, after in pairs)
    assert (first.dev_of, first.test_of) == (25, 26)
    assert len(rose(TABLE)) == 4


def test_labels_that_rose_stand_below_the_table_beside_those_of_the_poster():
    for form in ("table", "markdown", "html"):
        text = render(TABLE, form, POSTER)
        for rise in rose(TABLE):
            assert f"{rise.dev} of {rise.dev_of} rose, mAP " in text
            assert f"{rise.test} of {rise.test_of} rose, mAP " in text
        for printed in ("22 / 26 rose", "8 / 5 rose", "21 / 18 rose", "22 / 26 rose"):
            assert printed in text
    change = TABLE.mean[1].test - TABLE.mean[0].test
    assert f"26 rose, mAP {change:+.3f}" in render(TABLE, "table")
    found = json.loads(render(TABLE, "json"))["rose"]
    assert [one["dev"] for one in found] == [
        {"rose": rise.dev, "of": rise.dev_of} for rise in rose(TABLE)
    ]


def test_order_of_labels():
    assert tuple(row.label for row in TABLE.rows) == DISPLAY_ORDER
    assert display_order(("Hernia", "Support Devices")) == ("Support Devices", "Hernia")
    assert display_order(("Zoster", "Hernia")) == ("Zoster", "Hernia")


def test_groups_follow_the_training_split():
    assert TABLE.rows[0].group in ("head", "medium", "tail")
    assert set(TABLE.groups) == {row.group for row in TABLE.rows}
    for group, cells in TABLE.groups.items():
        values = [row.cells[4].test for row in TABLE.rows if row.group == group]
        assert cells[4].test == pytest.approx(np.mean(values))
    known = {split: TARGETS[split] for split in ("dev", "test")}
    assert build_results(RECIPE, predict, known).groups == {}


def test_json_is_the_contract():
    document = json.loads(render(TABLE, "json"))
    assert document["recipe"] == "cxr-lt-2023"
    assert document["columns"] == [column.title for column in RECIPE.columns]
    assert len(document["rows"]) == 26
    for row in document["rows"]:
        targets = TARGETS["test"].targets[:, LABELS.index(row["label"])]
        assert row["positives"]["test"] == targets.sum()
        assert len(row["cells"]) == 5
        for cell in row["cells"]:
            assert set(cell) == {"dev", "test", "best"}
            assert set(cell["best"]) == {"dev", "test"}
            assert (cell["dev"] is None) == (row["label"] == "Fibrosis")
    assert len(document["mean"]["cells"]) == 5
    assert (
        json.loads(render(TABLE, "json", POSTER))["published"]["mean"]["cells"][0]["dev"] == 0.286
    )


def test_csv_is_unrounded():
    header, *lines = csv.reader(io.StringIO(render(TABLE, "csv", POSTER)))
    assert header[4:8] == [
        f"1st stage {kind}" for kind in ("dev", "test", "published dev", "published test")
    ]
    assert float(lines[0][4]) == TABLE.rows[0].cells[0].dev
    assert float(lines[0][6]) == 0.870
    assert lines[-2][0] == "Mean"
    assert {len(line) for line in lines} == {len(header)}
    rises = [("", ""), *((str(one.dev), str(one.test)) for one in rose(TABLE))]
    assert lines[-1][0] == "labels that rose"
    assert [*zip(lines[-1][4::4], lines[-1][5::4], strict=True)] == rises


@pytest.mark.parametrize("width", [20, 60, 80, 120, 200])
@pytest.mark.parametrize("beside", [None, POSTER])
def test_nothing_is_cut_off(width, beside):
    text = render(TABLE, "table", beside, width)
    lines = text.splitlines()
    assert max(map(len, lines)) <= width
    separator = " / " if f"{TABLE.mean[0].dev:.3f} / " in text else "/"
    for cell in (*TABLE.mean, *TABLE.rows[0].cells):
        assert f"{cell.dev:.3f}{separator}{cell.test:.3f}" in text
    for cell in POSTER.mean.cells if beside else ():
        assert f"{cell.dev:.3f}{separator}{cell.test:.3f}" in text
    blocks = sum(line.startswith("Label ") for line in lines)
    assert blocks == 1 or width < 80


def test_poster_stands_beside_where_there_is_room_else_below():
    def line(width):
        text = render(TABLE, "table", POSTER, width)
        return next(one for one in text.splitlines() if one.startswith("Support Devices"))

    assert "0.870 / 0.865" in line(200)
    assert "0.870 / 0.865" not in line(120)


def test_best_is_bold_on_a_terminal():
    console = Console(
        width=120, record=True, file=io.StringIO(), color_system="truecolor", force_terminal=True
    )
    console.print(result_table(TABLE, 120))
    bold = [
        segment.text
        for segment in console._record_buffer
        if segment.style is not None and segment.style.bold
    ]
    expected = [
        f"{value:.3f}"
        for cells in [*(row.cells for row in TABLE.rows), *TABLE.groups.values(), TABLE.mean]
        for cell in cells
        for value, best in ((cell.dev, cell.best_dev), (cell.test, cell.best_test))
        if best
    ]
    assert [text for text in bold if text.startswith("0.")] == expected


HOSTILE = "[red]<script>\x1b[31m|x*"


def test_labels_from_outside_are_harmless():
    hostile = replace(TABLE, rows=(replace(TABLE.rows[0], label=HOSTILE),), recipe=HOSTILE)
    hostile = replace(hostile, columns=(HOSTILE, *TABLE.columns[1:]))
    for form in FORMATS:
        text = render(hostile, form, POSTER)
        assert "\x1b" not in text
        assert form == "html" or "[red]" in text or r"\[red\]" in text
    assert "<script>" not in render(hostile, "html")
    assert "&lt;script&gt;" in render(hostile, "html")
    assert r"\|x\*" in render(hostile, "markdown")


def test_signs_for_undefined_and_unfinished():
    table = build_results(RECIPE, lambda *_: None, TARGETS)
    assert "\N{HORIZONTAL ELLIPSIS}" in render(table, "table")
    fibrosis = next(one for one in render(TABLE, "markdown").splitlines() if "Fibrosis" in one)
    assert fibrosis.startswith("| Fibrosis | - / 0.")


def test_documents_are_whole():
    page = render(TABLE, "html", POSTER)
    assert page.startswith("<!doctype html>")
    assert "src=" not in page
    assert page.count("<tr>") == (1 + 26 + len(TABLE.groups) + 1) + (1 + 4)
    markdown = render(TABLE, "markdown", POSTER).split("\n\n")[0].splitlines()
    assert {line.count("|") for line in markdown} == {7}
    assert any("**" in line for line in markdown)


def test_poster_means_are_those_of_its_rows():
    for column, mean in enumerate(POSTER.mean.cells):
        cells = [row.cells[column] for row in POSTER.rows]
        assert np.mean([cell.dev for cell in cells]) == pytest.approx(mean.dev, abs=1e-3)
        assert np.mean([cell.test for cell in cells]) == pytest.approx(mean.test, abs=1e-3)


def test_groups_stand_from_head_to_tail_whatever_the_order_of_the_labels() -> None:
    targets = np.zeros((200, 3), dtype=bool)
    targets[:1, 0] = targets[:10, 1] = targets[:100, 2] = True
    names = np.array([f"i{number}" for number in range(200)])
    train = ImageTable("train", ("rare", "some", "many"), *[names] * 5, targets)
    recipe = RECIPE.model_copy(update={"labels": train.labels})
    table = build_results(recipe, lambda model, split: None, {"train": train})
    assert [row.group for row in table.rows] == ["tail", "medium", "head"]
    assert list(table.groups) == ["head", "medium", "tail"]
