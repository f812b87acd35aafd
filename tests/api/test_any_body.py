"""Whatever a member of the service's answer is: a value, or an ElevenError, and never another exception."""

import json
from contextlib import suppress

import pytest

from eleven_cli.api import dictionaries, error_mapping
from eleven_cli.api.agents import messages
from eleven_cli.api.client import Client
from eleven_cli.api.stt import events
from eleven_cli.api.tts import stream_messages, timestamps
from eleven_cli.errors import ElevenError
from eleven_cli.terminal.text import json_text
from tests.conftest import KEY
from tests.support import mutations as bodies
from tests.support.answers import ANSWERS, Told
from tests.support.mutations import mutated, received
from tests.support.service import MP3_FRAME, Service, json_reply, raw_reply


@pytest.mark.parametrize("name", ANSWERS)
def test_answers(name):
    body, decoder = ANSWERS[name]
    for value in mutated(body):
        with suppress(ElevenError):
            decoder(Told(received(value)))


@pytest.mark.parametrize("message", [*bodies.CALL, *bodies.REALTIME, bodies.SPOKEN, bodies.SPOKEN_BY_DIALOGUE])
def test_messages_of_sockets(message):
    for value in mutated(message):
        text = json.dumps(value)
        json_text(messages.as_json(messages.decode(text)))
        events.decode(text)
        list(stream_messages.decode(text))


@pytest.mark.parametrize("body", [bodies.ERROR, bodies.ERRORS, {"error": "x", "message": "No."}, {"detail": "No."}])
def test_refusals(body):
    for value in mutated(body):
        for status in (200, 404, 422, 429):
            data = json.dumps(value).encode()
            assert isinstance(error_mapping.error_from_response(status, {}, data), ElevenError)
            assert error_mapping.is_for_a_moment(data) in (True, False)


def test_timed_audio_over_a_real_connection():
    with Service() as service:
        lines = [json.dumps(value).encode() for value in mutated(bodies.TIMED)]
        for line in lines:
            service.on("/timed", raw_reply(json.dumps(bodies.TIMED).encode() + b"\n" + line + b"\n"))
            with Client(service.url, KEY).stream("POST", "/timed") as stream, suppress(ElevenError):
                list(timestamps.timed_chunks(stream, lambda data: len(data) / 1000))


LISTS = {
    "voices": ("/v2/voices", "voices", bodies.VOICE, ["voices"]),
    "library": ("/v1/shared-voices", "voices", bodies.SHARED, ["voices", "library"]),
    "dictionaries": (dictionaries.PATH, "pronunciation_dictionaries", bodies.DICTIONARY, ["dictionaries"]),
    "models": ("/v1/models", "", bodies.MODELS[0], ["models"]),
}


@pytest.mark.parametrize("words", [[], ["--json"]])
@pytest.mark.parametrize("tty", ["", "out err"])
@pytest.mark.parametrize("name", LISTS)
def test_lists_of_strange_entries_are_shown(eleven, service, name, tty, words):
    path, field, entry, command = LISTS[name]
    entries = [value for value in mutated(entry) if not (isinstance(value, dict) and value == entry)]
    service.on(path, json_reply({field: [*entries, entry], "has_more": False} if field else [*entries, entry]))
    result = eleven(*command, *words, tty=tty)
    assert result.code == 0
    assert entry["name"] in result.text
    assert "\x1b[2J" not in result.text


TRANSCRIPTS = [["--format", "text"], ["--format", "srt"], ["--json"], ["--diarize"], ["--format", "html"]]


@pytest.mark.parametrize("words", TRANSCRIPTS)
def test_strange_transcripts_end_as_a_result_or_an_error(eleven, service, tmp_path, words):
    (tmp_path / "a.wav").write_bytes(MP3_FRAME * 50)
    for value in list(mutated(bodies.TRANSCRIPT))[::23]:
        service.on("/v1/speech-to-text", json_reply(value))
        result = eleven("stt", str(tmp_path / "a.wav"), *words)
        assert result.code in (0, 1)
        assert "unexpected" not in result.err
