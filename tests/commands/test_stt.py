"""`eleven stt`: recordings as text, JSON and subtitles."""

import json
import os
import pty
import re
import signal
import threading
from io import BytesIO

import av
import pytest

from tests.conftest import KEY
from tests.support.guard import GUARD_S
from tests.support.pty_run import read_all
from tests.support.receiver import file_of, form_of, resetting
from tests.support.service import error_reply, json_reply, raw_reply
from tests.support.transcriptions import HEARD, SRT, STT_PATH
from tests.support.wav_files import wav

# what is sent


def test_a_file_goes_up_and_its_text_comes_out(eleven, transcriber, recording):
    result = eleven("stt", recording)
    assert (result.code, result.text) == (0, "Hi there. Hello & bye!\n")
    (request,) = transcriber.requests
    assert request.headers["xi-api-key"] == KEY
    assert form_of(request) == {"model_id": "scribe_v2"}
    file = file_of(request)
    assert (file.name, file.file_name, file.media_type, file.value) == ("file", "in.wav", "audio/wav", wav())


@pytest.mark.parametrize("argv", [[], ["-"]])
def test_a_pipe(eleven, transcriber, argv):
    assert eleven("stt", *argv, stdin=wav()).text == "Hi there. Hello & bye!\n"
    assert file_of(transcriber.requests[0]).value == wav()


def test_raw_samples(eleven, transcriber):
    assert eleven("stt", "--input-format", "pcm_16000", stdin=bytes(32000)).code == 0
    assert form_of(transcriber.requests[0])["file_format"] == "pcm_s16le_16"
    assert file_of(transcriber.requests[0]).value == bytes(32000)


def test_only_what_was_given_is_sent(eleven, transcriber, recording):
    options = "-m scribe_v3 --language DE --speakers 3 --no-audio-events --timestamps character"
    assert eleven("stt", recording, *options.split(), "--keyterm", "Ana").code == 0
    assert form_of(transcriber.requests[0]) == {
        "model_id": "scribe_v3",
        "language_code": "de",
        "diarize": "true",
        "num_speakers": "3",
        "tag_audio_events": "false",
        "timestamps_granularity": "character",
        "keyterms": "Ana",
    }


def test_an_address_is_sent_instead_of_a_file(eleven, transcriber):
    assert eleven("stt", "--url", "https://example.com/a.mp3", tty="in").text == "Hi there. Hello & bye!\n"
    assert form_of(transcriber.requests[0]) == {"model_id": "scribe_v2", "source_url": "https://example.com/a.mp3"}


def test_the_model_that_speaks_texts_is_not_taken(eleven, transcriber, recording, monkeypatch):
    monkeypatch.setenv("ELEVENLABS_MODEL_ID", "eleven_flash_v2_5")
    assert eleven("stt", recording).code == 0
    assert form_of(transcriber.requests[0]) == {"model_id": "scribe_v2"}


# what comes out


def test_speakers(eleven, transcriber, recording):
    assert eleven("stt", recording, "--diarize").text == "Speaker 1: Hi there.\nSpeaker 2: Hello & bye!\n"


def test_channels(eleven, transcriber, recording):
    bodies = [{**HEARD, "text": "Left.", "channel_index": 0}, {**HEARD, "text": "Right.", "channel_index": 1}]
    transcriber.on(STT_PATH, json_reply({"transcripts": bodies, "transcription_id": "t"}))
    assert eleven("stt", recording, "--channels").text == "Channel 1: Left.\nChannel 2: Right.\n"
    assert form_of(transcriber.requests[0])["use_multi_channel"] == "true"


@pytest.mark.parametrize("argv", [["--format", "json"], ["--json"]])
def test_json_is_the_services_own(eleven, transcriber, recording, argv):
    result = eleven("stt", recording, *argv)
    assert json.loads(result.text) == HEARD
    assert result.text.count("\n") == 1


