"""`eleven voices`, voices by name, and their completion."""

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eleven_cli.commands.lookup.names import folded
from eleven_cli.commands.lookup.voices import Named, meant
from eleven_cli.errors import DESIGN_COMMAND, NotFound
from tests.conftest import KEY, VOICE
from tests.support.service import MP3_FRAME, audio_reply, error_reply, json_reply, raw_reply

ANA, ANNIKA, ROBIN, OTHER_ROBIN = (f"{name}{'0' * (20 - len(name))}" for name in ("ana", "annika", "robin", "robin2"))
LABELS = {"accent": "british", "age": "middle_aged", "gender": "female", "use_case": "narrative_story", "mood": "calm"}
ANAS = [
    {"voice_id": ANA, "name": "Ana", "category": "premade", "labels": LABELS},
    {"voice_id": ANNIKA, "name": "Annika \x1b[31m", "available_for_tiers": ["creator"]},
    {"voice_id": ROBIN, "name": "Robin (my clone)", "category": "cloned"},
]
GONE = error_reply(404, "voice_not_found", "A voice was not found.", kind="not_found")
NOT_ALLOWED = error_reply(401, "missing_permissions", "The API key is missing the permission voices_read.")


def page(*entries):
    return json_reply({"voices": list(entries), "has_more": False})


def named(voice_id, name):
    return {"voice_id": voice_id, "name": name}


@pytest.fixture(autouse=True)
def account(service):
    service.on("/v2/voices", page(*ANAS))
    service.on_speech(audio_reply([MP3_FRAME]))


@pytest.fixture
def paths(service):
    return lambda: [request.path.removeprefix("/v1/text-to-speech/") for request in service.requests]


def spoken(voice_id):
    return f"{voice_id}/stream"


# the list


def test_a_pipe_gets_tabs_and_no_header(eleven, service):
    result = eleven("voices")
    assert result.text.splitlines() == [
        f"Ana\t{ANA}\tpremade\tbritish, middle aged, female, narrative story\t",
        f"Annika \\x1b[31m\t{ANNIKA}\t\t\tcreator plan",
        f"Robin (my clone)\t{ROBIN}\tcloned\t\t",
    ]
    assert "search" not in service.requests[0].query


def test_a_terminal_gets_a_table_with_a_header(eleven):
    lines = eleven("voices", tty="out").text.splitlines()
    assert lines[0].split() == ["NAME", "ID", "CATEGORY", "LABELS", "NEEDS"]
    assert lines[1].index(ANA) == lines[0].index("ID")


def test_json_has_what_the_service_told(eleven):
    first, second, _ = json.loads(eleven("voices", "--json").out)
    assert (first["voice_id"], first["labels"], first["usable"]) == (ANA, LABELS, True)
    assert (second["needs"], second["usable"], second["settings"]) == ("creator plan", False, None)


@pytest.mark.parametrize(
    ("words", "sought"),
    [
        (["british"], "british"),
        (["old", "man", "--json"], "old man"),
        (["--json", "show-off"], "show-off"),
        (["--", "show"], "show"),
        (["--json", "--", "preview"], "preview"),
        (["--", "--json"], "--json"),
        (["a", "show"], "a show"),
    ],
)
def test_a_word_that_is_no_command_is_a_search(eleven, service, words, sought):
    assert eleven("voices", *words).code == 0
    assert [request.query["search"] for request in service.requests] == [sought]


def test_every_page_is_shown(eleven, service):
    service.on("/v2/voices", json_reply({"voices": ANAS[:1], "has_more": True, "next_page_token": "t"}), page(ANAS[2]))
    assert eleven("voices").out.count(b"\n") == 2


@pytest.mark.parametrize("json_too", [[], ["--json"]])
def test_nothing_found_is_said_and_no_failure(eleven, service, json_too):
    service.on("/v2/voices", page())
    result = eleven("voices", "zzz", *json_too)
    assert (result.code, result.err) == (0, "no voice matches zzz\n")
    assert result.text == ("[]\n" if json_too else "")
    assert eleven("voices", tty="out").out == b""


