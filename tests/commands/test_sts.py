"""`eleven sts`: speech by another voice."""

import io
import json
import os
import shlex
import signal
import struct
import subprocess
import sys
import wave
from array import array
from pathlib import Path

import pytest

from eleven_cli.audio.codecs.wav import wav_header
from tests.conftest import KEY, VOICE
from tests.support.encoded_audio import by_lame, encoded, voice
from tests.support.guard import GUARD_S
from tests.support.receiver import Receiver, file_of, form_of, resetting
from tests.support.service import MP3_FRAME, audio_reply, error_reply, json_reply, raw_reply
from tests.support.wav_files import wav, written

PATH = f"/v1/speech-to-speech/{VOICE}/stream"
OTHER_PATH = f"/v1/voice-changer/{VOICE}/stream"
ANSWER = audio_reply([MP3_FRAME, MP3_FRAME], request_id="req_1", character_cost="42")


@pytest.fixture
def service(receiver, monkeypatch):
    monkeypatch.setenv("ELEVENLABS_VOICE_ID", VOICE)
    receiver.on(PATH, ANSWER)
    return receiver


def seconds_of(part):
    with wave.open(io.BytesIO(part.value)) as file:
        return file.getnframes() / file.getframerate()


# what is sent


def test_a_file_is_sent_as_it_is_and_the_answer_comes_out(eleven, service, tmp_path):
    result = eleven("sts", written(tmp_path, wav(0.5)))
    assert (result.code, result.out) == (0, MP3_FRAME * 2)
    (request,) = service.requests
    assert request.query == {"output_format": "mp3_44100_128"}
    assert request.headers["xi-api-key"] == KEY
    assert form_of(request) == {}
    file = file_of(request)
    assert (file.name, file.file_name, file.media_type, file.value) == ("audio", "in.wav", "audio/wav", wav(0.5))


def test_only_what_was_given_is_sent(eleven, service, tmp_path):
    options = "-m eleven_multilingual_sts_v2 --stability 0.3 --similarity 0.8 --style 0.1 --no-speaker-boost --seed 7"
    argv = ["sts", written(tmp_path, wav(0.5)), *options.split(), "--remove-noise", "--format", "mp3_22050_32"]
    assert eleven(*argv).code == 0
    (request,) = service.requests
    assert request.query == {"output_format": "mp3_22050_32"}
    form = form_of(request)
    settings = {"stability": 0.3, "similarity_boost": 0.8, "style": 0.1, "use_speaker_boost": False}
    assert json.loads(form.pop("voice_settings")) == settings
    assert form == {"model_id": "eleven_multilingual_sts_v2", "seed": "7", "remove_background_noise": "true"}


def test_the_model_that_speaks_texts_is_not_taken(eleven, service, tmp_path, monkeypatch):
    monkeypatch.setenv("ELEVENLABS_MODEL_ID", "eleven_flash_v2_5")
    assert eleven("sts", written(tmp_path, wav(0.5))).code == 0
    assert form_of(service.requests[0]) == {}


def test_a_voice_by_its_name(eleven, service, tmp_path):
    service.on("/v2/voices", json_reply({"voices": [{"voice_id": "b" * 20, "name": "Bob"}]}))
    service.on(f"/v1/speech-to-speech/{'b' * 20}/stream", ANSWER)
    assert eleven("sts", written(tmp_path, wav(0.5)), "-v", "bob").code == 0


@pytest.mark.parametrize("argv", [("sts",), ("sts", "-")])
def test_a_pipe(eleven, service, argv):
    assert eleven(*argv, stdin=wav(0.5)).code == 0
    assert seconds_of(file_of(service.requests[0])) == 0.5


@pytest.mark.parametrize(
    ("container", "codec", "name", "media_type"),
    [
        ("mp3", "libmp3lame", "audio.mp3", "audio/mpeg"),
        ("flac", "flac", "audio.flac", "audio/flac"),
        ("ogg", "libopus", "audio.ogg", "audio/ogg"),
        ("ipod", "aac", "audio.m4a", "audio/mp4"),
        ("webm", "libopus", "audio.webm", "audio/webm"),
    ],
)
def test_what_it_is_is_told_by_its_bytes(eleven, service, tmp_path, container, codec, name, media_type):
    data = encoded(container, codec)
    assert eleven("sts", stdin=data).code == 0
    assert eleven("sts", written(tmp_path, data, "audio.txt")).code == 0
    for request in service.requests:
        file = file_of(request)
        assert (file.file_name, file.media_type, file.value) == (name, media_type, data)


