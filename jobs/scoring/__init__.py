"""Scores of predictions: average precision, and ensembles at every keystroke."""

from jobs.processor import choose_sorts

choose_sorts()

from jobs.scoring.ap import average_precision  # noqa: E402  (numpy comes after the choice)
from jobs.scoring.ensembles import EnsembleScorer  # noqa: E402  (numpy, too)

__all__ = ["EnsembleScorer", "average_precision"]
