"""What is no HTTP, and forms that are broken: refused with a status, while others are served."""

from __future__ import annotations

import socket
import threading
from tempfile import SpooledTemporaryFile
from urllib.parse import urlsplit

import pytest

from eleven_cli.sandbox.sound.codecs import wav_header
from tests.support.guard import GUARD_S

from .conftest import HARPER, Api

PATIENCE_S = 30.0
HEAD = b"Host: localhost\r\n"
SPEECH = f"POST /v1/text-to-speech/{HARPER} HTTP/1.1\r\n".encode()
REQUESTS = {
    "no HTTP": b"hello\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64) + b"\r\n\r\n",
    "no version": b"GET /v1/models\r\n" + HEAD + b"\r\n",
    "no host": b"GET /v1/models HTTP/1.1\r\n\r\n",
    "header without a colon": b"GET /v1/models HTTP/1.1\r\n" + HEAD + b"oops\r\n\r\n",
    "NUL in a header": b"GET /v1/models HTTP/1.1\r\n" + HEAD + b"x: a\0b\r\n\r\n",
    "a header of 1 MB": b"GET /v1/models HTTP/1.1\r\n" + HEAD + b"x: " + b"y" * 1_000_000 + b"\r\n\r\n",
    "a line of 1 MB": b"GET /" + b"y" * 1_000_000 + b" HTTP/1.1\r\n" + HEAD + b"\r\n",
    "two lengths": SPEECH + HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "negative length": SPEECH + HEAD + b"Content-Length: -1\r\n\r\n{}",
    "length in letters": SPEECH + HEAD + b"Content-Length: two\r\n\r\n{}",
    "length of 30 digits": SPEECH + HEAD + b"Content-Length: " + b"9" * 30 + b"\r\n\r\n{}",
    "unknown encoding": SPEECH + HEAD + b"Transfer-Encoding: gzip\r\n\r\n{}",
    "chunk without a size": SPEECH + HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "a chunk of 2^80 bytes": SPEECH + HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 21 + b"\r\n{}\r\n0\r\n\r\n",
}
FORM = "multipart/form-data; boundary=part"
PART = b'--part\r\nContent-Disposition: form-data; name="model_id"\r\n\r\nscribe_v2\r\n'
FILE = b'--part\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\nRIFF\r\n'
FORMS = {
    "no boundary": ("multipart/form-data", PART + b"--part--\r\n"),
    "another boundary": ("multipart/form-data; boundary=other", PART + b"--part--\r\n"),
    "empty boundary": ("multipart/form-data; boundary=", PART + b"--part--\r\n"),
    "a boundary of 1 MB": (f"multipart/form-data; boundary={'x' * 60_000}", PART + b"--part--\r\n"),
    "nothing": (FORM, b""),
    "no end": (FORM, PART + FILE),
    "cut within a header": (FORM, PART + b"--part\r\nContent-Dispo"),
    "no name": (FORM, b"--part\r\nContent-Disposition: form-data\r\n\r\nx\r\n--part--\r\n"),
    "no disposition": (FORM, b"--part\r\nX: y\r\n\r\nx\r\n--part--\r\n"),
    "a header of 100 kB": (FORM, b"--part\r\nX: " + b"y" * 100_000 + b"\r\n\r\nx\r\n--part--\r\n"),
    "1,000 headers": (FORM, b"--part\r\n" + b"X: y\r\n" * 1000 + b"\r\nx\r\n--part--\r\n"),
    "3,000 fields": (FORM, PART * 3000 + b"--part--\r\n"),
    "20 files": (FORM, FILE * 20 + b"--part--\r\n"),
    "a file that is a field": (FORM, PART.replace(b"model_id", b"file") + b"--part--\r\n"),
    "a field that is a file": (FORM, FILE.replace(b'"file"', b'"model_id"') + b"--part--\r\n"),
    "an unknown charset": (f"{FORM}; charset=klingon", PART + b"--part--\r\n"),
    "no UTF-8": (FORM, PART.replace(b"scribe", b"\xff\xfe") + b"--part--\r\n"),
    "broken percent signs": ("application/x-www-form-urlencoded", b"model_id=%&%zz=%ff&=&&;"),
    "JSON": ("application/json", b"{}"),
}
UPLOADS = (
    "/v1/speech-to-text",
    f"/v1/speech-to-speech/{HARPER}",
    "/v1/audio-isolation",
    "/v1/voices/add",
    "/v1/forced-alignment",
    "/v1/pronunciation-dictionaries/add-from-file",
)


@pytest.mark.parametrize("path", [*UPLOADS, "/v1/audio-isolation/stream", "/v1/convai/knowledge-base/file"])
@pytest.mark.parametrize("complete", [True, False])
def test_what_was_uploaded_is_closed(api: Api, monkeypatch: pytest.MonkeyPatch, path: str, complete: bool) -> None:
    """Else it would be a ResourceWarning in the tests of programs that use the sandbox."""
    closed = threading.Event()

    class Watched(SpooledTemporaryFile[bytes]):
        def close(self) -> None:
            super().close()
            closed.set()

    monkeypatch.setattr("starlette.formparsers.SpooledTemporaryFile", Watched)
    sound = wav_header(16000, 32000) + bytes(32000)
    files = dict.fromkeys(("file", "audio", "files"), ("a.wav", sound, "audio/wav"))
    fields = {"model_id": "scribe_v2", "name": "Mine", "text": "Hi."} if complete else {"model_id": "none"}
    api("POST", path, data=fields, files=files)
    assert closed.wait(GUARD_S)


def first_answer(base: str, data: bytes) -> bytes:
    """What the server says before it closes, or all that it says first."""
    address = urlsplit(base)
    with socket.create_connection((address.hostname, address.port), timeout=PATIENCE_S) as client:
        try:
            client.sendall(data)
            return client.recv(65536)
        except ConnectionError:  # it has had enough before all was sent
            return b""


@pytest.mark.parametrize("name", REQUESTS)
def test_what_is_no_request(api: Api, name: str) -> None:
    answer = first_answer(api.base, REQUESTS[name])
    assert not answer or 400 <= int(answer.split()[1]) < 500 or answer.split()[1] == b"501", answer
    assert b"Traceback" not in answer
    assert api.get("/v1/models").status_code == 200


@pytest.mark.parametrize("path", UPLOADS)
@pytest.mark.parametrize("name", FORMS)
def test_a_broken_form(api: Api, path: str, name: str) -> None:
    kind, body = FORMS[name]
    answer = api("POST", path, data=body, headers={"Content-Type": kind})
    assert 400 <= answer.status_code < 500
    assert answer.json()["detail"]
    assert "Traceback" not in answer.text
