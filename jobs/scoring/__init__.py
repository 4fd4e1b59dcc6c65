"""Scores of predictions: average precision, and ensembles at every keystroke."""

from jobs.scoring.ap import average_precision
from jobs.scoring.ensembles import EnsembleScorer

__all__ = ["EnsembleScorer", "average_precision"]
