"""Realtime transcription: what is committed when, and everything else the service was measured to do."""

from array import array
from itertools import pairwise
from time import monotonic
from typing import Any

import pytest
from starlette.datastructures import QueryParams

from eleven_cli.sandbox.realtime import realtime_socket
from eleven_cli.sandbox.realtime.query import read_realtime_query

from .call import babble, silence
from .conftest import Api
from .realtime import LEAVE_OUT, RealtimeClient
from .uploads import FOX, said

LONG = "The quick brown fox jumps over the lazy dog. It was a bright cold day in April. How are you today?"
CONFIG = {
    "sample_rate": 16000,
    "audio_format": "pcm_16000",
    "language_code": None,
    "secondary_languages": [],
    "timestamps_granularity": "word",
    "vad_commit_strategy": False,
    "vad_silence_threshold_secs": 1.5,
    "vad_threshold": 0.4,
    "min_speech_duration_ms": 100,
    "min_silence_duration_ms": 100,
    "max_tokens_to_recompute": 5,
    "model_id": "scribe_v2_realtime",
    "disable_logging": False,
    "include_timestamps": False,
    "include_language_detection": False,
    "filter_background_audio": False,
    "keyterms": [],
    "no_verbatim": False,
    "entity_detection": None,
}


def test_the_session_says_what_it_is(api: Api) -> None:
    with RealtimeClient(api).started() as live:
        (first,) = live.messages
        assert first["config"] == CONFIG
        assert len(first["session_id"]) == 32
    wanted: dict[str, Any] = {"commit_strategy": "vad", "vad_silence_threshold_secs": 0.5, "keyterms": ["a", "b"]}
    with RealtimeClient(api, **wanted, include_timestamps="true", language_code="deu").started() as live:
        changed = {"vad_commit_strategy": True, "vad_silence_threshold_secs": 0.5, "keyterms": ["a", "b"]}
        more = {"include_timestamps": True, "language_code": "deu"}
        assert live.messages[0]["config"] == {**CONFIG, **changed, **more}


def test_a_commit_is_answered_and_then_repeated_as_a_partial(api: Api) -> None:
    with RealtimeClient(api).started() as live:
        assert live.send_audio(said(api)).commit().committed() == FOX
        assert live.next() == {"message_type": "partial_transcript", "text": FOX}
        assert live.kinds() == ["session_started", "committed_transcript", "partial_transcript"]


def test_times_come_in_a_message_of_their_own(api: Api) -> None:
    with RealtimeClient(api, include_timestamps="true").started() as live:
        live.send_audio(silence(1.0) + said(api)).commit()
        assert live.committed() == FOX
        timed = live.next()
        assert timed is not None
        assert (timed["message_type"], timed["text"]) == ("committed_transcript_with_timestamps", FOX)
        assert timed["language_code"] is None
        assert "".join(word["text"] for word in timed["words"]) == FOX
        first = timed["words"][0]
        assert first["start"] == pytest.approx(1.02, abs=0.06)
        assert (first["speaker_id"], first["channel_index"]) == (None, None)
        assert "".join(one["text"] for one in first["characters"]) == "The"
        assert live.until("partial_transcript")["text"] == FOX


def test_times_count_from_the_start_of_the_session(api: Api) -> None:
    with RealtimeClient(api, include_timestamps="true").started() as live:
        live.send_audio(said(api)).commit().until("committed_transcript_with_timestamps")
        live.send_audio(silence(3.0) + said(api)).commit()
        timed = live.until("committed_transcript_with_timestamps", lambda message: message["text"] == FOX)
        assert timed["words"][0]["start"] == pytest.approx(len(said(api)) / 32000 + 3.0, abs=0.1)


def test_the_language(api: Api) -> None:
    with RealtimeClient(api, include_language_detection="true").started() as live:
        live.send_audio(said(api, "Guten Tag.", voice="vYzI0uRHkrSm170aiMWv")).commit()
        assert live.until("committed_transcript_with_timestamps")["language_code"] == "de"


def test_every_commit_has_one_answer_in_order(api: Api) -> None:
    parts = ["Good morning.", "", "How are you?", "See you later."]
    with RealtimeClient(api).started() as live:
        for part in parts:
            live.send_audio(said(api, part) if part else silence(0.5)).commit()
        assert [live.committed() for _ in parts] == parts


def test_silence_is_committed_as_nothing_and_not_repeated(api: Api) -> None:
    with RealtimeClient(api).started() as live:
        assert live.send_audio(silence(0.5)).commit().committed() == ""
        live.send_audio(said(api)).commit().until("partial_transcript")
        assert live.kinds().count("partial_transcript") == 1


