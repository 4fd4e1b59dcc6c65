import pytest

from jobs.data.labels import DISPLAY_ORDER, LABELS
from jobs.errors import InputError
from jobs.published import Published, PublishedCell, published


@pytest.fixture(scope="module")
def poster() -> Published:
    return published("cxr-lt-2023")


@pytest.mark.parametrize("split", ["dev", "test"])
@pytest.mark.parametrize("column", range(5))
def test_the_mean_recomputed_is_the_printed_mean(
    poster: Published, column: int, split: str
) -> None:
    values = [getattr(row.cells[column], split) for row in poster.rows]
    printed = getattr(poster.mean.cells[column], split)
    assert sum(values) / len(values) == pytest.approx(printed, abs=0.001)


def test_the_rows_are_the_26_labels_in_the_posters_order(poster: Published) -> None:
    labels = [row.label for row in poster.rows]
    assert labels == list(DISPLAY_ORDER)
    assert sorted(labels) == sorted(LABELS)


@pytest.mark.parametrize(
    ("column", "dev", "test"),
    [
        ("2nd stage", 22, 26),
        ("Oversampling", 8, 5),
        ("Postprocess", 21, 18),
        ("Ensemble", 22, 26),
    ],
)
def test_labels_that_rose_over_the_column_before(
    poster: Published, column: str, dev: int, test: int
) -> None:
    at = poster.columns.index(column)
    pairs = [(row.cells[at - 1], row.cells[at]) for row in poster.rows]
    assert sum(now.dev > before.dev for before, now in pairs) == dev
    assert sum(now.test > before.test for before, now in pairs) == test


def test_what_is_not_available_is_none(poster: Published) -> None:
    without = [model.name for model in poster.models if model.dev_map is None]
    assert without == ["model5"]
    assert all(model.val_map is not None for model in poster.models)
    assert poster.model("figure1") is None
    assert poster.cell("Hernia", "Fourth stage") is None
    assert poster.cell("Heart", "Ensemble") is None


def test_cells_are_found_by_label_and_title(poster: Published) -> None:
    assert poster.cell("Hernia", "Postprocess") == PublishedCell(0.491, 0.481)
    assert poster.mean.cells[-1] == PublishedCell(0.326, 0.330)


def test_notes_are_short_lines(poster: Published) -> None:
    assert poster.notes
    assert all(len(note) <= 120 and "\n" not in note for note in poster.notes)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(InputError, match="known are: cxr-lt-2023"):
        published("../shipped")
