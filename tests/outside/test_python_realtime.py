"""The sockets of the official Python SDK: text as it comes, over TLS as it insists, and speech as it is heard."""

import asyncio
import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.outside.conftest import HARPER, SENTENCE, Sandbox, seconds

elevenlabs = pytest.importorskip("elevenlabs", reason="the official Python SDK is not installed")
from elevenlabs import ElevenLabs, VoiceSettings  # noqa: E402
from elevenlabs.realtime import AudioFormat, CommitStrategy, RealtimeEvents  # noqa: E402

from tests.support.guard import GUARD_S  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:websockets")
CHUNK = 8000
MAIL = "Write to ana@example.com now."


@pytest.fixture
def client(secure: tuple[Sandbox, Path], monkeypatch: pytest.MonkeyPatch) -> Any:
    sandbox, authority = secure
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    return ElevenLabs(api_key=sandbox.key(), base_url=sandbox.url, timeout=30)


def words() -> Iterator[str]:
    for word in SENTENCE.split():
        yield f"{word} "


def test_text_as_it_comes(client: Any) -> None:
    parts = client.text_to_speech.convert_realtime(
        HARPER, text=words(), model_id="eleven_flash_v2_5", voice_settings=VoiceSettings(speed=1.1)
    )
    audio = b"".join(parts)
    assert 1.5 < seconds(audio) < 6
    item = client.history.list().history[0]
    assert item.text.strip() == SENTENCE
    assert b"".join(client.history.get_audio(item.history_item_id)) == audio


def test_requests_and_addresses_over_tls(client: Any) -> None:
    assert b"".join(client.text_to_speech.convert(HARPER, text="Hi."))
    signed = client.conversational_ai.conversations.get_signed_url(agent_id="agent_sandbox_private")
    assert signed.signed_url.startswith("wss://")


@pytest.mark.parametrize("strategy", [CommitStrategy.MANUAL, CommitStrategy.VAD])
def test_speech_as_it_is_heard(sandbox: Sandbox, strategy: CommitStrategy) -> None:
    client = ElevenLabs(api_key=sandbox.key(), base_url=sandbox.url, timeout=30)
    pcm = b"".join(client.text_to_speech.convert(HARPER, text=SENTENCE, output_format="pcm_16000"))

    async def transcribed() -> str:
        options = {
            "model_id": "scribe_v2_realtime",
            "audio_format": AudioFormat.PCM_16000,
            "sample_rate": 16000,
            "commit_strategy": strategy,
        }
        connection = await client.speech_to_text.realtime.connect(options)
        heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        connection.on(RealtimeEvents.COMMITTED_TRANSCRIPT, heard.put_nowait)
        sound = pcm + bytes(3 * 32000)
        for start in range(0, len(sound), CHUNK):
            await connection.send({"audio_base_64": base64.b64encode(sound[start : start + CHUNK]).decode()})
        if strategy is CommitStrategy.MANUAL:
            await connection.commit()
        async with asyncio.timeout(GUARD_S):
            text = (await heard.get())["text"]
        await connection.close()
        return str(text)

    assert asyncio.run(transcribed()) == SENTENCE


@pytest.mark.parametrize(
    ("event", "wanted", "made"),
    [
        (
            RealtimeEvents.REDACTED_TRANSCRIPT,
            {"entity_detection": ["pii"], "entity_redaction": ["email_address"]},
            {"redacted_text": "Write to {EMAIL_ADDRESS_1} now."},
        ),
        (RealtimeEvents.EDITED_TRANSCRIPT, {"transcript_edit": "upper case"}, {"edited_text": MAIL.upper()}),
        (
            RealtimeEvents.COMMITTED_TRANSCRIPT_ENTITIES,
            {"entity_detection": "all"},
            {"entities": [
                {"text": "ana@example.com", "entity_type": "email_address", "start_char": 9, "end_char": 24}
            ]},
        ),
    ],
)  # fmt: skip
def test_what_is_made_of_live_speech(sandbox: Sandbox, event: Any, wanted: Any, made: Any) -> None:
    client = ElevenLabs(api_key=sandbox.key(), base_url=sandbox.url, timeout=30)
    pcm = b"".join(client.text_to_speech.convert(HARPER, text=MAIL, output_format="pcm_16000"))

    async def told() -> Any:
        options = {"model_id": "scribe_v2_realtime", "audio_format": AudioFormat.PCM_16000, "sample_rate": 16000}
        connection = await client.speech_to_text.realtime.connect({**options, **wanted})
        heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        connection.on(event, heard.put_nowait)
        await connection.send({"audio_base_64": base64.b64encode(pcm).decode()})
        await connection.commit()
        async with asyncio.timeout(GUARD_S):
            message = await heard.get()
        await connection.close()
        return message

    assert asyncio.run(told()) == {"message_type": event.value, "text": MAIL, **made}