def test_words_are_told_once_wherever_the_commits_are(api: Api) -> None:
    speech = said(api, LONG)
    for cut_s in (1.3, 2.1, 3.35):
        with RealtimeClient(api).started() as live:
            cut = round(cut_s * 16000) * 2
            live.send_audio(speech[:cut]).commit()
            live.send_audio(speech[cut:]).commit()
            first, second = live.committed(), live.committed()
            assert f"{first} {second}" == LONG


def test_what_nobody_said(api: Api) -> None:
    with RealtimeClient(api).started() as live:
        live.send_audio(babble(2.0) + silence(0.7)).commit()
        assert live.committed() == "(speech, 2.0 s)"


@pytest.mark.parametrize("format", ["pcm_8000", "pcm_22050", "pcm_24000", "pcm_44100", "pcm_48000", "ulaw_8000"])
def test_every_format(api: Api, format: str) -> None:
    with RealtimeClient(api, audio_format=format).started() as live:
        assert live.send_audio(said(api, format=format), chunk_bytes=4001).commit().committed() == FOX


def test_sound_and_commit_in_one_chunk(api: Api) -> None:
    with RealtimeClient(api).started() as live:
        assert live.chunk(said(api), commit=True, previous_text="Before.").committed() == FOX


def test_partials_come_while_somebody_speaks_but_not_in_the_first_two_seconds(api: Api) -> None:
    speech = said(api, LONG)
    with RealtimeClient(api).started() as live:
        for at in range(0, len(speech), 8000):
            live.chunk(speech[at : at + 8000])
            assert not live.next_within(0.05) or at + 8000 >= 2.0 * 32000
        live.commit()
        live.committed()
        partials = [message["text"] for message in live.messages if message["message_type"] == "partial_transcript"]
    assert len(partials) >= 3
    assert all(LONG.startswith(text) for text in partials)
    assert all(len(one) <= len(other) for one, other in pairwise(partials))
    with RealtimeClient(api).started() as live:
        live.send_audio(said(api, "One two three.")).commit()
        live.committed()
        assert live.kinds() == ["session_started", "committed_transcript"]


def test_voice_activity_commits(api: Api) -> None:
    with RealtimeClient(api, commit_strategy="vad", vad_silence_threshold_secs=0.5).started() as live:
        live.send_audio(said(api, "Good morning.") + silence(0.8) + said(api, "How are you?") + silence(0.8))
        assert (live.committed(), live.committed()) == ("Good morning.", "How are you?")


def test_a_longer_silence_waits_longer(api: Api) -> None:
    audio = said(api, "Good morning.") + silence(1.0) + said(api, "How are you?") + silence(3.2)
    with RealtimeClient(api, commit_strategy="vad", vad_silence_threshold_secs=3.0).started() as live:
        assert live.send_audio(audio).committed() == "Good morning. How are you?"
    with RealtimeClient(api, commit_strategy="vad", min_silence_duration_ms=2000).started() as live:
        assert live.send_audio(audio).committed() == "Good morning. How are you?"


def test_speech_that_is_too_short_is_not_committed(api: Api) -> None:
    with RealtimeClient(
        api, commit_strategy="vad", min_speech_duration_ms=2000, vad_silence_threshold_secs=0.5
    ).started() as live:
        live.send_audio(said(api, "Hello.") + silence(1.0) + said(api, LONG) + silence(1.0))
        assert live.committed() == f"Hello. {LONG}"


def test_the_threshold_is_heeded(api: Api) -> None:
    hum = [(index % 160 - 80) * 2 for index in range(16000 * 4)]
    faint = array("h", silence(2.0) + babble(1.5, amplitude=1000) + silence(0.5))
    mixed = array("h", [one + other for one, other in zip(hum, faint, strict=True)]).tobytes()
    for threshold, words in ((0.1, "(speech"), (0.9, "")):
        with RealtimeClient(api, vad_threshold=threshold).started() as live:
            live.send_audio(mixed).commit()
            assert live.committed()[:7] == words


