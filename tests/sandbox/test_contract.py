"""Every route of the sandbox is described in `tests/contract`, and answers as described there."""

import json
import re
from time import time
from typing import Any, NamedTuple

import pytest
import requests
from starlette.routing import Route, WebSocketRoute

from eleven_cli.sandbox.app import Application
from eleven_cli.sandbox.http.unserved import refuse
from tests.contract import contract
from tests.contract.watching import Watch

from .call import Call
from .conftest import HARPER, Api
from .uploads import FOX, muxed, wav

LINE = f"{FOX} " * 5
DESCRIBED = "An old man with a deep, warm voice, slow and calm."
RULES = [{"type": "alias", "string_to_replace": "UN", "alias": "United Nations"}]
DAY_MS = 86_400_000
NOBODY = "http://127.0.0.1:9/"
NOW_MS = round(1000 * time())
SPAN = {"start_unix": NOW_MS - DAY_MS, "end_unix": NOW_MS}
TWO = {"inputs": [{"text": "Hi.", "voice_id": HARPER}, {"text": "Hello.", "voice_id": "JBFqnCBsd6RMkjVDRZzb"}]}
TOOL = {"tool_config": {"type": "client", "name": "get_time", "description": ""}}
EXAM = {
    "chat_history": [{"role": "user", "message": "Hello?", "time_in_call_secs": 1}],
    "success_examples": [{"response": "Hi.", "type": "success"}],
}
SPOKEN = {"files": {"audio": ("a.wav", "SPOKEN")}}


class Ask(NamedTuple):
    """A request; `keep` names what later paths take from its answer, by the way to it."""

    route: str
    more: dict[str, Any] = {}  # noqa: RUF012 - it is never changed
    keep: dict[str, str] = {}  # noqa: RUF012


