"""`eleven voices clone`: what is sent, what is refused before, and the confirmation."""

import json
import os
import re
import subprocess
import sys
import threading
from array import array
from pathlib import Path

import pytest

from eleven_cli.audio.codecs.wav import WavHeader
from eleven_cli.audio.pcm import tone
from tests.support.encoded_audio import by_muxer
from tests.support.guard import GUARD_S
from tests.support.pty_run import run_on_terminal
from tests.support.receiver import parts_of
from tests.support.service import audio_reply, error_reply, json_reply

RATE = 16_000
PATH = "/v1/voices/add"
NEW = "c38kUX8pkfYO2kHyqfFy"
MADE = json_reply({"voice_id": NEW, "requires_verification": False})
FREE = {"tier": "free", "voice_limit": 3, "voice_slots_used": 0, "can_use_instant_voice_cloning": False}


def wav(seconds=2.0, *, level=0.2, hertz=120):
    pcm = tone(hertz, seconds, RATE, level=level)
    return WavHeader(RATE, 1, "s16", len(pcm)).to_bytes() + pcm


@pytest.fixture
def receiver(receiver):
    receiver.on(PATH, MADE)
    return receiver


@pytest.fixture
def sent(receiver):
    return lambda: [request for request in receiver.requests if request.method == "POST"]


@pytest.fixture
def me(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "me.wav").write_bytes(wav())
    (tmp_path / "you.wav").write_bytes(wav(hertz=150))
    return tmp_path / "me.wav"


# what is sent


def test_only_what_was_given_is_sent(eleven, sent, me):
    result = eleven("voices", "clone", " Me ", "me.wav", "--yes")
    assert (result.code, result.text, result.err) == (0, f"Me\t{NEW}\n", "")
    (request,) = sent()
    name, file = parts_of(request)
    assert (name.name, name.value, name.file_name) == ("name", b"Me", None)
    assert (file.name, file.file_name, file.media_type) == ("files", "me.wav", "audio/wav")
    assert file.value == me.read_bytes()


def test_everything_is_sent(eleven, sent, me):
    options = ["--description", "Grüße", "--label", "accent=british", "--label", "age = old", "--remove-noise", "-y"]
    result = eleven("voices", "clone", "Me", "me.wav", "you.wav", *options, "--json")
    assert json.loads(result.out) == {"voice_id": NEW, "name": "Me", "requires_verification": False}
    *fields, first, second = parts_of(sent()[0])
    assert {part.name: part.value.decode() for part in fields} == {
        "name": "Me",
        "description": "Grüße",
        "labels": '{"accent": "british", "age": "old"}',
        "remove_background_noise": "true",
    }
    assert [(part.name, part.file_name) for part in (first, second)] == [("files", "me.wav"), ("files", "you.wav")]


def test_a_pipe_is_listened_to_and_sent_with_its_length(eleven, sent, me):
    assert eleven("voices", "clone", "Me", "-", "me.wav", "--yes", stdin=wav(1.5)).code == 0
    _, piped, file = parts_of(sent()[0])
    assert (piped.file_name, piped.value) == ("audio.wav", wav(1.5))
    assert file.file_name == "me.wav"
    assert sent()[0].headers["x-was-chunked"] == "no"


@pytest.mark.parametrize("kind", ["mp3_44100_128", "opus_48000_64"])
def test_other_formats_go_as_they_are(eleven, sent, me, tmp_path, kind):
    data = by_muxer(kind, array("h", tone(200, 2, int(kind.split("_")[1]))))
    (tmp_path / "x.bin").write_bytes(data)
    assert eleven("voices", "clone", "Me", "x.bin", "--yes").code == 0
    assert parts_of(sent()[0])[1].value == data


def test_the_voice_is_known_by_its_name_from_then_on(eleven, receiver, me):
    receiver.on("/v2/voices", json_reply({"voices": [], "has_more": False}))
    receiver.on_speech(audio_reply([b"\xff\xfb\x90\x64" + bytes(413)]))
    eleven("voices")
    eleven("voices", "clone", "Me", "me.wav", "--yes")
    assert eleven("tts", "hi", "-v", "me").code == 0
    assert receiver.requests[-1].path == f"/v1/text-to-speech/{NEW}/stream"
    assert "there is a voice called Me already" in eleven("voices", "clone", "Me", "you.wav", "--yes").err


