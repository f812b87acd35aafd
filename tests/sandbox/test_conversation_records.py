"""Conversations that were had: listed, filtered, read and deleted over REST."""

from typing import Any

import pytest

from .conftest import Api
from .schemas import faults, refused

PATH = "/v1/convai/conversations"
SUMMARY = {
    "agent_id": str, "agent_name": str, "conversation_id": str, "start_time_unix_secs": int,
    "call_duration_secs": int, "message_count": int, "status": str, "call_successful": str,
}  # fmt: skip


def had(call: Any, agent: str, *texts: str, **more: Any) -> str:
    """Talks by text, each time after the agent, until it hangs up; gives the conversation's id."""
    talk = call(agent).start_text(**more)
    conversation_id = talk.until("conversation_initiation_metadata")["conversation_id"]
    for text in texts:
        talk.response()
        talk.send_text(text)
    talk.end()
    return str(conversation_id)


def read(api: Api, conversation_id: str) -> dict[str, Any]:
    answer = api.get(f"{PATH}/{conversation_id}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def listed(api: Api, **query: Any) -> list[str]:
    answer = api.get(PATH, params={"page_size": 100, **query})
    assert answer.status_code == 200, answer.text
    return [conversation["conversation_id"] for conversation in answer.json()["conversations"]]


def test_a_conversation_is_read(api: Api, call: Any) -> None:
    conversation_id = had(call, "chat", "My name is Ana.", "Bye", user_id="ana")
    body = read(api, conversation_id)
    said = [(turn["role"], turn["message"]) for turn in body["transcript"] if turn["message"]]
    assert said[:2] == [
        ("agent", "Hello, this is the sandbox. What can I do for you?"),
        ("user", "My name is Ana."),
    ]
    assert said[-1] == ("agent", "Goodbye!")
    assert all(turn["time_in_call_secs"] >= 0 for turn in body["transcript"])
    (ended,) = [call["tool_name"] for turn in body["transcript"] for call in turn["tool_calls"]]
    assert ended == "end_call"
    assert (body["status"], body["agent_id"], body["user_id"]) == ("done", "agent_sandbox_chat", "ana")
    assert body["metadata"]["text_only"] is True
    assert body["metadata"]["error"] is None
    assert body["has_audio"] is False
    (summary,) = [
        one for one in api.get(PATH, params={"user_id": "ana"}).json()["conversations"]
        if one["conversation_id"] == conversation_id
    ]  # fmt: skip
    assert all(isinstance(summary[name], kind) for name, kind in SUMMARY.items())
    assert summary["message_count"] == len(said)


def test_tools_and_their_answers(api: Api, call: Any) -> None:
    talk = call("tools").start_text()
    conversation_id = talk.until("conversation_initiation_metadata")["conversation_id"]
    talk.send_text("The weather in Lisbon")
    asked = talk.until("client_tool_call")
    talk.send(type="client_tool_result", tool_call_id=asked["tool_call_id"], result="rain", is_error=False)
    talk.until("agent_response", lambda payload: "rain" in payload["agent_response"])
    turns = read(api, conversation_id)["transcript"]
    (called,) = [one for turn in turns for one in turn["tool_calls"]]
    (answered,) = [one for turn in turns for one in turn["tool_results"]]
    assert (called["tool_name"], called["params_as_json"]) == ("get_weather", '{"city": "Lisbon"}')
    assert (answered["request_id"], answered["result_value"]) == (called["request_id"], "rain")
    assert read(api, conversation_id)["status"] == "in-progress"


def test_one_that_failed(api: Api, call: Any) -> None:
    body = read(api, had(call, "error", "fail 1002"))
    assert body["status"] == "failed"
    assert body["metadata"]["error"] == {"code": 1002, "reason": "The language model took too long."}


def test_filters_and_pages(api: Api, call: Any) -> None:
    ids = [had(call, "chat", f"{word} bye", user_id="pages") for word in ("One", "Two", "Three")]
    assert listed(api, user_id="pages") == ids[::-1]
    assert listed(api, user_id="pages", sort_direction="asc") == ids
    assert listed(api, user_id="pages", search="two") == [ids[1]]
    assert listed(api, user_id="pages", agent_id="agent_sandbox_echo") == []
    assert listed(api, user_id="pages", exclude_statuses="done") == []
    assert listed(api, user_id="pages", text_only="false") == []
    assert listed(api, user_id="pages", call_duration_min_secs=100) == []
    assert listed(api, user_id="pages", call_start_before_unix=1) == []
    first = api.get(PATH, params={"user_id": "pages", "page_size": 2}).json()
    assert first["has_more"] is True
    rest = api.get(PATH, params={"user_id": "pages", "page_size": 2, "cursor": first["next_cursor"]}).json()
    assert [one["conversation_id"] for one in rest["conversations"]] == [ids[0]]
    assert (rest["has_more"], rest["next_cursor"]) == (False, None)


@pytest.mark.parametrize(
    ("query", "place"),
    [({"page_size": 0}, "page_size"), ({"page_size": 101}, "page_size"), ({"text_only": "maybe"}, "text_only"),
     ({"call_start_after_unix": "soon"}, "call_start_after_unix")],
)  # fmt: skip
def test_a_query_that_does_not_fit(api: Api, query: dict[str, Any], place: str) -> None:
    assert [loc for loc, _ in faults(api.get(PATH, params=query))] == [["query", place]]


def test_it_is_deleted(api: Api, call: Any) -> None:
    conversation_id = had(call, "chat", "Bye")
    assert api("DELETE", f"{PATH}/{conversation_id}").status_code == 200
    assert conversation_id not in listed(api)
    for method in ("GET", "DELETE"):
        answer = api(method, f"{PATH}/{conversation_id}")
        refused(answer, 404, "conversation_not_found", status="document_not_found")
