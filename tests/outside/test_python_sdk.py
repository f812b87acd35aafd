"""The official Python SDK against the sandbox: each call, and what must hold of what it gives."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from typing import Any, NamedTuple

import pytest

from tests.outside.conftest import HARPER, SENTENCE, Sandbox, seconds

elevenlabs = pytest.importorskip("elevenlabs", reason="the official Python SDK is not installed")
from elevenlabs import DialogueInput, ElevenLabs, PronunciationDictionaryVersionLocator, VoiceSettings  # noqa: E402
from elevenlabs.core.api_error import ApiError  # noqa: E402
from elevenlabs.errors import UnprocessableEntityError  # noqa: E402

DESCRIBED = "An old man with a deep, warm voice, slow and calm."
LINES = [DialogueInput(text="Hi.", voice_id=HARPER), DialogueInput(text="Hello.", voice_id="JBFqnCBsd6RMkjVDRZzb")]


class Studio(NamedTuple):
    """A client, and the sentence as it spoke it."""

    client: Any
    mp3: bytes

    @property
    def file(self) -> tuple[str, bytes]:
        return "spoken.mp3", self.mp3


Call = Callable[[Any], Any]


def connected(sandbox: Sandbox, word: str = "") -> Any:
    return ElevenLabs(api_key=sandbox.key(word), base_url=sandbox.url, timeout=30)


@pytest.fixture(scope="module")
def studio(sandbox: Sandbox) -> Studio:
    client = connected(sandbox)
    return Studio(client, b"".join(client.text_to_speech.convert(HARPER, text=SENTENCE)))


def played(audio: bytes | Iterable[bytes]) -> float:
    return seconds(audio if isinstance(audio, bytes) else b"".join(audio))


def music_of(told: Any) -> bytes:
    """The audio, which the SDK leaves the end of the answer at."""
    return bytes(told.audio.partition(b"\r\n--")[0])


def is_sentence(audio: bytes | Iterable[bytes]) -> bool:
    return 2 < played(audio) < 6


def has_times(answer: Any) -> bool:
    return "".join(answer.alignment.characters) == SENTENCE and len(answer.audio_base_64) > 1000


def streams_times(parts: Iterator[Any]) -> bool:
    alignments = [part.alignment for part in parts]
    return "".join(mark for alignment in alignments if alignment for mark in alignment.characters) == SENTENCE


def set_and_read(studio: Studio) -> Any:
    voices = studio.client.voices
    voices.settings.update(HARPER, request=VoiceSettings(stability=0.4, speed=1.1))
    return voices.settings.get(HARPER)


def clone(studio: Studio) -> str:
    made = studio.client.voices.ivc.create(name="Me", files=[studio.file], labels={"accent": "none"})
    return str(made.voice_id)


def rename(studio: Studio) -> Any:
    voice_id = clone(studio)
    studio.client.voices.update(voice_id, name="You")
    return studio.client.voices.get(voice_id)


def delete(studio: Studio) -> Any:
    voice_id = clone(studio)
    studio.client.voices.delete(voice_id)
    return voice_id in [voice.voice_id for voice in studio.client.voices.search(page_size=100).voices]


def every_page(studio: Studio) -> list[str]:
    found, token = [], None
    while True:
        page = studio.client.voices.search(page_size=3, next_page_token=token)
        found += [voice.voice_id for voice in page.voices]
        token = page.next_page_token
        if not page.has_more:
            return found


def share(studio: Studio) -> Any:
    shared = studio.client.voices.get_shared(page_size=2).voices[0]
    studio.client.voices.share(shared.public_owner_id, shared.voice_id, new_name="Mine")
    return studio.client.voices.get(shared.voice_id)


def design(studio: Studio) -> Any:
    text = f"{SENTENCE} {SENTENCE} And again."
    designed = studio.client.text_to_voice.design(voice_description=DESCRIBED, text=text)
    chosen = designed.previews[0].generated_voice_id
    assert played(studio.client.text_to_voice.preview.stream(chosen)) > 2
    return studio.client.text_to_voice.create(voice_name="Old", voice_description=DESCRIBED, generated_voice_id=chosen)


def transcribe_and_read(studio: Studio) -> Any:
    transcripts = studio.client.speech_to_text
    made = transcripts.convert(model_id="scribe_v2", file=studio.file)
    return transcripts.transcripts.get(made.transcription_id)


def usage(studio: Studio) -> Any:
    now = int(time.time() * 1000)
    return studio.client.usage.get(start_unix=now - 86_400_000, end_unix=now)


def look_up(studio: Studio) -> tuple[int, int]:
    """Says an abbreviation without and with a dictionary that has it; gives the bytes of both."""
    dictionaries, speech = studio.client.pronunciation_dictionaries, studio.client.text_to_speech
    rule = {"type": "alias", "string_to_replace": "UN", "alias": "United Nations"}
    made = dictionaries.create_from_rules(name="Names", rules=[rule])
    assert dictionaries.get(made.id).rules[0].alias == "United Nations"
    assert made.id in [one.id for one in dictionaries.list().pronunciation_dictionaries]
    locators = [PronunciationDictionaryVersionLocator(pronunciation_dictionary_id=made.id, version_id=made.version_id)]
    how = {"text": "The UN met.", "output_format": "pcm_16000"}
    with_it = speech.convert(HARPER, pronunciation_dictionary_locators=locators, **how)
    return len(b"".join(speech.convert(HARPER, **how))), len(b"".join(with_it))


def delete_latest(studio: Studio) -> tuple[Any, list[Any]]:
    """Of an account of its own, so that the others' items stay."""
    client = ElevenLabs(api_key="sk_outside_history", base_url=studio.client._client_wrapper.get_base_url())
    speak(client, "One.")
    speak(client, "Two.")
    latest = client.history.list().history[0]
    assert played(client.history.download(history_item_ids=[latest.history_item_id])) > 0.2
    client.history.delete(latest.history_item_id)
    return latest, client.history.list().history


