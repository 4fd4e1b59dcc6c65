"""What the Results screen has read: the recipe's table, scored as `cxrtui results` does.

Imported only in a thread, or once there is something to show: pyarrow and what else reads
predictions cost a fifth of the start-up.
"""

from dataclasses import dataclass
from functools import cached_property

from rich.text import Text

from cxrtui.screens.results.label import ModelSign, model_signs
from cxrtui.show.result_parts import Results
from cxrtui.show.result_rows import DrawnRow, drawn_rows
from cxrtui.show.scores import publication, scores_of, with_table
from jobs.choice import column_choices
from jobs.errors import InputError
from jobs.loading import RecipeHoldings
from jobs.published import Published
from jobs.recipe.schema import Recipe
from jobs.results import ResultTable
from jobs.scores import RecipeScores
from jobs.workspace import Workspace


@dataclass(frozen=True, eq=False)
class LoadedResults:
    """The table of a recipe at one moment, and the scores behind it."""

    recipe: Recipe
    table: ResultTable
    scores: RecipeScores
    published: Published | None
    remarks: tuple[str, ...]

    @cached_property
    def drawn_cells(self) -> dict[object, Text]:
        """Cells of the table that were drawn before, by what they show."""
        return {}

    @property
    def is_begun(self) -> bool:
        """Whether any column has a number."""
        return any(column.dev or column.test for column in self.table.finished)

    @cached_property
    def rows(self) -> tuple[DrawnRow, ...]:
        """The rows as all formats have them, with what was published of each cell."""
        return tuple(drawn_rows(self.table, self.published))

    @cached_property
    def members(self) -> tuple[tuple[str, ...], ...]:
        """The models that each column scores, each of them once."""
        return tuple(
            tuple(
                dict.fromkeys(
                    name
                    for choice in column_choices(self.recipe, column)
                    for name in choice.weights
                )
            )
            for column in self.recipe.columns
        )

    @cached_property
    def signs(self) -> dict[str, ModelSign]:
        """How the models of the columns are told apart on a chart, by name."""
        return model_signs(self.recipe, self.members)


def load_results(workspace: Workspace, recipe: str) -> LoadedResults:
    """Read and score all that has been predicted.

    Raises InputError for a recipe that has not been run or has no columns, DamagedError for a
    file that was changed.
    """
    holdings = RecipeHoldings(workspace, recipe)
    if not holdings.recipe.columns:
        raise InputError(
            f"recipe {recipe} has no [[columns]] to show: "
            "each has a title and the name of a model or an ensemble"
        )
    scores = scores_of(holdings)
    found = with_table(Results(recipe), scores)
    if found.table is None:
        raise LookupError("scored, and no table")
    printed = publication(holdings, poster=True)
    return LoadedResults(holdings.recipe, found.table, scores, printed, found.remarks)
