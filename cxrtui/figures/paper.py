"""How pictures look on white paper, whatever a user's own matplotlib is set to."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from matplotlib.typing import RcKeyType

# Okabe and Ito (2008) again, those of the set that stand out from white.
PAPER_COLOURS: Final = ("#0072B2", "#D55E00", "#009E73", "#000000", "#CC79A7", "#E69F00")
MARKERS: Final = ("o", "s", "^", "D", "v", "P")  # so that colour is never the only sign
GREY: Final = "#666666"

_SETTINGS: Final["dict[RcKeyType, Any]"] = {
    "font.family": ["DejaVu Sans"],  # comes with matplotlib: the same picture everywhere
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#E5E5E5",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "svg.fonttype": "none",  # text stays text: small, and found by a search
    "svg.hashsalt": "cxrtui",  # equal pictures have equal bytes
    "text.parse_math": False,  # names may hold a $
}


@contextmanager
def on_paper() -> Iterator[None]:
    """In here figures are made and saved as they look on paper; a user's own settings come back."""
    import matplotlib as mpl

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_SETTINGS)
        yield
