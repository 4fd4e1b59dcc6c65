"""What the Results screen does in threads; each function posts what it finds, until cancelled.

What reads predictions is imported in the functions: it costs a fifth of the start-up.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual.message import Message
from textual.worker import get_current_worker

from cxrtui.screens.messages import WorkFailed
from cxrtui.screens.reporting import FAILURES, Post, in_a_line
from cxrtui.screens.results.messages import (
    ClaimsAdvanced,
    ClaimsTested,
    ColumnSure,
    LabelRead,
    LabelUnread,
    ResultsLoaded,
)
from jobs.workspace import Workspace

if TYPE_CHECKING:
    from cxrtui.screens.results.label import ModelSign
    from cxrtui.screens.results.work import LoadedResults


def load(workspace: Workspace, recipe: str, post: Post) -> None:
    """Read and score all that has been predicted."""
    from cxrtui.screens.results.work import load_results

    worker = get_current_worker()
    message: Message
    try:
        message = ResultsLoaded(load_results(workspace, recipe))
    except FAILURES as error:
        message = WorkFailed(in_a_line(error))
    if not worker.is_cancelled:
        post(message)


def resample(
    loaded: "LoadedResults", splits: tuple[str, ...], *, with_claims: bool, post: Post
) -> None:
    """Work out what the claims come to, if that is asked for, and intervals on these splits."""
    from cxrtui.screens.results.confidence import claims_put_to_test, column_confidences

    worker = get_current_worker()

    def told(done: int, of: int) -> None:
        post(ClaimsAdvanced(done, of))

    if with_claims:
        tested = claims_put_to_test(loaded, told, lambda: worker.is_cancelled)
        if tested is not None:
            post(ClaimsTested(loaded, tested))
    for found in column_confidences(loaded, splits, lambda: worker.is_cancelled):
        post(ColumnSure(loaded, found))


def read_curves(
    workspace: Workspace, recipe: str, signs: "Mapping[str, ModelSign]", label: str, post: Post
) -> None:
    """Read a label's AP over the epochs."""
    from cxrtui.screens.results.label import read_label

    worker = get_current_worker()
    message: Message
    try:
        with workspace.database.read() as connection:
            message = LabelRead(read_label(connection, recipe, signs, label))
    except FAILURES as error:
        message = LabelUnread(in_a_line(error))
    if not worker.is_cancelled:
        post(message)
