"""Reads agents from a TOML file; `eleven help sandbox` shows every key."""

from __future__ import annotations

import json
import re
import tomllib
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..sockets.json_socket import REASON_BYTES
from ..sound.formats import LIVE_FORMATS
from ..voices.models import LANGUAGES
from ..voices.voice_data import VOICES, find_by_name
from .agent import DEFAULT_VOICE, DROP, ERROR_CODES, MORE_EVENTS, MUTE, Agent, Reply, ScriptedFailure
from .key_lines import key_lines, line_at
from .outgoing_tables import custom_llm_of, tools_of, webhook_of
from .overrides import ALL
from .table import InvalidKey, TomlTable

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_OPTIONAL_TEXTS = {"first_message": "first_message", "default_reply": "fallback", "prompt": "prompt"}
MOST_BYTES = 16 << 20
_FLAGS = ("private", "text_only", "hangs_up")
_TIMES = ("idle_s", "max_duration_s", "tool_timeout_s", "llm_timeout_s", "chunk_s")
_AGENT_KEYS = frozenset(
    {"id", "name", "voice", "language", "output_format", "input_format", "overrides", "variables", "events", "tags"}
    | {"webhook", "tools", "custom_llm", "replies", *_OPTIONAL_TEXTS, *_FLAGS, *_TIMES}
)
_REPLY_KEYS = frozenset({"pattern", "reply", "tool", "parameters", "error_reply", "end", "fail"})


