"""`eleven tts` against a server that does as it is told."""

import gzip
import json
import os
import stat
import struct
import wave
import zlib
from pathlib import Path

import pytest

from tests.conftest import KEY, VOICE
from tests.support.service import MP3_FRAME, audio_reply, error_reply, json_reply, raw_reply

PCM = struct.pack("<4800h", *([1000, -1000] * 2400))
VOICES = {
    "voices": [
        {
            "voice_id": "borrowed000000000000",
            "name": "Lib",
            "sharing": {"free_users_allowed": False},
            "is_owner": False,
        },
        {"voice_id": "tiered00000000000000", "name": "Tier", "available_for_tiers": ["creator"]},
        {"voice_id": "usable00000000000000", "name": "Ada", "available_for_tiers": []},
    ],
    "has_more": False,
}


def test_audio_goes_to_stdout_and_nothing_else(eleven, service):
    service.on_speech(audio_reply([MP3_FRAME] * 3))
    result = eleven("-q", "tts", "Hello,", "world")
    assert (result.code, result.out, result.err) == (0, MP3_FRAME * 3, "")
    request = service.requests[0]
    assert request.path == f"/v1/text-to-speech/{VOICE}/stream"
    assert request.query == {"output_format": "mp3_44100_128"}
    assert request.headers["xi-api-key"] == KEY
    assert "authorization" not in request.headers
    assert request.json == {"text": "Hello, world"}


def test_only_what_was_given_is_sent(eleven, service):
    service.on_speech(audio_reply([MP3_FRAME]))
    options = "-v second00000000000000 -m eleven_flash_v2_5 --stability 0.3 --similarity 0.8 --style 0.1 --speed 1.1"
    more = "--no-speaker-boost --seed 7 --language de --normalize off --format opus_48000_64"
    service.on_speech(audio_reply([b"OggS" + bytes(100)]))
    assert eleven("tts", "Hallo", *options.split(), *more.split()).code == 0
    request = service.requests[0]
    assert request.path == "/v1/text-to-speech/second00000000000000/stream"
    assert request.query == {"output_format": "opus_48000_64"}
    settings = {"stability": 0.3, "similarity_boost": 0.8, "style": 0.1, "speed": 1.1, "use_speaker_boost": False}
    assert request.json == {
        "text": "Hallo",
        "model_id": "eleven_flash_v2_5",
        "voice_settings": settings,
        "seed": 7,
        "language_code": "de",
        "apply_text_normalization": "off",
    }


def test_a_voice_id_is_one_path_segment(eleven, service):
    service.on("/v2/voices", json_reply({"voices": [{"voice_id": "../user?x=1", "name": "Odd"}]}))
    service.on_speech(audio_reply([MP3_FRAME]))
    eleven("tts", "hi", "-v", "odd")
    assert service.requests[1].path == "/v1/text-to-speech/..%2Fuser%3Fx%3D1/stream"


def test_language_is_not_sent_to_a_model_that_refuses_it(eleven, service):
    service.on_speech(audio_reply([MP3_FRAME]))
    result = eleven("tts", "Hallo", "--language", "de")
    assert "language_code" not in service.requests[0].json
    assert "--language is ignored" in result.err


def test_model_from_the_environment(eleven, service, monkeypatch):
    monkeypatch.setenv("ELEVENLABS_MODEL_ID", "eleven_v3")
    service.on_speech(audio_reply([MP3_FRAME]))
    eleven("tts", "hi")
    assert service.requests[0].json["model_id"] == "eleven_v3"


# text


@pytest.mark.parametrize("argv", [("tts",), ("tts", "-"), ("tts", "-f", "-")])
def test_text_from_a_pipe(eleven, service, argv):
    service.on_speech(audio_reply([MP3_FRAME]))
    assert eleven(*argv, stdin="Grüße aus der Röhre\n").code == 0
    assert service.requests[-1].json["text"] == "Grüße aus der Röhre\n"


