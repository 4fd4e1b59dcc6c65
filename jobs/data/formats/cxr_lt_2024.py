"""CXR-LT 2024: one training file, and files of three tasks, on the images of MIMIC-CXR-JPG.

`cxr-lt-2024/train_labeled.csv` has the 40 labels of task 1; task 2 asks for 26 of them on images
that were labelled by hand. The five of task 3 are zero-shot: they are in no training file.
"""

from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from jobs.data.faults import Faults
from jobs.data.folders import label_file
from jobs.data.formats.mimic import read_part
from jobs.data.formats.mimic_metadata import fill_views
from jobs.data.labels import ZERO_SHOT
from jobs.data.part import Part
from jobs.recipe.schema import DataSettings

FOLDER: Final = "cxr-lt-2024"
FILES: Final = {
    "train": "train_labeled.csv",
    "dev": "development_labeled_task{}.csv",
    "test": "test_labeled_task{}.csv",
}


def read(
    root: Path, settings: DataSettings, labels: tuple[str, ...], faults: Faults
) -> dict[str, Part]:
    """The three parts of a task.

    Zero-shot labels are told as a fault of the training file that stops, and are negative there,
    so that the other files can still be looked at.
    """
    unseen = tuple(label for label in labels if label in ZERO_SHOT)
    parts = {}
    for part, pattern in FILES.items():
        file = label_file(root, pattern.format(settings.task or 1), FOLDER)
        own = tuple(one for one in labels if one not in unseen) if part == "train" else labels
        parts[part] = read_part(file, part, "fpath", settings, own, faults)
    if unseen:
        problem = "zero-shot labels of task 3, absent here: no model can be trained on them"
        faults.stop(parts["train"].file, problem, row=1, column=", ".join(unseen))
        parts["train"] = _with_unseen(parts["train"], labels)
    return fill_views(root, settings, parts, faults)


def _with_unseen(part: Part, labels: tuple[str, ...]) -> Part:
    """The part with all of the labels, those that it does not have being negative."""
    targets = np.zeros((len(part.table), len(labels)), dtype=bool)
    targets[:, [labels.index(label) for label in part.table.labels]] = part.table.targets
    return replace(part, table=replace(part.table, labels=labels, targets=targets))
