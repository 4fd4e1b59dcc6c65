"""A page in headless Chromium, driven over its own pipe: what it says, asks for, and shows."""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = (
    "no Chromium is installed, which opens the report: `apt-get install chromium` "
    "(Debian), or put Google Chrome into the PATH"
)
WIDTH = 1200


def chromium() -> str:
    """The browser's command; the test that asks fails where there is none."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    assert found is not None, MISSING
    return found


@dataclass
class Page:
    """One tab. Messages follow the DevTools protocol: JSON, each with a zero byte behind it."""

    to: IO[bytes]
    answers: IO[bytes]
    session: str = ""
    sent: int = 0
    events: list[dict[str, Any]] = field(default_factory=list)

    def ask(self, method: str, **parameters: Any) -> Any:
        """The result of one command; what happens meanwhile is kept in `events`."""
        self.sent += 1
        message = {"id": self.sent, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        self.to.write(json.dumps(message).encode() + b"\0")
        self.to.flush()
        while (answer := self._next()).get("id") != self.sent:
            self.events.append(answer)
        assert "error" not in answer, answer
        return answer["result"]

    def open(self, url: str) -> None:
        """Load a page and wait until all that belongs to it is there."""
        target = self.ask("Target.createTarget", url="about:blank")
        attached = self.ask("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self.session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")
        self.resize(WIDTH)
        self.ask("Page.navigate", url=url)
        while not self.of("Page.loadEventFired"):
            self.events.append(self._next())
        # Whatever a task of the page still has to say comes before the answer to this.
        self.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)))")

    def of(self, *methods: str) -> list[dict[str, Any]]:
        """What happened of these kinds."""
        return [event["params"] for event in self.events if event.get("method") in methods]

    def messages(self) -> list[Any]:
        """All that the console says: scripts, errors, refused loads, warnings of the browser."""
        return self.of("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")

    def requests(self) -> list[str]:
        """The addresses that were asked for; `data:` asks nobody."""
        urls = [one["request"]["url"] for one in self.of("Network.requestWillBeSent")]
        return [url for url in urls if not url.startswith("data:")]

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression."""
        found = self.ask(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def resize(self, width: int) -> None:
        """Another width of the screen, in CSS pixels."""
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.ask("Emulation.setDeviceMetricsOverride", **size)

    def prefer(self, scheme: str) -> None:
        """`light` or `dark`."""
        wanted = {"name": "prefers-color-scheme", "value": scheme}
        self.ask("Emulation.setEmulatedMedia", features=[wanted])

    def picture(self) -> bytes:
        """A PNG of the page from top to end."""
        shot = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        return base64.b64decode(shot["data"])

    def printed(self) -> bytes:
        """The page as a PDF."""
        done = self.ask("Page.printToPDF", preferCSSPageSize=True, printBackground=False)
        return base64.b64decode(done["data"])

    def _next(self) -> dict[str, Any]:
        message = bytearray()
        while (byte := self.answers.read(1)) != b"\0":
            assert byte, "Chromium has ended"
            message += byte
        found: dict[str, Any] = json.loads(message)
        return found


@contextmanager
def opened(url: str, folder: Path) -> Iterator[Page]:
    """A page in a browser of its own, which keeps its files in `folder` and is ended with it."""
    hear, write = os.pipe()
    read, tell = os.pipe()
    command = [
        chromium(), "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        "--no-first-run", "--hide-scrollbars", "--disable-background-networking",
        "--remote-debugging-pipe",
        f"--user-data-dir={folder / 'profile'}",
    ]  # fmt: skip
    log = (folder / "chromium.log").open("wb")
    # It reads descriptor 3 and writes to descriptor 4, which only a shell can promise.
    script = f'exec "$@" 3<&{hear} 4>&{tell}'
    browser = subprocess.Popen(
        ["/bin/bash", "-c", script, "bash", *command],
        pass_fds=(hear, tell), stdout=log, stderr=log, env={**os.environ, "HOME": str(folder)},
    )  # fmt: skip
    os.close(hear)
    os.close(tell)
    with log, os.fdopen(write, "wb") as to, os.fdopen(read, "rb") as answers:
        try:
            page = Page(to, answers)
            page.open(url)
            yield page
            page.session = ""
            page.ask("Browser.close")
            browser.wait(30)
        finally:
            browser.kill()
            browser.wait()