def test_the_session_commits_by_itself_in_the_end(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    assert pytest.approx(35.8) == realtime_socket.MAX_COMMIT_S
    monkeypatch.setattr(realtime_socket, "MAX_COMMIT_S", 3.0)
    with RealtimeClient(api).started() as live:
        live.send_audio(said(api, LONG) + silence(1.0)).commit()
        texts = []
        while " ".join(filter(None, texts)) != LONG:
            texts.append(live.committed())
        assert len(texts) >= 2


def test_a_commit_of_too_little_ends_the_session(api: Api) -> None:
    with RealtimeClient(api).started() as live:
        error = live.send_audio(silence(0.2)).commit().error()
        assert error["message_type"] == "commit_throttled"
        assert error["error"] == (
            "Commit request ignored: only 0.20s of uncommitted audio. "
            "You need at least 0.3s of uncommitted audio before committing."
        )
        assert live.close == (1000, "commit_throttled")
    with RealtimeClient(api).started() as live:
        live.send_audio(silence(0.3)).commit().committed()
        assert live.commit().error()["message_type"] == "commit_throttled"


def test_silence_on_the_wire_ends_the_session_without_a_word(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    assert pytest.approx(15.5) == realtime_socket.IDLE_TIMEOUT_S
    monkeypatch.setattr(realtime_socket, "IDLE_TIMEOUT_S", 0.3)
    with RealtimeClient(api).started() as live:
        assert live.next() is None
        assert live.close == (1000, "")


def test_a_wrong_key_is_let_in_and_told_off(api_with: Any) -> None:
    for live in (RealtimeClient(api_with("wrong")), RealtimeClient(api_with(None), token="sutkn_no")):
        with live:
            error = live.error()
            assert error["message_type"] == "auth_error"
            assert error["error"] == "You must be authenticated to use this endpoint."
            assert live.close == (1000, "")
    with RealtimeClient(api_with("restricted")) as live:
        assert live.error()["message_type"] == "auth_error"


def test_a_token_opens_once(api: Api, api_with: Any) -> None:
    token = api("POST", "/v1/single-use-token/realtime_scribe").json()["token"]
    with RealtimeClient(api_with(None), token=token).started():
        pass
    with RealtimeClient(api_with(None), token=token) as live:
        assert live.error()["message_type"] == "auth_error"


@pytest.mark.parametrize(
    "query",
    [
        {"model_id": "scribe_v2"},
        {"model_id": "nonsense"},
        {"entity_redaction_mode": "hidden"},
        {"audio_format": "mp3_44100_128"},
        {"commit_strategy": "never"},
        {"vad_silence_threshold_secs": "0.2"},
        {"vad_silence_threshold_secs": "x"},
        {"vad_threshold": "0.95"},
        {"min_speech_duration_ms": "49"},
        {"min_silence_duration_ms": "2001"},
        {"include_timestamps": "perhaps"},
        {"language_code": "qq"},
        {"secondary_languages": ["de", "qq"]},
        {"keyterms": ["x" * 21]},
        {"keyterms": [f"k{number}" for number in range(51)]},
        {"filter_background_audio": "true", "include_timestamps": "true"},
        {"entity_redaction": "pii"},
        {"transcript_edit": "x" * 2001},
        {"transcript_edit": "upper case", "entity_detection": "pii"},
    ],
)
def test_terms_that_cannot_be_had(api: Api, query: dict[str, Any]) -> None:
    with RealtimeClient(api, **query) as live:
        assert live.error()["message_type"] == "invalid_request"


@pytest.mark.parametrize("missing", ["message_type", "audio_base_64", "commit", "sample_rate"])
def test_all_four_fields_are_needed(api: Api, missing: str) -> None:
    with RealtimeClient(api).started() as live:
        error = live.chunk(silence(0.1), **{missing: LEAVE_OUT}).error()
        assert error["message_type"] == "input_error"
        assert missing in error["error"]


@pytest.mark.parametrize(
    "fields",
    [
        {"message_type": "commit"},
        {"audio_base_64": "no base 64!"},
        {"audio_base_64": None},
        {"audio_base_64": 5},
        {"commit": "yes"},
        {"commit": "true"},
        {"commit": 1},
        {"commit": None},
        {"sample_rate": 8000},
        {"sample_rate": "16000"},
        {"sample_rate": 16000.5},
        {"sample_rate": True},
        {"sample_rate": None},
        {"previous_text": 5},
        {"previous_text": ["Before."]},
    ],
)
def test_chunks_that_make_no_sense(api: Api, fields: dict[str, Any]) -> None:
    with RealtimeClient(api).started() as live:
        assert live.chunk(silence(0.1), **fields).error()["message_type"] == "input_error"


@pytest.mark.parametrize("data", ["", "no json", "[]", b"\xff"])
def test_messages_that_are_no_objects(api: Api, data: str | bytes) -> None:
    with RealtimeClient(api).started() as live:
        live.send_raw(data)
        assert live.error()["message_type"] == "input_error"


def test_previous_text_only_comes_first(api: Api) -> None:
    with RealtimeClient(api).started() as live:
        live.chunk(silence(0.1), previous_text="Before.").chunk(silence(0.1), previous_text="Again.")
        assert live.error()["message_type"] == "input_error"


def test_a_chunk_that_is_too_large(api: Api) -> None:
    with RealtimeClient(api).started() as live:
        assert live.chunk(silence(31)).error()["message_type"] == "chunk_size_exceeded"


def test_without_logging_there_is_a_warning(api: Api) -> None:
    with RealtimeClient(api, enable_logging="false").started() as live:
        warning = live.next()
        assert warning is not None
        assert warning["message_type"] == "warning"
        assert live.send_audio(said(api)).commit().committed() == FOX


def test_entities_are_looked_for(api: Api) -> None:
    with RealtimeClient(api, entity_detection=["all"]).started() as live:
        live.send_audio(said(api)).commit()
        assert live.until("committed_transcript_entities")["entities"] == []


def test_entities_are_found_and_replaced(api: Api) -> None:
    text = "Write to ana@example.com now."
    query = {"entity_detection": ["pii"], "entity_redaction": ["email_address"], "include_timestamps": "true"}
    with RealtimeClient(api, **query).started() as live:
        live.send_audio(said(api, text)).commit()
        entity = {"text": "ana@example.com", "entity_type": "email_address", "start_char": 9, "end_char": 24}
        assert live.until("committed_transcript_entities")["entities"] == [entity]
        redacted = live.until("redacted_transcript")
        assert (redacted["text"], redacted["redacted_text"]) == (text, "Write to {EMAIL_ADDRESS_1} now.")


def test_transcripts_are_edited(api: Api) -> None:
    with RealtimeClient(api, transcript_edit="Write it in upper case.").started() as live:
        live.send_audio(said(api)).commit()
        message = live.until("edited_transcript")
        assert (message["text"], message["edited_text"]) == (FOX, FOX.upper())
        assert live.kinds()[-3:] == ["committed_transcript", "partial_transcript", "edited_transcript"]


@pytest.mark.parametrize(
    ("query", "credits"),
    [
        ({}, 20),
        ({"entity_detection": "pii"}, 26),
        ({"entity_detection": "pii", "entity_redaction": "pii"}, 32),
        ({"transcript_edit": "?"}, 26),
    ],
)
def test_what_is_made_of_transcripts_costs_more(query: dict[str, str], credits: int) -> None:
    assert read_realtime_query(QueryParams(query)).credits(12.0) == credits


def test_an_edit_is_charged_for_ten_seconds_at_least() -> None:
    query = read_realtime_query(QueryParams({"transcript_edit": "?"}))
    assert [query.credits(seconds) for seconds in (0.0, 1.2, 10.0)] == [0, 7, 22]


def test_fillers_can_be_left_out(api: Api) -> None:
    with RealtimeClient(api, no_verbatim="true").started() as live:
        assert (
            live.send_audio(said(api, "Um, the trains, uh, are late.")).commit().committed() == "The trains, are late."
        )


@pytest.mark.parametrize(("model", "after_s"), [("scribe_v2_realtime", 2.0), ("scribe_v2_realtime_turbo", 1.2)])
def test_when_the_first_partial_comes(api: Api, model: str, after_s: float) -> None:
    long = said(api, "The lighthouse keeper climbed the narrow stairs every single evening.")
    size = round(32000 * after_s)
    with RealtimeClient(api, model_id=model).started() as live:
        first = live.send_audio(long[: size - 6400]).commit().next()
        assert first is not None
        assert first["message_type"] == "committed_transcript"
    with RealtimeClient(api, model_id=model).started() as live:
        assert live.send_audio(long[: size + 6400]).until("partial_transcript")["text"]


def test_credits_run_out(api_with: Any) -> None:
    with RealtimeClient(api_with("broke")).started() as live:
        live.send_audio(silence(9)).commit()
        assert live.error()["message_type"] == "quota_exceeded"


def test_places_run_out(api_with: Any) -> None:
    free = api_with("free")
    sessions = [RealtimeClient(free).started() for _ in range(6)]
    with RealtimeClient(free) as live:
        assert live.error()["message_type"] == "rate_limited"
    for session in sessions:
        session.disconnect()


def test_what_is_heard_is_charged(api: Api) -> None:
    with RealtimeClient(api).started() as live:
        live.send_audio(silence(6)).commit().committed()
        live.send_audio(silence(0.5))
    before = monotonic()
    while (used := api.get("/v1/user/subscription").json()["character_count"]) < 11:
        assert monotonic() - before < 5
    assert used == 11


def test_a_long_session(api: Api) -> None:
    half_a_minute = silence(29)
    with RealtimeClient(api, commit_strategy="vad", vad_silence_threshold_secs=0.5).started() as live:
        for _ in range(30):
            live.chunk(half_a_minute)
        live.send_audio(said(api) + silence(1.0))
        assert live.until("committed_transcript", lambda message: bool(message["text"]))["text"] == FOX
        assert live.kinds().count("committed_transcript") >= 24  # the session's own, of silence