def test_arguments_win_over_a_pipe(eleven, service):
    service.on_speech(audio_reply([MP3_FRAME]))
    eleven("tts", "words", stdin="pipe")
    assert service.requests[0].json["text"] == "words"


def test_text_from_a_file_without_its_byte_order_mark(eleven, service, tmp_path):
    service.on_speech(audio_reply([MP3_FRAME]))
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbfHello")
    eleven("tts", "-f", str(tmp_path / "a.txt"))
    assert service.requests[0].json["text"] == "Hello"


def test_markdown_files_are_cleaned(eleven, service, tmp_path):
    service.on_speech(audio_reply([MP3_FRAME]))
    (tmp_path / "a.md").write_text("# Title\n\nSome **bold** [link](http://x.y).\n\n```\ncode\n```\n")
    eleven("tts", "-f", str(tmp_path / "a.md"))
    eleven("tts", "-f", str(tmp_path / "a.md"), "--no-markdown")
    eleven("tts", "*hi*", "--markdown")
    cleaned, plain, word = (request.json["text"] for request in service.requests)
    assert cleaned == "Title.\n\nSome bold link."
    assert plain.startswith("# Title")
    assert word == "hi"


@pytest.mark.parametrize("argv", [("tts", ""), ("tts", " \n"), ("tts", "-"), ("tts", "-f", "/dev/null")])
def test_empty_text(eleven, service, argv):
    result = eleven(*argv)
    assert (result.code, result.error) == (2, "error: the text is empty")
    assert result.hint == 'hint: eleven tts "Hello, world"'
    assert not [request for request in service.requests if request.method == "POST"]


def test_no_text_on_a_terminal_fails_at_once(eleven, service):
    """With `-` it is typed there: see test_tts_typed."""
    result = eleven("tts", "--no-play", "-o", "x.mp3", tty="in")
    assert result.code == 2
    assert "no text" in result.error
    assert 'eleven tts "Hello, world"' in result.hint


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"abc\n\xff\xfe", "is not UTF-8 text: byte 0xff at offset 4 (line 2)"),
        (b"\xef\xbb\xbfab\xe9", "is not UTF-8 text: byte 0xe9 at offset 5 (line 1)"),
        (b"caf\xc3", "is not UTF-8 text: byte 0xc3 at offset 3 (line 1)"),
        (b"ab\0cd", "is binary, not text: byte 0x00 at offset 2 (line 1)"),
        ("Hällo".encode("utf-16"), "is UTF-16, not UTF-8"),
    ],
)
def test_what_is_no_text_is_named(eleven, service, tmp_path, content, said):
    path = tmp_path / "text.txt"
    path.write_bytes(content)
    result = eleven("tts", "-f", str(path))
    assert (result.code, result.error) == (2, f"error: {path} {said}")
    assert not service.requests


def test_unreadable_text_files(eleven, service, tmp_path):
    missing = eleven("tts", "-f", str(tmp_path / "no.txt"))
    assert (missing.code, missing.error) == (2, f"error: cannot read {tmp_path}/no.txt: No such file or directory")
    folder = eleven("tts", "-f", str(tmp_path))
    assert (folder.code, folder.error) == (2, f"error: cannot read {tmp_path}: Is a directory")
    both = eleven("tts", "hi", "-f", "x.txt")
    assert (both.code, both.error) == (2, "error: give either a text or --file, not both")


# formats and files


def test_wav_into_a_pipe_has_streaming_lengths(eleven, service):
    service.on_speech(audio_reply([PCM]))
    out = eleven("tts", "hi", "--format", "wav").out
    assert service.requests[0].query == {"output_format": "pcm_24000"}
    assert out[:4] == b"RIFF"
    assert out[8:16] == b"WAVEfmt "
    assert struct.unpack("<I", out[4:8]) == struct.unpack("<I", out[40:44]) == (0xFFFFFFFF,)
    assert out[44:] == PCM


