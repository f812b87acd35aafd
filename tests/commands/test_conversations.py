"""`eleven agents` and `eleven conversations`: lists, names, transcripts, sound, and what is deleted."""

import itertools
import json
import subprocess

import pytest

from eleven_cli.sandbox.server import running
from tests.support.guard import GUARD_S
from tests.support.mutations import mutated
from tests.support.service import MP3_FRAME, audio_reply, error_reply, json_reply, raw_reply
from tests.support.shells import complete_in_bash

AGENTS, CONVERSATIONS = "/v1/convai/agents", "/v1/convai/conversations"
PIZZA, HELP, OLD = "agent_pizza1", "agent_help22", "abcdefghij0123456789"
CALL = "conv_1"
LISTED = {
    "agent_id": PIZZA,
    "name": "Pizza line",
    "voice_id": OLD,
    "tags": ["food"],
    "created_at_unix_secs": 1714156800,
    "access_info": {},
    "last_call_time_unix_secs": 1796083200,
    "archived": False,
}
DETAILS = {
    "agent_id": PIZZA,
    "name": "Pizza line",
    "conversation_config": {
        "agent": {
            "first_message": "Hello!",
            "language": "en",
            "prompt": {"prompt": "Sell pizza.", "llm": "gemini"},
            "dynamic_variables": {"dynamic_variable_placeholders": {"name": "", "street": ""}},
        },
        "tts": {"voice_id": OLD, "model_id": "eleven_flash_v2_5"},
        "conversation": {"text_only": False},
    },
    "platform_settings": {"auth": {"enable_auth": True}},
    "metadata": {"created_at_unix_secs": 1714156800},
    "tags": [],
}
SUMMARY = {
    "agent_id": PIZZA,
    "agent_name": "Pizza line",
    "conversation_id": CALL,
    "start_time_unix_secs": 1796083200,
    "call_duration_secs": 12,
    "message_count": 3,
    "status": "done",
    "call_successful": "success",
    "call_summary_title": "An order",
}
TURNS = [
    {"role": "agent", "message": "Hello!", "time_in_call_secs": 0},
    {"role": "user", "message": "One [large] pizza,\nplease.", "time_in_call_secs": 2},
    {
        "role": "agent",
        "message": None,
        "time_in_call_secs": 4,
        "tool_calls": [{"tool_name": "order", "params_as_json": '{"size": "large"}'}],
        "tool_results": [{"tool_name": "order", "result_value": "ok"}],
    },
    {
        "role": "agent",
        "message": "It is …",
        "original_message": "It is on its way.",
        "interrupted": True,
        "time_in_call_secs": 6,
    },
]
WHOLE = {
    "agent_id": PIZZA,
    "agent_name": "Pizza line",
    "conversation_id": CALL,
    "status": "done",
    "transcript": TURNS,
    "metadata": {"start_time_unix_secs": 1796083200, "call_duration_secs": 12, "cost": 5},
    "has_audio": True,
}
SHOWN = """Agent: Hello!
User: One [large] pizza, please.
Tool: order called with {"size": "large"}
Tool: order answered ok
Agent: It is on its way. -> It is …
"""


def agents(*listed, cursor=None):
    return json_reply({"agents": list(listed), "next_cursor": cursor, "has_more": cursor is not None})


def conversations(*listed, cursor=None):
    return json_reply({"conversations": list(listed), "next_cursor": cursor, "has_more": cursor is not None})


@pytest.fixture(autouse=True)
def account(service):
    service.on(
        AGENTS, agents(LISTED, {**LISTED, "agent_id": HELP, "name": "Help desk", "last_call_time_unix_secs": None})
    )
    service.on(f"{AGENTS}/{PIZZA}", json_reply(DETAILS))
    service.on(CONVERSATIONS, conversations(SUMMARY))
    service.on(f"{CONVERSATIONS}/{CALL}", json_reply(WHOLE))
    service.on(f"{CONVERSATIONS}/{CALL}/audio", audio_reply([MP3_FRAME] * 3))
    service.on(f"{CONVERSATIONS}/{CALL}/feedback", json_reply({}))


# agents


def test_agents_are_listed(eleven):
    result = eleven("agents")
    first = f"Pizza line\t{PIZZA}\t2024-04-26\t2026-12-01T00:00:00Z\tfood\n"
    assert (result.code, result.text) == (0, f"{first}Help desk\t{HELP}\t2024-04-26\t\tfood\n")
    assert [each["agent_id"] for each in json.loads(eleven("agents", "list", "--json").text)] == [PIZZA, HELP]


