"""The Ensemble screen: tick members on the left, the per-label AP table moves on the right."""

from collections.abc import Mapping
from functools import partial
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widgets import OptionList

from cxrtui.screens.away.file import Setting
from cxrtui.screens.ensemble import threads
from cxrtui.screens.ensemble.bases import Base
from cxrtui.screens.ensemble.compare_dialog import CompareDialog
from cxrtui.screens.ensemble.export_dialog import ExportDialog, Wanted
from cxrtui.screens.ensemble.found import members_text
from cxrtui.screens.ensemble.messages import FileWritten, SplitLoaded
from cxrtui.screens.ensemble.save_dialog import SaveDialog
from cxrtui.screens.ensemble.saving import refuse_read_only
from cxrtui.screens.ensemble.scorer import Scorer, StartScorer
from cxrtui.screens.ensemble.scoring import ScoringScreen
from cxrtui.screens.ensemble.search_dialog import SearchDialog
from cxrtui.screens.ensemble.settings import restore_settings, settings_of
from cxrtui.screens.ensemble.work import Pick
from cxrtui.screens.known import Known
from cxrtui.screens.messages import EnsembleSaved
from cxrtui.show.plain import plain
from jobs.choice import Choice
from jobs.errors import InputError
from jobs.workspace import Workspace