ASKED = [
    Ask("GET /v1/models"),
    Ask("GET /v1/user"),
    Ask("GET /v1/user/subscription"),
    Ask("POST /v1/single-use-token/realtime_scribe"),
    Ask("GET /v2/voices"),
    Ask("GET /v1/voices"),
    Ask("GET /v1/shared-voices", {}, {"owner": "voices.0.public_owner_id", "shared": "voices.0.voice_id"}),
    Ask("POST /v1/voices/add/{owner}/{shared}", {"json": {"new_name": "Mine"}}),
    Ask("GET /v1/voices/settings/default"),
    Ask(f"GET /v1/voices/{HARPER}"),
    Ask(f"GET /v1/voices/{HARPER}/settings"),
    Ask(f"POST /v1/voices/{HARPER}/settings/edit", {"json": {"stability": 0.4}}),
    Ask(f"GET /previews/{HARPER}.mp3"),
    Ask("POST /v1/voices/add", {"data": {"name": "Me"}, "files": {"files": ("a.wav", "SPOKEN")}}, {"mine": "voice_id"}),
    Ask("POST /v1/voices/{mine}/edit", {"data": {"name": "You"}, "files": {"nothing": (None, "")}}),
    Ask("POST /v1/text-to-voice/{mine}/remix", {"json": {"voice_description": "much deeper", "text": LINE}}),
    Ask("DELETE /v1/voices/{mine}"),
    Ask("POST /v1/text-to-voice/create-previews", {"json": {"voice_description": DESCRIBED, "text": LINE}}),
    Ask(
        "POST /v1/text-to-voice/design",
        {"json": {"voice_description": DESCRIBED, "text": LINE}},
        {"made": "previews.0.generated_voice_id"},
    ),
    Ask("GET /v1/text-to-voice/{made}/stream"),
    Ask(
        "POST /v1/text-to-voice",
        {"json": {"voice_name": "Old", "voice_description": DESCRIBED, "generated_voice_id": "{made}"}},
    ),
    Ask("GET /v1/audio-effects/catalog"),
    *(Ask(f"POST /v1/text-to-speech/{HARPER}{kind}", {"json": {"text": FOX}}) for kind in ("", "/stream")),
    Ask(f"POST /v1/text-to-speech/{HARPER}/with-timestamps", {"json": {"text": FOX}}),
    Ask(f"POST /v1/text-to-speech/{HARPER}/stream/with-timestamps", {"json": {"text": FOX}}),
    *(
        Ask(f"POST /v1/text-to-dialogue{kind}", {"json": TWO})
        for kind in ("", "/stream", "/with-timestamps", "/stream/with-timestamps")
    ),
    *(
        Ask(f"POST /v1/{name}/{HARPER}{kind}", SPOKEN)
        for name in ("speech-to-speech", "voice-changer")
        for kind in ("", "/stream")
    ),
    *(Ask(f"POST /v1/audio-isolation{kind}", SPOKEN) for kind in ("", "/stream")),
    Ask("POST /v1/sound-generation", {"json": {"text": "a dog barks", "duration_seconds": 0.5}}),
    *(
        Ask(f"POST /v1/music{kind}", {"json": {"prompt": "calm piano", "music_length_ms": 3000}})
        for kind in ("", "/stream", "/plan", "/detailed")
    ),
    Ask("POST /v1/music/video-to-music", {"files": {"videos": ("a.mp4", "FILMED")}}),
    Ask(
        "POST /v1/music/upload",
        {
            "data": {"extract_composition_plan": "music_v2", "with_timestamps": "true", "with_waveform_visual": "true"},
            "files": {"file": ("a.wav", "SUNG")},
        },
    ),
    Ask(
        "POST /v1/music/finetunes",
        {"data": {"name": "Mine, all mine", "primary_genre": "folk"}, "files": {"files": ("a.wav", "SPOKEN")}},
        {"finetune": "id"},
    ),
    Ask("GET /v1/music/finetunes"),
    Ask("GET /v1/music/finetunes/{finetune}"),
    Ask("PATCH /v1/music/finetunes/{finetune}", {"json": {"tags": ["banjo"]}}),
    Ask("DELETE /v1/music/finetunes/{finetune}"),
    Ask(
        "POST /v1/speech-to-text",
        {"data": {"model_id": "scribe_v2", "diarize": "true"}, "files": {"file": ("a.wav", "SPOKEN")}},
        {"transcript": "transcription_id"},
    ),
    Ask("GET /v1/speech-to-text/transcripts/{transcript}"),
    Ask("POST /sandbox/transcripts/{transcript}/replay", {"json": {"url": NOBODY}}),
    Ask("DELETE /v1/speech-to-text/transcripts/{transcript}"),
    Ask("POST /v1/forced-alignment", {"data": {"text": FOX}, "files": {"file": ("a.wav", "SPOKEN")}}),
    Ask("GET /v1/history", {}, {"item": "history.0.history_item_id", "other": "history.1.history_item_id"}),
    Ask("GET /v1/history/{item}"),
    Ask("GET /v1/history/{item}/audio"),
    Ask("POST /v1/history/download", {"json": {"history_item_ids": ["{item}", "{other}"]}}),
    Ask("DELETE /v1/history/{item}"),
    Ask("GET /v1/usage/character-stats", {"params": SPAN}),
    Ask(
        "POST /v1/workspace/analytics/query/usage-by-product-over-time",
        {"json": {"start_time": NOW_MS - DAY_MS, "end_time": NOW_MS}},
    ),
    Ask(
        "POST /v1/pronunciation-dictionaries/add-from-rules",
        {"json": {"name": "Names", "rules": RULES}},
        {"words": "id", "version": "version_id"},
    ),
    Ask(
        "POST /v1/pronunciation-dictionaries/add-from-file",
        {"data": {"name": "File"}, "files": {"file": ("a.pls", "LEXICON")}},
    ),
    Ask("GET /v1/pronunciation-dictionaries"),
    Ask("GET /v1/pronunciation-dictionaries/{words}"),
    Ask("GET /v1/pronunciation-dictionaries/{words}/{version}/download"),
    *(
        Ask(f"POST /v1/pronunciation-dictionaries/{{words}}/{how}-rules", {"json": {"rules": RULES}})
        for how in ("add", "set")
    ),
    Ask("POST /v1/pronunciation-dictionaries/{words}/remove-rules", {"json": {"rule_strings": ["UN"]}}),
    Ask("PATCH /v1/pronunciation-dictionaries/{words}", {"json": {"name": "More"}}),
    Ask("GET /v1/convai/agents"),
    Ask("GET /v1/convai/agents/agent_sandbox_private"),
    Ask("GET /v1/convai/agents/agent_sandbox_chat/widget"),
    *(
        Ask(f"GET /v1/convai/conversation/{name}", {"params": {"agent_id": "agent_sandbox_private"}})
        for name in ("get-signed-url", "get_signed_url")
    ),
    Ask("GET /v1/convai/conversations"),
    Ask("GET /v1/convai/conversations/{conversation}"),
    Ask("GET /v1/convai/conversations/{conversation}/audio"),
    Ask("POST /v1/convai/conversations/{conversation}/feedback", {"json": {"feedback": "like"}}),
    Ask("POST /sandbox/conversations/{conversation}/replay", {"json": {"url": NOBODY}}),
    Ask("DELETE /v1/convai/conversations/{conversation}"),
    Ask(
        "POST /v1/workspace/webhooks",
        {"json": {"settings": {"auth_type": "hmac", "name": "Mine", "webhook_url": NOBODY}}},
        {"webhook": "webhook_id"},
    ),
    Ask("GET /v1/workspace/webhooks", {"params": {"include_usages": "true"}}),
    Ask("PATCH /v1/workspace/webhooks/{webhook}", {"json": {"name": "Ours", "is_disabled": True}}),
    Ask("DELETE /v1/workspace/webhooks/{webhook}"),
    Ask("GET /v1/convai/settings"),
    Ask("PATCH /v1/convai/settings", {"json": {}}),
    Ask("POST /v1/convai/agents/create", {"json": {"conversation_config": {}}}, {"agent": "agent_id"}),
    Ask("PATCH /v1/convai/agents/{agent}", {"json": {"name": "Mine"}}),
    Ask("POST /v1/convai/agents/{agent}/duplicate", {"json": {}}),
    Ask("GET /v1/convai/agents/{agent}", {}, {"main": "branch_id", "version": "version_id"}),
    Ask(
        "POST /v1/convai/agents/{agent}/branches",
        {"json": {"parent_version_id": "{version}", "name": "Trial", "description": ""}},
        {"branch": "created_branch_id"},
    ),
    Ask("GET /v1/convai/agents/{agent}/branches"),
    Ask("GET /v1/convai/agents/{agent}/branches/{branch}"),
    Ask("PATCH /v1/convai/agents/{agent}/branches/{branch}", {"json": {"name": "Better"}}),
    Ask("POST /v1/convai/agents/{agent}/branches/{branch}/merge", {"params": {"target_branch_id": "{main}"}}),
    Ask("GET /v1/convai/agents/summaries", {"params": {"agent_ids": ["{agent}", "agent nobody"]}}),
    Ask("GET /v1/convai/agents/{agent}/link"),
    Ask("GET /v1/convai/agent/{agent}/knowledge-base/size"),
    Ask("GET /v1/convai/analytics/live-count"),
    *(
        Ask("POST /v1/convai/agent-testing/create", {"json": {"name": "A", **test}}, {"test": "id"})
        for test in ({"type": "tool"}, {"type": "simulation"}, EXAM)
    ),
    Ask("GET /v1/convai/agent-testing"),
    Ask("POST /v1/convai/agent-testing/summaries", {"json": {"test_ids": ["{test}"]}}),
    Ask("GET /v1/convai/agent-testing/{test}"),
    Ask("PUT /v1/convai/agent-testing/{test}", {"json": {"name": "B", **EXAM}}),
    Ask("POST /v1/convai/agents/{agent}/run-tests", {"json": {"tests": [{"test_id": "{test}"}]}}, {"run": "id"}),
    Ask("GET /v1/convai/test-invocations"),
    Ask("GET /v1/convai/test-invocations/{run}"),
    Ask("POST /v1/convai/test-invocations/{run}/resubmit", {"json": {"test_run_ids": [], "agent_id": "{agent}"}}),
    Ask("DELETE /v1/convai/agent-testing/{test}"),
    Ask("DELETE /v1/convai/agents/{agent}"),
    Ask("GET /v1/convai/phone-numbers"),
    Ask("POST /v1/convai/tools", {"json": TOOL}, {"tool": "id"}),
    Ask("GET /v1/convai/tools"),
    Ask("GET /v1/convai/tools/{tool}"),
    Ask("PATCH /v1/convai/tools/{tool}", {"json": TOOL}),
    Ask("GET /v1/convai/tools/{tool}/dependent-agents"),
    Ask("DELETE /v1/convai/tools/{tool}"),
    Ask("POST /v1/convai/knowledge-base/text", {"json": {"text": FOX}}, {"document": "id"}),
    Ask("POST /v1/convai/knowledge-base/url", {"json": {"url": NOBODY}}),
    *(Ask(f"POST /v1/convai/knowledge-base{path}", {"files": {"file": ("a.txt", FOX)}}) for path in ("", "/file")),
    Ask("GET /v1/convai/knowledge-base"),
    Ask("GET /v1/convai/knowledge-base/summaries", {"params": {"document_ids": ["{document}", "nobody"]}}),
    Ask("GET /v1/convai/knowledge-base/{document}"),
    Ask("GET /v1/convai/knowledge-base/{document}/content"),
    Ask("GET /v1/convai/knowledge-base/{document}/dependent-agents"),
    Ask("PATCH /v1/convai/knowledge-base/{document}", {"json": {"name": "Fox"}}),
    Ask("DELETE /v1/convai/knowledge-base/{document}"),
    Ask(
        "POST /v1/convai/secrets",
        {"json": {"type": "new", "name": "oven", "value": "hot"}},
        {"secret": "secret_id"},
    ),
    Ask("GET /v1/convai/secrets"),
    Ask("GET /v1/convai/secrets/{secret}"),
    Ask("PATCH /v1/convai/secrets/{secret}", {"json": {"type": "update", "name": "oven", "value": "hotter"}}),
    Ask("DELETE /v1/convai/secrets/{secret}"),
    Ask("PUT /sandbox/faults", {"json": []}),
    Ask("GET /sandbox/faults"),
]
LEXICON = b"""<?xml version="1.0" encoding="UTF-8"?>
<lexicon version="1.0" xmlns="http://www.w3.org/2005/01/pronunciation-lexicon" alphabet="ipa" xml:lang="en-US">
<lexeme><grapheme>UN</grapheme><alias>United Nations</alias></lexeme></lexicon>"""
FORGETS = "POST /sandbox/reset"  # which would take their accounts from the tests beside this one