def read_agents(path: Path, is_foreign: Callable[[str], bool] = lambda voice_id: False) -> tuple[Agent, ...]:
    """Reads the agents of a file. Raises OSError, and ValueError with the line of the fault, and its key if it has one.

    `is_foreign` tells whether a voice id of another account can be used.
    """
    try:
        text = _content(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not UTF-8 text") from None
    try:
        return _agents(tomllib.loads(text), is_foreign)
    except tomllib.TOMLDecodeError as error:
        last = f"at line {len(text.splitlines())}, the last"
        raise ValueError(f"{path}: {error}".replace("at end of document", last)) from None
    except RecursionError:
        raise ValueError(f"{path}: its values are nested too deeply") from None
    except InvalidKey as wrong:
        raise ValueError(f"{path}: {wrong}{_place(wrong, text)}") from None
    except ValueError:  # Python reads no number of thousands of digits
        raise ValueError(f"{path}: a number has too many digits{_place_of_digits(text)}") from None


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError(f"{path} is larger than {MOST_BYTES >> 20} MB")
    return content


def _place(wrong: InvalidKey, text: str) -> str:
    """Says where the key is; where the table is for a key that is missing; nothing for a file without it."""
    lines = key_lines(text)
    line = lines.get(wrong.key) or lines.get(wrong.table)
    return f" (at line {line})" if line else ""


def _place_of_digits(text: str) -> str:
    digits = re.search(r"[\d_]{4000,}", text)
    return f" (at line {line_at(text, digits.start())})" if digits else ""


def agent_of(description: dict[str, Any], is_foreign: Callable[[str], bool]) -> Agent:
    """Gives the agent of one table. Raises ValueError with the key of the fault."""
    try:
        return _agents({"agents": [description]}, is_foreign)[0]
    except InvalidKey as wrong:
        raise ValueError(str(wrong).removeprefix("agents[1].")) from None


def _agents(content: dict[str, Any], is_foreign: Callable[[str], bool]) -> tuple[Agent, ...]:
    tables = TomlTable("", content, frozenset({"agents"})).tables("agents", _AGENT_KEYS)
    if not tables:
        raise InvalidKey("agents", "is missing: describe each agent in a table [[agents]]")
    agents = tuple(_agent(table, is_foreign) for table in tables)
    above = set[str]()
    for table, agent in zip(tables, agents, strict=True):
        if agent.agent_id in above:
            raise table.wrong("id", f"{agent.agent_id!r} is taken by an agent above")
        above.add(agent.agent_id)
    return agents


def _agent(table: TomlTable, is_foreign: Callable[[str], bool]) -> Agent:
    agent_id = _matched(table, "id", _ID, "letters, digits, _ and -")
    webhook, after_calls = webhook_of(table, agent_id)
    return Agent(
        agent_id=agent_id,
        name=_matched(table, "name", re.compile(r".+"), "at least one character"),
        replies=tuple(_reply(one) for one in table.tables("replies", _REPLY_KEYS)),
        voice_id=_voice(table, is_foreign),
        language=table.choice("language", Agent.language, LANGUAGES),
        output_format=table.choice("output_format", Agent.output_format, LIVE_FORMATS),
        input_format=table.choice("input_format", Agent.input_format, LIVE_FORMATS),
        overrides=_overrides(table),
        variables={name: str(value) for name, value in table.of("variables", dict, "a table", {}).items()},
        events=_among(table, "events", frozenset(MORE_EVENTS)),
        tags=tuple(table.texts("tags")),
        custom_llm=custom_llm_of(table),
        tools=tools_of(table),
        webhook=webhook,
        after_calls=after_calls,
        **_plain_values(table),
    )


def _plain_values(table: TomlTable) -> dict[str, Any]:
    return {
        **{field: table.text(name) for name, field in _OPTIONAL_TEXTS.items()},
        **{name: table.flag(name) for name in _FLAGS},
        **{name: table.seconds(name, getattr(Agent, name)) for name in _TIMES},
    }


def _matched(table: TomlTable, name: str, pattern: re.Pattern[str], what: str) -> str:
    if not table.has(name):
        raise table.wrong(name, "is missing")
    value = table.text(name)
    if not pattern.fullmatch(value):
        raise table.wrong(name, f"must be made of {what}, not {value!r}")
    return value


def _voice(table: TomlTable, is_foreign: Callable[[str], bool]) -> str:
    wanted = table.text("voice", DEFAULT_VOICE)
    voice = find_by_name(wanted)
    if voice is not None:
        return voice.voice_id
    if is_foreign(wanted):
        return wanted
    raise table.wrong("voice", f"must be one of {', '.join(voice.name for voice in VOICES.values())}, not {wanted!r}")


def _overrides(table: TomlTable) -> frozenset[str]:
    if not table.has("overrides"):
        return Agent.overrides
    return ALL if "all" in table.texts("overrides") else _among(table, "overrides", ALL)


def _among(table: TomlTable, name: str, allowed: frozenset[str]) -> frozenset[str]:
    values = table.texts(name)
    for value in values:
        if value not in allowed:
            raise table.wrong(name, f"has {value!r}, which is none of {', '.join(sorted(allowed))}")
    return frozenset(values)


def _reply(table: TomlTable) -> Reply:
    if not any(table.has(name) for name in ("reply", "tool", "fail", "end")):
        raise table.wrong("reply", "is missing (or tool, fail, end)")
    return Reply(
        pattern=_pattern(table),
        text=table.text("reply", "{{result}}" if table.has("tool") else ""),
        tool=table.text("tool"),
        parameters=_parameters(table),
        on_error=table.text("error_reply", Reply.on_error),
        ends=table.flag("end"),
        failure=_failure(table) if table.has("fail") else None,
    )


def _parameters(table: TomlTable) -> dict[str, Any]:
    values: dict[str, Any] = table.of("parameters", dict, "a table", {})
    try:
        json.dumps(values, allow_nan=False)
    except (TypeError, ValueError):
        raise table.wrong("parameters", "has a value that JSON does not know, such as a date") from None
    return values


def _pattern(table: TomlTable) -> re.Pattern[str]:
    if not table.has("pattern"):
        raise table.wrong("pattern", "is missing")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # a later Python may read [[ in another way
            return re.compile(table.text("pattern"), re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        raise table.wrong("pattern", f"is no regular expression: {error}") from None


def _failure(table: TomlTable) -> ScriptedFailure:
    text = table.text("fail")
    if text in (DROP, MUTE):
        return ScriptedFailure(kind=text)
    code, _, rest = text.partition(":")
    error_type, _, message = rest.partition(":")
    if not code.isdecimal() or not _closes(int(code)):
        raise table.wrong("fail", f'must be "CODE:error_type:message", "{DROP}" or "{MUTE}", not {text!r}')
    if len(message.encode()) > REASON_BYTES:
        raise table.wrong("fail", f"has a message longer than {REASON_BYTES} bytes")
    return ScriptedFailure(int(code), error_type, message)


def _closes(code: int) -> bool:
    return code in ERROR_CODES or 3000 <= code <= 4999