def test_help_and_wrong_options(eleven):
    page = eleven("voices", "--help").text
    assert "Usage: eleven voices [options] [SEARCH…] | command …" in page
    assert "\n  show " in page
    assert "NAME" in eleven("voices", "show", "--help").text
    assert eleven("voices", "--nonsense").hint == "hint: eleven voices --help"
    assert eleven("voices", "show").hint == "hint: eleven voices show Imogen"


# one voice


def test_show_by_name_tells_what_there_is(eleven, service):
    whole = {**ANAS[0], "description": "Warm.", "settings": {"speed": 1.1, "use_speaker_boost": True, "style": None}}
    more = {"created_at_unix": 1_790_000_000, "preview_url": "https://x.y/z.mp3", "is_owner": True}
    verified = [{"language": "en"}, {"language": "de"}, {"language": "en"}]
    service.on(f"/v1/voices/{ANA}", json_reply({**whole, **more, "verified_languages": verified}))
    rows = dict(line.split("\t") for line in eleven("voices", "show", "ana").text.splitlines())
    assert rows == {
        "name": "Ana",
        "id": ANA,
        "category": "premade",
        "description": "Warm.",
        "accent": "british",
        "age": "middle aged",
        "gender": "female",
        "use case": "narrative story",
        "mood": "calm",
        "languages": "en de",
        "created": "2026-09-21T14:13:20Z",
        "preview": "https://x.y/z.mp3",
        "speed": "1.1",
        "use speaker boost": "true",
    }
    assert json.loads(eleven("voices", "--json", "show", "ana").out)["settings"]["speed"] == 1.1


def test_a_label_cannot_pass_for_the_id(eleven, service):
    service.on(f"/v1/voices/{ANA}", json_reply({**ANAS[0], "labels": {"id": "x"}, "settings": {"speed": 1}}))
    assert f"id\t{ANA}\n" in eleven("voices", "show", "ana").text


def test_show_of_an_id_asks_for_no_list(eleven, service, paths):
    service.on(f"/v1/voices/{VOICE}", GONE)
    result = eleven("voices", "show", VOICE)
    assert (result.code, result.hint) == (4, "hint: see your voices: eleven voices")
    assert paths() == [f"/v1/voices/{VOICE}"]


# the sample


@pytest.fixture
def sampled(service):
    service.on(f"/v1/voices/{ANA}", json_reply({**ANAS[0], "preview_url": f"{service.url}/s.mp3"}))
    service.on("/s.mp3", raw_reply(MP3_FRAME * 3, content_type="audio/mpeg"))


@pytest.mark.usefixtures("sampled")
def test_a_preview_into_a_pipe_and_a_file(eleven, service, tmp_path):
    result = eleven("voices", "preview", "ana")
    assert (result.code, result.out, result.err) == (0, MP3_FRAME * 3, "")
    assert eleven("voices", "preview", "ana", "-o", str(tmp_path / "a.mp3")).out == b""
    assert (tmp_path / "a.mp3").read_bytes() == MP3_FRAME * 3
    samples = [request for request in service.requests if request.path == "/s.mp3"]
    assert len(samples) == 2
    assert KEY not in str(samples)


@pytest.mark.usefixtures("sampled")
def test_a_preview_on_a_terminal_is_played(eleven, tmp_path, monkeypatch):
    monkeypatch.setattr("eleven_cli.audio.devices.portaudio.installed", lambda: False)
    player = tmp_path / "ffplay"
    player.write_text(f"#!/bin/sh\ncat > {tmp_path}/heard\n")
    player.chmod(0o755)
    monkeypatch.setattr("eleven_cli.audio.codecs.decoding.sink.mp3_decoder_installed", lambda: False)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    result = eleven("voices", "preview", "ana", tty="out")
    assert (result.code, result.out) == (0, b"")
    assert (tmp_path / "heard").read_bytes() == MP3_FRAME * 3


@pytest.mark.usefixtures("sampled")
def test_a_preview_that_breaks_off_leaves_no_file(eleven, service, tmp_path):
    service.on("/s.mp3", lambda exchange: (exchange.head(content_length="900"), exchange.body(MP3_FRAME)))
    result = eleven("voices", "preview", "ana", "-o", str(tmp_path / "a.mp3"))
    assert result.code == 6
    assert not (tmp_path / "a.mp3").exists()


