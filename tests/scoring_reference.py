"""Scores the slow and obvious way, image by image, to hold the quick ones to."""

import math
import warnings
from collections import defaultdict

import numpy as np
from sklearn.metrics import average_precision_score

FRONTAL = ("PA", "AP", "FRONTAL")


def slow_average_precision(scores, targets):
    """AP (C,) by scikit-learn, label by label; NaN without positives."""
    found = []
    for score, positive in zip(scores.T, targets.T, strict=True):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = average_precision_score(positive, score) if positive.any() else np.nan
        found.append(value)
    return np.array(found)


def slow_average(members, weights, averaging):
    """Weighted mean (N, C) of members (N, C), number by number."""
    members = [member.astype(np.float64) for member in members]
    forms = [{"logits": _logits, "ranks": _mean_ranks}.get(averaging, np.copy)(m) for m in members]
    mean = sum(weight * each for weight, each in zip(weights, forms, strict=True)) / sum(weights)
    if averaging == "logits":
        mean = np.vectorize(lambda logit: 1 / (1 + math.exp(-logit)), otypes=[float])(mean)
    if averaging == "ranks":
        mean = mean / len(mean)
    return mean.astype(np.float32)


def slow_view_rule(rule, probabilities, study, view, weight):
    """What each image is given (N, C), study by study."""
    by_study = defaultdict(lambda: {True: [], False: []})
    for row, one in enumerate(study):
        if one:
            by_study[one][view[row] in FRONTAL].append(row)
    given = probabilities.copy()
    for kinds in by_study.values():
        means = {
            kind: sum(probabilities[row].astype(np.float64) for row in rows) / len(rows)
            for kind, rows in kinds.items()
            if rows
        }
        if rule == "frontal-mean" and kinds[True]:
            given[kinds[True]] = means[True]
        if rule == "study-mean":
            both = weight * means.get(True, 0) + (1 - weight) * means.get(False, 0)
            given[kinds[True] + kinds[False]] = both if len(means) == 2 else sum(means.values())
    return given


def _logits(member):
    def logit(p):
        p = min(max(p, 2.0**-149), 1 - 2.0**-24)
        return math.log(p) - math.log1p(-p)

    return np.vectorize(logit, otypes=[float])(member)


def _mean_ranks(member):
    below = (member[None] < member[:, None]).sum(axis=1)
    tied = (member[None] == member[:, None]).sum(axis=1)
    return below + (tied + 1) / 2