def test_a_wav_from_a_pipe_goes_with_its_length_only_where_it_tells_it(eleven, service):
    assert eleven("sts", stdin=wav(0.5)).code == 0
    assert eleven("sts", stdin=wav_header(16000) + wav(0.5)[44:]).code == 0
    told, untold = service.requests
    assert (told.headers["x-was-chunked"], untold.headers["x-was-chunked"]) == ("no", "yes")
    assert file_of(told).value == wav(0.5)
    assert file_of(untold).value == wav_header(16000) + wav(0.5)[44:]


def test_raw_pcm_of_16_khz_goes_without_a_header(eleven, service, tmp_path):
    pcm = wav(0.5)[44:]
    assert eleven("sts", "--input-format", "pcm_16000", stdin=pcm).code == 0
    assert eleven("sts", "--input-format", "pcm_16000", written(tmp_path, pcm)).code == 0
    for request in service.requests:
        assert form_of(request) == {"file_format": "pcm_s16le_16"}
        assert file_of(request).value == pcm


@pytest.mark.parametrize(("name", "tag", "rate", "bits"), [("pcm_44100", 1, 44100, 16), ("ulaw_8000", 7, 8000, 8)])
@pytest.mark.parametrize("where", ["file", "pipe"])
def test_other_raw_samples_get_a_header(eleven, service, tmp_path, name, tag, rate, bits, where):
    source = [written(tmp_path, bytes(8000))] if where == "file" else []
    assert eleven("sts", *source, "--input-format", name, stdin=bytes(8000)).code == 0
    sent = file_of(service.requests[0]).value
    assert struct.unpack("<HHI", sent[20:28]) == (tag, 1, rate)
    assert struct.unpack("<H", sent[34:36]) == (bits,)
    assert sent[44:] == bytes(8000)
    assert form_of(service.requests[0]) == {}


# what is refused before it is sent


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"Dear diary,\n", "is not recognised as audio: it looks like text"),
        (b"%PDF-1.7", "is not recognised as audio: it looks like a PDF"),
        (bytes(5000), "is not recognised as audio"),
        (wav(1)[:-100], "is truncated: it holds less audio than its header says"),
        (wav(1)[:44], "is a WAV file without audio"),
        (wav(1)[:30], "is a WAV file without audio"),
    ],
)
@pytest.mark.parametrize("where", ["file", "pipe"])
def test_what_cannot_be_sent(eleven, service, tmp_path, data, said, where):
    source = [written(tmp_path, data)] if where == "file" else []
    result = eleven("sts", *source, stdin=data)
    name = source[0] if source else "standard input"
    assert (result.code, result.error) == (2, f"error: {name} {said}")
    assert not service.requests or (where == "pipe" and "truncated" in said), "that is seen only at the end of the pipe"


def test_no_audio_on_a_terminal_fails_at_once(eleven, service):
    result = eleven("sts", tty="in out")
    assert result.code == 2
    assert result.error == "error: no audio: standard input is a terminal"
    assert "eleven sts recording.wav" in result.hint


@pytest.mark.parametrize("other_name", [False, True])
def test_the_recording_is_not_replaced_by_what_is_made_of_it(eleven, service, tmp_path, other_name):
    path, place = written(tmp_path, wav(1)), str(tmp_path / "link.wav")
    os.link(path, place)
    place = place if other_name else path
    result = eleven("sts", path, "-o", place)
    assert (result.code, service.requests) == (2, [])
    assert result.error == f"error: {place} is the recording itself"
    assert Path(path).read_bytes() == wav(1)