def test_the_address_of_a_preview_is_not_shown_where_it_ends_with_the_run(eleven):
    shown = dict(line.split("\t") for line in eleven("--sandbox", "voices", "show", "Chiara").text.splitlines())
    assert (shown["name"], shown.get("preview")) == ("Chiara", None)


def test_impossible_previews_ask_nobody(eleven, service, tmp_path):
    wrong = eleven("voices", "preview", "ana", "-o", "a.wav")
    assert (wrong.code, wrong.hint) == (2, "hint: name the file a.mp3")
    assert eleven("voices", "preview", "ana", "--no-play", tty="out").code == 2
    assert eleven("voices", "preview", "ana", "-o", "-", tty="out").code == 2
    (tmp_path / "a.mp3").write_bytes(b"mine")
    assert eleven("voices", "preview", "ana", "-o", str(tmp_path / "a.mp3"), "--no-clobber").code == 0
    assert (tmp_path / "a.mp3").read_bytes() == b"mine"
    assert not service.requests


def test_a_voice_without_a_preview(eleven, service):
    service.on(f"/v1/voices/{ANA}", json_reply(ANAS[0]))
    result = eleven("voices", "preview", "ana")
    assert (result.code, result.error) == (4, "error: Ana has no sample")
    assert result.hint.endswith(f"eleven tts Hello --voice {ANA}")


# a name


def test_an_id_is_used_as_it_is(eleven, paths):
    assert eleven("tts", "hi", "-v", ROBIN).code == 0
    assert paths() == [spoken(ROBIN)]


@pytest.mark.parametrize("word", ["Ana", "ana", "ANA", "  aNa "])
def test_a_name_is_looked_up_once(eleven, paths, word):
    for _ in range(2):
        result = eleven("tts", "hi", "--voice", word)
        assert (result.code, "voice" in result.err) == (0, False)
    assert paths() == ["/v2/voices", spoken(ANA), spoken(ANA)]


def test_the_beginning_of_a_name_is_announced(eleven, paths):
    for _ in range(2):
        assert f"voice: Robin (my clone) ({ROBIN})\n" in eleven("tts", "hi", "-v", "rob", tty="err").err
    assert paths() == ["/v2/voices", spoken(ROBIN), spoken(ROBIN)]


def test_a_name_from_the_environment_or_the_settings(eleven, paths, monkeypatch):
    monkeypatch.setenv("ELEVENLABS_VOICE_ID", "ana")
    assert eleven("tts", "hi").code == 0
    monkeypatch.delenv("ELEVENLABS_VOICE_ID")
    eleven("config", "set", "voice", "Robin (my clone)")
    assert eleven("tts", "hi").code == 0
    assert paths() == ["/v2/voices", spoken(ANA), spoken(ROBIN)]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("an", f"2 voices begin with an: Ana ({ANA}), Annika \\x1b[31m ({ANNIKA})"),
        ("xyzzy", f'no voice is called "xyzzy"; there are Ana ({ANA}), Annika \\x1b[31m ({ANNIKA}), Robin (my clone)'),
        ("clone", f'no voice is called "clone". Did you mean Robin (my clone) ({ROBIN})?'),
        ("robn", f'no voice is called "robn". Did you mean Robin (my clone) ({ROBIN})?'),
        ("anna", f'no voice is called "anna". Did you mean Ana ({ANA})?'),
    ],
)
def test_no_voice_or_several(eleven, service, word, said):
    result = eleven("tts", "hi", "-v", word)
    assert result.code == 4
    assert result.error.startswith(f"error: {said}")
    assert len(service.requests) == 1


def test_two_voices_of_the_same_name(eleven, service):
    service.on("/v2/voices", page(named(ROBIN, "Robin"), named(OTHER_ROBIN, "robin"), named(ANA, "Robin Hood")))
    result = eleven("tts", "hi", "-v", "Robin")
    assert (result.code, result.hint) == (4, "hint: give the id: --voice ID")
    assert result.error == f"error: 2 voices are called Robin: Robin ({ROBIN}), robin ({OTHER_ROBIN})"


@pytest.mark.parametrize("word", ["", "  "])
def test_an_empty_name(eleven, service, word):
    assert eleven("tts", "hi", "-v", word).code == 2
    assert not service.requests


