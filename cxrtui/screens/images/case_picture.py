"""The image of the case that is looked at, read in a thread; the newest wanted is read next."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from textual import on
from textual.content import Content
from textual.message import Message
from textual.timer import Timer

from cxrtui.chart.glyphs import Glyphs
from cxrtui.screens.images.picture_view import PictureView
from cxrtui.screens.images.work import MemberScores
from cxrtui.show.plain import plain_line
from jobs.errors import JobsError

if TYPE_CHECKING:  # imports Pillow
    from jobs.pictures import Picture, Pictures

_LONGEST: Final = 512  # pixels a side that are kept of an image: twice what a huge terminal shows
_SHORTEST: Final = 16  # cells of the name of an image
_PATIENCE: Final = 0.3  # seconds for which the image before stays


@dataclass(frozen=True)
class CaseImage:
    """An image, and who is on it."""

    path: str
    image: str
    view: str
    patient: str
    study: str


class PictureRead(Message):
    """An image has been read; `picture` is a line for a person where it cannot be."""

    def __init__(self, case: CaseImage, picture: "Picture | str") -> None:
        super().__init__()
        self.case, self.picture = case, picture


class CasePicture(PictureView):
    """Reads one image at a time, so that a key held down waits for no image that is passed by."""

    _pictures: "Pictures | None" = None
    _wanted: CaseImage | None = None
    _read: CaseImage | None = None  # what is on the screen
    _reading: CaseImage | None = None
    _origin = ""
    _timer: Timer | None = None

    @property
    def is_settled(self) -> bool:
        """Whether nothing is being read."""
        return self._reading is None

    def want(self, scores: MemberScores, row: int) -> None:
        """Show the image of a row; until it is there the one before stays for a moment."""
        table = scores.table
        columns = (table.path, table.image, table.view, table.patient, table.study)
        self._pictures = scores.pictures
        self._wanted = CaseImage(*(str(column[row]) for column in columns))
        if self._reading is None and self._wanted != self._read:
            self._begin()

    def want_nothing(self, text: str) -> None:
        """Show some words in place of any image."""
        self._wanted = self._read = None
        self._stop_timer()
        self.border_title = ""
        self.say(text)

    def turn_contrast(self) -> None:
        """Raise the contrast, or show the grays of the file again."""
        super().turn_contrast()
        self._entitle()

    def on_resize(self) -> None:
        """Fit the title."""
        self._entitle()

    @on(PictureRead)
    def take_picture(self, message: PictureRead) -> None:
        """Show the image, or why there is none; read the next one if another is wanted by now."""
        self._reading = None
        self._stop_timer()
        if self._wanted is None:
            return
        self._read = message.case
        if isinstance(message.picture, str):
            self._origin = ""
            self.say(message.picture)
        else:
            pack = message.picture.pack
            self._origin = f"from the {pack} px pack" if pack else ""
            self.show(message.picture.pixels)
        self._entitle()
        if self._wanted != self._read:
            self._begin()

    def _begin(self) -> None:
        if self._wanted is None or self._pictures is None:
            return
        self._reading = self._wanted
        self._timer = self.set_timer(_PATIENCE, self._tell_to_wait)
        work = partial(_read, self._pictures, self._wanted, self)
        self.run_worker(work, thread=True, group="picture")

    def _tell_to_wait(self) -> None:
        if self._reading is not None:  # a timer that was stopped may have been heard before
            self.say("Reading the image ...")

    def _entitle(self) -> None:
        """Name the image, and all else that there is room for."""
        case, room = self._read, self.size.width - len("─  ─")
        if case is None:
            return
        words = [case.view, f"patient {case.patient}", self._origin]
        words += ["" if self.is_stretched else "contrast of the file", f"study {case.study}"]
        told = ""
        for word in filter(None, words):
            longer = f"{told}  {word}"
            told = longer if len(longer) + _SHORTEST <= room else told
        name = shortened(case.image, max(room - len(told), _SHORTEST), self.glyphs)
        self.border_title = Content(f" {plain_line(name + told)} ").markup

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()


def shortened(name: str, width: int, glyphs: Glyphs) -> str:
    """A name on at most `width` cells: more of its beginning than of its end."""
    if len(name) <= width:
        return name
    tail = (width - 1) // 3
    return name[: width - 1 - tail] + glyphs.text("…") + name[len(name) - tail :]


def _read(pictures: "Pictures", case: CaseImage, view: CasePicture) -> None:
    picture: Picture | str
    try:
        picture = pictures.read(case.path, _LONGEST)
    except (JobsError, OSError) as error:
        picture = str(error)
    view.post_message(PictureRead(case, picture))
