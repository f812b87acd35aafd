"""The official client for browsers in Chromium, on a page of this machine that is not the sandbox's own."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any
from urllib.parse import urlencode

import pytest
import requests

from eleven_cli.sandbox.sound.codecs import wav_header
from tests.outside.conftest import HARPER, NODE_MODULES, NOWHERE, Sandbox

CLIENT = NODE_MODULES / "@elevenlabs" / "client" / "dist" / "lib.iife.js"
PAGE = Path(__file__).with_name("browser_page.html")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
    pytest.mark.skipif(not CLIENT.exists(), reason="the client is not installed: npm is missing, or could not do it"),
    pytest.mark.timeout(120),
]
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--mute-audio",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
    "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required", f"--proxy-server={NOWHERE}",
)  # fmt: skip
GUARD_S = 90
SAID = "My name is Ana, and I come from Lisbon."
FRAME_RATE = 16000


class Page(BaseHTTPRequestHandler):
    """Serves the page and the client, and takes what the page has seen."""

    def __init__(self, seen: "Queue[dict[str, Any]]", *args: Any) -> None:
        self._seen = seen
        super().__init__(*args)

    def do_GET(self) -> None:
        files = {"/": (PAGE, "text/html"), "/client.js": (CLIENT, "text/javascript")}
        path, kind = files.get(self.path.partition("?")[0], (None, ""))
        self.send_response(200 if path else 404)
        self.send_header("content-type", kind)
        self.end_headers()
        self.wfile.write(path.read_bytes() if path else b"")

    def do_POST(self) -> None:
        self._seen.put(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def microphone(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is said into the microphone: silence, the question, and silence."""
    url = f"{sandbox.url}/v1/text-to-speech/{HARPER}?output_format=pcm_16000"
    pcm = requests.post(url, json={"text": SAID}, timeout=30).content
    pcm = bytes(4 * FRAME_RATE) + pcm + bytes(6 * FRAME_RATE)
    path = tmp_path_factory.mktemp("microphone") / "said.wav"
    path.write_bytes(wav_header(FRAME_RATE, len(pcm)) + pcm)
    return path


@pytest.fixture
def visit(sandbox: Sandbox, microphone: Path, tmp_path: Path) -> Iterator[Callable[..., dict[str, Any]]]:
    """Opens the page in a new browser; gives what it has seen."""
    seen: Queue[dict[str, Any]] = Queue()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Page, seen))
    Thread(target=server.serve_forever, daemon=True).start()

    def opened(**query: str) -> dict[str, Any]:
        address = f"http://localhost:{server.server_port}/?{urlencode({'sandbox': sandbox.url, **query})}"
        heard = f"--use-file-for-fake-audio-capture={microphone}"
        words = [str(CHROMIUM), *FLAGS, heard, f"--user-data-dir={tmp_path / 'profile'}", address]
        with (tmp_path / "log").open("wb") as log, subprocess.Popen(words, stdout=log, stderr=log) as browser:
            try:
                return seen.get(timeout=GUARD_S)
            finally:
                browser.kill()

    yield opened
    server.shutdown()
    server.server_close()


def test_by_text(visit: Callable[..., dict[str, Any]]) -> None:
    seen = visit(agent="agent_sandbox_chat", say=SAID)
    assert seen["errors"] == []
    assert seen["id"].startswith("conv_")
    assert [source for source, _ in seen["messages"]] == ["ai", "ai"]
    assert "Ana" in seen["messages"][1][1]
    assert seen["ended"] == "user"


def test_by_voice_with_a_signed_address(sandbox: Sandbox, visit: Callable[..., dict[str, Any]]) -> None:
    seen = visit(agent="agent_sandbox_chat", key=sandbox.key())
    assert seen["errors"] == []
    assert ["user", SAID] in seen["messages"]
    assert "Ana" in seen["messages"][-1][1]
    assert {"speaking", "listening"} <= set(seen["modes"])
    assert seen["ended"] == "user"