def test_subtitles(eleven, transcriber, recording):
    assert eleven("stt", recording, "--format", "srt").text == SRT
    assert eleven("stt", recording, "--format", "vtt", "--diarize").text == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nSpeaker 1: Hi there.\n\n"
        "00:00:01.500 --> 00:00:02.750\nSpeaker 2: Hello &amp; bye!\n\n"
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", "Hi there. Hello & bye!\n"),
        ("a.srt", SRT),
        ("A.JSON", json.dumps(HEARD, indent=2) + "\n"),
        ("a", "Hi there. Hello & bye!\n"),
    ],
)
def test_a_file_by_its_suffix(eleven, transcriber, recording, tmp_path, name, content):
    result = eleven("stt", recording, "-o", str(tmp_path / name))
    assert (result.code, result.out) == (0, b"")
    assert (tmp_path / name).read_text() == content


def test_o_minus_is_stdout(eleven, transcriber, recording):
    assert eleven("stt", recording, "-o", "-").text == "Hi there. Hello & bye!\n"


def test_a_word_replaces_the_suffix_where_it_says_nothing(eleven, transcriber, recording, tmp_path):
    assert eleven("stt", recording, "-o", str(tmp_path / "a.md"), "--format", "srt").code == 0
    assert (tmp_path / "a.md").read_text() == SRT


def test_silence_is_an_empty_file_whatever_was_left_there(eleven, transcriber, recording, tmp_path):
    (tmp_path / "a.txt.part").write_text("older")
    transcriber.on(STT_PATH, json_reply({**HEARD, "text": "", "words": []}))
    assert eleven("stt", recording, "-o", str(tmp_path / "a.txt")).code == 0
    assert (tmp_path / "a.txt").read_text() == ""
    assert eleven("stt", recording).out == b""


def test_what_a_terminal_would_obey_is_shown(eleven, transcriber, recording):
    transcriber.on(STT_PATH, json_reply({**HEARD, "text": "a\x1b[2Jb\nc"}))
    assert eleven("stt", recording).text == "a\\x1b[2Jb\nc\n"


def test_half_a_character_ends_nothing(eleven, transcriber, recording, tmp_path):
    transcriber.on(STT_PATH, json_reply({**HEARD, "text": "\ud800!"}))
    for name, content in (("a.txt", "?!\n"), ("b.srt", SRT)):
        assert eleven("stt", recording, "-o", str(tmp_path / name)).code == 0
        assert (tmp_path / name).read_text() == content
    assert eleven("stt", recording, "-o", str(tmp_path / "c.json")).code == 0
    assert json.loads((tmp_path / "c.json").read_text())["text"] == "\ud800!"


def test_an_existing_file_is_kept_before_anything_is_paid_for(eleven, transcriber, recording, tmp_path):
    (tmp_path / "a.txt").write_text("mine")
    result = eleven("stt", recording, "-o", str(tmp_path / "a.txt"), "--no-clobber")
    assert (result.code, transcriber.requests) == (0, [])
    assert result.err == f"{tmp_path}/a.txt exists, and is left alone\n"
    assert (tmp_path / "a.txt").read_text() == "mine"


def test_what_is_known_of_it_is_said_on_a_terminal_in_one_line(eleven, transcriber, recording, tmp_path):
    said = r"eng · 3\.5 s of sound · \d+\.\d s · transcript t_1\n"
    assert re.search(f"{said}$", eleven("stt", recording, tty="err").err)
    path = str(tmp_path / "a.srt")
    assert re.search(f"{re.escape(path)} · {said}$", eleven("stt", recording, "-o", path, tty="err").err)
    assert eleven("stt", recording).err == ""
    assert eleven("-q", "stt", recording, tty="err").err == ""


