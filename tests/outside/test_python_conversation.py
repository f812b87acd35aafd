"""`Conversation` of the official Python SDK with the agents of the sandbox: by text, by voice, and as a script."""

import asyncio
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from tests.outside.conftest import HARPER, SENTENCE, Sandbox, environment

elevenlabs = pytest.importorskip("elevenlabs", reason="the official Python SDK is not installed")
from elevenlabs import ElevenLabs  # noqa: E402
from elevenlabs.conversational_ai.conversation import (  # noqa: E402
    AsyncAudioInterface,
    AsyncConversation,
    AudioInterface,
    ClientTools,
    Conversation,
    ConversationInitiationData,
)
from elevenlabs.core.api_error import ApiError  # noqa: E402

from tests.support.guard import GUARD_S  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore:websockets")
CHUNK = 8000  # bytes of a quarter of a second, as the SDK's own audio interface has it
EXAMPLE = Path(__file__).parent / "conversation_example.py"


class Recording(AudioInterface):
    """Gives speech to the agent as a microphone would, though faster, and keeps what the agent says."""

    def __init__(self, pcm: bytes, *, interrupts: bool = False) -> None:
        self.agent_speaks, self.interrupted = threading.Event(), threading.Event()
        self._pcm = pcm + bytes(2 * 16000 * 2)
        self._interrupts, self._stop = interrupts, threading.Event()

    def start(self, input_callback: Callable[[bytes], None]) -> None:
        def feed() -> None:
            if self._interrupts:
                self.agent_speaks.wait(GUARD_S)
            for start in range(0, len(self._pcm), CHUNK):
                if self._stop.wait(0.05):
                    return
                input_callback(self._pcm[start : start + CHUNK])

        threading.Thread(target=feed, daemon=True).start()

    def stop(self) -> None:
        self._stop.set()

    def output(self, audio: bytes) -> None:
        self.agent_speaks.set()

    def interrupt(self) -> None:
        self.interrupted.set()


@pytest.fixture
def client(sandbox: Sandbox) -> Any:
    return ElevenLabs(api_key=sandbox.key(), base_url=sandbox.url, timeout=30)


class Talk:
    """A conversation whose callbacks are queues."""

    def __init__(self, client: Any, agent: str, *, requires_auth: bool = False, **more: Any) -> None:
        self.responses: Queue[str] = Queue()
        self.transcripts: Queue[str] = Queue()
        self.latencies: Queue[int] = Queue()
        self.parts: Queue[tuple[str, str]] = Queue()
        self.corrections: Queue[tuple[str, str]] = Queue()
        self.ended: Queue[Any] = Queue()
        self.conversation = Conversation(
            client,
            f"agent_sandbox_{agent}",
            requires_auth=requires_auth,
            callback_agent_response=self.responses.put,
            callback_agent_response_correction=lambda *texts: self.corrections.put(texts),
            callback_agent_chat_response_part=lambda text, kind: self.parts.put((text, kind.value)),
            callback_user_transcript=self.transcripts.put,
            callback_latency_measurement=self.latencies.put,
            callback_disconnect=self.ended.put,
            **more,
        )

    def __enter__(self) -> "Talk":
        self.conversation.start_session()
        return self

    def __exit__(self, *exc: object) -> None:
        self.conversation.end_session()
        self.conversation.wait_for_session_end()

    def answer(self) -> str:
        return self.responses.get(timeout=GUARD_S)

    def ask(self, text: str) -> str:
        self.conversation.send_user_message(text)
        return self.answer()


def test_by_text(client: Any) -> None:
    """Without an audio interface the SDK asks for text alone: no voice, so nothing is corrected."""
    with Talk(client, "chat") as talk:
        assert talk.answer() == "Hello, this is the sandbox. What can I do for you?"
        assert talk.ask("My name is Ana.") == "Nice to meet you, Ana."
        talk.conversation.send_contextual_update("The caller is at the airport.")
        assert talk.ask("What do you know?") == "I was told: The caller is at the airport.."
        talk.conversation.register_user_activity()
        assert isinstance(talk.latencies.get(timeout=GUARD_S), int)
    parts = list(talk.parts.queue)
    assert "".join(text for text, _ in parts[: parts.index(("", "stop"))]).startswith("Hello, this is")
    assert talk.corrections.empty()
    assert talk.conversation.wait_for_session_end().startswith("conv_")
    assert talk.ended.get_nowait().reason == "user"


def test_the_agent_hangs_up(client: Any) -> None:
    with Talk(client, "chat") as talk:
        talk.answer()
        assert talk.ask("Goodbye") == "Goodbye!"
        ended = talk.ended.get(timeout=GUARD_S)
    assert (ended.reason, ended.close_code) == ("agent", 1000)


def test_it_is_read_afterwards(client: Any) -> None:
    with Talk(client, "chat") as talk:
        talk.answer()
        talk.ask("My name is Ana. Bye!")
        talk.ended.get(timeout=GUARD_S)
    conversation_id = talk.conversation.wait_for_session_end()
    past = client.conversational_ai.conversations
    listed = past.list(agent_id="agent_sandbox_chat", page_size=100).conversations
    assert conversation_id in [conversation.conversation_id for conversation in listed]
    read = past.get(conversation_id)
    assert (read.status, read.metadata.text_only) == ("done", True)
    assert [(turn.role, turn.message) for turn in read.transcript if turn.message] == [
        ("agent", "Hello, this is the sandbox. What can I do for you?"),
        ("user", "My name is Ana. Bye!"),
        ("agent", "Goodbye!"),
    ]
    past.delete(conversation_id)
    with pytest.raises(ApiError) as failed:
        past.get(conversation_id)
    assert failed.value.status_code == 404