def test_hints_can_be_pasted(eleven, service, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name = "-x; echo $(y) it's.wav"
    written(tmp_path, wav(1)[:-10], name)
    hint = eleven("sts", "--", name).hint
    assert shlex.split(hint.partition(": ffmpeg")[2]) == ["-i", f"./{name}", "whole.wav"]


def test_a_file_that_is_too_large(eleven, service, tmp_path):
    path = written(tmp_path, wav_header(16000))
    os.truncate(path, 6_000_000_000)
    result = eleven("sts", path)
    assert (result.code, result.error) == (
        2, f"error: {path} is too large: the service takes 5,000 MB, and it has 6,000 MB",
    )  # fmt: skip
    assert not service.requests


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["no.wav"], "cannot read no.wav: No such file or directory"),
        (["/"], "cannot read /: Is a directory"),
        (["--input-format", "mp3"], "unknown raw format: mp3"),
        (["--input-format", "pcm_99"], "unknown raw format: pcm_99"),
        (["--mic", "0", "x.wav"], "give either --mic or a file, not both"),
        (["--mic", "-v"], "--mic needs a name"),
        (["-o", "x.mp3", "--format", "wav"], "--format wav contradicts -o x.mp3"),
        (["-o", "x.xyz"], "the suffix .xyz names no audio format"),
    ],
)
def test_impossible_wishes(eleven, service, argv, said):
    result = eleven("sts", *argv)
    assert (result.code, result.error) == (2, f"error: {said}")
    assert not service.requests


@pytest.mark.parametrize(
    ("data", "name"),
    [(b"ID3\4\0" + bytes(99), "MP3"), (b"OggS\0" + bytes(99), "Ogg"), (b"....ftypM4A " + bytes(99), "MPEG-4 audio")],
)
def test_what_is_announced_as_raw_samples_and_would_be_noise(eleven, service, data, name):
    result = eleven("sts", "--input-format", "pcm_16000", stdin=data)
    assert (result.code, service.requests) == (2, [])
    assert result.error == f"error: standard input is not raw PCM; it looks like {name}"


def test_a_wav_that_is_announced_as_raw_samples(eleven, service):
    result = eleven("sts", "--input-format", "pcm_16000", stdin=wav(1))
    assert (result.code, result.error) == (2, "error: standard input is not raw PCM; it looks like WAV")


# what the service says


def test_what_is_too_short_is_for_the_service_to_say(eleven, service):
    service.on(PATH, error_reply(400, "audio_too_short", "The audio is too short."))
    result = eleven("sts", stdin=wav(0.05))
    assert (result.code, result.error) == (1, "error: The audio is too short. (audio_too_short, request req_42)")


def test_a_path_that_is_not_there_is_tried_by_its_other_name(eleven, service):
    service.on(PATH, json_reply({"detail": "Not Found"}, 404))
    service.on(OTHER_PATH, ANSWER)
    result = eleven("sts", stdin=wav(0.5))
    assert (result.code, result.out) == (0, MP3_FRAME * 2)
    assert [request.path for request in service.requests] == [PATH, OTHER_PATH]
    assert file_of(service.requests[0]) == file_of(service.requests[1])


def test_a_voice_that_is_not_there_is_not(eleven, service):
    service.on(PATH, error_reply(404, "voice_not_found", "No such voice."))
    result = eleven("sts", stdin=wav(0.5))
    assert (result.code, len(service.requests)) == (4, 1)
    assert "No such voice; the voice comes from the environment" in result.error


def test_neither_path_is_there(eleven, service):
    service.on(PATH, json_reply({"detail": "Not Found"}, 404))
    result = eleven("sts", stdin=wav(0.5))
    assert (result.code, len(service.requests)) == (4, 2)


def test_an_answer_in_the_middle_of_the_upload(eleven, service, tmp_path):
    detail = {"detail": {"code": "insufficient_credits", "message": "You have 0 credits."}}
    service.hasty = 65536
    service.on(PATH, resetting(402, json.dumps(detail).encode()))
    result = eleven("sts", written(tmp_path, wav(200, rate=48000)), "-o", str(tmp_path / "x.mp3"))
    assert result.code == 5
    assert "You have 0 credits." in result.error
    assert [path.name for path in tmp_path.glob("x.mp3*")] == []


