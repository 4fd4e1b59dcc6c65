"""The GPU panel: how busy, full and hot each GPU is, and who uses it."""

from rich.text import Text
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from cxrtui.screens.gpus.rows import machine_line, machine_rows, row_count
from cxrtui.screens.gpus.users import Machine


class GpuPanel(Widget):
    """As high as it has GPUs, up to its `max-height`; then they stand beside each other.

    On a low screen one line tells of all of them.
    """

    SCOPED_CSS = False  # a rule asks for the screen's class
    DEFAULT_CSS = """
    GpuPanel { height: auto; max-height: 10; }
    .-narrow GpuPanel, .-slim GpuPanel { max-height: 6; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._machine: Machine | None = None
        self.border_title = "GPUs"

    def show(self, machine: Machine | None) -> None:
        """Show the machine as it is known now; None before it has answered."""
        if machine == self._machine:
            return
        same = self._rows() == _rows(machine)
        self._machine = machine
        self.border_title = Content(_title(machine))
        self.refresh(layout=not same)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """A line for each row."""
        return self._rows()

    def render(self) -> Text:
        """The rows, as they fit into the size that it has."""
        if self._machine is None:
            return Text("asking the machine", "dim")
        if self.screen.has_class("-low"):
            return machine_line(self._machine, self.size.width)
        return Text("\n").join(machine_rows(self._machine, self.size.width, self.size.height))

    def _rows(self) -> int:
        return _rows(self._machine)


def _rows(machine: Machine | None) -> int:
    return 1 if machine is None else row_count(machine)


def _title(machine: Machine | None) -> str:
    if machine is None or (machine.sample.trouble and not machine.sample.gpus):
        return "GPUs"
    what = "GPUs" if machine.sample.gpus else "No GPU: slots of the CPU"
    return f"{what}  {machine.used_places} of {machine.places} in use"