CALLS: list[tuple[str, Call, Callable[[Any], object]]] = [
    ("models", lambda s: s.client.models.list(), lambda r: "eleven_multilingual_v2" in [m.model_id for m in r]),
    ("voices.search", lambda s: s.client.voices.search(search="harper"), lambda r: r.voices[0].voice_id == HARPER),
    ("voices.search pages", every_page, lambda r: len(r) == len(set(r)) > 3),
    ("voices.get_all", lambda s: s.client.voices.get_all(), lambda r: HARPER in [v.voice_id for v in r.voices]),
    ("voices.get", lambda s: s.client.voices.get(HARPER), lambda r: r.name == "Harper"),
    ("voices.settings", set_and_read, lambda r: (r.stability, r.speed) == (0.4, 1.1)),
    ("voices.settings default", lambda s: s.client.voices.settings.get_default(), lambda r: r.stability == 0.5),
    ("voices.ivc.create", clone, lambda r: len(r) == 20),
    ("voices.update", rename, lambda r: r.name == "You"),
    ("voices.delete", delete, lambda r: r is False),
    ("voices.share", share, lambda r: r.name == "Mine"),
    ("text_to_voice", design, lambda r: (r.name, r.category) == ("Old", "generated")),
    ("tts.convert", lambda s: s.client.text_to_speech.convert(HARPER, text=SENTENCE), is_sentence),
    ("tts.stream", lambda s: s.client.text_to_speech.stream(HARPER, text=SENTENCE), is_sentence),
    ("tts.timestamps", lambda s: s.client.text_to_speech.convert_with_timestamps(HARPER, text=SENTENCE), has_times),
    (
        "tts.stream times",
        lambda s: s.client.text_to_speech.stream_with_timestamps(HARPER, text=SENTENCE),
        streams_times,
    ),
    ("ttd.convert", lambda s: s.client.text_to_dialogue.convert(inputs=LINES), lambda r: played(r) > 0.5),
    ("ttd.stream", lambda s: s.client.text_to_dialogue.stream(inputs=LINES), lambda r: played(r) > 0.5),
    (
        "ttd.timestamps",
        lambda s: s.client.text_to_dialogue.convert_with_timestamps(inputs=LINES),
        lambda r: [segment.voice_id for segment in r.voice_segments] == [line.voice_id for line in LINES],
    ),
    (
        "ttd.stream times",
        lambda s: s.client.text_to_dialogue.stream_with_timestamps(inputs=LINES),
        lambda r: {segment.dialogue_input_index for part in r for segment in part.voice_segments} == {0, 1},
    ),
    ("sts.convert", lambda s: s.client.speech_to_speech.convert(HARPER, audio=s.file), is_sentence),
    ("sts.stream", lambda s: s.client.speech_to_speech.stream(HARPER, audio=s.file), is_sentence),
    ("isolation.convert", lambda s: s.client.audio_isolation.convert(audio=s.file), is_sentence),
    ("isolation.stream", lambda s: s.client.audio_isolation.stream(audio=s.file), is_sentence),
    (
        "stt.convert",
        lambda s: s.client.speech_to_text.convert(model_id="scribe_v2", file=s.file),
        lambda r: r.text == SENTENCE and r.words[0].text == "The" and r.words[-1].end > 2,
    ),
    ("stt.transcripts.get", transcribe_and_read, lambda r: r.text == SENTENCE),
    (
        "forced_alignment",
        lambda s: s.client.forced_alignment.create(file=s.file, text=SENTENCE),
        lambda r: [word.text for word in r.words if word.text.strip()] == SENTENCE.split(),
    ),
    (
        "sound effects",
        lambda s: s.client.text_to_sound_effects.convert(text="a dog barks", duration_seconds=1.0),
        lambda r: 0.9 < played(r) < 1.2,
    ),
    (
        "music",
        lambda s: s.client.music.compose(prompt="a calm piano", music_length_ms=3000),
        lambda r: 2.9 < played(r) < 3.2,
    ),
    (
        "music by a plan",
        lambda s: s.client.music.stream(
            composition_plan=s.client.music.composition_plan.create(prompt="fast techno", music_length_ms=4000)
        ),
        lambda r: 3.9 < played(r) < 4.2,
    ),
    (
        "music with its plan",
        lambda s: s.client.music.compose_detailed(prompt="a calm piano", music_length_ms=3000, with_timestamps=True),
        lambda r: r.json["song_metadata"]["title"] == "Calm Piano" and 2.9 < played(music_of(r)) < 3.2 and r.song_id,
    ),
    ("finetunes", lambda s: s.client.music.finetunes.list(), lambda r: r.finetunes == []),
    (
        "finetune",
        lambda s: s.client.music.finetunes.create(name="Folk songs", primary_genre="folk", tags=["banjo"]),
        lambda r: (r.name, r.tags, r.created_by) == ("Folk songs", ["banjo"], "self"),
    ),
    ("history", lambda s: s.client.history.list(search="quick"), lambda r: r.history[0].text == SENTENCE),
    (
        "history.audio",
        lambda s: s.client.history.get_audio(s.client.history.list().history[-1].history_item_id),
        is_sentence,
    ),
    ("history.delete", delete_latest, lambda r: (r[0].text, [item.text for item in r[1]]) == ("Two.", ["One."])),
    ("pronunciation dictionaries", look_up, lambda r: r[1] > r[0] * 1.2),
    ("usage", usage, lambda r: sum(r.usage["All"]) > 0),
    ("user", lambda s: s.client.user.get(), lambda r: r.subscription.tier == "pro"),
    ("subscription", lambda s: s.client.user.subscription.get(), lambda r: r.character_count > 0),
    (
        "single-use token",
        lambda s: s.client.tokens.single_use.create("realtime_scribe"),
        lambda r: r.token.startswith("sutkn_"),
    ),
    ("agents.list", lambda s: s.client.conversational_ai.agents.list(), lambda r: len(r.agents) > 3),
    (
        "agents.get",
        lambda s: s.client.conversational_ai.agents.get("agent_sandbox_chat"),
        lambda r: r.agent_id == "agent_sandbox_chat",
    ),
    (
        "signed url",
        lambda s: s.client.conversational_ai.conversations.get_signed_url(agent_id="agent_sandbox_private"),
        lambda r: r.signed_url.startswith("ws://127.0.0.1:"),
    ),
]


