"""The table of the Results screen as it is drawn from any recipe, and its intervals."""

from dataclasses import replace
from typing import Any

import seeded_recipe

from cxrtui.screens.results.confidence import claims_put_to_test, column_confidences
from cxrtui.screens.results.table import drawn_table
from cxrtui.screens.results.view import BOTH, Order, ResultsView
from cxrtui.screens.results.work import LoadedResults
from cxrtui.show.result_rows import drawn_rows
from jobs.confidence import confidence
from jobs.results import result_table
from jobs.scores import RecipeScores


def seeded(resamples: int = 12, **changes: Any) -> LoadedResults:
    """A recipe with two seeds."""
    recipe = seeded_recipe.RECIPE.model_copy(update=changes)
    scores = RecipeScores(recipe, seeded_recipe.predict, seeded_recipe.TARGETS, resamples)
    return LoadedResults(recipe, result_table(scores), scores, None, ())


def test_resampling_breaks_off_between_blocks() -> None:
    loaded = seeded(resamples=300)
    asked = iter([False, True])
    assert not list(column_confidences(loaded, ("dev",), lambda: next(asked)))
    assert not list(asked)
    assert claims_put_to_test(loaded, lambda done, of: None, lambda: True) is None
    whole = list(column_confidences(loaded, ("dev", "test"), lambda: False))
    expected = confidence(loaded.scores)
    for one in whole:
        split = expected.splits[one.split]
        assert (one.own, one.change) == (split.columns[one.column], split.differences[one.column])
        assert one.few_positives == set(split.few_positives)
    assert len(whole) == 2 * len(loaded.table.columns)


def test_with_seeds_the_spread_is_the_last_row() -> None:
    loaded = seeded()
    drawn = drawn_table(loaded, ResultsView(order=Order("column", 1)), {}, 200)
    expected = list(drawn_rows(loaded.table))[-1]
    title, *cells = drawn.rows[-1][0], *drawn.rows[-1][-len(loaded.table.columns) :]
    assert title.plain == expected.title == "± over the seeds"
    assert cells[0].plain.split()[0] == f"{expected.cells[0].dev:.3f}"


def test_labels_and_titles_are_cut_with_a_sign_and_cannot_command_the_terminal() -> None:
    loaded = seeded()
    first = loaded.table.rows[0]
    hostile = replace(first, label="[bold]\x1b[31m" + "long " * 20)
    titles = ("\x9b2J[red]", *loaded.table.columns[1:])
    table = replace(loaded.table, rows=(hostile, *loaded.table.rows[1:]), columns=titles)
    drawn = drawn_table(replace(loaded, table=table), ResultsView(), {}, 60)
    assert drawn.rows[0][0].plain.startswith("[bold]�[31m")
    assert drawn.rows[0][0].plain.endswith("…")
    assert len(drawn.rows[0][0].plain) < drawn.columns[0].width
    texts = [column.title.plain for column in drawn.columns]
    texts += [text.plain for row in drawn.rows for text in row]
    assert not {"\x1b", "\x9b"} & set("".join(texts))


def test_unknown_labels_of_a_split_leave_it_unfinished() -> None:
    scores = RecipeScores(
        seeded_recipe.RECIPE, seeded_recipe.predict, {"dev": seeded_recipe.TARGETS["dev"]}, 12
    )
    loaded = LoadedResults(seeded_recipe.RECIPE, result_table(scores), scores, None, ())
    drawn = drawn_table(loaded, ResultsView(), {}, 200)
    assert drawn.rows[0][-1].plain.split()[-1] == "…"
    assert [one.split for one in column_confidences(loaded, BOTH, lambda: False)] == ["dev"] * len(
        loaded.table.columns
    )
