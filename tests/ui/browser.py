"""Headless Chromium over its DevTools protocol: opens pages, reads what they show, takes pictures."""

import base64
import itertools
import json
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.ui.served import end_group, wait_for

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
)
LARGEST_ANSWER = 2**26


class Browser:
    """One page of a running Chromium."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._numbers = itertools.count(1)
        self.asked_for: list[str] = []  # addresses of all that pages wanted to load

    def command(self, method: str, **parameters: object) -> dict[str, Any]:
        """Send a command and return its result; what pages load meanwhile is noted."""
        number = next(self._numbers)
        self._connection.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._connection.recv(timeout=60))
            if message.get("method") == "Network.requestWillBeSent":
                self.asked_for.append(message["params"]["request"]["url"])
            if message.get("id") == number:
                assert "error" not in message, message
                return dict(message["result"])

    def open(self, address: str, width: int = 1400, height: int = 900) -> None:
        """Go to a page and wait until it has loaded."""
        screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.command("Emulation.setDeviceMetricsOverride", **screen)
        self.command("Page.navigate", url=address)
        wait_for(lambda: self.evaluate("document.readyState") == "complete" or None)

    def evaluate(self, script: str) -> Any:
        """Return the value of a piece of JavaScript."""
        result = self.command("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def wait_for_text(self, *texts: str) -> str:
        """Return the page's text once all of these are in it."""

        def shown() -> str | None:
            text = str(self.evaluate("document.body.innerText"))
            return text if all(one in text for one in texts) else None

        return wait_for(shown)

    def picture(self) -> bytes:
        """Return the page as it shows now, as PNG."""
        return base64.b64decode(self.command("Page.captureScreenshot", format="png")["data"])


def chromium() -> str | None:
    """Return where Chromium is, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextmanager
def browse(profile: Path) -> Iterator[Browser]:
    """Start a Chromium with a new profile and give its page; it is gone after the block."""
    command = [str(chromium()), *FLAGS, f"--user-data-dir={profile}", "about:blank"]
    group = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    port_file = profile / "DevToolsActivePort"
    try:
        port = wait_for(lambda: port_file.read_text().split()[0] if port_file.exists() else None)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=30) as response:
            pages = [page for page in json.load(response) if page["type"] == "page"]
        address = pages[0]["webSocketDebuggerUrl"]
        with connect(address, max_size=LARGEST_ANSWER, ping_interval=None) as connection:
            browser = Browser(connection)
            browser.command("Network.enable")
            browser.command("Page.enable")
            yield browser
    finally:
        end_group(group)