def test_archived_agents_are_not_listed_and_pages_are_asked_for(eleven, service):
    service.on(AGENTS, agents({**LISTED, "archived": True}, cursor="c2"), agents({**LISTED, "agent_id": HELP}))
    assert eleven("agents").text.split("\t")[1] == HELP
    assert [request.query.get("cursor") for request in service.requests] == [None, "c2"]


def test_no_agents(eleven, service):
    service.on(AGENTS, agents())
    result = eleven("agents")
    assert (result.code, result.text) == (0, "")
    assert "this account has no agents" in result.err


@pytest.mark.parametrize("word", [PIZZA, "Pizza line", "pizza LINE", "pizz"])
def test_an_agent_is_shown(eleven, word):
    rows = dict(line.split("\t") for line in eleven("agents", "show", word).text.splitlines())
    assert rows["access"] == "private: a key is needed"
    assert (rows["first message"], rows["prompt"], rows["variables"]) == ("Hello!", "Sell pizza.", "name street")


def test_an_agent_that_there_is_not(eleven, service):
    result = eleven("agents", "show", "Pasta")
    assert (result.code, result.hint) == (4, "hint: see your agents: eleven agents")
    assert f"Pizza line ({PIZZA})" in result.error
    service.on(AGENTS, agents(LISTED, {**LISTED, "agent_id": HELP}))
    assert "2 agents are called Pizza line" in eleven("agents", "show", "Pizza line").error


def test_names_are_completed(eleven):
    eleven("agents")
    assert " ".join(complete_in_bash("eleven agents show Piz")) in ("Pizza line", "Pizza\\ line")


@pytest.mark.parametrize("path", ["list", "details"])
def test_strange_agents_are_survived(eleven, service, path):
    for value in list(mutated(LISTED if path == "list" else DETAILS))[::5]:
        service.on(AGENTS, agents(value, LISTED))
        service.on(f"{AGENTS}/{PIZZA}", json_reply(value))
        result = eleven("agents") if path == "list" else eleven("agents", "show", PIZZA)
        assert result.code in (0, 1)
        assert "unexpected" not in result.err


# conversations


def test_conversations_are_listed(eleven, service):
    result = eleven("conversations")
    assert result.text == f"{CALL}\tPizza line\t2026-12-01T00:00:00Z\t12\t3\tdone\tAn order\n"
    assert service.requests[0].query == {"page_size": "100"}
    assert json.loads(eleven("conversations", "--json").text)[0]["duration_s"] == 12


def test_filters_are_sent(eleven, service):
    words = ["--agent", "pizza line", "--after", "2026-11-01", "--before", "2026-11-02T12:00:00+01:00", "--limit", "5"]
    assert eleven("conversations", *words).code == 0
    assert service.requests[-1].query == {
        "page_size": "5",
        "agent_id": PIZZA,
        "call_start_after_unix": "1793491200",
        "call_start_before_unix": "1793617200",
    }


@pytest.mark.parametrize("word", ["x", "", "2026-13-01", "0001-01-01T00:00:00+23:59"])
def test_what_is_no_date(eleven, service, word):
    result = eleven("conversations", "--after", word)
    assert (result.code, result.hint) == (2, "hint: --after 2026-11-01")
    assert not service.requests


def test_a_limit_asks_for_no_more_than_it_needs(eleven, service):
    service.on(CONVERSATIONS, conversations({**SUMMARY}, {**SUMMARY, "conversation_id": "conv_2"}, cursor="c2"))
    assert eleven("conversations", "--limit", "2").text.count("\n") == 2
    assert len(service.requests) == 1


def test_none_are_found(eleven, service):
    service.on(CONVERSATIONS, conversations())
    result = eleven("conversations", "--after", "2026-11-01")
    assert (result.code, result.text, result.err) == (0, "", "no conversations that fit\n")


@pytest.mark.parametrize("word", [CALL, "last"])
def test_a_transcript(eleven, word):
    result = eleven("conversations", "show", word)
    assert (result.code, result.text, result.err) == (0, SHOWN, "")


def test_the_answer_of_the_service(eleven, tmp_path):
    assert json.loads(eleven("conversations", "show", CALL, "--json").text) == WHOLE
    assert eleven("conversations", "show", CALL, "-o", str(tmp_path / "c.json")).code == 0
    assert json.loads((tmp_path / "c.json").read_text()) == WHOLE


