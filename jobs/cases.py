"""Cases of a label: the images that a member is most sure of, and those that it should be."""

from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

# Negatives and positives with the highest scores, and positives with the lowest.
CaseKind = Literal["false positives", "true positives", "missed"]
KINDS: Final[tuple[CaseKind, ...]] = get_args(CaseKind)


def ranked_cases(
    scores: NDArray[np.float32],
    positive: NDArray[np.bool_],
    kind: CaseKind,
    most: int,
    study: NDArray[np.str_] | None = None,
) -> NDArray[np.intp]:
    """The rows (at most `most`) of the cases of a kind, the most telling first.

    `scores` and `positive` (N,) are those of one label; equal scores stay in the order of the
    rows. With `study` (N,) only the first case of each study counts.
    """
    rows = np.flatnonzero(positive if kind != "false positives" else ~positive)
    order = scores[rows] if kind == "missed" else -scores[rows]
    rows = rows[np.argsort(order, kind="stable")]
    return rows[:most] if study is None else _one_a_study(rows, study, most)


def _one_a_study(rows: NDArray[np.intp], study: NDArray[np.str_], most: int) -> NDArray[np.intp]:
    chosen: dict[str, int] = {}
    for row in rows.tolist():
        if len(chosen) == most:
            break
        chosen.setdefault(str(study[row]), row)
    return np.array(list(chosen.values()), dtype=np.intp)
