"""Scores of predictions: average precision, and ensembles at every keystroke."""

from jobs.processor import choose_sorts

choose_sorts()  # before numpy is imported

from jobs.scoring.ap import average_precision  # noqa: E402
from jobs.scoring.ensembles import EnsembleScorer  # noqa: E402

__all__ = ["EnsembleScorer", "average_precision"]
