"""What is paid for: who interrupts it while the answer is waited for is told, and an answer that breaks off is kept."""

import signal
import subprocess
import threading

import pytest

from tests.support.guard import GUARD_S
from tests.support.service import MP3_FRAME, json_reply
from tests.support.wav_files import wav

CHARGED = b"error: interrupted; the request may be charged all the same\n"
VOICE = "abcdefghij0123456789"
SPEECH = "speech"  # whatever its path
PAID = {  # words, the path that is paid
    "tts": (["tts", "hi", "-v", VOICE], SPEECH),
    "tts to a file": (["tts", "hi", "-v", VOICE, "-o", "a.mp3"], SPEECH),
    "tts, wav": (["tts", "hi", "-v", VOICE, "-o", "a.wav"], SPEECH),
    "tts, subtitles": (["tts", "hi", "-v", VOICE, "-o", "a.mp3", "--subtitles", "a.srt"], SPEECH),
    "tts, cache": (["tts", "hi", "-v", VOICE, "--cache"], SPEECH),
    "sts": (["sts", "one.wav", "-v", VOICE], f"/v1/speech-to-speech/{VOICE}/stream"),
    "isolate": (["isolate", "one.wav"], "/v1/audio-isolation/stream"),
    "sfx": (["sfx", "rain"], "/v1/sound-generation"),
    "stt": (["stt", "one.wav"], "/v1/speech-to-text"),
    "align": (["align", "one.wav", "hello"], "/v1/forced-alignment"),
    "voices design": (["voices", "design", "a calm, friendly narrator with a warm voice"], "/v1/text-to-voice/design"),
    "api": (["api", "POST", "text-to-dialogue", "-f", "a=b"], "/v1/text-to-dialogue"),
}  # fmt: skip
FREE = {
    "voices": (["voices"], "/v2/voices"),
    "models": (["models"], "/v1/models"),
    "history delete": (["history", "delete", "abc", "--yes"], "/v1/history/abc"),
    "api": (["api", "models"], "/v1/models"),
}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.wav").write_bytes(wav())
    return tmp_path


def interrupted(spawn, service, words, path, sent):
    asked = threading.Event()
    service.on(path, lambda exchange: (asked.set(), exchange.until_released()))
    process = spawn(*words)
    assert asked.wait(GUARD_S), process.stderr.read()
    process.send_signal(sent)
    out, err = process.communicate(timeout=GUARD_S)
    return process.returncode, out, err


@pytest.mark.parametrize("name", PAID)
def test_who_interrupts_what_was_sent_is_told_that_it_may_be_charged(spawn, service, name):
    assert interrupted(spawn, service, *PAID[name], signal.SIGINT) == (130, b"", CHARGED)


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGHUP])
def test_so_is_who_ends_it_by_another_signal(spawn, service, sent):
    assert interrupted(spawn, service, *PAID["tts"], sent) == (128 + sent, b"", CHARGED)


@pytest.mark.parametrize("name", FREE)
def test_nothing_is_said_of_costs_where_there_are_none(spawn, service, name):
    assert interrupted(spawn, service, *FREE[name], signal.SIGINT) == (130, b"", b"")


@pytest.mark.parametrize(
    "words", [["stt", "-"], ["isolate", "-"], ["sts", "-", "-v", VOICE], ["api", "POST", "x", "-F", "a=@-"]]
)
def test_what_was_not_all_sent_is_not_charged(spawn, service, words):
    asked = threading.Event()
    for path in ("/v1/x", *(path for _, path in PAID.values())):
        service.on(path, lambda exchange: (asked.set(), exchange.until_released()))
    process = spawn(*words, stdin=subprocess.PIPE)
    process.stdin.write(MP3_FRAME * 500)
    process.stdin.flush()
    assert asked.wait(GUARD_S)
    process.send_signal(signal.SIGINT)
    assert process.wait(GUARD_S) == 130
    assert process.stderr.read() == b""


BEGINNING = b'{"language_code":"en","text":"Hello wor'
ENDS = {
    "shorter than its length": lambda exchange: (
        exchange.head(content_type="application/json", content_length="9999"), exchange.body(BEGINNING)
    ),
    "amid its chunks": lambda exchange: (
        exchange.head(content_type="application/json", transfer_encoding="chunked"),
        exchange.chunk(BEGINNING),
        exchange.drop(),
    ),
}  # fmt: skip


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("name", ["stt", "align", "voices design"])
def test_an_answer_that_breaks_off_is_kept_as_far_as_it_came(eleven, service, folder, monkeypatch, name, end):
    monkeypatch.setattr("tempfile.tempdir", str(folder / "tmp"))
    words, path = PAID[name]
    service.on(path, ENDS[end])
    result = eleven(*words)
    (kept,) = folder.glob("tmp/eleven-*/answer.json")
    assert (result.code, kept.read_bytes()) == (6, BEGINNING)
    assert f"; the beginning of the answer is kept in {kept}" in result.error
    assert len([request for request in service.requests if request.path == path]) == 1


def test_of_what_is_free_nothing_is_kept(eleven, service, folder, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(folder / "tmp"))
    service.on("/v1/models", ENDS["amid its chunks"])
    assert eleven("models", "--retries", "0").code == 6
    assert not list(folder.glob("tmp/*"))


def test_a_whole_answer_is_used_though_the_connection_breaks(eleven, service):
    service.on("/v1/models", lambda exchange: (json_reply([])(exchange), exchange.drop()))
    assert eleven("models", "--json").code == 0