def test_a_name_that_is_new_is_found(eleven, service):
    assert eleven("tts", "hi", "-v", "Ana").code == 0
    service.on("/v2/voices", page(*ANAS, named(OTHER_ROBIN, "Zoe")))
    assert eleven("tts", "hi", "-v", "zoe").code == 0
    assert service.requests[-1].path.endswith(spoken(OTHER_ROBIN))


def test_an_old_list_knows_names_but_not_their_beginnings(eleven, service, home, paths):
    eleven("voices")
    memory = next((home / ".cache").rglob("accounts.json"))
    table = json.loads(memory.read_text())
    for facts in table.values():
        facts["voices"]["at"] = time.time() - 90_000
    memory.write_text(json.dumps(table))
    service.on("/v2/voices", page(*ANAS, named(OTHER_ROBIN, "Rob")))
    assert eleven("tts", "hi", "-v", "ana").code == 0
    assert eleven("tts", "hi", "-v", "rob").code == 0
    assert paths() == ["/v2/voices", spoken(ANA), "/v2/voices", spoken(OTHER_ROBIN)]


def test_a_remembered_voice_that_is_gone_is_looked_up_anew(eleven, service, paths):
    eleven("voices")
    service.on("/v2/voices", page(named(OTHER_ROBIN, "Ana")))
    service.on_speech(GONE, audio_reply([MP3_FRAME]))
    assert eleven("tts", "hi", "-v", "ana").code == 0
    assert paths() == ["/v2/voices", spoken(ANA), "/v2/voices", spoken(OTHER_ROBIN)]


def test_a_voice_that_is_listed_and_yet_refused_is_not_tried_twice(eleven, service, paths):
    eleven("voices")
    service.on_speech(GONE)
    result = eleven("tts", "hi", "-v", "ana")
    assert (result.code, "A voice was not found." in result.error) == (4, True)
    assert paths() == ["/v2/voices", spoken(ANA), "/v2/voices"]


def test_a_voice_just_looked_up_is_not_looked_up_again(eleven, service, paths):
    service.on_speech(GONE)
    assert eleven("tts", "hi", "-v", "ana").code == 4
    assert paths() == ["/v2/voices", spoken(ANA)]


def test_another_account_has_voices_of_its_own(eleven, paths, monkeypatch):
    eleven("tts", "hi", "-v", "ana")
    monkeypatch.setenv("ELEVENLABS_API_KEY", "sk_another_0123456789")
    eleven("tts", "hi", "-v", "ana")
    assert paths().count("/v2/voices") == 2


def test_a_search_does_not_pass_for_the_whole_list(eleven, service, paths):
    service.on("/v2/voices", page(named(ROBIN, "Robin")), page(named(ROBIN, "Robin"), named(OTHER_ROBIN, "Robin")))
    eleven("voices", "cloned")
    assert eleven("tts", "hi", "-v", "robin").code == 4
    assert paths() == ["/v2/voices"] * 2


@pytest.mark.parametrize(
    "command", ["show Robin", "preview Robin -o x.mp3", "remix Robin 'a little older, and slower'"]
)
def test_a_command_is_told_how_it_takes_an_id(eleven, service, command):
    service.on("/v2/voices", page(named(ROBIN, "Robin"), named(OTHER_ROBIN, "robin")))
    result = eleven("voices", *shlex.split(command))
    assert (result.code, result.hint) == (4, f"hint: give the id: eleven voices {command.split()[0]} ID")


def test_a_key_that_may_not_list_voices_is_told_to_give_an_id(eleven, service):
    service.on("/v2/voices", NOT_ALLOWED)
    result = eleven("tts", "hi", "-v", "ana")
    assert (result.code, "lacks the permission voices_read" in result.error) == (3, True)
    assert "--voice ID" in result.hint


def test_of_very_many_voices_the_service_searches(eleven, service, monkeypatch):
    monkeypatch.setattr("eleven_cli.commands.lookup.voices.MOST_KNOWN", 2)
    service.on("/v2/voices", page(*ANAS), page(ANAS[2]))
    for _ in range(2):
        assert eleven("tts", "hi", "-v", "robin (my clone)").code == 0
    assert [request.query.get("search") for request in service.requests[:2]] == [None, "robin (my clone)"]
    assert [request.path for request in service.requests].count("/v2/voices") == 2