def test_a_200_that_is_no_audio(eleven, service):
    service.on(PATH, json_reply({"detail": {"code": "quota_exceeded", "message": "Too little."}}))
    assert eleven("sts", stdin=wav(0.5)).code == 5


# what comes out


def test_a_file_with_a_suffix(eleven, service, tmp_path):
    service.on(PATH, raw_reply(bytes(4800)))
    path = tmp_path / "out.wav"
    assert eleven("sts", "-o", str(path), stdin=wav(0.5)).code == 0
    assert service.requests[0].query == {"output_format": "pcm_24000"}
    with wave.open(str(path)) as file:
        assert file.getnframes() == 2400


def test_what_arrived_before_a_failure_is_kept(eleven, service, tmp_path):
    def break_off(exchange):
        exchange.head(content_type="audio/mpeg", transfer_encoding="chunked")
        exchange.chunk(MP3_FRAME)
        exchange.drop()

    service.on(PATH, break_off)
    result = eleven("sts", "-o", str(tmp_path / "x.mp3"), stdin=wav(0.5))
    assert result.code == 6
    assert (tmp_path / "x.mp3.part").read_bytes() == MP3_FRAME
    assert len(service.requests) == 1


def test_no_clobber(eleven, service, tmp_path):
    path = written(tmp_path, b"old", "x.mp3")
    assert eleven("sts", "-o", path, "--no-clobber", stdin=wav(0.5)).code == 0
    assert (tmp_path / "x.mp3").read_bytes() == b"old"
    assert not service.requests


def test_the_cost_is_told_where_the_service_tells_it(eleven, service):
    assert eleven("sts", stdin=wav(0.5), tty="err").err.endswith("0.1 s · 42 credits\n")
    assert eleven("sts", stdin=wav(0.5)).err == ""
    service.on(PATH, audio_reply([MP3_FRAME], request_id="req_1"))
    assert eleven("sts", stdin=wav(0.5), tty="err").err.endswith("0.0 s\n")
    assert eleven("-q", "sts", stdin=wav(0.5), tty="err").err == ""


def test_stats_and_json(eleven, service):
    figures = json.loads(eleven("sts", "--json", stdin=wav(0.5)).err)
    assert figures["credits"] == 42
    assert figures["sent_bytes"] == len(wav(0.5))
    assert (figures["requests"], figures["bytes"], figures["voice_id"]) == (1, 834, VOICE)
    assert "sent 16044 bytes · first byte" in eleven("sts", "--stats", stdin=wav(0.5)).err


def test_the_upload_is_shown_on_a_terminal_only(eleven, service, tmp_path, monkeypatch):
    monkeypatch.setattr("eleven_cli.commands.output.progress.REFRESH_S", 0.0)
    path = written(tmp_path, wav(20))
    assert "of 0.6 MB" in eleven("sts", path, tty="err").err
    assert "MB" not in eleven("sts", path).err


# long


def test_a_long_wav_is_cut_sent_in_pieces_and_joined(eleven, service, tmp_path):
    result = eleven("sts", written(tmp_path, wav(400, rate=8000)), "--json")
    assert (result.code, result.out) == (0, MP3_FRAME * 4)
    pieces = [file_of(request) for request in service.requests]
    assert sum(map(seconds_of, pieces)) == 400
    assert all(seconds_of(piece) < 300 for piece in pieces)
    assert [request.headers["x-was-chunked"] for request in service.requests] == ["no", "no"]
    assert json.loads(result.err)["credits"] == 84


def test_a_long_pipe_is_cut_while_it_arrives(eleven, service):
    data = wav(400, rate=8000)
    streamed = wav_header(8000) + data[44:]
    for stdin, argv in ((data, []), (streamed, []), (data[44:], ["--input-format", "pcm_8000"])):
        service.requests.clear()
        assert eleven("sts", *argv, stdin=stdin).code == 0
        assert [request.headers["x-was-chunked"] for request in service.requests] == ["yes", "yes"]
        sent = b"".join(file_of(request).value[44:] for request in service.requests)
        assert sent == data[44:]


