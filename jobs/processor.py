"""Which of numpy's sorts this processor is quick at: it must be said before numpy is imported.

With AVX-512 numpy's sorts store with the instruction "compress", which AMD's Zen 4 has in
microcode: there a sort takes two to three times as long as with AVX2. Sorting is most of what
average precision takes, and nothing else here is any slower with AVX2.
"""

import os
import re
import sys
from collections.abc import MutableMapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final

DISABLED: Final = "NPY_DISABLE_CPU_FEATURES"
_CPU_INFO: Final = Path("/proc/cpuinfo")
_FIRST_PROCESSOR: Final = 4096  # bytes; the whole file takes long where there are hundreds
_NAMED_SO_SINCE: Final = (2, 4)  # numpy's version from which on its features have these names
_AVX_512: Final = "X86_V4 AVX512_ICL"


def choose_sorts(
    environment: MutableMapping[str, str] = os.environ, cpu_info: Path = _CPU_INFO
) -> None:
    """Tell numpy not to use AVX-512 on Zen 4; what a person has chosen stays.

    In vain once numpy is there: everything is right then, but slower.
    """
    if DISABLED in environment or "numpy" in sys.modules or not is_zen_4(cpu_info):
        return
    if _numpy_version() >= _NAMED_SO_SINCE:
        environment[DISABLED] = _AVX_512


def is_zen_4(cpu_info: Path = _CPU_INFO) -> bool:
    """Whether the first processor is one: AMD's family 25 is Zen 3, and with AVX-512 Zen 4."""
    try:
        with cpu_info.open() as file:
            told = file.read(_FIRST_PROCESSOR)
    except OSError:
        return False
    signs = (r"^vendor_id\s*: AuthenticAMD$", r"^cpu family\s*: 25$", r"^flags\s*:.*\bavx512f\b")
    return all(re.search(sign, told, re.MULTILINE) for sign in signs)


def _numpy_version() -> tuple[int, ...]:
    """Read from its files, since to import it would be too late; () where it is not there."""
    spec = find_spec("numpy")
    if spec is None or spec.origin is None:
        return ()
    try:
        told = Path(spec.origin).with_name("version.py").read_text()
    except OSError:
        return ()
    found = re.search(r'version = "(\d+)\.(\d+)', told)
    return (int(found[1]), int(found[2])) if found else ()
