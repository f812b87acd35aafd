"""With a seed each run has the same ids, times and chances; without one every run has its own."""

import json
from pathlib import Path
from typing import Any

from eleven_cli.sandbox import running

from .call import Call
from .conftest import HARPER, Api
from .test_state import rules

DESIGN = {"voice_description": "A calm old man with a deep voice", "auto_generate_text": True, "stream_previews": True}
HEADERS = ("request-id", "history-item-id", "x-trace-id")


def one_run(polls: int = 1, **options: Any) -> dict[str, Any]:
    """What a client sees of a run in which something of each kind is made; it waits for the server by polling."""
    with running(**options) as sandbox:
        api = Api(sandbox.url, sandbox.key)
        statuses = [api.get("/v1/models").status_code for _ in range(polls)]
        assert statuses == [200] * polls
        spoken = api.speak("Hello there.")
        made = api("POST", "/v1/voices/add", data={"name": "Ann"}, files={"files": spoken.content}).json()
        dictionary = {"name": "mine", "rules": rules("word")}
        seen = {
            "headers": [spoken.headers[name] for name in HEADERS[: 3 if polls == 1 else 2]],
            "voice": api.get(f"/v1/voices/{made['voice_id']}").json(),
            "dictionary": api("POST", "/v1/pronunciation-dictionaries/add-from-rules", json=dictionary).json(),
            "previews": api("POST", "/v1/text-to-voice/design", json=DESIGN).json(),
            "token": api("POST", "/v1/single-use-token/realtime_scribe").json(),
            "signed": api.get("/v1/convai/conversation/get-signed-url?agent_id=agent_sandbox_chat").json(),
            "history": api.get("/v1/history").json(),
            "subscription": api.get("/v1/user/subscription").json(),
            "faults": [api.get("/v1/user", headers={"x-sandbox-fault": "500:0.5"}).status_code for _ in range(20)],
        }
        with Call(sandbox.url, "chat") as call:
            seen["conversation"] = call.start_text().until("conversation_initiation_metadata")
        records = api.get("/v1/convai/conversations").json()["conversations"]
        seen["started"] = [(one["conversation_id"], one["start_time_unix_secs"]) for one in records]
        api.close()
        return dict(json.loads(json.dumps(seen).replace(sandbox.url.split(":")[-1], "PORT")))


def test_a_seed_makes_runs_alike() -> None:
    assert one_run(seed=7) == one_run(seed=7)


def test_how_often_a_client_polls_changes_no_id() -> None:
    few, many = one_run(seed=7, polls=2), one_run(seed=7, polls=5)
    assert few == many


def test_other_seeds_and_none_differ() -> None:
    ids = {json.dumps(one_run(seed=seed)["headers"]) for seed in (1, 2, None, None)}
    assert len(ids) == 4


def test_a_reset_begins_again() -> None:
    with running(seed=3) as sandbox:
        api = Api(sandbox.url, sandbox.key)
        ids = []
        for _ in range(2):
            ids.append(api.speak("Hello.").headers["request-id"])
            sandbox.reset()
        api.close()
    assert ids[0] == ids[1]


def test_the_runs_of_one_folder_share_no_id(tmp_path: Path) -> None:
    runs = []
    for _ in range(2):
        with running(seed=3, state=tmp_path) as sandbox:
            api = Api(sandbox.url, sandbox.key)
            assert api.speak("Hello.", voice=HARPER).status_code == 200
            runs.append(api.get("/v1/history").json()["history"])
            api.close()
    first, second = runs
    assert len(second) == 2
    assert second[1] == first[0]
    assert second[0]["history_item_id"] != first[0]["history_item_id"]
    assert second[0]["date_unix"] > second[1]["date_unix"]