def test_verification_is_told(eleven, receiver, me):
    receiver.on(PATH, json_reply({"voice_id": NEW, "requires_verification": True}))
    result = eleven("voices", "clone", "Me", "me.wav", "--yes")
    assert (result.code, result.text) == (0, f"Me\t{NEW}\n")
    assert "warning: Me cannot speak before you have proved on the website that the voice is yours" in result.err
    assert json.loads(eleven("voices", "clone", "Me", "me.wav", "--yes", "--json").out)["requires_verification"] is True


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells the memory of a process")
def test_large_recordings_take_no_memory(spawn, receiver, sent, me, tmp_path):
    second = tone(120, 1, RATE)
    whole = WavHeader(RATE, 1, "s16", 1400 * len(second)).to_bytes() + 1400 * second  # 45 MB
    (tmp_path / "large.wav").write_bytes(whole)
    here = threading.Event()

    def reply(exchange):
        here.set()
        exchange.until_released()
        MADE(exchange)

    receiver.on(PATH, reply)
    with spawn("voices", "clone", "Me", "large.wav", "--yes", fresh=True) as process:
        assert here.wait(30)
        status = Path(f"/proc/{process.pid}/status").read_text()
        receiver.released.set()
        assert process.wait(GUARD_S) == 0
    assert len(sent()[0].body) > 44_000_000
    assert int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) < 60_000  # with the recording it would be 76,000


# never twice


@pytest.mark.parametrize("status", [500, 502, 409])
def test_a_failure_is_not_tried_again(eleven, receiver, sent, me, status):
    receiver.on(PATH, error_reply(status, "internal_error", "Oh."))
    assert eleven("voices", "clone", "Me", "me.wav", "--yes").code == 1
    assert len(sent()) == 1


def test_a_lost_connection_is_not_tried_again(eleven, receiver, sent, me):
    receiver.on(PATH, lambda exchange: exchange.drop())
    assert eleven("voices", "clone", "Me", "me.wav", "--yes").code == 6
    assert len(sent()) == 1


# refused before anything is sent


@pytest.fixture
def bad(tmp_path, me):
    """Files that make no voice."""
    (tmp_path / "text.txt").write_text("Just a text.\n" * 20)
    (tmp_path / "empty.wav").touch()
    (tmp_path / "silent.wav").write_bytes(wav(3, level=0))
    (tmp_path / "hiss.wav").write_bytes(wav(3, level=0.0005))
    (tmp_path / "silent.mp3").write_bytes(by_muxer("mp3_44100_128", array("h", bytes(2 * 44100 * 3))))
    (tmp_path / "short.wav").write_bytes(wav(0.4))
    (tmp_path / "cut.wav").write_bytes(wav(2)[:2000])
    (tmp_path / "no-samples.wav").write_bytes(wav(0))
    with (tmp_path / "large.mp3").open("wb") as large:
        large.truncate(60_000_000)
    os.link(me, tmp_path / "link.wav")
    (tmp_path / "folder").mkdir()


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (["text.txt"], "text.txt is not recognised as audio: it looks like text"),
        (["empty.wav"], "empty.wav is empty"),
        (["silent.wav"], "silent.wav is silent"),
        (["hiss.wav"], "hiss.wav is silent"),
        (["silent.mp3"], "silent.mp3 is silent"),
        (["short.wav"], "0.4 s of sound are too short to make a voice of"),
        (["cut.wav"], "cut.wav is truncated"),
        (["no-samples.wav"], "no-samples.wav is a WAV file without audio"),
        (["large.mp3"], "large.mp3 is too large: the service takes 50 MB, and it has 60 MB"),
        (["missing.wav"], "cannot read missing.wav: No such file or directory"),
        (["folder"], "folder"),
        (["me.wav", "text.txt"], "text.txt is not recognised"),
        (["me.wav", "me.wav"], "me.wav is given twice"),
        (["me.wav", "./me.wav"], "me.wav and ./me.wav are one file"),
        (["me.wav", "link.wav"], "me.wav and link.wav are one file"),
        (["-"], "standard input is empty"),
    ],
    ids=" ".join,
)
def test_recordings_that_make_no_voice(eleven, receiver, bad, files, said):
    result = eleven("voices", "clone", "Me", *files, "--yes")
    assert result.code == 2
    assert said in result.error
    assert receiver.requests == []


