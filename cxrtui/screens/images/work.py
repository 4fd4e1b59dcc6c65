"""What a member says of the images of a split, read in a thread."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from textual.message import Message
from textual.worker import get_current_worker

from cxrtui.screens.reporting import FAILURES, Post, in_a_line
from jobs.data.table import ImageTable
from jobs.workspace import Workspace

if TYPE_CHECKING:  # imports Pillow
    from jobs.pictures import Pictures


@dataclass(frozen=True, eq=False)
class MemberScores:
    """What a member says of the N images of a split, for C labels."""

    member: str
    members: tuple[str, ...]  # all that have predicted the split
    table: ImageTable
    order: tuple[str, ...]  # (C,) the labels in the order of display
    scores: NDArray[np.float32]  # (N, C) in the order of the table
    pictures: "Pictures"

    @property
    def split(self) -> str:
        """The split of the images."""
        return self.table.split

    def column(self, label: str) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Scores (N,) of a label, and which images (N,) have it."""
        place = self.table.labels.index(label)
        return self.scores[:, place], self.table.targets[:, place]


class ScoresRead(Message):
    """A member's scores have been read."""

    def __init__(self, scores: MemberScores) -> None:
        super().__init__()
        self.scores = scores


class ScoresUnread(Message):
    """The scores cannot be read: why, in one line for a person."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


def read_scores(workspace: Workspace, recipe: str, split: str, member: str, post: Post) -> None:
    """Read what a member has predicted of a split, and what is true there."""
    worker = get_current_worker()
    message: Message
    try:
        message = ScoresRead(load_scores(workspace, recipe, split, member))
    except FAILURES as error:
        message = ScoresUnread(in_a_line(error))
    if not worker.is_cancelled:
        post(message)


def load_scores(workspace: Workspace, recipe: str, split: str, member: str) -> MemberScores:
    """The scores of a member on a split.

    Raises InputError for a recipe that has not been run or a member without predictions of the
    split, DamagedError for a file that was changed.
    """
    # Imported here: pyarrow and Pillow cost a third of the start-up.
    from pathlib import Path

    from jobs.loading import RecipeHoldings
    from jobs.picking import aligned_members, split_targets
    from jobs.pictures import Pictures, pack_folders
    from jobs.results import display_order

    holdings = RecipeHoldings(workspace, recipe)
    table = split_targets(holdings, split)
    packs = pack_folders(workspace, holdings.models.values())
    return MemberScores(
        member=member,
        members=tuple(name for name in holdings.members if holdings.prediction_set(name, split)),
        table=table,
        order=tuple(display_order(table.labels)),
        scores=aligned_members(holdings, [member], table)[member],
        pictures=Pictures(Path(holdings.data_root), packs),
    )