@pytest.mark.parametrize("spoilt", [5, [], {"at": "x", "known": 5}, {"at": 1e99, "known": [5, ["a"], ["b", 5]]}])
def test_a_spoilt_memory_is_forgotten(eleven, home, spoilt):
    eleven("voices")
    memory = next((home / ".cache").rglob("accounts.json"))
    memory.write_text(json.dumps({account: {"voices": spoilt} for account in json.loads(memory.read_text())}))
    assert eleven("tts", "hi", "-v", "ana").code == 0


names = st.text(st.characters(codec="utf-8"), min_size=1).filter(str.strip)


@settings(deadline=None)
@given(st.lists(names, min_size=1, max_size=12), names)
def test_a_name_means_its_voice_or_nothing(given_names, word):
    known = [Named(f"{at:020}", name) for at, name in enumerate(given_names)]
    same = [voice for voice in known if folded(voice.name) == folded(word)]
    begin = [voice for voice in known if folded(voice.name).startswith(folded(word))]
    meaningful = len(same) == 1 or (not same and len(begin) == 1)
    if meaningful:
        assert [meant(word, known)] == (same or begin)
        return
    with pytest.raises(NotFound) as nobody:
        meant(word, known)
    assert all(voice.voice_id in nobody.value.message for voice in (same or begin)[:10])


# talk


def test_a_call_without_a_key_needs_an_id(eleven, monkeypatch):
    monkeypatch.delenv("ELEVENLABS_API_KEY")
    result = eleven("talk", "--agent-id", "a", "--text", "-v", "ana")
    assert (result.code, result.error) == (3, "error: looking up a voice by its name needs a key: ana")
    assert "--voice ID" in result.hint


def test_a_call_that_must_not_use_the_key_needs_an_id(eleven, service):
    assert eleven("talk", "--agent-id", "a", "--text", "--no-auth", "-v", "ana").code == 3
    assert not service.requests


def test_a_call_looks_the_name_up(eleven, service):
    result = eleven("talk", "--agent-id", "a", "--text", "-v", "nobody")
    assert result.code == 4
    assert result.error.startswith('error: no voice is called "nobody"; there are Ana')
    assert [request.path for request in service.requests] == ["/v2/voices"]


# completion

COMPLETIONS = Path(__file__).parents[2] / "completions" / "eleven.bash"
QUOTED = [
    named(ROBIN, "Robin (my clone)"),
    named(ANA, 'O\'Neil "$HOME" `x` a=b: Z'),
    named(ANNIKA, "Élodie"),
    named(VOICE, "looks0like0an0id0000"),
]


def completed(line: str, *, shell: str = "bash") -> list[str]:
    """What the program offers for a line, as the shell's script asks for it."""
    words = {"COMP_WORDS": line, "COMP_CWORD": str(len(line.replace("\\ ", "").split(" ")) - 1)}
    typed = {**words, "_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    more = {"_TYPER_COMPLETE_WORD_TO_COMPLETE": line.rpartition(" ")[2], "_ELEVEN_COMPLETE": f"complete_{shell}"}
    argv = [sys.executable, "-m", "eleven_cli"]
    done = subprocess.run(argv, env={**os.environ, **typed, **more}, capture_output=True, text=True, check=True)
    assert not done.stderr
    return done.stdout.strip("\n").splitlines()


@pytest.fixture
def listed(eleven, service):
    """The lists are known, and nobody answers any more."""
    service.on("/v2/voices", page(*QUOTED))
    service.on("/v1/models", json_reply([{"model_id": "eleven_v3"}, {"model_id": "eleven_flash_v2_5"}]))
    assert eleven("voices").code == eleven("models").code == 0
    yield
    assert len(service.requests) == 2


@pytest.mark.usefixtures("listed")
@pytest.mark.parametrize("command", ["tts --voice", "tts hi -v", "talk --voice", "voices show", "voices preview"])
def test_names_are_completed_as_words_of_the_shell(command):
    offered = completed(f"eleven {command} ")
    assert [shlex.split(word) for word in offered[:3]] == [[voice["name"]] for voice in QUOTED[:3]]
    assert offered[3] == VOICE


@pytest.mark.usefixtures("listed")
@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("rob", ["Robin\\ \\(my\\ clone\\)"]),
        ("Robin\\ ", ["Robin\\ \\(my\\ clone\\)"]),
        ("'rob", ["Robin (my clone)"]),
        ('"o', ['O\'Neil \\"\\$HOME\\" \\`x\\` a=b: Z']),
        ("'o", [ANA]),
        ("él", ["Élodie"]),
        (VOICE[:4], [VOICE]),
        ("zzz", []),
    ],
)
def test_bash(typed, offered):
    assert completed(f"eleven tts --voice {typed}") == offered