@pytest.mark.parametrize(("call", "holds"), [row[1:] for row in CALLS], ids=[row[0] for row in CALLS])
def test_calls(studio: Studio, call: Call, holds: Callable[[Any], object]) -> None:
    assert holds(call(studio))


ERRORS: list[tuple[str, str, Call, int, str]] = [
    ("key", "wrong", lambda c: c.models.list(), 401, "invalid_api_key"),
    ("credits", "broke", lambda c: speak(c), 402, "quota_exceeded"),
    ("permission", "restricted", lambda c: c.voices.get_all(), 403, "missing_permissions"),
    ("voice", "", lambda c: speak(c, voice="not-a-voice"), 404, "voice_not_found"),
    ("agent", "", lambda c: c.conversational_ai.agents.get("nobody"), 404, "document_not_found"),
    ("not imitated", "", lambda c: c.dubbing.list(request_options={"max_retries": 0}), 501, "not_imitated"),
]


def speak(client: Any, text: Any = SENTENCE, voice: str = HARPER) -> bytes:
    return b"".join(client.text_to_speech.convert(voice, text=text))


@pytest.mark.parametrize(("word", "call", "code", "status"), [row[1:] for row in ERRORS], ids=[e[0] for e in ERRORS])
def test_errors(sandbox: Sandbox, word: str, call: Call, code: int, status: str) -> None:
    with pytest.raises(ApiError) as failed:
        call(connected(sandbox, word))
    assert failed.value.status_code == code
    assert failed.value.body["detail"]["status"] == status


def test_a_request_that_does_not_fit_the_schema(sandbox: Sandbox) -> None:
    with pytest.raises(UnprocessableEntityError) as failed:
        speak(connected(sandbox), text=5)
    assert failed.value.body["detail"][0]["loc"] == ["body", "text"]


def test_too_many_at_once(sandbox: Sandbox) -> None:
    """As many streams as the plan has are held open; the SDK itself tries again, unless it is told not to."""
    speech = connected(sandbox, "creator").text_to_speech.with_raw_response
    playing = []
    with ExitStack() as held:

        def hold() -> Any:
            options = {"max_retries": 0}
            stream = speech.stream(HARPER, text=SENTENCE * 100, request_options=options)
            answer = held.enter_context(stream)
            playing.append(iter(answer.data))
            next(playing[-1])
            return answer

        for _ in range(int(hold().headers["maximum-concurrent-requests"]) - 1):
            hold()
        with pytest.raises(ApiError) as failed:
            hold()
    assert failed.value.status_code == 429
    assert failed.value.body["detail"]["status"] == "too_many_concurrent_requests"
    assert failed.value.headers is not None
    assert failed.value.headers["retry-after"] == "1"