# what is refused


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--diarize", "--channels"], "give either --diarize or --channels, not both"),
        (["--speakers", "2", "--channels"], "give either --speakers or --channels, not both"),
        (["--speakers", "33"], "--speakers must be a whole number from 1 to 32"),
        (["--timestamps", "none", "--diarize"], "give either --timestamps none or --diarize, not both"),
        (["--timestamps", "none", "--format", "srt"], "give either --timestamps none or --format srt, not both"),
        (["--json", "--format", "srt"], "give either --json or --format srt, not both"),
        (["-o", "a.srt", "--format", "vtt"], "--format vtt contradicts -o a.srt"),
        (["-o", "a.doc"], "cannot tell the format of a.doc"),
        (["--language", "klingon"], 'unknown language code "klingon"'),
        (["--keyterm", " "], "--keyterm must not be empty"),
        (["--keyterm", "x" * 50], "--keyterm takes at most 49 characters here, not 50"),
        (["--keyterm", "a b c d e f"], "--keyterm takes at most 5 words"),
        (["--url", "https://example.com/a.mp3"], "give either --url or a file, not both"),
        (["--mic", "default"], "--mic needs --live"),
        (["--silence", "1"], "--silence needs --live"),
        (["--commit", "vad"], "--commit needs --live"),
        (["--min-silence-ms", "100"], "--min-silence-ms needs --live"),
        (["-o", "/nowhere/a.txt"], "cannot write /nowhere/a.txt: No such file or directory"),
    ],
)
def test_impossible_wishes(eleven, transcriber, recording, argv, said):
    result = eleven("stt", recording, *argv)
    assert (result.code, transcriber.requests) == (2, [])
    assert said in result.error if "{" not in result.err else json.loads(result.err)["error"]["message"] == said


@pytest.mark.parametrize("url", ["example.com/a.mp3", "file:///etc/passwd", "https://", "https://a b"])
def test_what_is_no_address(eleven, transcriber, url):
    result = eleven("stt", "--url", url)
    assert (result.code, transcriber.requests) == (2, [])
    assert result.error == f"error: not a URL: {url}"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "standard input is empty"),
        (b"Dear Ana,\nhow are you?\n", "is not recognised as audio: it looks like text"),
        (bytes(1000), "is not recognised as audio"),
        (wav()[:44], "is a WAV file without audio"),
    ],
)
def test_what_cannot_be_sent(eleven, transcriber, data, said):
    result = eleven("stt", stdin=data)
    assert (result.code, transcriber.requests) == (2, [])
    assert said in result.error


def coded_wav(codec, *, rate=8000):
    """A WAV as FFmpeg writes it."""
    file = BytesIO()
    with av.open(file, "w", format="wav") as container:
        stream = container.add_stream(codec, rate=rate, layout="mono")
        frame = av.AudioFrame(format="s16", layout="mono", samples=rate)
        frame.planes[0].update(wav(1, rate)[44:])
        frame.sample_rate = rate
        resampler = av.AudioResampler(stream.format.name, "mono", rate, frame_size=stream.codec_context.frame_size)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return file.getvalue()


def with_chunk(data, name, body, *, padding=b""):
    """Before all others."""
    return data[:12] + name + len(body).to_bytes(4, "little") + body + padding + data[12:]


def told_in_64_bits(data, name):
    sizes = b"ds64" + (28).to_bytes(4, "little") + bytes(8) + (len(data) - 44).to_bytes(8, "little") + bytes(12)
    return name + b"\xff" * 4 + b"WAVE" + sizes + data[12:40] + b"\xff" * 4 + data[44:]


NOT_DECODED = {
    **{codec: coded_wav(codec) for codec in ("adpcm_ms", "adpcm_ima_wav")},
    "mp3": coded_wav("libmp3lame"),
    "GSM": wav()[:20] + b"\x31\0" + wav()[22:],
    "12 bits": wav()[:34] + b"\x0c\0" + wav()[36:],
    "big-endian": b"RIFX" + wav()[4:],
    "ADPCM after a megabyte": with_chunk(coded_wav("adpcm_ms"), b"id3 ", bytes(2_000_000)),
}
ODD_WAVS = {
    "a long chunk": with_chunk(wav(), b"LIST", bytes(3_000_000)),
    "an odd chunk": with_chunk(wav(), b"LIST", b"odd", padding=b"\0"),
    "an odd chunk without padding": with_chunk(wav(), b"LIST", b"odd"),
    "RF64": told_in_64_bits(wav(), b"RF64"),
    "BW64": told_in_64_bits(wav(), b"BW64"),
    "length 0": wav()[:40] + bytes(4) + wav()[44:],
    "length unknown": wav()[:40] + b"\xff" * 4 + wav()[44:],
}


