"""All that a dashboard is made of: what takes long to import, imported in one place."""

from cxrtui.screens.away.view import KeptView
from cxrtui.screens.ensemble.screen import EnsembleScreen
from cxrtui.screens.feed.feed import Feed
from cxrtui.screens.known import Known
from cxrtui.screens.queue.screen import QueueScreen
from cxrtui.screens.results.screen import ResultsScreen
from cxrtui.screens.run.screen import RunScreen

__all__ = [
    "EnsembleScreen",
    "Feed",
    "KeptView",
    "Known",
    "QueueScreen",
    "ResultsScreen",
    "RunScreen",
]
