"""The built-in agents; their ids are made up, and never change."""

from __future__ import annotations

import re

from .agent import DROP, MUTE, Agent, Reply, ScriptedFailure
from .overrides import ALL


def _reply(pattern: str, text: str = "", **more: object) -> Reply:
    return Reply(re.compile(pattern, re.IGNORECASE), text, **more)  # type: ignore[arg-type]


BYE = r"\b(?:bye|goodbye|hang up|see you|that is all|that's all)\b"
_END = _reply(BYE, "Goodbye!", ends=True)

CHAT = Agent(
    "agent_sandbox_chat",
    "Sandbox: small talk",
    first_message="Hello, this is the sandbox. What can I do for you?",
    fallback="You said: {{text}}. I only know small talk, so try asking for help.",
    replies=(
        _END,
        _reply(
            r"\(speech, (?P<seconds>[\d.]+) s\)",
            "I heard you speak for {{seconds}} seconds, but I only understand the sandbox's own voices.",
        ),
        _reply(r"\bhelp\b", "Ask me about the weather, the time, my name or a joke. Say bye to hang up."),
        _reply(r"\bhow are you\b", "I am fine, thank you. I have been waiting for somebody to talk to."),
        _reply(r"\bweather in (?P<city>[\w ]+)", "In {{city}} the sun is shining, at least in the sandbox."),
        _reply(r"\bweather\b", "The weather in the sandbox is always sunny, with a light wind from the west."),
        _reply(r"\bjoke\b", "Why did the phone wear glasses? Because it had lost all of its contacts."),
        _reply(r"\bwhat time\b", "It is always time for tea in the sandbox."),
        _reply(r"\bmy name is (?P<name>\w+)", "Nice to meet you, {{name}}."),
        _reply(r"\byour name\b|\bwho are you\b", "I am Harper, an agent that lives in the sandbox."),
        _reply(r"\bwhat do you know\b|\bcontext\b", "I was told: {{context}}."),
        _reply(r"\b(?:thanks|thank you)\b", "You are welcome."),
        _reply(r"\b(?:hello|hi|hey|good (?:morning|evening))\b", "Hello! It is good to hear you."),
    ),
    overrides=ALL,
    events=frozenset({"context_usage"}),
)
ECHO = Agent(
    "agent_sandbox_echo",
    "Sandbox: echo",
    fallback="{{text}}",
    voice_id="Zu2OgLbAGJO1Dg8HS7wl",
    output_format="pcm_24000",
    events=frozenset({"vad_score"}),
)
TOOLS = Agent(
    "agent_sandbox_tools",
    "Sandbox: client tools",
    first_message="Ask me for the time, or for the weather in a city.",
    fallback="I can only tell the time and the weather.",
    replies=(
        _END,
        _reply(
            r"\bweather\b.*?\bin (?P<city>\w[\w ]*\w)",
            "The weather: {{result}}",
            tool="get_weather",
            parameters={"city": "{{city}}"},
        ),
        _reply(r"\bweather\b", "In which city? Say: the weather in Lisbon."),
        _reply(r"\btime\b", "The time: {{result}}", tool="get_time"),
    ),
    voice_id="Sr4oaKhUIhRNQ6XTqcTl",
    overrides=frozenset({"text_only", "first_message"}),
    events=frozenset({"agent_tool_request", "agent_response_complete"}),
)
GOODBYE = Agent(
    "agent_sandbox_goodbye",
    "Sandbox: says goodbye",
    first_message="Thank you for calling the sandbox, goodbye!",
    fallback="Goodbye.",
    voice_id="NWjVqAa1qnz8hND6eE6C",
    output_format="pcm_44100",
    hangs_up=True,
)
PRIVATE = Agent(
    "agent_sandbox_private",
    "Sandbox: private",
    first_message="You have found the private line. Nobody comes here without a signed address.",
    fallback="This stays between us: {{text}}",
    replies=(_END,),
    voice_id="AEW6NXG3Zmswb66xjSKy",
    output_format="ulaw_8000",
    input_format="ulaw_8000",
    private=True,
)
ERROR = Agent(
    "agent_sandbox_error",
    "Sandbox: breaks as you like",
    first_message="Say fail and a code, or drop, or silence.",
    fallback="I am still here. Say fail 1002, fail 1008, fail 1011, drop or silence.",
    replies=(
        _END,
        _reply(
            r"\bfail 1000\b", failure=ScriptedFailure(1000, "max_duration_exceeded", "The conversation took too long.")
        ),
        _reply(r"\bfail 1002\b", failure=ScriptedFailure(1002, "llm_timeout", "The language model took too long.")),
        _reply(r"\bfail 1008\b", failure=ScriptedFailure(1008, "value_error", "A value could not be used.")),
        _reply(
            r"\bfail 1011\b", failure=ScriptedFailure(1011, "unknown_websocket_crash", "Something unexpected broke.")
        ),
        _reply(r"\bdrop\b", failure=ScriptedFailure(kind=DROP)),
        _reply(r"\bsilence\b", failure=ScriptedFailure(kind=MUTE)),
    ),
    voice_id="vYzI0uRHkrSm170aiMWv",
    output_format="pcm_8000",
    input_format="pcm_8000",
    events=frozenset({"agent_response_complete"}),
)
LONG = Agent(
    "agent_sandbox_long",
    "Sandbox: talks and talks",
    first_message=(
        "Let me tell you about the sandbox, and do interrupt me whenever you like. It began as a small box with a "
        "little sand. Then somebody brought a bucket, and somebody else a spade, and soon there was a castle. The "
        "castle had four towers, and on every tower stood a flag. On Monday it rained, and the first tower fell. On "
        "Tuesday the wind blew, and the second tower leaned to the left. On Wednesday a cat walked over the bridge "
        "and sat down in the yard. Nobody dared to move her, so she became the queen. And that is how the story ends."
    ),
    fallback="As you wish. Now, where was I? {{text}} was what you said, and the cat was the queen.",
    replies=(_END,),
    voice_id="CaK1KilJWJy9D6GjB7nZ",
    output_format="pcm_24000",
    input_format="pcm_48000",
    overrides=frozenset({"text_only"}),
    events=frozenset({"agent_response_complete"}),
)
GREETER = Agent(
    "agent_sandbox_greeter",
    "Sandbox: wants to know your name",
    first_message="Hello {{user_name}}! How can I help you?",
    fallback="I have noted it, {{user_name}}: {{text}}",
    replies=(_END,),
    variables={"user_name": "Ana"},
    voice_id="DUeo0A5IHQxXMAwuJ8ZS",
    output_format="pcm_22050",
)
AGENTS = (CHAT, ECHO, TOOLS, GOODBYE, PRIVATE, ERROR, LONG, GREETER)
