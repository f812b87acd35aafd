"""What is written by the commands that take audio: nothing is left behind where nothing came, and the same command can
be repeated."""

import pytest

from tests.commands.test_stt import wav
from tests.conftest import VOICE
from tests.support.service import error_reply, raw_reply

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
