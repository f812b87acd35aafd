"""What a sandbox keeps between runs, what it forgets, and which folders it refuses."""

import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from eleven_cli.sandbox import Sandbox, running
from eleven_cli.sandbox.state.database import NAME
from eleven_cli.sandbox.state.store import WrongState

from .call import Call
from .conftest import HARPER, Api
from .socket_client import SocketClient

KEY = "one-key"


@contextmanager
def opened(folder: Path | None, **options: Any) -> Iterator[tuple[Sandbox, Api]]:
    with running(state=folder, **options) as sandbox:
        api = Api(sandbox.url, KEY)
        yield sandbox, api
        api.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "here"


def rules(word: str) -> list[dict[str, str]]:
    return [{"type": "alias", "string_to_replace": word, "alias": "a word"}]


def talk(url: str) -> str:
    with Call(url, "chat") as call:
        call.start_text()
        call.until("agent_response")
        call.send_text("my name is Ana")
        call.until("agent_response")
        return str(call.events[0]["conversation_initiation_metadata_event"]["conversation_id"])


def seen(api: Api) -> dict[str, Any]:
    """Everything that a client can see of what was made."""
    history = api.get("/v1/history").json()["history"]
    conversations = api.get("/v1/convai/conversations").json()["conversations"]
    return {
        "history": history,
        "audio": [api.get(f"/v1/history/{item['history_item_id']}/audio").content for item in history],
        "conversations": conversations,
        "transcripts": [
            api.get(f"/v1/convai/conversations/{one['conversation_id']}").json()["transcript"] for one in conversations
        ],
        "voices": [{**voice, "preview_url": ""} for voice in api.get("/v1/voices").json()["voices"]],
        "dictionaries": api.get("/v1/pronunciation-dictionaries").json()["pronunciation_dictionaries"],
        "used": api.get("/v1/user/subscription").json()["character_count"],
        "user": api.get("/v1/user").json()["user_id"],
    }


def make_much(api: Api) -> str:
    """Uses what can be kept; gives a request id that can be stitched to."""
    spoken = api.speak("Hello there.", previous_text="Before.")
    lines = [{"text": "Hi.", "voice_id": HARPER}, {"text": "Hello.", "voice_id": HARPER}]
    assert api("POST", "/v1/text-to-dialogue", json={"inputs": lines}).status_code == 200
    with SocketClient(api, f"/v1/text-to-speech/{HARPER}/stream-input", output_format="pcm_16000") as socket:
        socket.send(text=" ").send(text="By socket. ").send(text="").rest()
    assert api("POST", "/v1/voices/add", data={"name": "Ann"}, files={"files": spoken.content}).status_code == 200
    voices = api.get("/v1/voices").json()["voices"]
    first = next(voice["voice_id"] for voice in voices if voice["category"] != "premade")
    assert api("DELETE", f"/v1/voices/{first}").status_code == 200
    made = {"name": "mine", "rules": rules("word")}
    assert api("POST", "/v1/pronunciation-dictionaries/add-from-rules", json=made).status_code == 200
    talked = talk(api.base)
    wait_for(
        lambda: [
            one for one in seen(api)["conversations"] if (one["conversation_id"], one["status"]) == (talked, "done")
        ]
    )
    return spoken.headers["request-id"]


def test_the_next_run_knows_what_was_made(folder: Path, memory: Path) -> None:
    with opened(folder) as (_, api):
        request_id = make_much(api)
        before = seen(api)
    with opened(folder) as (_, api):
        after = seen(api)
        assert api.speak("And on.", previous_request_ids=[request_id]).status_code == 200
    assert after == before
    assert len(before["history"]) == 3
    assert [turn["message"] for turn in before["transcripts"][0]][-1] == "Nice to meet you, Ana."
    assert not memory.exists()


