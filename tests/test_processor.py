"""Which of numpy's sorts are chosen, and that numpy has nothing to say against it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jobs.processor import DISABLED, choose_sorts, is_zen_4

ROOT = Path(__file__).resolve().parent.parent
CPU_INFO = """\
processor\t: 0
vendor_id\t: {vendor}
cpu family\t: {family}
model name\t: some processor
flags\t\t: fpu sse2 avx2 {flags}
"""


@pytest.mark.parametrize(
    ("vendor", "family", "flags", "found"),
    [
        ("AuthenticAMD", 25, "avx512f avx512dq", True),
        ("AuthenticAMD", 25, "clwb", False),  # Zen 3
        ("AuthenticAMD", 26, "avx512f", False),  # Zen 5
        ("GenuineIntel", 6, "avx512f", False),
    ],
)
def test_zen_4_is_told_by_family_and_flags(
    vendor: str, family: int, flags: str, found: bool, tmp_path: Path
) -> None:
    told = tmp_path / "cpuinfo"
    told.write_text(CPU_INFO.format(vendor=vendor, family=family, flags=flags))
    assert is_zen_4(told) == found


def test_without_proc_nothing_is_known(tmp_path: Path) -> None:
    assert not is_zen_4(tmp_path / "cpuinfo")


def test_once_numpy_is_there_or_a_person_has_chosen_nothing_changes(tmp_path: Path) -> None:
    told = tmp_path / "cpuinfo"
    told.write_text(CPU_INFO.format(vendor="AuthenticAMD", family=25, flags="avx512f"))
    chosen = {DISABLED: "AVX2"}
    choose_sorts(chosen, told)
    assert chosen == {DISABLED: "AVX2"}
    late: dict[str, str] = {}
    choose_sorts(late, told)  # numpy has been imported by the tests
    assert late == {}


@pytest.mark.parametrize("start", ["import jobs.scoring", "import cxrtui.entry as e; e.main()"])
def test_it_is_said_before_numpy_is_imported_and_numpy_warns_of_nothing(
    start: str, tmp_path: Path
) -> None:
    code = f"""
import sys, jobs.processor as processor
sys.argv, asked, real = ["cxrtui", "--version"], [], processor.is_zen_4
processor.is_zen_4 = lambda told: asked.append("numpy" in sys.modules) or real(told)
try:
    {start}
finally:
    import numpy
    print(asked)
"""
    environment = {name: value for name, value in os.environ.items() if name != DISABLED}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert (done.stderr, done.stdout.splitlines()[-1]) == ("", "[False]")