def test_client_tools(client: Any) -> None:
    asked = []

    async def weather(parameters: dict[str, Any]) -> str:
        asked.append(parameters["city"])
        return "rain"

    def broken(parameters: dict[str, Any]) -> str:
        raise RuntimeError("the clock is broken")

    tools = ClientTools()
    tools.register("get_weather", weather, is_async=True)
    tools.register("get_time", broken)
    with Talk(client, "tools", client_tools=tools) as talk:
        talk.answer()
        assert talk.ask("The weather in Lisbon") == "The weather: rain"
        assert talk.ask("The time?") == "That did not work: the clock is broken"
    assert asked == ["Lisbon"]


def test_dynamic_variables_and_overrides(client: Any) -> None:
    config = ConversationInitiationData(dynamic_variables={"user_name": "Bo"})
    with Talk(client, "greeter", config=config) as talk:
        assert talk.answer() == "Hello Bo! How can I help you?"
    config = ConversationInitiationData(conversation_config_override={"agent": {"first_message": "Good day."}})
    with Talk(client, "chat", config=config) as talk:
        assert talk.answer() == "Good day."


def test_an_override_that_is_not_allowed_ends_it(client: Any) -> None:
    config = ConversationInitiationData(conversation_config_override={"agent": {"first_message": "Good day."}})
    with Talk(client, "echo", config=config) as talk:
        ended = talk.ended.get(timeout=GUARD_S)
    assert (ended.reason, ended.close_code) == ("error", 1008)


def test_a_private_agent_by_its_signed_url(client: Any) -> None:
    with Talk(client, "private", requires_auth=True) as talk:
        assert talk.answer().startswith("You have found the private line.")
    with Talk(client, "private") as talk:
        assert talk.ended.get(timeout=GUARD_S).reason == "error"


def spoken(client: Any, text: str) -> bytes:
    return b"".join(client.text_to_speech.convert(HARPER, text=text, output_format="pcm_16000"))


def test_by_voice(client: Any) -> None:
    recording = Recording(spoken(client, SENTENCE))
    with Talk(client, "echo", audio_interface=recording) as talk:
        assert talk.transcripts.get(timeout=GUARD_S) == SENTENCE
        assert talk.answer() == SENTENCE
        assert recording.agent_speaks.wait(GUARD_S)
    assert talk.parts.empty()


def test_the_agent_is_interrupted(client: Any) -> None:
    recording = Recording(spoken(client, "Tell me a joke."), interrupts=True)
    with Talk(client, "chat", audio_interface=recording) as talk:
        greeting = talk.answer()
        assert recording.interrupted.wait(GUARD_S)
        original, corrected = talk.corrections.get(timeout=GUARD_S)
        assert talk.answer().startswith("Why did the phone wear glasses?")
    assert original == greeting
    assert corrected.endswith("...")
    assert greeting.startswith(corrected.removesuffix("..."))


class Silent(AsyncAudioInterface):
    def __init__(self) -> None:
        self.heard = asyncio.Event()

    async def start(self, input_callback: Any) -> None:
        await input_callback(bytes(CHUNK))

    async def stop(self) -> None:
        pass

    async def output(self, audio: bytes) -> None:
        self.heard.set()

    async def interrupt(self) -> None:
        pass


def test_async_by_text(sandbox: Sandbox) -> None:
    async def talk() -> list[str]:
        client = ElevenLabs(api_key=sandbox.key(), base_url=sandbox.url, timeout=30)
        responses: asyncio.Queue[str] = asyncio.Queue()
        conversation = AsyncConversation(
            client, "agent_sandbox_chat", requires_auth=False, callback_agent_response=responses.put
        )
        await conversation.start_session()
        async with asyncio.timeout(GUARD_S):
            said = [await responses.get()]
            await conversation.send_user_message("My name is Ana.")
            said.append(await responses.get())
        await conversation.end_session()
        await conversation.wait_for_session_end()
        return said

    assert asyncio.run(talk()) == ["Hello, this is the sandbox. What can I do for you?", "Nice to meet you, Ana."]


def test_async_by_voice(sandbox: Sandbox) -> None:
    async def talk() -> tuple[str, str]:
        client = ElevenLabs(api_key=sandbox.key(), base_url=sandbox.url, timeout=30)
        responses: asyncio.Queue[str] = asyncio.Queue()
        interface = Silent()
        conversation = AsyncConversation(
            client,
            "agent_sandbox_chat",
            requires_auth=True,
            audio_interface=interface,
            callback_agent_response=responses.put,
        )
        await conversation.start_session()
        async with asyncio.timeout(GUARD_S):
            first = await responses.get()
            await interface.heard.wait()
        await conversation.end_session()
        return first, await conversation.wait_for_session_end()

    first, conversation_id = asyncio.run(talk())
    assert first.startswith("Hello, this is the sandbox.")
    assert conversation_id.startswith("conv_")


@pytest.fixture
def example(sandbox: Sandbox, tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    env = environment(sandbox, sandbox.key(), tmp_path) | {"AGENT_ID": "agent_sandbox_chat"}
    words = [sys.executable, str(EXAMPLE)]
    with subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def test_the_published_script(example: "subprocess.Popen[str]") -> None:
    """It prints what is said and how long answers take, and on Ctrl+C the id of the conversation."""
    assert example.stdout is not None
    assert example.stdout.readline() == "Agent: Hello, this is the sandbox. What can I do for you?\n"
    assert example.stdout.readline().startswith("Latency: ")
    example.send_signal(signal.SIGINT)
    out, err = example.communicate(timeout=GUARD_S)
    assert out.splitlines()[-1].startswith("Conversation ID: conv_")
    assert (example.returncode, err) == (0, "")
