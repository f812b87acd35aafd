"""`eleven isolate`: speech without what else is heard."""

import json
import os

import pytest

from eleven_cli.audio.codecs.wav import wav_header
from tests.support.receiver import file_of, form_of
from tests.support.service import MP3_FRAME, audio_reply, error_reply
from tests.support.wav_files import wav, written

PATH = "/v1/audio-isolation/stream"


@pytest.fixture
def service(receiver):
    receiver.on(PATH, audio_reply([MP3_FRAME, MP3_FRAME], request_id="req_1", character_cost="9"))
    return receiver


@pytest.mark.parametrize(("output", "said"), [("x.mp3", "x.mp3"), ("noname", "noname (MP3)"), ("X.MP3", "X.MP3")])
def test_a_file_in_a_file_out(eleven, service, tmp_path, output, said):
    result = eleven("isolate", written(tmp_path, wav(0.5)), "-o", str(tmp_path / output), tty="err")
    assert (result.code, result.out) == (0, b"")
    assert (tmp_path / output).read_bytes() == MP3_FRAME * 2
    (request,) = service.requests
    assert (request.query, form_of(request), file_of(request).value) == ({}, {}, wav(0.5))
    assert result.err.endswith(f"{tmp_path / said} · 0.1 s · 9 credits\n")


def test_a_pipe_in_a_pipe_out(eleven, service):
    assert eleven("isolate", stdin=wav(0.5)).out == MP3_FRAME * 2


def test_raw_samples(eleven, service):
    assert eleven("isolate", "--input-format", "pcm_16000", stdin=bytes(3200)).code == 0
    assert form_of(service.requests[0]) == {"file_format": "pcm_s16le_16"}


@pytest.mark.parametrize("name", ["x.wav", "x.flac", "x.ogg"])
def test_it_gives_mp3_only(eleven, service, name):
    result = eleven("isolate", "-o", name, stdin=wav(0.5))
    assert result.code == 2
    assert result.error.startswith("error: the service isolates to MP3 only")
    assert result.hint.startswith("hint: -o x.mp3")
    assert not service.requests


def test_more_than_the_service_takes(eleven, service, tmp_path):
    path = written(tmp_path, b"OggS\0\2" + bytes(100))
    os.truncate(path, 600_000_000)
    result = eleven("isolate", path)
    assert (result.code, result.error) == (
        2, f"error: {path} is too large: the service takes 500 MB, and it has 600 MB",
    )  # fmt: skip
    assert not service.requests


def test_a_pipe_with_more_than_the_service_takes(eleven, service, monkeypatch):
    monkeypatch.setattr("eleven_cli.api.audio.isolation.MOST_BYTES", 100_000)
    result = eleven("isolate", stdin=b"OggS\0\2" + bytes(200_000))
    assert result.code == 2
    assert result.error.endswith("and it has more")


@pytest.mark.parametrize("where", ["file", "pipe"])
def test_more_than_the_service_takes_at_once_is_cut(eleven, service, monkeypatch, tmp_path, where):
    monkeypatch.setattr("eleven_cli.api.audio.isolation.MOST_BYTES", 200_000)
    sound = wav(10)
    result = eleven("isolate", written(tmp_path, sound)) if where == "file" else eleven("isolate", stdin=sound)
    assert result.code == 0
    assert len(service.requests) > 2
    assert all(len(request.body) <= 200_000 for request in service.requests)
    assert b"".join(file_of(request).value[44:] for request in service.requests) == sound[44:]


def test_more_than_can_be_cut_either(eleven, service, tmp_path):
    path = written(tmp_path, wav_header(48000))
    os.truncate(path, 6_000_000_000)
    result = eleven("isolate", path)
    assert (result.code, service.requests) == (2, [])
    assert "too large: the service takes 5,000 MB, and it has 6,000 MB" in result.error


def test_longer_than_an_hour_is_cut(eleven, service, tmp_path):
    path = written(tmp_path, wav_header(4000))
    os.truncate(path, 44 + 3700 * 8000)
    result = eleven("isolate", path, "--json")
    assert result.code == 0
    assert len(service.requests) == 2
    assert json.loads(result.err)["credits"] == 18


@pytest.mark.parametrize(("data", "said"), [(b"", "is empty"), (b"text\n", "looks like text")])
def test_what_cannot_be_sent(eleven, service, data, said):
    result = eleven("isolate", stdin=data)
    assert result.code == 2
    assert said in result.error
    assert not service.requests


def test_what_the_service_refuses(eleven, service):
    service.on(PATH, error_reply(400, "audio_too_short", "At least 4.6 s."))
    result = eleven("isolate", stdin=wav(0.05))
    assert (result.code, result.error) == (1, "error: At least 4.6 s. (audio_too_short, request req_42)")


def test_no_audio_on_a_terminal(eleven, service):
    result = eleven("isolate", tty="in out")
    assert result.code == 2
    assert "eleven isolate noisy.wav" in result.hint


def test_with_the_sandbox(eleven):
    speech = eleven("--sandbox", "tts", "the quick brown fox jumps over the lazy dog and is off", "--format", "wav").out
    result = eleven("-q", "--sandbox", "isolate", stdin=speech)
    assert (result.code, result.err) == (0, "")
    assert len(result.out) > 10_000