def test_long_mp3_is_cut(eleven, service, tmp_path):
    data = by_lame("mp3_22050_32", voice(10, 22050)) * 40
    assert eleven("sts", written(tmp_path, data)).code == 0
    assert eleven("sts", stdin=data).code == 0
    pieces = [file_of(request).value for request in service.requests]
    assert len(pieces) == 4
    assert b"".join(pieces) == data * 2


def test_long_flac_is_decoded_and_cut(eleven, service, tmp_path):
    data = encoded("flac", "flac", seconds=310, rate=8000)
    assert eleven("sts", written(tmp_path, data)).code == 0
    pieces = [file_of(request) for request in service.requests]
    assert [piece.media_type for piece in pieces] == ["audio/wav"] * 2
    assert sum(map(seconds_of, pieces)) == pytest.approx(310, abs=1)


def test_long_flac_without_a_decoder(eleven, service, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "miniaudio", None)
    result = eleven("sts", written(tmp_path, encoded("flac", "flac", seconds=310, rate=8000)))
    assert result.code == 2
    assert "ffmpeg" in result.hint
    assert not service.requests


def test_what_is_too_long_and_is_not_cut_here(eleven, service):
    service.on(PATH, error_reply(400, "audio_too_long", "At most 5 minutes."))
    result = eleven("sts", stdin=encoded("ogg", "libopus"))
    assert result.code == 1
    assert "ffmpeg -i FILE whole.wav" in result.hint


def test_a_piece_that_fails_leaves_what_came_before(eleven, service, tmp_path):
    service.on(PATH, ANSWER, error_reply(402, "insufficient_credits", "None left."))
    result = eleven("sts", written(tmp_path, wav(400, rate=8000)), "-o", str(tmp_path / "x.mp3"))
    assert result.code == 5
    assert (tmp_path / "x.mp3.part").stat().st_size > 0


# processes


def test_a_stage_of_a_pipeline_starts_before_the_former_has_ended(spawn, service):
    """What was piped in is at the service while more of it is still to come."""
    process = spawn("-q", "sts", "-o", "-", stdin=subprocess.PIPE)
    data = wav(10)
    process.stdin.write(data[:100_000])
    process.stdin.flush()
    service.wait_for(90_000)
    process.stdin.write(data[100_000:])
    out, err = process.communicate(timeout=GUARD_S)
    assert (process.returncode, out, err) == (0, MP3_FRAME * 2, b"")
    assert len(file_of(service.requests[0]).value) == len(data)


def test_the_answer_is_passed_on_as_it_arrives(spawn, service, tmp_path):
    import threading

    more = threading.Event()

    def slowly(exchange):
        exchange.head(content_type="audio/mpeg", transfer_encoding="chunked")
        exchange.chunk(MP3_FRAME)
        more.wait(GUARD_S)
        exchange.chunk(MP3_FRAME)
        exchange.last_chunk()

    service.on(PATH, slowly)
    process = spawn("-q", "sts", written(tmp_path, wav(0.5)))
    assert process.stdout.read(len(MP3_FRAME)) == MP3_FRAME
    more.set()
    assert process.communicate(timeout=GUARD_S)[0] == MP3_FRAME


def test_a_redirected_file_goes_with_its_length(spawn, service, tmp_path):
    with open(written(tmp_path, wav(0.5)), "rb") as file:
        assert spawn("sts", stdin=file).wait(GUARD_S) == 0
    assert service.requests[0].headers["x-was-chunked"] == "no"
    assert file_of(service.requests[0]).value == wav(0.5)


def test_stdin_that_was_closed(spawn, service):
    process = spawn("sts", prefix=["sh", "-c", 'exec "$@" <&-', "sh"])
    _, err = process.communicate(timeout=GUARD_S)
    assert (process.returncode, err.splitlines()[0]) == (2, b"error: standard input is empty")


def test_ctrl_c_amid_the_upload(spawn, service, tmp_path):
    process = spawn("sts", "-o", str(tmp_path / "x.mp3"), stdin=subprocess.PIPE)
    process.stdin.write(wav(10)[:100_000])
    process.stdin.flush()
    service.wait_for(50_000)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=GUARD_S)
    assert (process.returncode, err) == (130, b"")
    assert list(tmp_path.glob("x.mp3*")) == []


