"""The voices of one account: what was added, changed and deleted is there for the next server, too."""

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from eleven_cli.sandbox.hearing.memory_folder import state_folder
from eleven_cli.sandbox.http.problems import Problem
from eleven_cli.sandbox.state.records import SharedRecords
from eleven_cli.sandbox.state.store import VOICES
from eleven_cli.sandbox.voices.voice import Voice
from eleven_cli.sandbox.voices.voice_data import VOICES as FIRST
from eleven_cli.sandbox.voices.voice_store import VoiceStore

from .conftest import HARPER

SAILOR = replace(FIRST[HARPER], voice_id="sailor00000000000000", name="Sailor", category="generated", created_at_unix=5)


def store(key: str = "one") -> VoiceStore:
    return VoiceStore(SharedRecords(VOICES, key))


def names(voices: list[Voice]) -> list[str]:
    return [voice.name for voice in voices]


def test_it_begins_with_the_first_voices_and_adds_by_age() -> None:
    voices = store()
    voices.put(SAILOR)
    voices.put(replace(SAILOR, voice_id="older", name="Older", created_at_unix=4))
    assert names(voices.all()) == [*names(list(FIRST.values())), "Older", "Sailor"]


def test_the_next_server_has_them_and_another_account_has_not() -> None:
    store().put(SAILOR)
    store().put(replace(FIRST[HARPER], name="Harper the Second"))
    assert store().find(SAILOR.voice_id) == SAILOR
    assert store().find(HARPER).name == "Harper the Second"
    assert store("two").get(SAILOR.voice_id) is None
    assert store("two").find(HARPER).name == "Harper"


def test_no_folder_on_the_way_is_anybody_elses(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where the user's mask hides nothing, too: who can write to a folder can put another one into it."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "local" / "state"))
    former = os.umask(0)
    try:
        store().put(SAILOR)
    finally:
        os.umask(former)
    folders = [path for path in (tmp_path / "local").rglob("*") if path.is_dir()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "local", *folders)} == {0o700}


@pytest.mark.parametrize("voice_id", [HARPER, SAILOR.voice_id], ids=["first", "added"])
def test_a_deleted_voice_stays_away(voice_id: str) -> None:
    voices = store()
    voices.put(SAILOR)
    voices.delete(voice_id)
    for one in (voices, store()):
        with pytest.raises(Problem, match=voice_id):
            one.find(voice_id)
    with pytest.raises(Problem):
        voices.delete(voice_id)


def test_what_another_process_changes_is_seen() -> None:
    here, there = store(), store()
    there.put(SAILOR)
    assert here.find(SAILOR.voice_id).name == "Sailor"
    there.put(replace(SAILOR, name="Captain"))
    assert here.find(SAILOR.voice_id).name == "Captain"
    there.delete(SAILOR.voice_id)
    assert here.get(SAILOR.voice_id) is None


def test_without_a_folder_that_can_be_written_it_lasts_as_long_as_the_server(tmp_path: Path) -> None:
    folder = state_folder()
    assert folder is not None
    folder.parent.mkdir(parents=True)
    folder.write_text("a file where the folder should be")
    voices = store()
    voices.put(SAILOR)
    assert voices.find(SAILOR.voice_id) == SAILOR
    voices.delete(SAILOR.voice_id)
    assert voices.get(SAILOR.voice_id) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"timbre": {}}', '{"timbre": {"variant": "adam"}, "new": 1}'])
def test_a_broken_file_hides_nothing_else(text: str) -> None:
    voices = store()
    voices.put(SAILOR)
    folder = next(state_folder().glob("voices/*"))  # type: ignore[union-attr]
    (folder / "other.json").write_text(text)
    assert names(voices.all()) == [*names(list(FIRST.values())), "Sailor"]