def test_an_unreadable_file(eleven, receiver, me):
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    me.chmod(0)
    assert "cannot read me.wav" in eleven("voices", "clone", "Me", "me.wav", "--yes").error


def test_a_pipe_that_is_too_large(eleven, receiver, me):
    result = eleven("voices", "clone", "Me", "-", "--yes", stdin=wav(2) + bytes(51_000_000))
    assert (result.code, "too large" in result.error, receiver.requests) == (2, True, [])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["Me"], "needs a FILE"),
        ([], "needs a NAME"),
        ([" ", "me.wav"], "the voice's name is empty"),
        (["\udcff", "me.wav"], "the name is not valid UTF-8"),
        (["Me", "me.wav", "--description", "\udcff"], "--description is not valid UTF-8"),
        (["Me", "me.wav", "--label", "british"], '--label takes KEY=VALUE, not "british"'),
        (["Me", "me.wav", "--label", "=x"], "--label takes KEY=VALUE"),
    ],
)
def test_impossible_command_lines(eleven, receiver, me, words, said):
    result = eleven("voices", "clone", *words, "--yes")
    assert (result.code, said in result.error, receiver.requests) == (2, True, [])


def test_several_short_recordings_are_long_enough_together(eleven, sent, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for number in range(3):
        (tmp_path / f"{number}.wav").write_bytes(wav(0.4))
    assert eleven("voices", "clone", "Me", "0.wav", "1.wav", "2.wav", "--yes").code == 0


def test_a_plan_without_cloning_is_told_before(eleven, receiver, sent, me):
    receiver.on("/v1/user/subscription", json_reply(FREE))
    result = eleven("voices", "clone", "Me", "me.wav", "--yes")
    assert (result.code, result.error) == (5, "error: the free plan does not include voice cloning")
    assert 'eleven voices design "a calm, friendly narrator with a warm voice" --keep Narrator' in result.hint
    assert sent() == []


@pytest.mark.parametrize(
    ("reply", "code", "hint"),
    [
        (error_reply(400, "voice_limit_reached", "You have reached 10 / 10."), 5, "choose one to delete"),
        (error_reply(401, "can_not_use_instant_voice_cloning", "Upgrade."), 5, "plan"),
    ],
)
def test_what_the_service_refuses(eleven, receiver, me, reply, code, hint):
    receiver.on(PATH, reply)
    result = eleven("voices", "clone", "Me", "me.wav", "--yes")
    assert (result.code, hint in result.hint) == (code, True)


# the confirmation


def test_without_a_terminal_it_has_to_be_given(eleven, receiver, me):
    result = eleven("voices", "clone", "My voice", "me.wav")
    assert (result.code, receiver.requests) == (2, [])
    assert result.error == "error: confirm that the voice is your own, or that the speaker agrees"
    assert result.hint == "hint: eleven voices clone --yes 'My voice' me.wav"


@pytest.mark.parametrize(("typed", "code"), [("y\n", 0), ("Yes\n", 0), ("n\n", 1), ("\n", 1), ("maybe\n", 1), ("", 1)])
def test_on_a_terminal_it_is_asked_for(eleven, sent, me, typed, code):
    result = eleven("voices", "clone", "Me", "me.wav", tty="in err", stdin=typed)
    assert (result.code, len(sent())) == (code, 1 - code)
    assert "Is it your own voice, or do you have the speaker's consent to clone it? [y/N]" in result.err
    assert ("nothing was cloned" in result.err) == bool(code)


def test_files_are_checked_before_it_is_asked(eleven, receiver, bad):
    result = eleven("voices", "clone", "Me", "silent.wav", tty="in err", stdin="y\n")
    assert (result.code, "[y/N]" in result.err) == (2, False)


def test_on_a_real_terminal(receiver, sent, me):
    argv = [sys.executable, "-m", "eleven_cli", "voices", "clone", "Me", "me.wav", "--yes"]
    code, shown = run_on_terminal(subprocess.Popen, argv, env={**os.environ})
    head, row, hint = shown.splitlines()
    assert (code, head.split(), row.split()) == (0, ["NAME", "ID"], ["Me", NEW])
    assert hint == 'speak with it: eleven tts "Hello, world" --voice Me'