@pytest.mark.parametrize("data", [*NOT_DECODED.values(), *ODD_WAVS.values()], ids=[*NOT_DECODED, *ODD_WAVS])
def test_any_wav_goes_up_as_it_is(eleven, transcriber, tmp_path, data):
    (tmp_path / "any.wav").write_bytes(data)
    assert eleven("stt", str(tmp_path / "any.wav")).code == 0
    file = file_of(transcriber.requests[0])
    assert (file.file_name, file.media_type, file.value) == ("any.wav", "audio/wav", data)


@pytest.mark.parametrize("data", NOT_DECODED.values(), ids=NOT_DECODED)
def test_a_piped_wav_that_only_the_service_can_decode_goes_up_as_it_is(eleven, transcriber, data):
    assert eleven("stt", stdin=data).code == 0
    assert (file_of(transcriber.requests[0]).file_name, file_of(transcriber.requests[0]).value) == ("audio.wav", data)


@pytest.mark.parametrize("data", ODD_WAVS.values(), ids=ODD_WAVS)
def test_a_piped_wav_is_sent_with_all_its_sound(eleven, transcriber, data):
    assert eleven("stt", stdin=data).code == 0
    assert file_of(transcriber.requests[0]).value[44:] == wav()[44:]


@pytest.mark.parametrize(
    ("data", "said"), [(wav()[:-100], "is truncated"), (wav(0.05), "is too short: the service needs 0.1 s of sound")]
)
def test_files_that_cannot_be_sent(eleven, transcriber, tmp_path, data, said):
    (tmp_path / "a.wav").write_bytes(data)
    result = eleven("stt", str(tmp_path / "a.wav"))
    assert (result.code, transcriber.requests) == (2, [])
    assert said in result.error


def test_an_address_for_a_file(eleven, transcriber):
    result = eleven("stt", "https://example.com/a.mp3?x=1&y=2")
    assert (result.code, transcriber.requests) == (2, [])
    assert result.hint == "hint: eleven stt --url 'https://example.com/a.mp3?x=1&y=2'"
    for command in (["sts"], ["isolate"], ["stt", "--live"]):
        assert eleven(*command, "https://example.com/a.mp3").hint == (
            "hint: download it first: curl -sSLO https://example.com/a.mp3"
        )


def test_six_gigabytes(eleven, transcriber, tmp_path):
    path = tmp_path / "long.mp3"
    path.touch()
    os.truncate(path, 6_000_000_000)
    result = eleven("stt", str(path))
    assert (result.code, transcriber.requests) == (2, [])
    assert "is too large: the service takes 5,000 MB, and it has 6,000 MB" in result.error


def test_on_a_terminal_without_anything_it_does_not_wait(eleven, transcriber):
    result = eleven("stt", tty="in out err")
    assert result.code == 2
    assert "eleven stt recording.mp3" in result.err


def test_without_a_key(eleven, transcriber, recording, monkeypatch, tmp_path):
    monkeypatch.delenv("ELEVENLABS_API_KEY")
    assert eleven("stt", recording, "-o", str(tmp_path / "a.txt")).code == 3
    assert list(tmp_path.glob("a.txt*")) == []


# what the service answers