@pytest.mark.usefixtures("listed")
@pytest.mark.skipif(not shutil.which("bash"), reason="no bash here")
def test_bash_takes_a_completed_name_as_one_word():
    script = (
        'source "$0"; COMP_WORDS=(eleven tts --voice rob); COMP_CWORD=3; _eleven_completion eleven; '
        'eval "set -- ${COMPREPLY[0]}"; printf "%s\\n" "$#" "$1"'
    )
    environ = {**os.environ, "PATH": f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}"}
    argv = ["bash", "-c", script, str(COMPLETIONS)]
    done = subprocess.run(argv, env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["1", "Robin (my clone)"]


@pytest.mark.usefixtures("listed")
def test_an_old_script_for_zsh_evaluates_nothing_that_came_from_the_service():
    assert completed("eleven tts --voice ", shell="zsh") == [
        "_message -r 'the completion is out of date: eleven completion zsh'"
    ]


@pytest.mark.usefixtures("listed")
def test_fish_and_powershell():
    assert completed("eleven tts --voice ", shell="fish")[:2] == [voice["name"] for voice in QUOTED[:2]]
    quoted = completed("eleven tts --voice rob", shell="powershell")
    assert [line.partition(":::")[0] for line in quoted] == ["'Robin (my clone)'"]


@pytest.mark.usefixtures("listed")
def test_models_are_completed():
    assert completed("eleven tts --model ") == ["eleven_v3", "eleven_flash_v2_5"]
    assert completed("eleven tts hi -m eleven_f") == ["eleven_flash_v2_5"]


@pytest.mark.usefixtures("listed")
def test_the_account_of_the_line_is_the_one_that_counts(monkeypatch, service, home):
    assert completed("eleven --base-url http://127.0.0.1:1 tts --voice ") == []
    assert completed(f"eleven --base-url {service.url} tts --model ") == ["eleven_v3", "eleven_flash_v2_5"]
    assert completed("eleven --sandbox tts --voice ") == []
    (home / "config.toml").write_text(f"api_key = 'sk_another_0123456789'\n[profiles.work]\napi_key = '{KEY}'\n")
    monkeypatch.setenv("ELEVEN_CONFIG", str(home / "config.toml"))
    monkeypatch.delenv("ELEVENLABS_API_KEY")
    assert completed("eleven tts --voice ") == completed("eleven --profile nobodys tts --voice ") == []
    assert completed("eleven --profile work tts --voice rob") == ["Robin\\ \\(my\\ clone\\)"]


def test_what_cannot_be_read_completes_nothing(eleven, home, monkeypatch):
    assert eleven("voices").code == 0
    memory = next((home / ".cache").rglob("accounts.json"))
    known = memory.read_text()
    memory.write_text("{")
    assert completed("eleven tts --voice ") == []
    memory.write_text(known.replace('"known"', '"unknown"'))
    assert completed("eleven tts --voice ") == []
    monkeypatch.delenv("ELEVENLABS_API_KEY")
    (home / "broken.toml").write_text("api_key = ")
    monkeypatch.setenv("ELEVEN_CONFIG", str(home / "broken.toml"))
    assert completed("eleven tts --voice ") == completed("eleven tts --model ") == []


def test_first_words_of_voices():
    known = ["show", "preview", "edit", "settings", "delete", "library", "add", "design", "keep", "remix", "clone"]
    assert sorted(completed("eleven voices ")) == sorted(known)
    assert completed("eleven voices p") == ["preview"]
    assert completed("eleven voices --j") == ["--json"]
    assert completed("eleven voic") == ["voices"]


def test_completion_loads_nothing_heavy(eleven):
    eleven("voices")
    code = (
        "import sys, os; sys.argv = ['eleven']; from eleven_cli import __main__; exit_ = os._exit;"
        "os._exit = lambda code: (print(*sys.modules), sys.stdout.flush(), exit_(0)); __main__.run()"
    )
    line = {"COMP_WORDS": "eleven tts --voice ", "COMP_CWORD": "3", "_ELEVEN_COMPLETE": "complete_bash"}
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, **line}, capture_output=True, text=True)
    assert "Ana" in done.stdout
    assert not {"requests", "urllib3", "websocket", "rich.console", "miniaudio"} & set(done.stdout.split())


