"""What the dashboard and its scoring process write to each other: lines of JSON."""

import json
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np

from cxrtui.screens.ensemble.confidence import Confidence
from cxrtui.screens.ensemble.work import LoadedSplit, Pick
from jobs.choice import Choice
from jobs.scoring.bootstrap import Interval
from jobs.scoring.ensembles import Score


@dataclass(frozen=True)
class Request:
    """What somebody wants to see now; what was asked for before is wanted no more."""

    split: str
    choice: Pick | None = None
    missing: tuple[Pick, ...] = ()  # without a score, first what matters most
    confide: tuple[Pick, Pick | None] | None = None  # a pick, and what it is compared with
    likely: tuple[Pick, ...] = ()  # what the next key may ask for


@dataclass(frozen=True, eq=False)
class SplitTold:
    """A split has been read; None if nobody has predicted it."""

    split: str
    loaded: LoadedSplit | None


@dataclass(frozen=True, eq=False)
class ScoreTold:
    """What a pick scores: an ensemble, or a member alone."""

    pick: Pick
    score: Score


@dataclass(frozen=True, eq=False)
class ConfidenceTold:
    """How sure one can be of what a pick scores."""

    confidence: Confidence


@dataclass(frozen=True)
class FailureTold:
    """Why a split cannot be read, in one line for a person."""

    text: str


Reply = SplitTold | ScoreTold | ConfidenceTold | FailureTold


def request_line(request: Request) -> str:
    """A request as one line."""
    return _line(request)


def request_of(line: str) -> Request:
    """The request that a line stands for."""
    read = json.loads(line)
    confide = read["confide"]
    return Request(
        read["split"],
        read["choice"] and _pick(read["choice"]),
        tuple(_pick(one) for one in read["missing"]),
        None if confide is None else (_pick(confide[0]), confide[1] and _pick(confide[1])),
        tuple(_pick(one) for one in read["likely"]),
    )


def reply_line(reply: Reply) -> str:
    """A reply as one line."""
    return _line({type(reply).__name__: reply})


def reply_of(line: str) -> Reply:
    """The reply that a line stands for."""
    [(kind, read)] = json.loads(line).items()
    if kind == SplitTold.__name__:
        return SplitTold(read["split"], read["loaded"] and _loaded(read["loaded"]))
    if kind == ScoreTold.__name__:
        return ScoreTold(_pick(read["pick"]), _score(read["score"]))
    if kind == ConfidenceTold.__name__:
        return ConfidenceTold(_confidence(read["confidence"]))
    return FailureTold(read["text"])


def _line(told: object) -> str:
    return json.dumps(told, default=_plain) + "\n"  # NaN is NaN on both sides


def _plain(value: Any) -> Any:
    """Something in terms that JSON has."""
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    return sorted(value) if isinstance(value, frozenset) else value.tolist()


def _pick(read: Any) -> Pick:
    weights = tuple((name, weight) for name, weight in read["weights"])
    return Pick(**{**read, "weights": weights})


def _score(read: Any) -> Score:
    return Score(np.array(read["per_label"], dtype=np.float64), read["map"], read["groups"])


def _loaded(read: Any) -> LoadedSplit:
    lists = ("members", "labels", "order", "groups", "positives")
    made = {
        "default": Choice(**read["default"]),
        "saved": frozenset(read["saved"]),
        "choices": {name: Choice(**one) for name, one in read["choices"].items()},
        "published": {name: _score(one) for name, one in read["published"].items()},
    }
    return LoadedSplit(**{**read, **{name: tuple(read[name]) for name in lists}, **made})


def _confidence(read: Any) -> Confidence:
    return Confidence(
        _pick(read["pick"]),
        read["base"] and _pick(read["base"]),
        _interval(read["map"]),
        read["change"] and _interval(read["change"]),
        read["label_change"] and _interval(read["label_change"]),
        np.array(read["is_noise"], dtype=np.bool_),
        np.array(read["is_rare"], dtype=np.bool_),
    )


def _interval(read: Any) -> Interval:
    return Interval(*(np.array(read[end], dtype=np.float64) for end in ("low", "high")))