@pytest.mark.parametrize("kind", ["srt", "vtt"])
def test_subtitles(eleven, tmp_path, kind):
    assert eleven("conversations", "show", CALL, "-o", str(tmp_path / f"c.{kind}")).code == 0
    text = (tmp_path / f"c.{kind}").read_text()
    comma = "," if kind == "srt" else "."
    assert f"00:00:02{comma}000 --> " in text
    assert "User: One (large) pizza, please." in text
    assert "order" not in text


@pytest.mark.parametrize(
    ("seconds", "duration_s"),
    [
        ([0, 0, 0, 0], 3),
        ([0, 1, 1, 1], 9),
        ([1, 1, 5, 5], None),
        ([0, 4, 2, 2], 9),
        ([5, 5, 5, 5], 2),
        ([0, 2, 4, 6], 9),
    ],
)
def test_no_two_subtitles_are_shown_at_once(eleven, service, tmp_path, seconds, duration_s):
    """In a chat several messages have the same second."""
    turns = [
        {"role": role, "message": f"This is message number {number}.", "time_in_call_secs": at}
        for number, (role, at) in enumerate(zip(["agent", "user"] * 2, seconds, strict=True))
    ]
    told = {"metadata": {**WHOLE["metadata"], "call_duration_secs": duration_s}, "transcript": turns}
    service.on(f"{CONVERSATIONS}/{CALL}", json_reply({**WHOLE, **told}))
    assert eleven("conversations", "show", CALL, "-o", str(tmp_path / "chat.srt")).code == 0
    lines = (tmp_path / "chat.srt").read_text().splitlines()
    times = [line.split(" --> ") for line in lines if "-->" in line]
    assert len(times) == 4
    assert all(start < end for start, end in times)
    assert all(one[1] <= next_[0] for one, next_ in itertools.pairwise(times))


@pytest.mark.parametrize("words", [["-o", "call.srt"], ["-o", "call.vtt"], ["-o", "call.txt"]])
def test_no_file_is_written_of_a_call_in_which_nothing_was_said(eleven, service, tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    service.on(f"{CONVERSATIONS}/{CALL}", json_reply({**WHOLE, "transcript": [], "status": "in-progress"}))
    result = eleven("conversations", "show", CALL, *words)
    assert (result.code, result.out) == (4, b"")
    assert result.error == "error: nothing was said in this conversation (in-progress)"
    assert list(tmp_path.glob("call*")) == []


def test_on_stdout_it_is_a_note(eleven, service):
    service.on(f"{CONVERSATIONS}/{CALL}", json_reply({**WHOLE, "transcript": []}))
    result = eleven("conversations", "show", CALL)
    assert (result.code, result.text) == (0, "")
    assert "nothing was said in this conversation" in result.err
    as_json = eleven("conversations", "show", CALL, "--json")
    assert (as_json.code, json.loads(as_json.text)["transcript"], as_json.err) == (0, [], "")


def test_the_sound(eleven, service, tmp_path):
    assert eleven("conversations", "audio", CALL).out == MP3_FRAME * 3
    assert eleven("conversations", "audio", "last", "-o", str(tmp_path / "c.mp3")).code == 0
    assert (tmp_path / "c.mp3").read_bytes() == MP3_FRAME * 3
    service.on(f"{CONVERSATIONS}/{CALL}/audio", error_reply(404, "conversation_audio_not_found", "None."))
    assert eleven("conversations", "audio", CALL, "-o", str(tmp_path / "d.mp3")).code == 4
    assert not (tmp_path / "d.mp3").exists()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<!doctype html><html><body>Log in</body></html>", "not audio: Log in"),
        (b'{"detail": "Not ready."}', "not audio: Not ready."),
        (b"", "no audio"),
    ],
    ids=["html", "json", "empty"],
)
def test_what_is_no_sound_replaces_no_file(eleven, service, tmp_path, body, said):
    service.on(f"{CONVERSATIONS}/{CALL}/audio", audio_reply([body] if body else []))
    kept = tmp_path / "c.mp3"
    kept.write_bytes(b"earlier")
    result = eleven("conversations", "audio", CALL, "-o", str(kept))
    assert result.code == 1
    assert said in result.err
    assert [(path.name, path.read_bytes()) for path in tmp_path.glob("c.*")] == [("c.mp3", b"earlier")]