def test_wav_in_a_file_has_true_lengths(eleven, service, tmp_path):
    service.on_speech(audio_reply([PCM[:1001], PCM[1001:]]))
    assert eleven("tts", "hi", "-o", str(tmp_path / "x.wav"), "--format", "pcm_16000").code == 0
    with wave.open(str(tmp_path / "x.wav")) as file:
        assert file.getparams()[:4] == (1, 2, 16000, 4800)
        assert file.readframes(4800) == PCM
    assert (tmp_path / "x.wav").stat().st_size == len(PCM) + 44


@pytest.mark.parametrize(
    ("name", "wire"),
    [
        ("a.mp3", "mp3_44100_128"),
        ("a.MP3", "mp3_44100_128"),
        ("a.wav", "pcm_24000"),
        ("a.pcm", "pcm_24000"),
        ("a.opus", "opus_48000_64"),
        ("a.ogg", "opus_48000_64"),
        ("a.ulaw", "ulaw_8000"),
        ("a.alaw", "alaw_8000"),
        ("noname", "mp3_44100_128"),
    ],
)
def test_the_suffix_decides(eleven, service, tmp_path, name, wire):
    service.on_speech(audio_reply([b"\xff\xfbOggS"]))
    assert eleven("tts", "hi", "-o", str(tmp_path / name)).code == 0
    assert service.requests[0].query == {"output_format": wire}
    assert (tmp_path / name).exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--format", "flac"), "unknown format: flac"),
        (("--format", "mp3_44100_999"), "unknown format: mp3_44100_999"),
        (("--format", "mp3", "-o", "x.wav"), "--format mp3 contradicts -o x.wav"),
        (("--format", "pcm_16000", "-o", "x.mp3"), "--format pcm_16000 contradicts -o x.mp3"),
        (("-o", "x.flac"), "the suffix .flac names no audio format"),
        (("--stability", "2"), '--stability must be a number from 0 to 1, not "2"'),
        (("--similarity", "-1"), '--similarity must be a number from 0 to 1, not "-1"'),
        (("--style", "1.5"), '--style must be a number from 0 to 1, not "1.5"'),
        (("--speed", "9"), '--speed must be a number from 0.25 to 4, not "9"'),
        (("--speed", "fast"), '--speed must be a number from 0.25 to 4, not "fast"'),
        (("--stability", "nan"), "stability must be a number, not nan"),
        (("--seed", "-1"), '--seed must be a whole number from 0 to 4294967295, not "-1"'),
        (("--normalize", "maybe"), '--normalize must be auto, on or off, not "maybe"'),
    ],
)
def test_impossible_options(eleven, service, options, said):
    result = eleven("tts", "hi", *options)
    assert result.code == 2
    assert result.error.startswith(f"error: {said}")
    assert result.hint
    assert not service.requests
    assert not result.out


def test_an_unusual_speed_is_the_services_to_judge(eleven, service):
    service.on_speech(audio_reply([MP3_FRAME]))
    result = eleven("tts", "hi", "--speed", "1.5")
    assert result.code == 0
    assert "speed 1.5 is outside 0.7 to 1.2" in result.err


ALL_SETTINGS = "--stability 0.3 --similarity 0.8 --style 0.1 --speed 1.1 --no-speaker-boost"
IGNORED = {
    "eleven_v3": "eleven_v3 ignores --similarity, --style, --speed, --speaker-boost",
    "eleven_v3_conversational": "eleven_v3_conversational ignores --similarity, --style, --speed, --speaker-boost",
    "eleven_v4": "eleven_v4 ignores --style, --speed, --speaker-boost",
    "eleven_v4_turbo": "eleven_v4_turbo ignores --style, --speed, --speaker-boost",
    "eleven_multilingual_v2": "",
    "eleven_flash_v2_5": "",
    "a_model_of_tomorrow": "",
}


@pytest.mark.parametrize(("model", "warning"), IGNORED.items())
def test_settings_that_a_model_ignores_are_told(eleven, service, model, warning):
    service.on_speech(audio_reply([MP3_FRAME]))
    result = eleven("tts", "hi", "-m", model, *ALL_SETTINGS.split())
    assert result.code == 0
    assert ("ignores" in result.err) == bool(warning)
    assert warning in result.err
    assert eleven("tts", "hi", "-m", model, "--stability", "0.5").err == ""


