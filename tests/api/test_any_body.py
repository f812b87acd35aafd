"""Whatever a member of the service's answer is: a value, or an ElevenError, and never another exception."""

import json
from contextlib import suppress
from datetime import date

import pytest

from eleven_cli.api import account, audio_effects, dictionaries, error_mapping, models
from eleven_cli.api.agents import addresses, messages
from eleven_cli.api.client import Client
from eleven_cli.api.stt import alignment, events, transcription
from eleven_cli.api.tts import stream_messages, timestamps
from eleven_cli.api.voices import changes, design, library, listing
from eleven_cli.commands.stt.rendering import entity_lines, paragraphs, subtitles, turns_of
from eleven_cli.errors import ElevenError
from eleven_cli.terminal.text import json_text
from eleven_cli.text.subtitles import srt
from tests.conftest import KEY
from tests.support import mutations as bodies
from tests.support.mutations import mutated, received
from tests.support.service import MP3_FRAME, Service, json_reply, raw_reply

DAY = date(2024, 4, 27)


class Told(Client):
    """A client to which the service always says the same."""

    def __init__(self, value):
        super().__init__("http://127.0.0.1:9", KEY)
        self.value = received(value)

    def json(self, method, path, **request):
        return self.value

    do = json

    def json_and_credits(self, method, path, **request):
        return self.value, None


def _shown(told):
    """All that stt makes of a transcription."""
    for diarized in (False, True):
        yield from paragraphs(turns_of(told, diarized=diarized))
        yield from srt(subtitles(told, diarized=diarized))
    yield from entity_lines(told)
    yield told.document("html")


def _settled(client):
    voice = listing.voice_with(client, bodies.ID)
    return voice, listing.with_settings(client, voice)


DECODERS = {
    "voices": (bodies.VOICES, lambda client: list(listing.each_voice(client))),
    "first voice": (bodies.VOICES, listing.first_usable_voice),
    "voice": (bodies.VOICE, _settled),
    "settings": (bodies.VOICE["settings"], lambda client: changes.voice_settings(client, bodies.ID)),
    "clone": (bodies.VOICE, lambda client: listing.new_voice_id(client, client.value, "George")),
    "keep": (bodies.VOICE, lambda client: design.keep(client, "George", "x" * 20, bodies.OTHER)),
    "design": (bodies.DESIGNED, lambda client: design.design(client, design.DesignRequest("x" * 20, "mp3_44100_128"))),
    "library": (bodies.LIBRARY, lambda client: list(library.library_pages(client))),
    "library voice": (bodies.LIBRARY, lambda client: library.library_voice(client, bodies.ID)),
    "models": (bodies.MODELS, models.list_models),
    "subscription": (bodies.SUBSCRIPTION, lambda client: account.subscription(client).left),
    "allowance": (bodies.SUBSCRIPTION, lambda client: (found := account.voice_allowance(client), found.is_used_up)),
    "analytics": (bodies.ANALYTICS, lambda client: account.credits_by_day(client, DAY, days=2)),
    "statistics": (bodies.STATISTICS, lambda client: account.credits_by_day(client, DAY, days=2)),
    "effects": (bodies.EFFECTS, audio_effects.list_effects),
    "dictionaries": (bodies.DICTIONARIES, lambda client: list(dictionaries.each_dictionary(client))),
    "dictionary": (bodies.DICTIONARY, lambda client: dictionaries.dictionary_with_rules(client, bodies.ID)),
    "made dictionary": (bodies.DICTIONARY, lambda client: dictionaries.add_dictionary_aliases(client, "n", {"a": "b"})),
    "transcript": (bodies.TRANSCRIPT, lambda client: list(_shown(transcription.transcription(client.value)))),
    "channels": (bodies.CHANNELS, lambda client: list(_shown(transcription.transcription(client.value)))),
    "alignment": (bodies.FORCED, lambda client: alignment.alignment(client.value)),
    "signed url": (bodies.SIGNED, lambda client: addresses.signed_url(client, "agent")),
}  # fmt: skip


@pytest.mark.parametrize("name", DECODERS)
def test_answers(name):
    body, decoder = DECODERS[name]
    for value in mutated(body):
        with suppress(ElevenError):
            decoder(Told(value))


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