@pytest.mark.parametrize(
    ("argv", "query"),
    [
        (["--language", "de"], {"language": "de"}),
        (["--gender", "Female"], {"gender": "female"}),
        (["--category", "cloned", "old"], {"category": "cloned", "search": "old"}),
    ],
)
def test_the_list_can_be_narrowed(eleven, service, argv, query):
    service.on("/v2/voices", json_reply({"voices": [], "has_more": False}))
    result = eleven("voices", *argv)
    assert result.code == 0
    assert query.items() <= service.requests[-1].query.items()
    assert "this account has no voices" not in result.err


def test_a_language_by_its_name_is_asked_back(eleven, service):
    result = eleven("voices", "--language", "german")
    assert result.code == 2
    assert 'unknown language code "german". Did you mean de?' in result.error
    assert not service.requests


# premade voices end


def told_of_the_end(result):
    return "2026-12-31" in result.err and DESIGN_COMMAND in result.err


def test_a_remembered_premade_voice_is_told_about_once(eleven, service, monkeypatch):
    monkeypatch.delenv("ELEVENLABS_VOICE_ID")
    service.on("/v2/voices", page(ANAS[0]))
    results = [eleven("tts", "hi") for _ in range(4)]
    assert [told_of_the_end(result) for result in results] == [False, True, False, False]
    assert ANA in results[1].err


@pytest.mark.parametrize("word", ["Ana", ANA])
def test_a_configured_premade_voice_is_told_about_once(eleven, monkeypatch, word):
    monkeypatch.setenv("ELEVENLABS_VOICE_ID", word)
    eleven("voices")
    assert not told_of_the_end(eleven("tts", "hi", "--voice", word))
    assert not told_of_the_end(eleven("-q", "tts", "hi"))
    assert [told_of_the_end(eleven("tts", "hi")) for _ in range(2)] == [True, False]


def test_a_voice_of_ones_own_is_not_told_about(eleven, monkeypatch):
    monkeypatch.setenv("ELEVENLABS_VOICE_ID", "Robin (my clone)")
    eleven("voices")
    assert not told_of_the_end(eleven("tts", "hi"))


SHARED = {"sharing": {"free_users_allowed": True}, "is_owner": False}
ORDER = [
    ([{"category": "premade"}, {"category": "generated"}], 1),
    ([{"category": "premade"}, {"category": "cloned"}], 1),
    ([{"category": "professional"}, {"category": "professional", "is_owner": True}], 1),
    ([{"category": "generated", **SHARED}, {"category": "premade"}], 1),
    ([{"category": "professional", **SHARED}, {"category": "premade"}], 1),
    ([{"available_for_tiers": ["creator"]}, {"category": "generated", **SHARED}], 1),
    ([{"category": "generated", **SHARED}, {"category": "professional", **SHARED}], 0),
    ([{"is_owner": True, "fine_tuning": {"state": {"m": "queued"}}}, {"category": "premade"}], 1),
    ([{"category": "premade"}, {"category": "premade"}], 0),
]


@pytest.mark.parametrize(("entries", "first"), ORDER)
def test_own_voices_come_first_and_the_library_last(eleven, service, monkeypatch, paths, entries, first):
    monkeypatch.delenv("ELEVENLABS_VOICE_ID")
    ids = [ANA, ANNIKA]
    service.on("/v2/voices", page(*({"voice_id": one, **entry} for one, entry in zip(ids, entries, strict=True))))
    assert eleven("tts", "hi").code == 0
    assert paths()[-1] == spoken(ids[first])