def test_a_dialogue_of_one_has_the_settings_that_v4_hears(eleven, service):
    service.on_speech(error_reply(400, "unsupported_model", "This model is for dialogues only."))
    service.on("/v1/text-to-dialogue/stream", audio_reply([MP3_FRAME]))
    assert eleven("tts", "hi", "-m", "eleven_v4", "--stability", "0.3", "--similarity", "0.8").code == 0
    assert service.requests[-1].json["settings"] == {"stability": 0.3, "similarity": 0.8}


def test_a_terminal_gets_no_audio(eleven, service):
    dash = eleven("tts", "hi", "-o", "-", tty="out")
    assert (dash.code, dash.error) == (2, "error: audio is never written to a terminal")
    silent = eleven("tts", "hi", "--no-play", tty="out")
    assert (silent.code, silent.error) == (
        2,
        "error: nowhere to write the audio: stdout is a terminal, and it is not played",
    )
    assert not service.requests


def test_a_complete_file_replaces_the_old_one_and_keeps_its_mode(eleven, service, tmp_path):
    path = tmp_path / "x.mp3"
    path.write_bytes(b"old")
    path.chmod(0o640)
    service.on_speech(audio_reply([MP3_FRAME]))
    assert eleven("tts", "hi", "-o", str(path)).code == 0
    assert path.read_bytes() == MP3_FRAME
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [entry.name for entry in tmp_path.iterdir() if entry.is_file()] == ["x.mp3"]


def test_a_link_is_followed(eleven, service, tmp_path):
    (tmp_path / "link.mp3").symlink_to("target.mp3")
    service.on_speech(audio_reply([MP3_FRAME]))
    assert eleven("tts", "hi", "-o", str(tmp_path / "link.mp3")).code == 0
    assert (tmp_path / "link.mp3").is_symlink()
    assert (tmp_path / "target.mp3").read_bytes() == MP3_FRAME


def test_a_device_stays_a_device(eleven, service):
    service.on_speech(audio_reply([MP3_FRAME]))
    assert eleven("tts", "hi", "-o", "/dev/null").code == 0
    assert Path("/dev/null").is_char_device()


def test_no_clobber_leaves_a_file_alone_and_pays_nothing(eleven, service, tmp_path):
    path = tmp_path / "x.mp3"
    path.write_bytes(b"old")
    result = eleven("tts", "hi", "-o", str(path), "--no-clobber")
    assert (result.code, result.err) == (0, f"{path} exists, and is left alone\n")
    assert path.read_bytes() == b"old"
    assert not service.requests


def test_a_folder_as_output(eleven, service, tmp_path):
    result = eleven("tts", "hi", "-o", str(tmp_path))
    assert (result.code, result.error) == (2, f"error: {tmp_path} is a folder")
    assert not service.requests


def test_a_folder_that_is_not_there(eleven, service, tmp_path):
    result = eleven("tts", "hi", "-o", str(tmp_path / "no" / "x.mp3"))
    assert (result.code, result.error) == (2, f"error: cannot write {tmp_path}/no/x.mp3: No such file or directory")
    assert not service.requests


def test_a_full_disk(eleven, service):
    service.on_speech(audio_reply([MP3_FRAME] * 3))
    result = eleven("tts", "hi", "-o", "/dev/full")
    assert (result.code, result.error) == (1, "error: cannot write /dev/full: No space left on device")


# voice


def test_without_a_choice_the_first_usable_voice_is_announced_and_remembered(eleven, service, monkeypatch):
    monkeypatch.delenv("ELEVENLABS_VOICE_ID")
    service.on("/v2/voices", json_reply(VOICES))
    service.on_speech(audio_reply([MP3_FRAME]))
    assert eleven("tts", "hi").err == "", "in a pipe nobody is told"
    first, second = (eleven("tts", "hi", tty="err").err for _ in range(2))
    assert "voice: Ada (usable00000000000000), the first you can use; choose with --voice NAME\n" in first
    assert "Ada" not in second
    paths = [request.path for request in service.requests]
    assert paths == ["/v2/voices", *["/v1/text-to-speech/usable00000000000000/stream"] * 3]