def test_what_was_said_is_recognised_by_the_next_run(folder: Path) -> None:
    with opened(folder) as (_, api):
        wav = api.said("The weather is fine today.", format="wav_16000")
    for where, text in ((folder, "The weather is fine today."), (None, "")):
        with opened(where) as (_, api):
            form = {"files": {"file": wav}, "data": {"model_id": "scribe_v2"}}
            answer = api("POST", "/v1/speech-to-text", **form)
            assert answer.status_code == 200, answer.text
            assert (answer.json()["text"] == text) is (where is not None)


def test_what_was_deleted_stays_away(folder: Path) -> None:
    with opened(folder) as (_, api):
        make_much(api)
        for item in seen(api)["history"]:
            assert api("DELETE", f"/v1/history/{item['history_item_id']}").status_code == 200
        for one in seen(api)["conversations"]:
            assert api("DELETE", f"/v1/convai/conversations/{one['conversation_id']}").status_code == 200
    with opened(folder) as (_, api):
        assert (seen(api)["history"], seen(api)["conversations"]) == ([], [])


def test_without_a_folder_nothing_is_kept(memory: Path) -> None:
    with opened(None) as (_, api):
        make_much(api)
    assert not memory.exists()
    with opened(None) as (_, api):
        assert (seen(api)["history"], seen(api)["conversations"], seen(api)["used"]) == ([], [], 0)


def test_only_its_owner_reads_it(folder: Path) -> None:
    with opened(folder) as (_, api):
        api.said("A secret.")
        files = list(folder.iterdir())
        assert files
        assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in (folder, *files)} == {0}
        assert not any(KEY.encode() in path.read_bytes() for path in files)
    assert [path.name for path in folder.iterdir()] == [NAME]


def test_accounts_are_kept_apart(folder: Path) -> None:
    with opened(folder) as (sandbox, api):
        api.said("Mine.")
        other = Api(sandbox.url, "another-key")
        assert other.get("/v1/history").json()["history"] == []
        other.close()
    with opened(folder) as (sandbox, api):
        other = Api(sandbox.url, "another-key")
        assert (len(api.get("/v1/history").json()["history"]), other.get("/v1/history").json()["history"]) == (1, [])
        other.close()


def test_what_a_killed_server_had_written_is_there(folder: Path) -> None:
    with opened(folder) as (_, api):
        api.said("Hello.")
        for name in (NAME, f"{NAME}-wal"):
            copied = folder.parent / "copy" / name
            copied.parent.mkdir(exist_ok=True)
            copied.write_bytes((folder / name).read_bytes())
    with opened(folder.parent / "copy") as (_, api):
        assert [item["text"] for item in api.get("/v1/history").json()["history"]] == ["Hello."]


def damaged(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096:8192] = bytes(4096)
    path.write_bytes(data)