@pytest.mark.parametrize(
    ("reply", "code", "said"),
    [
        (error_reply(400, "audio_too_short", "Too short."), 1, "Too short. (audio_too_short, request req_42)"),
        (error_reply(401, "unauthorized", "No.", legacy="invalid_api_key"), 3, "No."),
        (error_reply(402, "insufficient_credits", "Nothing left."), 5, "Nothing left."),
        (json_reply({"detail": [{"loc": ["body", "file"], "msg": "Missing"}]}, 422), 1, "body.file: Missing"),
        (json_reply({"detail": "Too much"}, 413), 1, "Too much"),
        (raw_reply(b"<html>Bad gateway</html>", 502), 1, "Bad gateway"),
        (json_reply({"message": "It comes later", "request_id": "r"}, 202), 1, "no transcript: It comes later"),
        (raw_reply(b"Hello"), 1, "something that is not JSON"),
        (json_reply(["Hello"]), 1, "the service sent no transcript"),
    ],
)  # fmt: skip
def test_what_the_service_refuses(eleven, transcriber, recording, tmp_path, reply, code, said):
    transcriber.on(STT_PATH, reply)
    result = eleven("stt", recording, "-o", str(tmp_path / "a.txt"))
    assert result.code == code
    assert said in result.error
    assert list(tmp_path.glob("a.txt*")) == []


def test_an_answer_in_the_middle_of_the_upload(eleven, transcriber, tmp_path):
    transcriber.hasty = 1_000_000
    transcriber.on(STT_PATH, resetting(413, b'{"detail":{"code":"request_too_large","message":"Too large."}}'))
    (tmp_path / "a.wav").write_bytes(wav(600))
    result = eleven("stt", str(tmp_path / "a.wav"))
    assert result.code == 1
    assert "Too large. (request_too_large)" in result.error


@pytest.mark.parametrize("output", ["in.wav", "other.mp3"])
def test_text_does_not_go_into_a_file_of_sound(eleven, transcriber, recording, output, tmp_path):
    before = (tmp_path / "in.wav").read_bytes()
    result = eleven("stt", recording, "-o", str(tmp_path / output), "--format", "text")
    assert (result.code, transcriber.requests) == (2, [])
    assert result.error == f"error: {tmp_path / output} is named like audio, but the result is text"
    assert (tmp_path / "in.wav").read_bytes() == before


def test_the_recording_under_another_name_is_not_replaced(eleven, transcriber, recording, tmp_path):
    (tmp_path / "a.txt").symlink_to(recording)
    result = eleven("stt", recording, "-o", str(tmp_path / "a.txt"))
    assert (result.code, transcriber.requests) == (2, [])
    assert result.error == f"error: {tmp_path / 'a.txt'} is the recording itself"


def test_a_name_that_is_empty(eleven, transcriber, recording):
    result = eleven("stt", recording, "-o", "")
    assert (result.code, result.error, transcriber.requests) == (2, "error: -o names no file", [])


def test_a_folder_and_what_its_hint_says(eleven, transcriber, recording, tmp_path):
    result = eleven("stt", recording, "-o", str(tmp_path))
    assert (result.code, transcriber.requests) == (2, [])
    assert eleven("stt", recording, *result.hint.partition(": name a file in it: ")[2].split()).code == 0


def test_a_refusal_that_comes_with_a_200(eleven, transcriber, recording):
    transcriber.on(STT_PATH, json_reply({"error": "quota_exceeded", "message": "no credits"}))
    result = eleven("stt", recording)
    assert (result.code, result.error) == (5, "error: no credits (quota_exceeded)")


def test_members_that_are_null_mean_nothing(eleven, transcriber, recording):
    transcriber.on(STT_PATH, json_reply({**HEARD, "detail": None, "error": None, "message": None}))
    assert eleven("stt", recording).code == 0


def test_an_answer_that_ends_too_early(eleven, transcriber, recording):
    transcriber.on(STT_PATH, lambda exchange: (exchange.head(content_length="100"), exchange.body(b'{"text": "Hel')))
    result = eleven("stt", recording)
    assert result.code == 6
    assert "was lost: it ended too early; the beginning of the answer is kept in " in result.error


def test_a_page_instead_of_a_transcript(eleven, transcriber, recording):
    transcriber.on(STT_PATH, raw_reply(b"<html><body>Please log in</body></html>", content_type="text/html"))
    result = eleven("stt", recording)
    assert (result.code, result.error) == (1, "error: the service sent something that is not JSON: Please log in")