def test_a_remembered_voice_that_is_gone_is_looked_up_again(eleven, service, monkeypatch):
    monkeypatch.delenv("ELEVENLABS_VOICE_ID")
    other = {"voices": [{"voice_id": "other000000000000000", "name": "Bo"}], "has_more": False}
    service.on("/v2/voices", json_reply(VOICES), json_reply(other))
    gone = error_reply(404, "voice_not_found", "A voice was not found.", kind="not_found")
    service.on_speech(audio_reply([MP3_FRAME]), gone, audio_reply([MP3_FRAME]))
    assert eleven("tts", "hi").code == 0
    result = eleven("tts", "hi", tty="err")
    assert result.code == 0
    assert "voice: Bo (other000000000000000), the first you can use" in result.err


def test_another_account_remembers_nothing_of_it(eleven, service, monkeypatch):
    monkeypatch.delenv("ELEVENLABS_VOICE_ID")
    service.on("/v2/voices", json_reply(VOICES))
    service.on_speech(audio_reply([MP3_FRAME]))
    eleven("tts", "hi")
    monkeypatch.setenv("ELEVENLABS_API_KEY", "sk_another_0123456789")
    eleven("tts", "hi")
    assert [request.path for request in service.requests].count("/v2/voices") == 2


def test_a_chosen_voice_is_never_replaced(eleven, service):
    service.on_speech(error_reply(404, "voice_not_found", "A voice with that id was not found."))
    result = eleven("tts", "hi", "-v", "gone0000000000000000")
    assert result.code == 4
    assert result.error == "error: A voice with that id was not found. (voice_not_found, request req_42)"
    assert len(service.requests) == 1


def test_a_key_that_may_not_list_voices_is_told_how_to_go_on(eleven, service, monkeypatch):
    monkeypatch.delenv("ELEVENLABS_VOICE_ID")
    message = "The API key you used is missing the permission voices_read to execute this operation."
    service.on("/v2/voices", error_reply(401, "missing_permissions", message))
    result = eleven("tts", "hi")
    assert result.code == 3
    assert "the API key lacks the permission voices_read" in result.error
    assert "--voice ID" in result.hint


def test_voices_are_searched_page_after_page(eleven, service, monkeypatch):
    monkeypatch.delenv("ELEVENLABS_VOICE_ID")
    page = {"voices": VOICES["voices"][:2], "has_more": True, "next_page_token": "t2"}
    service.on("/v2/voices", json_reply(page), json_reply({**VOICES, "voices": VOICES["voices"][2:]}))
    service.on_speech(audio_reply([MP3_FRAME]))
    assert eleven("tts", "hi").code == 0
    assert service.requests[1].query["next_page_token"] == "t2"
    assert service.requests[2].path.endswith("/usable00000000000000/stream")


def test_an_account_without_voices(eleven, service, monkeypatch):
    monkeypatch.delenv("ELEVENLABS_VOICE_ID")
    service.on("/v2/voices", json_reply({"voices": [], "has_more": False}))
    result = eleven("tts", "hi")
    assert (result.code, result.error) == (4, "error: this account has no voices")


# figures


def test_stats_and_json(eleven, service, tmp_path):
    service.on_speech(audio_reply([bytes(16000)], request_id="r1", character_cost="62"))
    line = eleven("tts", "Hello", "--stats").err
    assert line.startswith("5 characters · 62 credits · first byte ")
    assert "1.0 s of audio" in line
    assert line.rstrip().endswith(f"16000 bytes of mp3_44100_128 · voice {VOICE} · request r1")
    figures = json.loads(eleven("-q", "tts", "Hello", "--json").err)
    assert figures["credits"] == 62
    assert figures["request_id"] == "r1"
    assert figures["audio_s"] == 1.0
    assert figures["first_byte_ms"] <= figures["total_ms"]


