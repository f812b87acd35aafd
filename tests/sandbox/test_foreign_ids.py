"""Ids of other accounts: programs are written with the voices and agents of their own, and work unchanged."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import websocket

from eleven_cli.sandbox.http.foreign_ids import ForeignIds
from eleven_cli.sandbox.server import running
from eleven_cli.sandbox.voices.voice_data import VOICES

from .call import Call
from .conftest import HARPER, LIBRARY, Api
from .schemas import check_voice, refused
from .socket_client import SocketClient, dialogue, spoken, started
from .uploads import changed, said, wav

GEORGE, ADAM = "JBFqnCBsd6RMkjVDRZzb", "pNInz6obpgDQGcFmaJgB"
THEIRS = "agent_01jxyz7k2m8n9p0q1r2s3t4v5w"
FIRST = "J3Pbu5gP6NNKBscdCdwB"  # an agent's id as it used to be
AGENTS, SIGN = "/v1/convai/agents", "/v1/convai/conversation/get-signed-url"
INPUTS = {"inputs": [{"text": "Hi. ", "voice_id": GEORGE}]}
Ask = Callable[[Api], requests.Response]
ASKED: dict[str, Ask] = {
    "speech": lambda api: api.speak(voice=GEORGE),
    "streamed speech": lambda api: api.speak(voice=GEORGE, kind="/stream"),
    "timestamps": lambda api: api.speak(voice=GEORGE, kind="/with-timestamps"),
    "streamed timestamps": lambda api: api.speak(voice=GEORGE, kind="/stream/with-timestamps"),
    "dialogue": lambda api: api("POST", "/v1/text-to-dialogue", json=INPUTS),
    "dialogue with timestamps": lambda api: api("POST", "/v1/text-to-dialogue/with-timestamps", json=INPUTS),
    "voice changer": lambda api: changed(api, wav(b"\1\0" * 16000), GEORGE),
    "voice": lambda api: api.get(f"/v1/voices/{GEORGE}"),
    "settings": lambda api: api.get(f"/v1/voices/{GEORGE}/settings"),
    "new settings": lambda api: api("POST", f"/v1/voices/{GEORGE}/settings/edit", json={"stability": 1.0}),
    "preview": lambda api: api.get(f"/previews/{GEORGE}.mp3"),
    "agent": lambda api: api.get(f"{AGENTS}/{THEIRS}"),
    "signed URL": lambda api: api.get(SIGN, params={"agent_id": THEIRS}),
}


@pytest.fixture(scope="module")
def strict(memory_between_tests: None) -> Iterator[str]:
    with running(strict=True, voices={ADAM: "calvin"}) as base:
        yield base


@pytest.mark.parametrize("what", ASKED)
def test_an_unknown_id_works_and_a_strict_sandbox_answers_404(api: Api, api_with: Any, strict: str, what: str) -> None:
    answer = ASKED[what](api)
    assert answer.status_code == 200, answer.text
    assert ASKED[what](api_with("k", strict)).status_code == 404


@pytest.mark.parametrize(
    "voice_id", ["nobody", GEORGE[:-1], GEORGE + "x", GEORGE[:-1] + "-", GEORGE[:-1] + "é", f"{GEORGE}%0A"]
)
def test_an_ill_formed_id_is_unknown(api: Api, voice_id: str) -> None:
    assert api.speak(voice=voice_id).status_code == 404


def test_a_voice_is_of_its_own_and_always_the_same(api: Api, api_with: Any) -> None:
    how: dict[str, Any] = {"format": "pcm_16000"}
    george = api.said(voice=GEORGE, **how)
    assert george != api.said(voice=ADAM, **how)
    with running() as base:
        assert api_with("another", base).said(voice=GEORGE, **how) == george
    voice = api.get(f"/v1/voices/{GEORGE}").json()
    check_voice(voice)
    assert voice["voice_id"] == GEORGE
    assert voice["name"] not in {known.name for known in VOICES.values()}


def test_it_is_listed_only_when_asked_for(api: Api) -> None:
    ids = [voice["voice_id"] for voice in api.get("/v2/voices", params={"page_size": 100}).json()["voices"]]
    assert HARPER in ids
    assert GEORGE not in ids
    asked = api.get("/v2/voices", params={"voice_ids": [GEORGE, HARPER, "nobody"]}).json()["voices"]
    assert {voice["voice_id"] for voice in asked} == {GEORGE, HARPER}


def test_default_voices_are_found_by_their_names(api: Api, api_with: Any, strict: str) -> None:
    def found(asking: Api, **query: Any) -> dict[str, str]:
        return {one["name"]: one["voice_id"] for one in asking.get("/v2/voices", params=query).json()["voices"]}

    assert found(api, search="adam") == {"Adam": ADAM}
    assert found(api, search="George", voice_ids=[GEORGE]) == {"George": GEORGE}
    assert found(api, search="Geo") == found(api_with("k", strict), search="George") == {}
    assert found(api_with("newcomer"), search="George") == {}


def test_legacy_voices_are_listed_with_the_others(api: Api, api_with: Any, strict: str) -> None:
    """Older SDKs choose a voice by its name among these."""

    def names(asking: Api, show_legacy: str) -> list[str]:
        return [one["name"] for one in asking.get("/v1/voices", params={"show_legacy": show_legacy}).json()["voices"]]

    listed = names(api, "true")
    assert {"Harper", "Rachel", "Sarah", "Brian", "Adam"} < set(listed)
    assert len(set(listed)) == len(listed)
    for one in (names(api, "false"), names(api_with("k", strict), "true"), names(api_with("newcomer"), "true")):
        assert "Rachel" not in one


def test_a_default_voice_is_of_its_gender(api: Api) -> None:
    voices = api.get("/v1/voices", params={"show_legacy": True}).json()["voices"]
    genders = {one["name"]: one["labels"]["gender"] for one in voices}
    assert (genders["Rachel"], genders["Adam"]) == ("female", "male")
    assert api.get(f"/v1/voices/{ADAM}").json()["name"] == "Adam"


def test_its_settings_are_kept(api: Api) -> None:
    api("POST", f"/v1/voices/{GEORGE}/settings/edit", json={"stability": 0.9})
    assert api.get(f"/v1/voices/{GEORGE}/settings").json()["stability"] == 0.9
    refused(api("DELETE", f"/v1/voices/{GEORGE}"), 403, "voice_access_denied")


@pytest.mark.parametrize("word", ["newcomer", "free-newcomer"])
def test_what_the_sandbox_knows_is_not_stood_in_for(api_with: Any, word: str) -> None:
    refused(api_with(word).speak(voice=HARPER), 404, "voice_not_found", param="voice_id")
    assert api_with(word).speak(voice=GEORGE).status_code == 200


def test_what_was_made_and_deleted_stays_deleted(api: Api) -> None:
    recording = {"files": ("a.wav", wav(said(api)), "audio/wav")}
    voice = api("POST", "/v1/voices/add", data={"name": "Mine"}, files=recording).json()["voice_id"]
    assert api.speak(voice=voice).status_code == 200
    assert api("DELETE", f"/v1/voices/{voice}").status_code == 200
    for path in (f"/v1/voices/{voice}", f"/v1/voices/{voice}/settings"):
        refused(api.get(path), 404, "voice_not_found", param="voice_id")


def test_a_named_voice_is_that_voice(api: Api, api_with: Any, strict: str) -> None:
    calvin = next(voice_id for voice_id, voice in VOICES.items() if voice.name == "Calvin")
    named = api_with("k", strict)
    assert named.said(voice=ADAM, format="pcm_16000") == api.said(voice=calvin, format="pcm_16000")
    assert named.get(f"/v1/voices/{ADAM}").json()["name"] == "Calvin"


@pytest.mark.parametrize(
    ("voices", "message"),
    [
        ({GEORGE: "Nobody"}, "no voice 'Nobody', but Harper, "),
        ({"george": "Harper"}, "20 letters and digits, which 'george' has not"),
        ({HARPER: "Calvin"}, f"{HARPER} is one of the sandbox's own voices"),
        ({LIBRARY: "Calvin"}, f"{LIBRARY} is one of the sandbox's own voices"),
    ],
)
def test_a_wrong_name_is_told_before_it_serves(voices: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message), running(voices=voices):
        pass


# sockets


def test_the_speech_socket_with_contexts(api: Api) -> None:
    path = f"/v1/text-to-speech/{GEORGE}/multi-stream-input"
    live = SocketClient(api, path, sync_alignment="true").send(text="Hello there. ", context_id="a")
    live.send(close_socket=True).rest()
    assert spoken(live.messages) == "Hello there. "


def test_the_speech_socket(api: Api, api_with: Any, strict: str) -> None:
    live = started(api, voice=GEORGE, sync_alignment="true").text("Hello there. ").text("")
    live.rest()
    assert spoken(live.messages) == "Hello there. "
    with pytest.raises(websocket.WebSocketBadStatusException):
        started(api_with("k", strict), voice=GEORGE)


def test_the_dialogue_socket(api: Api, api_with: Any, strict: str) -> None:
    live = dialogue(api, GEORGE, ADAM).send(inputs=[{"text": "Hello there. ", "voice_id": ADAM}], close_socket=True)
    assert live.rest()
    assert live.close == (1000, "")
    assert dialogue(api_with("k", strict), GEORGE).refusal()["error"] == "voice_not_found"


@pytest.mark.parametrize("agent_id", [THEIRS, FIRST])
@pytest.mark.parametrize("signed", [False, True])
def test_an_unknown_agent_makes_small_talk(api: Api, server: str, signed: bool, agent_id: str) -> None:
    url = api.get(SIGN, params={"agent_id": agent_id}).json()["signed_url"] if signed else None
    with Call(server, url=url, query=f"agent_id={agent_id}") as call:
        call.start_text()
        assert call.response().startswith("Hello, this is the sandbox.")


def test_an_unknown_agent_of_a_strict_sandbox_is_closed_at_once(strict: str) -> None:
    with Call(strict, query=f"agent_id={THEIRS}") as call:
        assert call.end()[0] == 3000


def test_the_voice_of_an_override(server: str, strict: str) -> None:
    for base, voice_id, works in ((server, GEORGE, True), (strict, GEORGE, False), (server, "nobody", False)):
        with Call(base) as call:
            call.start({"tts": {"voice_id": voice_id}})
            assert call.until("audio") if works else call.end()[0] == 1008


def test_the_voice_of_an_agents_file(tmp_path: Path) -> None:
    path = tmp_path / "agents.toml"
    path.write_text(f'[[agents]]\nid = "agent_mine"\nname = "Mine"\nfirst_message = "Hi."\nvoice = "{GEORGE}"\n')
    with running(agents=path) as base, Call(base, query="agent_id=agent_mine") as call:
        call.start()
        assert call.until("audio")
    with pytest.raises(ValueError, match="must be one of Harper"), running(agents=path, strict=True):
        pass


# the log


def test_each_is_named_once() -> None:
    notes: list[str] = []
    ids = ForeignIds(note=notes.append)
    for _ in range(2):
        assert ids.admits("voice", GEORGE)
        assert ids.admits("agent", THEIRS)
        assert not ids.admits("voice", "nobody")
        assert not ids.admits("agent", "agent_sandbox_nobody")
    assert notes == [
        f"unknown voice {GEORGE}: one stands in for it (--strict answers 404)",
        f"unknown agent {THEIRS}: one stands in for it (--strict answers 404)",
    ]