def test_a_transcript_that_cannot_be_written_is_still_there(eleven, transcriber, recording, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    transcriber.on(STT_PATH, json_reply({**HEARD, "transcription_id": "t_1"}))
    result = eleven("stt", recording, "-o", "/dev/full")
    assert result.code == 1
    assert "cannot write /dev/full: No space left on device; it is kept in " in result.error
    (kept,) = tmp_path.glob("eleven-*/*.txt")
    assert (str(kept) in result.error, kept.read_text()) == (True, "Hi there. Hello & bye!\n")


def test_a_closed_stdout_is_seen_before_anything_is_sent(spawn, transcriber, recording):
    process = spawn("stt", recording, prefix=["sh", "-c", 'exec "$@" >&-', "sh"])
    _, err = process.communicate(timeout=GUARD_S)
    assert (process.returncode, err) == (1, b"error: cannot write to standard output: it is closed\n")
    assert not transcriber.requests


def test_text_without_times_makes_no_subtitles(eleven, transcriber, recording, tmp_path):
    transcriber.on(STT_PATH, json_reply({"text": "Hi", "words": [], "transcription_id": "t_1"}))
    result = eleven("stt", recording, "-o", str(tmp_path / "a.srt"))
    assert result.code == 1
    assert "no timings for subtitles" in result.error
    assert f"the text is kept in {tmp_path}/a.txt" in result.error
    assert (tmp_path / "a.txt").read_text() == "Hi\n"
    assert list(tmp_path.glob("a.srt*")) == []


# real processes


def test_the_service_may_think_for_longer_than_others_may(eleven, transcriber, recording, monkeypatch):
    monkeypatch.setattr("eleven_cli.api.http.session.READ_TIMEOUT_S", 0.05)

    def slowly(exchange):
        exchange.released.wait(0.5)  # ten times as long as any other answer is waited for
        json_reply(HEARD)(exchange)

    transcriber.on(STT_PATH, slowly)
    assert eleven("stt", recording).code == 0


def test_a_line_with_the_time_while_it_waits(spawn, transcriber, recording):
    transcriber.on(STT_PATH, lambda exchange: (exchange.until_released(), json_reply(HEARD)(exchange)))
    leader, follower = pty.openpty()
    process = spawn("stt", recording, stderr=follower)
    os.close(follower)
    seen = b""
    while "0:01 · ".encode() not in seen:
        seen += os.read(leader, 1024)
    transcriber.released.set()
    seen += b"".join(read_all(leader))
    out, _ = process.communicate(timeout=GUARD_S)
    assert (process.returncode, out) == (0, b"Hi there. Hello & bye!\n")
    assert "waiting for the service" in seen.decode()


def test_ctrl_c_while_it_waits(spawn, transcriber, recording, tmp_path):
    asked = threading.Event()
    transcriber.on(STT_PATH, lambda exchange: (asked.set(), exchange.until_released()))
    process = spawn("stt", recording, "-o", str(tmp_path / "a.txt"))
    assert asked.wait(GUARD_S)
    process.send_signal(signal.SIGINT)
    assert process.wait(GUARD_S) == 130
    assert list(tmp_path.glob("a.txt*")) == []
    assert process.stderr.read() == b"error: interrupted; the request may be charged all the same\n"


def test_stdin_that_was_closed(spawn, transcriber):
    process = spawn("stt", prefix=["sh", "-c", 'exec "$@" <&-', "sh"])
    _, err = process.communicate(timeout=GUARD_S)
    assert (process.returncode, err.splitlines()[0]) == (2, b"error: standard input is empty")


# the sandbox


def test_with_the_sandbox(eleven, tmp_path):
    speech = eleven("--sandbox", "tts", "the quick brown fox", "--format", "wav").out
    result = eleven("-q", "--sandbox", "stt", "--diarize", stdin=speech)
    assert (result.code, result.text) == (0, "Speaker 1: the quick brown fox\n")
    path = tmp_path / "fox.vtt"
    assert eleven("-q", "--sandbox", "stt", "-o", str(path), stdin=speech).code == 0
    assert path.read_text().startswith("WEBVTT\n\n00:00:00.")