def test_quiet_says_nothing(eleven, service, monkeypatch):
    monkeypatch.delenv("ELEVENLABS_VOICE_ID")
    service.on("/v2/voices", json_reply(VOICES))
    service.on_speech(audio_reply([MP3_FRAME]))
    assert eleven("-q", "tts", "hi", "--language", "de").err == ""


# a 200 that is no audio


@pytest.mark.parametrize(
    ("reply", "code", "said"),
    [
        (
            json_reply({"detail": {"status": "quota_exceeded", "message": "You have 0 credits."}}),
            5,
            "You have 0 credits.",
        ),
        (json_reply({"ok": True}), 1, 'the service sent something that is not audio: {"ok": true}'),
        (raw_reply(b"<html><h1>Welcome</h1></html>", content_type="text/html"), 1, "not audio: Welcome"),
        (raw_reply(b'  {"surprise": 1}', content_type="audio/mpeg"), 1, "not audio: "),
        (raw_reply(b"Try again later.\n", content_type="audio/mpeg"), 1, "not audio: Try again later."),
        (raw_reply(b"Gest\xf6rt", content_type="audio/mpeg"), 1, "not audio: "),
        (raw_reply("Später.".encode(), content_type="audio/mpeg"), 1, "not audio: Später."),
        (raw_reply("Später.".encode("utf-16"), content_type="audio/mpeg"), 1, "not audio: "),
        (raw_reply(b"\xff\xfb\x90\0\0\0", content_type="text/plain"), 1, "not audio: it is called text/plain"),
        (raw_reply(b"no", content_type="audio/mpeg"), 1, "not audio: no"),
        (raw_reply(b" \n", content_type="audio/mpeg"), 1, "audio"),
        (raw_reply(b"", content_type="audio/mpeg"), 1, "the service sent no audio"),
        (audio_reply([]), 1, "the service sent no audio"),
    ],
)
def test_a_200_that_is_no_audio_leaves_no_file(eleven, service, tmp_path, reply, code, said):
    service.on_speech(reply)
    result = eleven("tts", "hi", "-o", str(tmp_path / "x.mp3"))
    assert result.code == code
    assert said in result.error
    assert [entry.name for entry in tmp_path.iterdir()] == ["home"]


TEXT = raw_reply(b"Service temporarily unavailable\n", content_type="audio/mpeg")


@pytest.mark.parametrize("name", ["x.mp3", "x.opus", "x.wav"])
def test_text_called_audio_replaces_no_file_and_is_not_cached(eleven, service, tmp_path, name):
    (tmp_path / name).write_bytes(b"precious")
    for _ in range(2):
        service.on_speech(TEXT)
        result = eleven("tts", "hi", "--cache", "-o", str(tmp_path / name))
        assert (result.code, "not audio: Service temporarily unavailable" in result.error) == (1, True)
        assert (tmp_path / name).read_bytes() == b"precious"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["home", name]
    service.on_speech(audio_reply([bytes(4800) if name == "x.wav" else MP3_FRAME]))
    assert eleven("tts", "hi", "--cache", "-o", str(tmp_path / name)).code == 0


@pytest.mark.parametrize("pieces", [[b"I", b"D3\4", MP3_FRAME], [b"\xff", MP3_FRAME[1:]], [b"OggS", bytes(90)]])
def test_audio_that_comes_in_crumbs_is_audio(eleven, service, pieces):
    service.on_speech(audio_reply(pieces))
    result = eleven("tts", "hi", "--format", "mp3")
    assert (result.code, result.out) == (0, b"".join(pieces))


def test_samples_may_begin_with_anything(eleven, service):
    service.on_speech(audio_reply([b'{"', PCM]))
    result = eleven("tts", "hi", "--format", "pcm_24000")
    assert (result.code, result.out) == (0, b'{"' + PCM)


# files that are no usual files


