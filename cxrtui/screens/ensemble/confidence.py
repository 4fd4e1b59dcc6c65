"""How sure the Ensemble screen can be of what it shows: intervals over other patients."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxrtui.screens.ensemble.work import Pick
from jobs.scoring.bootstrap import Interval


@dataclass(frozen=True, eq=False)
class Confidence:
    """Intervals of a pick, and of its difference to what it is compared with, if anything."""

    pick: Pick
    base: Pick | None
    map: Interval
    change: Interval | None  # of the mAP
    label_change: Interval | None  # (C,) of each label's AP
    is_noise: NDArray[np.bool_]  # (C,) labels whose difference may as well be none
    is_rare: NDArray[np.bool_]  # (C,) labels with too few positives for any of this
