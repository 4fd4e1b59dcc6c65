"""How much a data set has: rows, patients, studies, views, and positives of each label."""

from collections import Counter
from dataclasses import dataclass

from jobs.data.labels import Group, group_of
from jobs.data.part import Part
from jobs.data.table import ImageTable


@dataclass(frozen=True)
class SplitCount:
    """How much one split has."""

    rows: int
    patients: int
    studies: int


@dataclass(frozen=True)
class LabelCount:
    """How often a label is positive; its group follows from the share of the training images.

    Those are the images of train and val.
    """

    label: str
    positives: int  # among the training images
    share: float  # of them
    by_split: dict[str, int]
    group: Group


@dataclass(frozen=True)
class Counts:
    """What a data set has in all, in each split, and of each label."""

    rows: int
    patients: int
    studies: int
    views: dict[str, int]  # commonest first; "" where it is missing
    splits: dict[str, SplitCount]  # train, val, dev, test; no val where it cannot be split off
    labels: tuple[LabelCount, ...]


def count_data(parts: dict[str, Part], splits: dict[str, ImageTable]) -> Counts:
    """Count the parts that files have, and the splits that come of them."""
    whole = [part.table for part in parts.values()]
    views = sum((Counter(table.view.tolist()) for table in whole), Counter[str]())
    return Counts(
        rows=sum(map(len, whole)),
        patients=len(set().union(*(table.patient.tolist() for table in whole))),
        studies=len(set().union(*(table.study.tolist() for table in whole))),
        views=dict(views.most_common()),
        splits={name: _split(table) for name, table in splits.items()},
        labels=_labels(splits),
    )


def _split(table: ImageTable) -> SplitCount:
    return SplitCount(len(table), len(set(table.patient.tolist())), len(set(table.study.tolist())))


def _labels(splits: dict[str, ImageTable]) -> tuple[LabelCount, ...]:
    by_split = {name: table.targets.sum(axis=0).tolist() for name, table in splits.items()}
    training = [name for name in ("train", "val") if name in splits]
    images = sum(len(splits[name]) for name in training)
    found = []
    for column, label in enumerate(splits["train"].labels):
        counts = {name: positives[column] for name, positives in by_split.items()}
        positives = sum(counts[name] for name in training)
        share = positives / images
        found.append(LabelCount(label, positives, share, counts, group_of(share)))
    return tuple(found)
