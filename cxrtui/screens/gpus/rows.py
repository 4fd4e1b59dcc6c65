"""The rows of the GPU panel: a line for each GPU, or the cores and a line for each job on them."""

from collections.abc import Sequence
from typing import Final

from rich.text import Text

from cxrtui.chart.lines import COLOURS, WARNING
from cxrtui.screens.gpus.users import Machine
from cxrtui.screens.gpus.watch import UsedGpu
from cxrtui.show.plain import plain_line
from cxrtui.show.signs import bar

_BAR: Final = 6
_GAP: Final = 2
_LEAST_WIDTH: Final = 9
_GIB: Final = 2**30
_NAME_WORDS: Final = ("NVIDIA", "GeForce", "Tesla", "Quadro", "Graphics", "Device")
# What is left out, the first first, to leave so many cells for who uses it.
_LEAST: Final = {"name": 22, "watts": 22, "bar": 22, "celsius": 22, "memory": 14, "busy": 12}
_FIELDS: Final = ("name", "bar", "busy", "memory", "celsius", "watts")


def machine_rows(machine: Machine, width: int, height: int) -> list[Text]:
    """At most `height` lines of `width` cells; several rows in one line where there are many."""
    sample = machine.sample
    lines = []
    if sample.trouble:
        lines.append(Text(f"NVML: {plain_line(sample.trouble)}", WARNING, no_wrap=True))
    rows = len(sample.gpus) if sample.gpus else 1 + len(machine.jobs)
    columns = -(-rows // max(1, height - len(lines)))
    columns = max(1, min(columns, (width + _GAP) // (_LEAST_WIDTH + _GAP)))
    column_width = (width - _GAP * (columns - 1)) // columns
    if sample.gpus:
        cells = _gpu_rows(machine, column_width)
    elif sample.trouble:
        cells = []
    else:
        cells = [_cores_row(machine), *_job_rows(machine)]
    if sample.trouble:
        for cell in cells:
            cell.stylize("dim")
    for cell in cells:
        cell.truncate(column_width, overflow="ellipsis", pad=True)
    deep = -(-len(cells) // columns)
    for row in range(deep):
        lines.append(Text(" " * _GAP).join(cells[row::deep]))
    for line in lines:
        line.truncate(width, overflow="ellipsis")
    return lines[:height]


def machine_line(machine: Machine, width: int) -> Text:
    """All in one line: how many GPUs are in use, and how busy each of them is."""
    sample = machine.sample
    if not sample.gpus and not sample.trouble:
        line = _cores_row(machine)
    else:
        line = Text(f"GPUs {machine.used_places}/{machine.places} ", no_wrap=True)
        for used in sample.gpus:
            busy, free = used.gpu.utilisation, not (used.processes or machine.jobs_on(used))
            told = " set aside" if used.gpu.fault else "" if busy is None else f" {busy}%"
            style = WARNING if used.gpu.fault else "dim" if free else ""
            line.append(f"  {used.gpu.index}", "dim").append(told, style)
    if sample.trouble:
        line.append(f"  NVML: {plain_line(sample.trouble)}", WARNING)
    line.truncate(width, overflow="ellipsis")
    return line


def row_count(machine: Machine) -> int:
    """How many rows there are where there is room for each."""
    gpus = len(machine.sample.gpus)
    trouble = bool(machine.sample.trouble)
    return trouble + (gpus if gpus or trouble else 1 + len(machine.jobs))


def _gpu_rows(machine: Machine, width: int) -> list[Text]:
    told = [_fields(used) for used in machine.sample.gpus]
    users = [_users(machine, used) for used in machine.sample.gpus]
    digits = max(len(str(used.gpu.index)) for used in machine.sample.gpus)
    widths = {name: max(len(one[name]) for one in told) for name in _FIELDS}
    longest = max(user.cell_len for user in users)
    kept = list(_FIELDS)
    for name, room in _LEAST.items():
        taken = digits + 1 + sum(widths[one] + 1 for one in kept if widths[one])
        if taken + min(longest, room) > width:
            kept.remove(name)
    rows = []
    for used, cells, user in zip(machine.sample.gpus, told, users, strict=True):
        row = Text(f"{used.gpu.index:>{digits}} ", no_wrap=True)
        if not used.gpu.fault:
            _append(row, cells, widths, kept)
        rows.append(row.append_text(user))
    return rows


def _append(row: Text, cells: dict[str, str], widths: dict[str, int], kept: list[str]) -> None:
    for name in kept:
        if widths[name]:
            align = "<" if name in ("name", "bar") else ">"
            style = {"bar": COLOURS[0], "name": "dim"}.get(name, "")
            row.append(f"{cells[name]:{align}{widths[name]}} ", style=style)


def _fields(used: UsedGpu) -> dict[str, str]:
    gpu = used.gpu
    busy = gpu.utilisation
    return {
        "name": _short(gpu.name),
        "bar": "" if busy is None else bar(busy / 100, _BAR),
        "busy": "" if busy is None else f"{busy}%",
        "memory": memory(gpu.used_bytes, gpu.total_bytes) if gpu.total_bytes else "",
        "celsius": "" if gpu.temperature is None else f"{gpu.temperature}°C",
        "watts": "" if gpu.watts is None else f"{gpu.watts:.0f}W",
    }


def _users(machine: Machine, used: UsedGpu) -> Text:
    """Our jobs, others, or why it cannot be used."""
    gpu = used.gpu
    if gpu.fault:
        return Text(f"set aside: {plain_line(gpu.fault)}", WARNING)
    ours = [plain_line(job.words) for job in machine.jobs_on(used)]
    others = [plain_line(other) for other in machine.others_on(used)]
    text = Text(", ".join(ours))
    if others:
        text.append(", " if ours else "").append(", ".join(others), style=COLOURS[1])
    if not ours and gpu.is_held_by_nobody:
        text.append(f"{gpu.used_bytes / _GIB:.0f}G held, no process in sight", style=WARNING)
    return text if text else Text("free", "dim")


def _cores_row(machine: Machine) -> Text:
    sample = machine.sample
    row = Text("CPU ", no_wrap=True)
    if sample.busy is not None:
        row.append(bar(sample.busy / 100, _BAR), style=COLOURS[0]).append(f" {sample.busy:>3}%")
    row.append(f"  {memory(sample.used_bytes, sample.total_bytes)}  ")
    free = machine.slots - machine.used_places
    return row.append(f"{max(free, 0)} slot{'' if free == 1 else 's'} free", style="dim")


def _job_rows(machine: Machine) -> Sequence[Text]:
    width = max((len(", ".join(job.slots)) for job in machine.jobs), default=0)
    return [
        Text.assemble(
            (f"{plain_line(', '.join(job.slots)):<{width}} ", "dim"),
            plain_line(job.words),
            no_wrap=True,
        )
        for job in machine.jobs
    ]


def memory(used: int, total: int) -> str:
    """Bytes in use and of all, in GiB: `61/80G`."""
    return f"{used / _GIB:.0f}/{total / _GIB:.0f}G"


def _short(name: str) -> str:
    """`NVIDIA H100 80GB HBM3` is `H100`: its memory is told beside it."""
    words = [word for word in plain_line(name).split() if word not in _NAME_WORDS]
    model = next((at for at, word in enumerate(words) if any(map(str.isdigit, word))), 0)
    return " ".join(words[: model + 1])[:10]
