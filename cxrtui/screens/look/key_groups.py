"""Which screens and dialogs there are, and what their keys do: read from their own bindings."""

from collections.abc import Iterator
from dataclasses import dataclass

from textual.binding import Binding, BindingType
from textual.dom import DOMNode

from cxrtui.screens.look.keys import shown_keys


@dataclass(frozen=True)
class KeyGroup:
    """A title and the classes whose keys stand below it, the first one the screen's own."""

    title: str
    classes: tuple[type[DOMNode], ...]

    def keys(self) -> Iterator[tuple[str, str]]:
        """(keys, what they do), keys of the same action on one line."""
        found: dict[tuple[type[DOMNode], str], list[Binding]] = {}
        for owner in self.classes:
            for binding in own_bindings(owner):
                found.setdefault((owner, binding.action), []).append(binding)
        for bindings in found.values():
            told = next((one.tooltip for one in bindings if one.tooltip), bindings[0].description)
            yield " ".join(dict.fromkeys(map(shown_keys, bindings))), told


def own_bindings(owner: type[DOMNode]) -> list[Binding]:
    """The bindings that a class itself declares."""
    declared: list[BindingType] = vars(owner).get("BINDINGS", [])
    return [one if isinstance(one, Binding) else Binding(*one) for one in declared]


def key_groups() -> tuple[KeyGroup, ...]:
    """Every screen and dialog, in the order of the help."""
    # Imported here: the application imports what shows them.
    from cxrtui.screens.app import Dashboard
    from cxrtui.screens.away.box import AwayBox
    from cxrtui.screens.ensemble.compare_dialog import CompareDialog
    from cxrtui.screens.ensemble.export_dialog import ExportDialog
    from cxrtui.screens.ensemble.member_list import MemberList
    from cxrtui.screens.ensemble.save_dialog import SaveDialog
    from cxrtui.screens.ensemble.screen import EnsembleScreen
    from cxrtui.screens.ensemble.search_dialog import SearchDialog
    from cxrtui.screens.help_screen import HelpScreen
    from cxrtui.screens.images.case_list import CaseList
    from cxrtui.screens.images.screen import ImagesScreen
    from cxrtui.screens.lasting import LastingApp
    from cxrtui.screens.queue.add import AddDialog
    from cxrtui.screens.queue.confirm import ConfirmDialog
    from cxrtui.screens.queue.details import JobPane
    from cxrtui.screens.queue.filter_field import FilterField
    from cxrtui.screens.queue.screen import QueueScreen
    from cxrtui.screens.queue.table import QueueTable
    from cxrtui.screens.results.claims import ClaimsScreen
    from cxrtui.screens.results.grid import ResultsGrid
    from cxrtui.screens.results.label_screen import LabelScreen
    from cxrtui.screens.results.screen import ResultsScreen
    from cxrtui.screens.run.log_view import LogView
    from cxrtui.screens.run.model_list import ModelList
    from cxrtui.screens.run.screen import RunScreen

    return (
        KeyGroup("Everywhere", (Dashboard, LastingApp)),
        KeyGroup("Run", (RunScreen, ModelList)),
        KeyGroup("Run: searching the log", (LogView,)),
        KeyGroup("Queue", (QueueScreen, QueueTable)),
        KeyGroup("Queue: finding", (FilterField,)),
        KeyGroup("Queue: details", (JobPane,)),
        KeyGroup("Queue: adding", (AddDialog,)),
        KeyGroup("Queue: a question", (ConfirmDialog,)),
        KeyGroup("Results", (ResultsScreen, ResultsGrid)),
        KeyGroup("Results: claims", (ClaimsScreen,)),
        KeyGroup("Results: a label", (LabelScreen,)),
        KeyGroup("Ensemble", (EnsembleScreen, MemberList)),
        KeyGroup("Ensemble: searching", (SearchDialog,)),
        KeyGroup("Ensemble: comparing", (CompareDialog,)),
        KeyGroup("Ensemble: saving", (SaveDialog,)),
        KeyGroup("Ensemble: exporting", (ExportDialog,)),
        KeyGroup("Images", (ImagesScreen, CaseList)),
        KeyGroup("While you were away", (AwayBox,)),
        KeyGroup("This help", (HelpScreen,)),
    )