PEAK = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


@pytest.mark.parametrize("seconds", [280, 900])
def test_memory_stays_flat(service, tmp_path, seconds, monkeypatch):
    monkeypatch.setattr(Receiver, "_answer", _forgetful)
    path = written(tmp_path, wav_header(48000, seconds * 192_000).replace(b"\1\0\x80\xbb\0\0", b"\1\0\x80\xbb\0\0"))
    os.truncate(path, 44 + seconds * 192_000)
    argv = [sys.executable, "-c", PEAK, sys.executable, "-m", "eleven_cli", "-q", "sts", path]
    code, peak_kb = map(int, subprocess.run(argv, capture_output=True, check=True, timeout=50).stdout.split())
    assert code == 0
    assert peak_kb < 80_000


def _forgetful(self, handler):
    """Takes what comes, keeps nothing, answers."""
    from tests.support.receiver import _pieces
    from tests.support.service import Exchange

    for _ in _pieces(handler):
        pass
    handler.close_connection = True
    ANSWER(Exchange(None, handler, self.released))


# the microphone


def spoken(seconds):
    return array("h", ([9000] * 20 + [-9000] * 20) * int(seconds * 400)).tobytes()


def recording(spawn, card, *argv):
    environ = {**os.environ, **card.environ}
    process = spawn("sts", "--mic", "default", "-o", "/dev/null", *argv, env=environ)
    assert process.stderr.readline().startswith(b"recording: speak now"), process.communicate()
    return process


def test_silence_after_speech_ends_the_recording(spawn, card, service):
    with card.recording():
        process = recording(spawn, card)
        card.microphone.say(bytes(8000) + spoken(1.0))
        process.communicate(timeout=GUARD_S)
    assert process.returncode == 0
    assert 2.8 < seconds_of(file_of(service.requests[0])) < 6


def test_ctrl_c_ends_the_recording_and_it_is_sent(spawn, card, service):
    with card.recording():
        process = recording(spawn, card)
        card.microphone.say(spoken(0.5))
        card.microphone.say(spoken(5))
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=GUARD_S)
    assert process.returncode == 0
    assert 0 < seconds_of(file_of(service.requests[0])) < 5


def test_a_second_ctrl_c_is_the_end(spawn, card, service):
    service.on(PATH, lambda exchange: exchange.until_released())
    with card.recording():
        process = recording(spawn, card)
        card.microphone.say(spoken(1))
        card.microphone.say(spoken(5))
        process.send_signal(signal.SIGINT)
        service.wait_for(1000)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=GUARD_S)
    assert process.returncode == 130


def test_after_a_recording_the_next_ctrl_c_leaves_nothing_behind(spawn, card, service, tmp_path):
    """The first has ended the recording, and is no abort."""
    service.on(PATH, lambda exchange: exchange.until_released())
    with card.recording():
        process = recording(spawn, card, "-o", str(tmp_path / "out.mp3"))
        card.microphone.say(spoken(1))
        card.microphone.say(spoken(5))
        process.send_signal(signal.SIGINT)
        service.wait_for(1000)
        assert list(tmp_path.glob("out*"))
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=GUARD_S)
    assert process.returncode == 130
    assert not list(tmp_path.glob("out*"))


def test_no_microphone(spawn, service, tmp_path):
    environ = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path)}
    process = spawn("sts", "--mic", "default", env=environ)
    process.communicate(timeout=GUARD_S)
    assert process.returncode == 7
    assert not service.requests


# the sandbox


def test_with_the_sandbox(eleven, tmp_path):
    speech = eleven("--sandbox", "tts", "the quick brown fox", "--format", "wav").out
    path = tmp_path / "x.wav"
    result = eleven("-q", "--sandbox", "sts", "-o", str(path), stdin=speech)
    assert (result.code, result.err) == (0, "")
    with wave.open(str(path)) as file:
        assert file.getnframes() / file.getframerate() == pytest.approx((len(speech) - 44) / 48000, rel=0.2)
