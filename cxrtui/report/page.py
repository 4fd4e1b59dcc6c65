"""The page itself: contents into templates, one file that asks nothing of any network."""

import base64
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cxrtui.report.contents import Contents
from cxrtui.report.graph import BOX
from cxrtui.show.plain import plain
from jobs.durable import write_atomic
from jobs.errors import InputError

if TYPE_CHECKING:
    from jinja2 import Environment

FILE: Final = "index.html"


def render(contents: Contents) -> str:
    """The whole page. All text is escaped, and without control characters."""
    style = files("cxrtui.report").joinpath("templates/report.css").read_text("utf-8")
    page = _environment().get_template("page.html")
    return page.render(page=contents, style=style, box=BOX)


def check_folder(folder: Path, *, force: bool) -> None:
    """InputError if a page can't be written there, or would replace one without `force`."""
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: is a file: name a folder for the report")
    if (folder / FILE).exists() and not force:
        raise InputError(f"{folder / FILE}: is there already: --force replaces it")


def write_page(folder: Path, page: str) -> Path:
    """Write it as `index.html`, whole or not at all; the folder is made where it is not there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomic(folder / FILE, page.encode())
    except (PermissionError, NotADirectoryError) as error:
        raise InputError(f"{folder}: the report cannot be written: {error.strerror}") from error
    return folder / FILE


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    def harmless(value: object) -> object:
        return value if isinstance(value, Markup) else plain(value)

    environment = Environment(
        loader=PackageLoader("cxrtui.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["base64"] = lambda data: base64.b64encode(data).decode()
    return environment
