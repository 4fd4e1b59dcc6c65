"""Fatal errors of GPUs, heard from NVML while we listen.

Newer drivers tell by themselves what a GPU needs (see `jobs.gpus`); for older ones the numbers
below are those whose GPU must be reset before it computes right again.
Source: NVIDIA, "Xid Errors", the Xid catalog.
"""

from dataclasses import replace
from typing import Any, Final

import pynvml

from jobs.gpus import GpuReport

FATAL: Final = frozenset({46, 48, 62, 64, 79, 95, 109, 110, 119, 120, 140, 143})
MANY: Final = 1000  # events taken at one time


class XidListener:
    """Remembers which GPUs had a fatal error since it began to listen."""

    def __init__(self) -> None:
        self.faults: dict[str, str] = {}  # by UUID
        self._events: Any = None

    def mark(self, report: GpuReport) -> GpuReport:
        """The report with a fault for each GPU that had a fatal error."""
        try:
            self._listen(report)
            self._hear()
        except pynvml.NVMLError:
            self._events = None  # this driver tells nothing, or has gone: try again next time
        faults = self.faults
        gpus = [replace(gpu, fault=gpu.fault or faults.get(gpu.uuid, "")) for gpu in report.gpus]
        return GpuReport(gpus, report.trouble)

    def _listen(self, report: GpuReport) -> None:
        if self._events is not None or not report.gpus:
            return
        events = pynvml.nvmlEventSetCreate()
        for gpu in report.gpus:
            handle = pynvml.nvmlDeviceGetHandleByUUID(gpu.uuid)
            pynvml.nvmlDeviceRegisterEvents(handle, pynvml.nvmlEventTypeXidCriticalError, events)
        self._events = events

    def _hear(self) -> None:
        for _ in range(MANY if self._events is not None else 0):
            try:
                event = pynvml.nvmlEventSetWait_v2(self._events, 0)
            except pynvml.NVMLError_Timeout:
                return
            if event.eventData in FATAL:
                uuid = pynvml.nvmlDeviceGetUUID(event.device)
                text = uuid.decode() if isinstance(uuid, bytes) else uuid
                self.faults[text] = (
                    f"Xid {event.eventData}: reset it, then `cxrtui supervisor restart`"
                )