def changed(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()


FAULTY = {
    "no database": (lambda path: path.write_text("something else\n" * 100), "damaged"),
    "a page lost": (damaged, "damaged"),
    "half a file": (lambda path: path.write_bytes(path.read_bytes()[:9000]), "damaged"),
    "a broken record": (lambda path: changed(path, "UPDATE kept SET record = '{'"), "damaged"),
    "no object": (lambda path: changed(path, "UPDATE kept SET record = '[]'"), "damaged"),
    "a newer version": (lambda path: changed(path, "PRAGMA user_version = 2"), "version 2"),
    "an older version": (lambda path: changed(path, "PRAGMA user_version = 0"), "version 0"),
    "another program": (lambda path: changed(path, "PRAGMA application_id = 7"), "another program"),
}


@pytest.mark.parametrize("what", FAULTY)
def test_a_folder_that_cannot_be_used_is_refused_and_left_as_it_is(folder: Path, what: str) -> None:
    with opened(folder) as (_, api):
        api.said("Hello.")
    spoil, said = FAULTY[what]
    spoil(folder / NAME)
    before = (folder / NAME).read_bytes()
    with pytest.raises(WrongState, match=said) as refused, opened(folder):
        pass
    assert str(folder / NAME) in str(refused.value)
    assert "\n" not in str(refused.value)
    assert (folder / NAME).read_bytes() == before


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for place in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/nowhere")):
        with pytest.raises(WrongState, match="cannot keep the state"), opened(place):
            pass


def test_the_second_sandbox_on_one_folder_refuses(folder: Path) -> None:
    with opened(folder) as (_, api):
        with pytest.raises(WrongState, match="another sandbox is using"), opened(folder):
            pass
        assert api.said("Hello.")
    with opened(folder) as (_, api):
        assert len(api.get("/v1/history").json()["history"]) == 1


@pytest.mark.parametrize("kept", [True, False], ids=["folder", "memory"])
def test_reset_forgets_all_of_it(folder: Path, kept: bool) -> None:
    with opened(folder if kept else None) as (sandbox, api):
        empty = {**seen(api), "user": ""}
        make_much(api)
        sandbox.fault("500")
        assert api("POST", "/sandbox/reset").status_code == 204
        assert api.get("/v1/models").status_code == 200
        assert {**seen(api), "user": ""} == empty
        assert api.get("/sandbox/faults").json()["faults"] == []
        assert not [asked for asked in sandbox.requests() if asked.method == "POST"]
    with opened(folder if kept else None) as (_, api):
        assert {**seen(api), "user": ""} == empty


def test_credits_run_out() -> None:
    with opened(None, credits=20) as (_, api):
        subscription = api.get("/v1/user/subscription").json()
        assert (subscription["character_count"], subscription["character_limit"]) == (0, 20)
        assert api.speak("Fifteen letters").status_code == 200
        refused = api.speak("Fifteen letters")
        assert refused.status_code == 402
        detail = refused.json()["detail"]
        assert (detail["type"], detail["code"], detail["status"]) == (
            "payment_required",
            "insufficient_credits",
            "quota_exceeded",
        )
        assert "5 credits" in detail["message"]
        assert api.speak("Five.").status_code == 200
        assert api.get("/v1/user/subscription").json()["character_count"] == 20
        assert api.speak("!").status_code == 402


def test_credits_that_were_used_stay_used(folder: Path) -> None:
    for status in (200, 402):
        with opened(folder, credits=10) as (_, api):
            assert api.speak("Hello.").status_code == status


def test_a_sample_needs_neither_key_nor_the_disk(memory: Path, folder: Path) -> None:
    with opened(folder) as (sandbox, api):
        made = api("POST", "/v1/voices/add", data={"name": "Ann"}, files={"files": api.said("Hello there.")}).json()
    with opened(folder) as (sandbox, api):
        anyone = Api(sandbox.url, None)
        assert anyone.get(f"/previews/{made['voice_id']}.mp3").status_code == 200
        anyone.close()
    assert not memory.exists()


def test_the_sound_of_a_call_is_kept(folder: Path) -> None:
    with opened(folder) as (_, api):
        with Call(api.base, "chat") as call:
            call.start()
            call.until("audio")
        (one,) = wait_for(lambda: [each for each in seen(api)["conversations"] if each["status"] == "done"])
        path = f"/v1/convai/conversations/{one['conversation_id']}/audio"
        before = api.get(path).content
        wait_for(lambda: kept_sounds(folder / NAME))
    with opened(folder) as (_, api):
        assert api.get(path).content == before
        assert api.get(path.removesuffix("/audio")).json()["has_response_audio"] is True


def kept_sounds(path: Path) -> list[Any]:
    """Of a copy: the database has a lock of its own."""
    copied = path.parent.parent / "copied"
    copied.mkdir(exist_ok=True)
    for name in (NAME, f"{NAME}-wal"):
        (copied / name).write_bytes((path.parent / name).read_bytes())
    with sqlite3.connect(copied / NAME) as connection:
        rows = connection.execute("SELECT id FROM kept WHERE kind = 'conversations' AND length(audio) > 0").fetchall()
    connection.close()
    return rows


def wait_for(ask: Callable[[], list[Any]]) -> list[Any]:
    """Asks until there is something."""
    deadline = time.monotonic() + 30
    while not (found := ask()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return found
