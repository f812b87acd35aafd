"""Webhooks made, told and checked with the official Python SDK; the sandbox sends them to this machine."""

from collections.abc import Iterator
from queue import Queue
from typing import Any

import pytest

from tests.outside.conftest import HARPER, SENTENCE, Sandbox

elevenlabs = pytest.importorskip("elevenlabs", reason="the official Python SDK is not installed")
from elevenlabs import ConvAiWebhooks, ElevenLabs, WebhookHmacSettings  # noqa: E402
from elevenlabs.conversational_ai.conversation import Conversation, ConversationInitiationData  # noqa: E402
from elevenlabs.core.api_error import ApiError  # noqa: E402

from tests.support.guard import GUARD_S  # noqa: E402
from tests.support.service import Exchange, Request, Service  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore:websockets")


@pytest.fixture
def told() -> Iterator[tuple[str, "Queue[Request]"]]:
    """The address of a program of one's own, and what it is told."""
    came: Queue[Request] = Queue()

    def note(exchange: Exchange) -> None:
        exchange.head(content_length="0")
        came.put(exchange.request)

    with Service() as service:
        service.on("/told", note)
        yield f"{service.url}/told", came


@pytest.fixture
def client(sandbox: Sandbox) -> Any:
    return ElevenLabs(api_key=sandbox.key("webhooks"), base_url=sandbox.url, timeout=30)


def conversed(client: Any) -> str:
    """The id of a conversation by text that has ended."""
    ended = Conversation(
        client, "agent_sandbox_goodbye", requires_auth=False,
        config=ConversationInitiationData(conversation_config_override={"conversation": {"text_only": True}}),
    )  # fmt: skip
    ended.start_session()
    return str(ended.wait_for_session_end())


def test_a_conversation_is_told_with_a_signature(client: Any, told: tuple[str, "Queue[Request]"]) -> None:
    address, came = told
    made = client.webhooks.create(settings=WebhookHmacSettings(name="Mine", webhook_url=address))
    settings = client.conversational_ai.settings
    settings.update(webhooks=ConvAiWebhooks(post_call_webhook_id=made.webhook_id, events=["transcript"]))
    try:
        conversation_id = conversed(client)
        request = came.get(timeout=GUARD_S)
        body, signature = request.body.decode(), request.headers["elevenlabs-signature"]
        event = client.webhooks.construct_event(body, signature, made.webhook_secret)
        assert (event["type"], event["data"]["conversation_id"]) == ("post_call_transcription", conversation_id)
        with pytest.raises(ApiError):
            client.webhooks.construct_event(body, signature, "wsec_another")
    finally:
        client.webhooks.delete(made.webhook_id)


def test_they_are_listed_changed_and_deleted(client: Any) -> None:
    made = client.webhooks.create(settings=WebhookHmacSettings(name="Mine", webhook_url="http://127.0.0.1:9/"))
    client.webhooks.update(made.webhook_id, name="Ours", is_disabled=True)
    listed = {one.webhook_id: one for one in client.webhooks.list().webhooks}
    assert (listed[made.webhook_id].name, listed[made.webhook_id].is_disabled) == ("Ours", True)
    client.webhooks.delete(made.webhook_id)
    assert made.webhook_id not in {one.webhook_id for one in client.webhooks.list().webhooks}


def test_a_transcript_is_told_with_a_signature(client: Any, told: tuple[str, "Queue[Request]"]) -> None:
    address, came = told
    wav = b"".join(client.text_to_speech.convert(HARPER, text=SENTENCE, output_format="wav_16000"))
    made = client.webhooks.create(settings=WebhookHmacSettings(name="Mine", webhook_url=address))
    stt = client.speech_to_text
    try:
        asked = {"model_id": "scribe_v2", "webhook": True, "webhook_id": made.webhook_id}
        accepted = stt.convert(file=wav, webhook_metadata={"job": "7"}, **asked)
        request = came.get(timeout=GUARD_S)
    finally:
        client.webhooks.delete(made.webhook_id)
    signature = request.headers["elevenlabs-signature"]
    event = client.webhooks.construct_event(request.body.decode(), signature, made.webhook_secret)
    assert (event["type"], event["data"]["webhook_metadata"]) == ("speech_to_text_transcription", {"job": "7"})
    assert event["data"]["request_id"] == accepted.request_id
    assert event["data"]["transcription"]["text"] == SENTENCE
    assert stt.transcripts.get(accepted.transcription_id).text == SENTENCE
    stt.transcripts.delete(accepted.transcription_id)
