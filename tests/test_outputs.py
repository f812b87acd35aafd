"""What is written by the commands that take audio: nothing is left behind where nothing came, and the same command can
be repeated."""

import shlex

import pytest

from tests.conftest import VOICE
from tests.support.service import error_reply, raw_reply
from tests.support.wav_files import wav

COMMANDS = {
    "stt": ["stt", "in.wav", "-o", "out.srt"],
    "stt --live": ["stt", "--live", "in.wav", "-o", "out.srt"],
    "sts": ["sts", "in.wav", "-v", VOICE, "-o", "out.mp3"],
    "isolate": ["isolate", "in.wav", "-o", "out.mp3"],
    "align": ["align", "in.wav", "hello there", "-o", "out.srt"],
}
PATHS = [
    "/v1/speech-to-text", f"/v1/speech-to-speech/{VOICE}/stream", f"/v1/speech-to-speech/{VOICE}",
    "/v1/audio-isolation/stream", "/v1/audio-isolation", "/v1/forced-alignment",
]  # fmt: skip
REPLIES = {
    "a refusal": error_reply(422, "bad", "No."),
    "a bad key": error_reply(401, "unauthorized", "No.", legacy="invalid_api_key"),
    "no credits": error_reply(402, "insufficient_credits", "Nothing left."),
    "a page": raw_reply(b"<html>Please log in</html>", content_type="text/html"),
    "nothing": raw_reply(b""),
}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / "in.wav").write_bytes(wav(1.5))
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("reply", REPLIES)
@pytest.mark.parametrize("command", COMMANDS)
def test_after_a_failure_nothing_is_left_and_what_was_there_still_is(eleven, service, folder, command, reply):
    for path in PATHS:
        service.on(path, REPLIES[reply])
    argv = COMMANDS[command]
    (folder / argv[-1]).write_text("mine")
    result = eleven(*argv)
    assert result.code not in (0, 130)
    assert result.error
    assert {path.name for path in folder.iterdir()} == {"in.wav", argv[-1]}
    assert (folder / argv[-1]).read_text() == "mine"


@pytest.mark.parametrize("command", COMMANDS)
def test_the_same_command_can_be_repeated(eleven, service, folder, monkeypatch, command):
    argv = [*COMMANDS[command], "--no-clobber"]
    if command == "sts":
        argv[argv.index(VOICE)] = "Imogen"
    for path in PATHS:
        service.on(path, REPLIES["a refusal"])
    assert eleven(*argv).code != 0
    monkeypatch.delenv("ELEVENLABS_BASE_URL")
    assert eleven("--sandbox", *argv).code == 0
    assert (folder / COMMANDS[command][-1]).stat().st_size > 0 or command.startswith("stt")
    assert {path.name for path in folder.iterdir()} == {"in.wav", COMMANDS[command][-1]}


WRITERS = {  # each with an option that names a file, and a name that the hint may show
    "tts -o": ("tts hello", "-o", "speech.mp3"),
    "tts --format -o": ("tts hello --format wav", "-o", "speech.mp3"),
    "tts --play -o": ("tts hello --play", "-o", "speech.mp3"),
    "tts --subtitles": ("tts hello -o x.mp3", "--subtitles", "speech.srt"),
    "sfx -o": ("sfx rain", "-o", "speech.mp3"),
    "sts -o": ("sts in.wav", "-o", "speech.mp3"),
    "isolate -o": ("isolate in.wav", "-o", "speech.mp3"),
    "stt -o": ("stt in.wav", "-o", "speech.txt"),
    "stt --format -o": ("stt in.wav --format srt", "-o", "speech.srt"),
    "stt of several -o": ("stt in.wav copy.wav", "-o", "{stem}.txt"),
    "stt --live -o": ("stt --live in.wav", "-o", "speech.txt"),
    "align -o": ("align in.wav hello", "-o", "speech.json"),
    "voices preview -o": ("voices preview Imogen", "-o", "speech.mp3"),
    "talk --output": ("talk --agent-id a --input in.wav", "--output", "answer.wav"),
    "talk --record": ("talk --agent-id a --input in.wav", "--record", "call.wav"),
    "talk --transcript": ("talk --agent-id a --text", "--transcript", "call.jsonl"),
}


@pytest.fixture
def folders(folder):
    (folder / "copy.wav").write_bytes((folder / "in.wav").read_bytes())
    (folder / "there").mkdir()
    (folder / "version 1.2").mkdir()
    (folder / "a.txt").write_text("mine")
    return folder


@pytest.mark.parametrize(
    ("name", "said", "hint"),
    [
        ("there", "there is a folder", "name a file in it: OPTION there/FILE"),
        ("there/", "there/ is a folder", "name a file in it: OPTION there/FILE"),
        ("version 1.2", "version 1.2 is a folder", "name a file in it: OPTION version 1.2/FILE"),
        ("version 1.2/", "version 1.2/ is a folder", "name a file in it: OPTION version 1.2/FILE"),
        ("none/", "there is no folder none/", "mkdir -p none; name a file in it: OPTION none/FILE"),
        ("none/a.b/", "there is no folder none/a.b/", "mkdir -p none/a.b; name a file in it: OPTION none/a.b/FILE"),
        ("a.txt/", "a.txt is a file, not a folder", "OPTION a.txt"),
        ("none/x", "cannot write none/x: No such file or directory", "mkdir -p none"),
        ("a.txt/x", "cannot write a.txt/x: Not a directory", "write another file: OPTION FILE"),
    ],
)
@pytest.mark.parametrize("writer", WRITERS)
def test_a_folder_instead_of_a_file_is_said_before_anything_is_paid(eleven, service, folders, writer, name, said, hint):
    argv, option, file = WRITERS[writer]
    if "/x" in name and "subtitles" in writer:
        name, said = f"{name}.srt", said.replace("/x", "/x.srt")
    if "/x" in name and "several" in writer:
        name, said = f"{name}{{stem}}", said.replace("/x", "/xin")
    result = eleven(*argv.split(), option, name)
    assert (result.code, result.out) == (2, b"")
    assert result.error == f"error: {said}"
    expected = hint.replace("OPTION", option).replace("FILE", file if "in it" in hint else "FILE")
    assert " ".join(shlex.split(result.hint)) == f"hint: {expected}"
    assert not [request for request in service.requests if request.method == "POST"]
    assert {path.name for path in folders.iterdir()} == {"in.wav", "copy.wav", "there", "version 1.2", "a.txt"}
    assert (folders / "a.txt").read_text() == "mine"