def test_delete_is_asked_for(eleven, service):
    result = eleven("conversations", "delete", CALL)
    assert (result.code, result.hint) == (2, f"hint: eleven conversations delete --yes {CALL}")
    assert not service.requests
    service.on(f"{CONVERSATIONS}/{CALL}", raw_reply(b""))
    assert json.loads(eleven("conversations", "delete", CALL, "--yes", "--json").text)["deleted"] is True
    assert [request.method for request in service.requests] == ["DELETE"]


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 1), ("", 1)])
def test_a_person_is_asked(eleven, service, answer, code):
    assert eleven("conversations", "delete", CALL, stdin=answer, tty="in err").code == code
    assert len(service.requests) == (code == 0)


@pytest.mark.parametrize(("word", "sent"), [("like", "like"), ("dislike", "dislike"), ("none", None)])
def test_feedback(eleven, service, word, sent):
    service.on(f"{CONVERSATIONS}/{CALL}/feedback", raw_reply(b"<html>", content_type="text/html"))
    assert eleven("conversations", "feedback", CALL, word).code == 0
    assert service.requests[-1].json == {"feedback": sent}


def test_feedback_that_is_none(eleven, service):
    assert eleven("conversations", "feedback", CALL, "great").code == 2
    assert not service.requests


@pytest.mark.parametrize("conversation_id", ["..", ".", " "])
def test_dots_name_no_conversation(eleven, service, conversation_id):
    assert eleven("conversations", "show", conversation_id).code in (2, 4)
    assert not service.requests


def test_an_id_that_is_no_text(eleven, service):
    assert eleven("conversations", "show", "a\udcff").code == 4
    assert service.requests[-1].path == f"{CONVERSATIONS}/a%ED%B3%BF"


def test_strange_conversations_are_survived(eleven, service, tmp_path):
    for value in list(mutated(WHOLE))[::11]:
        service.on(f"{CONVERSATIONS}/{CALL}", json_reply(value))
        service.on(CONVERSATIONS, conversations(value, SUMMARY))
        for words in (["show", CALL], ["show", CALL, "-o", str(tmp_path / "c.srt")], []):
            result = eleven("conversations", *words)
            assert result.code in (0, 1, 4)
            assert "unexpected" not in result.err


# the call


def test_a_call_to_an_agent_by_its_name_and_what_is_kept_of_it(eleven, spawn, monkeypatch):
    with running() as url:
        monkeypatch.setenv("ELEVENLABS_BASE_URL", url)
        process = spawn("talk", "--text", "--agent-id", "sandbox: small talk", stdin=subprocess.PIPE)
        out, _ = process.communicate(b"Hello\nGoodbye\n", timeout=GUARD_S)
        assert (process.returncode, b"User: Hello" in out) == (0, True)
        assert "User: Hello\n" in eleven("conversations", "show", "last").text
        assert eleven("conversations", "feedback", "last", "like").code == 0
        answer = json.loads(eleven("conversations", "show", "last", "--json").text)
        assert answer["metadata"]["feedback"]["likes"] == 1
        found = answer["conversation_id"]
        assert eleven("conversations", "delete", found, "--yes").code == 0
        assert eleven("conversations", "show", found).code == 4


def test_the_only_agent_is_called_without_being_named(eleven, service):
    service.on(AGENTS, agents(LISTED))
    result = eleven("talk", "--text", stdin="Hi\n")
    assert service.requests[-1].query == {"agent_id": PIZZA}
    service.on(AGENTS, agents(LISTED, {**LISTED, "agent_id": HELP}))
    result = eleven("talk", "--text", stdin="Hi\n")
    assert (result.code, result.hint) == (2, "hint: eleven talk --agent-id NAME; see your agents: eleven agents")


@pytest.mark.parametrize("agent_id", [PIZZA, OLD, "seng_1"])
def test_an_id_is_not_looked_up(eleven, service, agent_id):
    eleven("talk", "--text", "--agent-id", agent_id, stdin="Hi\n")
    assert [request.query for request in service.requests] == [{"agent_id": agent_id}]


def test_a_key_that_may_not_list_agents_takes_the_word_for_an_id(eleven, service):
    service.on(AGENTS, error_reply(401, "missing_permissions", "No convai_read."))
    eleven("talk", "--text", "--agent-id", "my-agent", stdin="Hi\n")
    assert service.requests[-1].query == {"agent_id": "my-agent"}
