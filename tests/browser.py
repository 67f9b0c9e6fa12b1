"""A real browser, headless, spoken to in its own protocol: what a person would see of a page, and what it fetched."""

import base64
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
PATIENCE = 60  # seconds; the machine may be busy
LISTENING = "DevTools listening on "
OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
)


@dataclass
class Tab:
    """One page of the browser."""

    _socket: ClientConnection
    _session: str = ""
    _sent: int = 0
    requested: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, path: Path, width: int = 1200, dark: bool = False) -> None:
        """Show that file, as wide as a desktop's or a phone's window."""
        self.visit(path.absolute().as_uri(), width, dark)

    def visit(self, url: str, width: int = 1200, dark: bool = False) -> None:
        """Show what is at that address."""
        self.requested.clear()
        self.complaints.clear()
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.do("Emulation.setEmulatedMedia", features=scheme)
        self.do("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 600)
        self.do("Page.navigate", url=url)
        self.read("new Promise(done => document.readyState === 'complete' ? done(1) : addEventListener('load', done))")

    def read(self, expression: str) -> Any:
        """What that expression is in the page."""
        told = self.do("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def text(self, selector: str = "body") -> str:
        """What a person reads there: what is hidden isn't in it."""
        return str(self.read(f"document.querySelector({json.dumps(selector)}).innerText"))

    def shows(self, *words: str) -> str:
        """What a person reads once all of those words are there: a page may fetch what it shows."""
        deadline = time.monotonic() + PATIENCE
        while not all(word in (said := self.text()) for word in words):
            assert time.monotonic() < deadline, f"{words} aren't all in: {said}"
            time.sleep(0.2)
        return said

    def press(self, label: str) -> None:
        """The first button or link that says so."""
        self.read(
            f"[...document.querySelectorAll('button, a')].find(b => b.innerText.trim() === {json.dumps(label)}).click()"
        )

    def type(self, selector: str, value: str) -> None:
        """Put a value into a field, as if it had been typed or chosen."""
        self.read(
            f"(f => {{ f.value = {json.dumps(value)}; f.dispatchEvent(new Event('input', {{ bubbles: true }})); }})"
            f"(document.querySelector({json.dumps(selector)}))"
        )

    def picture(self, path: Path) -> None:
        """The whole page as a PNG."""
        size = self.do("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        shot = self.do("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        path.write_bytes(base64.b64decode(shot["data"]))

    def glimpse(self, path: Path) -> None:
        """What is in the window as a PNG, of a page that never comes to rest."""
        path.write_bytes(base64.b64decode(self.do("Page.captureScreenshot")["data"]))

    def printed(self) -> bytes:
        """The page on paper, as PDF."""
        return base64.b64decode(self.do("Page.printToPDF")["data"])

    def do(self, method: str, **params: Any) -> dict[str, Any]:
        """One command of the protocol, and its answer; what happens meanwhile is noted."""
        self._sent += 1
        sent = {"id": self._sent, "method": method, "params": params}
        self._socket.send(json.dumps(sent | ({"sessionId": self._session} if self._session else {})))
        while True:
            heard = json.loads(self._socket.recv(timeout=PATIENCE))
            if heard.get("id") == self._sent:
                assert "error" not in heard, heard
                return dict(heard["result"])
            self._note(heard)

    def _note(self, heard: dict[str, Any]) -> None:
        if heard.get("method") == "Network.requestWillBeSent":
            self.requested.append(heard["params"]["request"]["url"])
        if heard.get("method") == "Log.entryAdded":
            self.complaints.append(heard["params"]["entry"]["text"])


@contextmanager
def browsing() -> Iterator[Tab]:
    """A tab of a browser of our own; without one on this machine, the tests that need it say so and are skipped."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip("no Chromium on this machine: nobody looks at the page (install `chromium` to have it looked at)")
    with TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        running = subprocess.Popen(
            [program, *OPTIONS, f"--user-data-dir={profile}"],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        assert running.stderr is not None
        try:
            address = next(line.split(LISTENING)[1].strip() for line in running.stderr if LISTENING in line)
            with connect(address, max_size=None, open_timeout=PATIENCE, proxy=None) as socket:
                tab = Tab(socket)
                target = tab.do("Target.createTarget", url="about:blank")["targetId"]
                tab._session = tab.do("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
                for domain in ("Page", "Network", "Log", "Runtime"):
                    tab.do(f"{domain}.enable")
                yield tab
        finally:
            running.terminate()
            running.wait(PATIENCE)
            running.stderr.close()