class EnsembleScreen(ScoringScreen):
    """What the keys do; every one of them is scored in a thread."""

    CSS = """
    EnsembleScreen #beside { width: 25; height: 1fr; }
    EnsembleScreen #beside:focus-within { border: round $foreground 70%; }
    EnsembleScreen.-wide #beside { width: 27; }
    EnsembleScreen #scores { padding: 0 1; }
    EnsembleScreen.-wide #map, EnsembleScreen.-wide #name { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "tick", "tick", tooltip="take the member in, or leave it out"),
        Binding("f", "search", "search", tooltip="search for the members that score best together"),
        Binding("c", "compare", "compare", tooltip="choose what the ensemble is compared with"),
        Binding("w", "save", "save", tooltip="save the ensemble under a name"),
        Binding("e", "export", "export", tooltip="write its predictions: a submission, a table"),
        Binding("i", "images", "images", tooltip="images that the member scores highest"),
        Binding(
            "plus,equals_sign",
            "weight(1)",
            "weight",
            key_display="+ =",
            tooltip="more weight to the member; if it has none, take it in",
        ),
        Binding("minus", "weight(-1)", "less", show=False, tooltip="less weight to the member"),
        Binding("0", "reset_weight", "weight 1", show=False, tooltip="let the member weigh 1"),
        Binding("v", "view_rule", "view", tooltip="view rule: none, frontal-mean, study-mean"),
        Binding(
            "a",
            "averaging",
            "average",
            tooltip="what is averaged over the members: probabilities, logits, ranks",
        ),
        Binding("t", "split", "split", tooltip="split: dev, test"),
    ]

    def __init__(
        self,
        known: Known,
        workspace: Workspace,
        start: StartScorer = Scorer,
    ) -> None:
        super().__init__(known, workspace, start)
        self._saved: set[str] = set()  # names
        self._saving: dict[str, Choice] = {}

    @property
    def settings(self) -> dict[str, Setting]:
        """What is picked, to be kept; `restore` takes it over again."""
        return settings_of(self.picks)

    def restore(self, settings: Mapping[str, Setting]) -> None:
        """Pick what was picked once, as far as it still can be."""
        restore_settings(self.picks, settings)
        if self.is_mounted:
            self.show_split()

    def action_tick(self) -> None:
        """Take the highlighted member in, or leave it out."""
        if self.members.member is not None:
            self.picks.toggle(self.members.member)
            self.show_choice()

    def action_weight(self, steps: int) -> None:
        """Let the highlighted member weigh more, or less."""
        if self.members.member is not None:
            refused = self.picks.add_weight(self.members.member, steps)
            if refused:
                self._warn(refused)
            self.show_choice()

    def action_reset_weight(self) -> None:
        """Let the highlighted member weigh 1."""
        if self.members.member is not None:
            self.picks.reset_weight(self.members.member)
            self.show_choice()

    def action_view_rule(self) -> None:
        """The next view rule."""
        self.picks.next_view_rule()
        self.show_choice()

    def action_averaging(self) -> None:
        """Average something else: probabilities, logits or ranks."""
        self.picks.next_averaging()
        self.show_choice()

    def action_split(self) -> None:
        """The other split."""
        self.picks.other_split()
        self.show_split()

    def action_compare(self) -> None:
        """Ask what to compare with."""
        if self.loaded is not None:
            dialog = CompareDialog(self.picks.offers(self.loaded), self.picks.base)
            self.app.push_screen(dialog, self._compare)

    def action_search(self) -> None:
        """Search for members."""
        loaded = self.loaded
        if loaded is None or len(loaded.members) < 2:
            self._warn("A search needs two members that have predicted this split")
            return
        pattern = self.picks.single(loaded.members[0])
        dialog = SearchDialog(self.workspace, self.known.recipe, loaded, pattern)
        self.app.push_screen(dialog, self._take_over)

    def action_images(self) -> None:
        """Look at images that the highlighted member scores highest."""
        loaded, member = self.loaded, self.members.member
        if loaded is None or member is None:
            self._warn("No member has predicted this split")
            return
        # Imported here: few visits need it.
        from cxrtui.screens.images.screen import ImagesScreen

        label = loaded.labels[loaded.order[0]]
        screen = ImagesScreen(
            self.known, self.workspace, split=loaded.split, member=member, label=label
        )
        self.app.push_screen(screen)

    def action_save(self) -> None:
        """Ask for a name and save the choice under it."""
        choice = self._chosen()
        if choice is None:
            return
        try:
            refuse_read_only(self.workspace)
        except InputError as refused:
            self._warn(str(refused))
            return
        dialog = SaveDialog(_told(choice), self._saved)
        self.app.push_screen(dialog, partial(self._save_as, choice))

    def action_export(self) -> None:
        """Ask for a file and write the predictions of the choice there."""
        choice = self._chosen()
        if choice is not None:
            dialog = ExportDialog(_told(choice), choice.split)
            self.app.push_screen(dialog, partial(self._export, choice))

    def action_scroll_table(self, direction: int) -> None:
        """Move the table by half of what is seen of it."""
        table = self.panel.table
        table.scroll_relative(y=direction * max(table.size.height // 2, 1), animate=False)

    @on(OptionList.OptionSelected, "#members")
    def tick_by_mouse(self) -> None:
        """A click or Enter on a member ticks it."""
        self.action_tick()

    @on(SplitLoaded)
    def note_saved(self, message: SplitLoaded) -> None:
        """Names of saved ensembles are known: saving under one of them replaces it."""
        if message.loaded is not None:
            self._saved |= message.loaded.saved

    @on(EnsembleSaved)
    def take_saved(self, message: EnsembleSaved) -> None:
        """Tell the person; from now on it can be compared with."""
        self._saved.add(message.name)
        self.picks.choices[message.name] = self._saving.pop(message.name)
        self.notify(f"Saved as {message.name}", markup=False)

    @on(FileWritten)
    def take_file(self, message: FileWritten) -> None:
        """Tell the person."""
        self.notify(plain(message.text), markup=False)

    def _compare(self, base: Base | None) -> None:
        if base is not None:
            self.picks.base = base
            self.show_choice()

    def _take_over(self, found: Choice | None) -> None:
        if found is not None:
            self.picks.take(found)
            self.show_choice()

    def _save_as(self, choice: Pick, name: str | None) -> None:
        if name is not None:
            self._saving[name] = choice.choice
            work = partial(
                threads.save_as,
                self.workspace,
                self.known.recipe,
                name,
                choice,
                self.post_message,
            )
            self.run_worker(work, thread=True, group="save", description="save")

    def _export(self, choice: Pick, wanted: Wanted | None) -> None:
        if wanted is not None:
            self.notify(plain(f"Writing {wanted.file.name} ..."), markup=False, timeout=2)
            work = partial(
                threads.write_file,
                self.workspace,
                self.known.recipe,
                choice,
                wanted.file,
                self.post_message,
                replace=wanted.replace,
            )
            self.run_worker(work, thread=True, group="export", description="export")

    def _chosen(self) -> Pick | None:
        """The choice; without one the person is told what to do first."""
        choice = self.choice
        if choice is None:
            self._warn("Tick at least one member first")
        return choice

    def _warn(self, text: str) -> None:
        self.notify(plain(text), severity="warning", markup=False)


def _told(choice: Pick) -> str:
    """A choice in one line."""
    words = f"{members_text(choice.choice)}, {choice.view_rule}, mean of {choice.averaging}"
    return plain(words)