def test_a_part_that_is_a_link_is_not_followed(eleven, service, tmp_path):
    (tmp_path / "victim").write_text("precious")
    (tmp_path / "a.mp3.part").symlink_to("victim")
    os.link(tmp_path / "victim", tmp_path / "b.mp3.part")
    os.mkfifo(tmp_path / "c.mp3.part")
    service.on_speech(audio_reply([MP3_FRAME]))
    for name in ("a.mp3", "b.mp3", "c.mp3"):
        assert eleven("tts", "hi", "-o", str(tmp_path / name)).code == 0
        assert (tmp_path / name).read_bytes() == MP3_FRAME
        assert not (tmp_path / name).is_symlink()
    assert (tmp_path / "victim").read_text() == "precious"
    assert (tmp_path / "c.mp3.part").is_fifo()


@pytest.mark.parametrize(("path", "said"), [("/", "/ is a folder"), ("new/", "there is no folder new/")])
def test_what_can_only_be_a_folder(eleven, service, path, said):
    result = eleven("tts", "hi", "-o", path)
    assert (result.code, result.error) == (2, f"error: {said}")


def test_half_a_sample_is_completed(eleven, service, tmp_path):
    service.on_speech(audio_reply([PCM[:4801]]))
    assert eleven("tts", "hi", "-o", str(tmp_path / "x.wav")).code == 0
    with wave.open(str(tmp_path / "x.wav")) as file:
        assert file.getnframes() == 2401


# what a server should not do, and some do


@pytest.mark.parametrize("encode", [gzip.compress, zlib.compress], ids=["gzip", "deflate"])
def test_encoded_bodies_are_decoded_although_nobody_asked_for_them(eleven, service, encode):
    name = "gzip" if encode is gzip.compress else "deflate"
    service.on_speech(raw_reply(encode(MP3_FRAME * 50), content_type="audio/mpeg", content_encoding=name))
    assert eleven("tts", "hi").out == MP3_FRAME * 50
    body = encode(b'{"detail":{"status":"quota_exceeded","message":"No credits."}}')
    service.on_speech(raw_reply(body, 401, content_encoding=name))
    assert eleven("tts", "hi").code == 5


def test_json_and_html_are_no_samples(eleven, service, tmp_path):
    for body in (b'{"detail":{"status":"quota_exceeded","message":"No credits."}}', b"<!DOCTYPE html><p>Hi"):
        service.on_speech(raw_reply(body, content_type="audio/mpeg"))
        assert eleven("tts", "hi", "-o", str(tmp_path / "x.wav")).code in (1, 5)
        assert not (tmp_path / "x.wav").exists()


def test_only_json_is_on_stderr_with_json(eleven, service, monkeypatch):
    monkeypatch.delenv("ELEVENLABS_VOICE_ID")
    service.on("/v2/voices", json_reply(VOICES))
    service.on_speech(audio_reply([MP3_FRAME]))
    assert json.loads(eleven("tts", "hi", "--json", "--speed", "1.5").err)["characters"] == 2


@pytest.mark.parametrize("answer", [[], None, {"voices": 5}, {"voices": [{}], "has_more": False}, {"voices": [7]}])
def test_odd_lists_of_voices_are_foreseen(eleven, service, monkeypatch, answer):
    monkeypatch.delenv("ELEVENLABS_VOICE_ID")
    service.on("/v2/voices", json_reply(answer))
    result = eleven("tts", "hi")
    assert result.code in (1, 4)
    assert "unexpected" not in result.err


def test_a_spoilt_memory_is_forgotten(eleven, service, monkeypatch, home):
    monkeypatch.delenv("ELEVENLABS_VOICE_ID")
    service.on("/v2/voices", json_reply(VOICES))
    service.on_speech(audio_reply([MP3_FRAME]))
    eleven("tts", "hi")
    memory = next((home / ".cache").rglob("accounts.json"))
    for spoilt in (memory.read_text().replace('"usable00000000000000"', "5"), "{", '{"x": 1}'):
        memory.write_text(spoilt)
        assert eleven("tts", "hi").code == 0