def served() -> list[str]:
    """The routes of a server as the files name them."""
    routes = Application()._app.routes
    rest = [
        f"{method} {route.path}"
        for route in routes
        if isinstance(route, Route) and route.endpoint is not refuse
        for method in sorted((route.methods or set()) - {"HEAD"})
    ]
    return [*rest, *(route.path for route in routes if isinstance(route, WebSocketRoute))]


def test_every_route_is_described_and_no_other() -> None:
    assert sorted(served()) == sorted([*contract.ROUTES, *contract.SOCKETS])


def test_what_a_file_refers_to_is_there_and_all_that_is_there_is_referred_to() -> None:
    text = json.dumps([contract.ROUTES, contract.SOCKETS, contract.ERRORS, contract.DEFINITIONS])
    assert set(re.findall(r'"#/\$defs/(\w+)"', text)) == set(contract.DEFINITIONS)


def test_every_route_is_asked() -> None:
    asked = {contract.route_of(*filled(one.route, dict.fromkeys(names(one.route), "x")).split()) for one in ASKED}
    assert asked == set(contract.ROUTES) - {FORGETS}


def names(text: str) -> list[str]:
    return re.findall(r"\{(\w+)\}", text)


def filled(text: str, known: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda name: known[name[1]], text)


@pytest.fixture(scope="module")
def answers(server: str, watch: Watch) -> dict[str, tuple[int, list[str]]]:
    """Status and faults of the answer to each request."""
    api = Api(server, "contract-of-every-route")
    sounds = {"SPOKEN": wav(api.said(FOX, format="pcm_16000")), "LEXICON": LEXICON}
    sounds["SUNG"] = wav(3 * api.said(FOX, format="pcm_16000"))
    sounds["FILMED"] = muxed("mp4", None, video=True)
    known = {"conversation": conversed(server, api)}
    watch.faults()
    found = {}
    for one in ASKED:
        more = json.loads(filled_body(one.more, known))
        for name, (file, content) in more.get("files", {}).items():
            more["files"][name] = (file, sounds.get(content, content))
        answer = api(*filled(one.route, known).split(), **more)
        found[one.route] = answer.status_code, watch.faults()
        known |= {name: at(answer, way) for name, way in one.keep.items()}
    api.close()
    return found


def filled_body(more: dict[str, Any], known: dict[str, str]) -> str:
    return re.sub(r'"\{(\w+)\}"', lambda name: f'"{known[name[1]]}"', json.dumps(more))


def at(answer: requests.Response, way: str) -> str:
    found = answer.json()
    for step in way.split("."):
        found = found[int(step) if step.isdigit() else step]
    return str(found)


def conversed(server: str, api: Api) -> str:
    """The id of a call that has ended."""
    with Call(server, "chat", header=[f"xi-api-key: {api.key}"]).start() as call:
        started = call.until("conversation_initiation_metadata")
        call.until("audio")
        call.send_text("Bye")
        call.end()
    return str(started["conversation_id"])


@pytest.mark.timeout(150)  # the first one waits for all
@pytest.mark.parametrize("route", [one.route for one in ASKED])
def test_answers(answers: dict[str, tuple[int, list[str]]], route: str) -> None:
    status, faults = answers[route]
    assert 200 <= status < 300
    assert faults == []
