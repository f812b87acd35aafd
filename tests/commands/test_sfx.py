"""`eleven sfx`: sound effects from descriptions, with the sinks, costs and errors of `tts`."""

import contextlib
import json
import signal
import subprocess
import threading
import time

import pytest

from tests.support.guard import GUARD_S
from tests.support.service import MP3_FRAME, audio_reply, error_reply, json_reply, raw_reply

PATH = "/v1/sound-generation"
RAIN = "rain on a tin roof"
PCM = bytes(range(200)) * 80


@pytest.fixture
def sounding(service):
    service.on(PATH, audio_reply([MP3_FRAME, MP3_FRAME], request_id="req_1", character_cost="80"))
    return service


def test_only_what_was_asked_for_is_sent(eleven, sounding):
    assert eleven("sfx", RAIN).out == MP3_FRAME * 2
    (request,) = sounding.requests
    assert (request.method, request.path, request.query) == ("POST", PATH, {"output_format": "mp3_44100_128"})
    assert request.json == {"text": RAIN}


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        (["--duration", "4"], {"duration_seconds": 4}),
        (["--duration", "0.5"], {"duration_seconds": 0.5}),
        (["--duration", "30"], {"duration_seconds": 30}),
        (["--loop"], {"loop": True}),
        (["--influence", "0"], {"prompt_influence": 0}),
        (["--influence", "1"], {"prompt_influence": 1}),
        (
            ["--loop", "--influence", "0.7", "--duration", "2.5"],
            {"loop": True, "prompt_influence": 0.7, "duration_seconds": 2.5},
        ),
    ],
    ids=" ".join,
)
def test_what_was_asked_for_is_sent(eleven, sounding, options, sent):
    assert eleven("sfx", RAIN, *options).code == 0
    assert sounding.requests[0].json == {"text": RAIN, **sent}


@pytest.mark.parametrize(
    ("argv", "stdin"),
    [
        (["rain", "on a tin", "roof"], b""),
        (["-"], b"rain on a tin roof\n"),
        ([], b"rain on a tin roof\n"),
        (["-f", "-"], b"  rain on a tin roof\n\n"),
        (["-f", "rain.txt"], b""),
    ],
)
def test_where_the_description_comes_from(eleven, sounding, tmp_path, monkeypatch, argv, stdin):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rain.txt").write_text(f"{RAIN}\n")
    assert eleven("sfx", *argv, stdin=stdin).code == 0
    assert sounding.requests[0].json == {"text": RAIN}


@pytest.mark.parametrize(
    ("argv", "stdin", "said"),
    [
        (["sfx", ""], b"", "the description is empty"),
        (["sfx", " \t\n"], b"", "the description is empty"),
        (["sfx"], b"", "the description is empty"),
        (["sfx"], b" \n", "the description is empty"),
        (["sfx", "x" * 451], b"", "the description has 451 characters; the service takes 450"),
        (["sfx"], "é".encode() * 2000, "the description has 2,000 characters; the service takes 450"),
        (["sfx", RAIN, "-f", "rain.txt"], b"", "give either a text or --file, not both"),
        (["sfx", "-f", "nosuch.txt"], b"", "cannot read nosuch.txt: No such file or directory"),
        (["sfx", "rain.txt"], b"", "the text is the name of a file: rain.txt"),
        (["sfx", RAIN, "--duration", "0.4"], b"", '--duration must be a number of seconds from 0.5 to 30, not "0.4"'),
        (["sfx", RAIN, "--duration", "30.1"], b"", '--duration must be a number of seconds from 0.5 to 30, not "30.1"'),
        (["sfx", RAIN, "--duration", "nan"], b"", "--duration must be a number, not nan"),
        (["sfx", RAIN, "--duration", "long"], b"", '--duration must be a number of seconds from 0.5 to 30, not "long"'),
        (["sfx", RAIN, "--influence", "1.1"], b"", '--influence must be a number from 0 to 1, not "1.1"'),
        (["sfx", RAIN, "--influence", "nan"], b"", "--influence must be a number, not nan"),
        (["sfx", RAIN, "-o", "x.flac"], b"", "the suffix .flac names no audio format"),
        (["sfx", RAIN, "-o", "x.mp3", "--format", "wav"], b"", "--format wav contradicts -o x.mp3"),
    ],
)
def test_what_is_refused_before_it_is_sent(eleven, sounding, tmp_path, monkeypatch, argv, stdin, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rain.txt").write_text(RAIN)
    result = eleven(*argv, stdin=stdin)
    assert (result.code, result.error) == (2, f"error: {said}")
    assert not sounding.requests
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["rain.txt"]


def test_a_pipe_that_never_ends(spawn, sounding):
    process = spawn("sfx", stdin=subprocess.PIPE)
    with contextlib.suppress(BrokenPipeError):
        while process.poll() is None:
            process.stdin.write(b"Regen, " * 10_000)
    assert process.wait() == 2
    assert process.stderr.read() == b"error: stdin has 65,536 bytes or more\nhint: give a short text\n"
    assert not sounding.requests


def test_450_characters_are_not_too_many(eleven, sounding):
    assert eleven("sfx", "🌧" * 450).code == 0
    assert sounding.requests[0].json == {"text": "🌧" * 450}


def test_a_terminal_without_a_description(eleven, sounding):
    result = eleven("sfx", tty="in out err")
    assert result.code == 2
    assert result.hint == 'hint: eleven sfx "rain on a tin roof", or type it: eleven sfx -'


@pytest.mark.parametrize(
    ("options", "requested"),
    [
        (["--format", "wav"], "pcm_24000"),
        (["--format", "pcm_44100"], "pcm_44100"),
        (["-o", "x.ogg"], "opus_48000_64"),
        (["-o", "x.ulaw"], "ulaw_8000"),
        (["-o", "x.wav", "--format", "pcm_16000"], "pcm_16000"),
    ],
    ids=" ".join,
)
def test_formats_are_those_of_tts(eleven, service, tmp_path, monkeypatch, options, requested):
    monkeypatch.chdir(tmp_path)
    service.on(PATH, audio_reply([PCM]))
    assert eleven("sfx", RAIN, *options).code == 0
    assert service.requests[0].query == {"output_format": requested}
    assert not list(tmp_path.glob("*.part"))


def test_a_wav_is_one(eleven, service, tmp_path):
    service.on(PATH, audio_reply([PCM]))
    assert eleven("sfx", RAIN, "-o", str(tmp_path / "x.wav")).code == 0
    written = (tmp_path / "x.wav").read_bytes()
    assert (written[:4], int.from_bytes(written[40:44], "little"), written[44:]) == (b"RIFF", len(PCM), PCM)


def test_the_first_bytes_are_there_before_the_last_are_made(spawn, service):
    last = threading.Event()

    def slowly(exchange):
        exchange.head(content_type="audio/mpeg", transfer_encoding="chunked")
        exchange.chunk(MP3_FRAME)
        last.wait(GUARD_S)
        exchange.chunk(MP3_FRAME)
        exchange.last_chunk()

    service.on(PATH, slowly)
    process = spawn("sfx", RAIN)
    assert process.stdout.read(len(MP3_FRAME)) == MP3_FRAME
    last.set()
    assert process.stdout.read() == MP3_FRAME
    assert process.wait() == 0


def test_one_line_on_a_terminal(eleven, sounding, tmp_path):
    result = eleven("sfx", RAIN, "-o", str(tmp_path / "x.mp3"), tty="err")
    assert result.err.endswith(f"{tmp_path / 'x.mp3'} · 0.1 s · 80 credits\n")
    assert eleven("sfx", RAIN, "-o", str(tmp_path / "x.mp3")).err == ""


def test_stats_and_json(eleven, sounding, tmp_path):
    stats = eleven("sfx", RAIN, "--stats").err
    assert stats.startswith("18 characters · 80 credits · first byte ")
    assert stats.endswith(f" ms · {2 * len(MP3_FRAME)} bytes of mp3_44100_128 · request req_1\n")
    figures = json.loads(eleven("sfx", RAIN, "-o", str(tmp_path / "x.mp3"), "--json").out)
    assert {name: figures[name] for name in ("characters", "credits", "requests", "cached", "request_id", "file")} == {
        "characters": 18, "credits": 80, "requests": 1, "cached": 0, "request_id": "req_1",
        "file": str(tmp_path / "x.mp3"),
    }  # fmt: skip


def test_a_service_that_states_no_cost(eleven, service, tmp_path):
    service.on(PATH, audio_reply([MP3_FRAME]))
    assert json.loads(eleven("sfx", RAIN, "--json").err)["credits"] is None
    assert eleven("sfx", RAIN, "-o", str(tmp_path / "x.mp3"), tty="err").err.endswith("x.mp3 · 0.0 s\n")


@pytest.mark.parametrize(
    ("name", "word", "shown"),
    [
        ("rain", None, "rain (MP3)"),
        ("v2.d/rain", None, "rain (MP3)"),
        ("rain", "wav", "rain"),
        ("rain.mp3", None, "rain.mp3"),
    ],
)
def test_a_name_that_tells_no_format_has_it_beside_it(eleven, sounding, tmp_path, name, word, shown):
    (tmp_path / "v2.d").mkdir()
    result = eleven("sfx", RAIN, "-o", str(tmp_path / name), *(["--format", word] if word else []), tty="err")
    assert f"{shown} · " in result.err.replace("\r", "\n").splitlines()[-1]


def test_an_existing_file_is_left_alone(eleven, sounding, tmp_path):
    (tmp_path / "x.mp3").write_bytes(b"mine")
    result = eleven("sfx", RAIN, "-o", str(tmp_path / "x.mp3"), "--no-clobber")
    assert (result.code, sounding.requests, (tmp_path / "x.mp3").read_bytes()) == (0, [], b"mine")
    assert "exists, and is left alone" in result.err


def test_what_arrived_is_kept_when_the_connection_breaks(eleven, service, tmp_path):
    def breaks(exchange):
        exchange.head(content_type="audio/mpeg", content_length="10000")
        exchange.body(MP3_FRAME)
        exchange.drop()

    service.on(PATH, breaks)
    (tmp_path / "x.mp3").write_bytes(b"mine")
    result = eleven("sfx", RAIN, "-o", str(tmp_path / "x.mp3"))
    assert result.code == 6
    assert (tmp_path / "x.mp3").read_bytes() == b"mine"
    assert (tmp_path / "x.mp3.part").read_bytes() == MP3_FRAME
    assert len(service.requests) == 1


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_what_arrived_is_kept_when_it_is_interrupted(spawn, service, tmp_path, number, code):
    def stalls(exchange):
        exchange.head(content_type="audio/mpeg", content_length="10000")
        exchange.body(MP3_FRAME)
        exchange.until_released()

    service.on(PATH, stalls)
    path, part = tmp_path / "x.mp3", tmp_path / "x.mp3.part"
    process = spawn("sfx", RAIN, "-o", str(path))
    deadline = time.monotonic() + 20
    while not (part.exists() and part.stat().st_size) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(number)
    assert process.wait(GUARD_S) == code
    assert (part.read_bytes(), path.exists(), len(service.requests)) == (MP3_FRAME, False, 1)


@pytest.mark.parametrize(
    ("reply", "code", "said"),
    [
        (error_reply(401, "unauthorized", "Invalid API key", legacy="invalid_api_key"), 3, "Invalid API key"),
        (error_reply(403, "missing_permissions", "No sound_generation."), 3, "No sound_generation."),
        (error_reply(402, "insufficient_credits", "You have 3 left."), 5, "You have 3 left."),
        (error_reply(403, "subscription_required", "Needs the pro plan."), 5, "Needs the pro plan."),
        (error_reply(400, "text_too_long", "Too long."), 1, "Too long."),
        (json_reply({"detail": [{"loc": ["body", "text"], "msg": "odd", "type": "x"}]}, 422), 1, "body.text: odd"),
        (error_reply(500, "internal_error", "Oops."), 1, "Oops."),
        (raw_reply(b'{"detail":"no sound"}', content_type="application/json"), 1, "no sound"),
        (audio_reply([]), 1, "the service sent no audio"),
    ],
)
def test_what_the_service_refuses_is_asked_once(eleven, service, tmp_path, reply, code, said):
    service.on(PATH, reply)
    result = eleven("sfx", RAIN, "-o", str(tmp_path / "x.mp3"))
    assert result.code == code
    assert said in result.error
    assert len(service.requests) == 1
    assert not list(tmp_path.glob("x*"))


def test_a_busy_service_is_asked_again(eleven, service):
    busy = error_reply(429, "system_busy", "Wait.", retry_after="0")
    service.on(PATH, busy, audio_reply([MP3_FRAME]))
    assert eleven("sfx", RAIN).out == MP3_FRAME
    assert len(service.requests) == 2


def test_no_player_means_no_request(eleven, sounding, monkeypatch):
    monkeypatch.setattr("eleven_cli.audio.devices.portaudio.installed", lambda: False)
    monkeypatch.setattr("eleven_cli.audio.devices.players.programs_here", lambda: [])
    assert eleven("sfx", RAIN, "--play", "--format", "mp3").code == 7
    assert not sounding.requests


def test_without_a_key_nothing_is_opened(eleven, sounding, monkeypatch, tmp_path):
    monkeypatch.delenv("ELEVENLABS_API_KEY")
    assert eleven("sfx", RAIN, "-o", str(tmp_path / "x.mp3")).code == 3
    assert not sounding.requests
    assert not list(tmp_path.glob("x*"))


def test_the_same_is_paid_for_once(eleven, sounding, tmp_path):
    argv = ("sfx", RAIN, "--cache", "--duration", "2")
    first, second = eleven(*argv, tty="err"), eleven(*argv, "--max-credits", "0", tty="err")
    assert first.out == second.out == MP3_FRAME * 2
    assert second.err.endswith("0.1 s · cached, 0 credits\n")
    assert len(sounding.requests) == 1


@pytest.mark.parametrize("other", [["--loop"], ["--influence", "0.3"], ["--duration", "3"], ["--format", "pcm_8000"]])
def test_another_sound_is_not_the_same(eleven, sounding, other):
    eleven("sfx", RAIN, "--cache")
    assert eleven("sfx", RAIN, "--cache", *other).code == 0
    assert len(sounding.requests) == 2


def test_a_dry_run_sends_nothing(eleven, sounding):
    assert eleven("sfx", RAIN, "--dry-run").text == (
        "18 characters · 1 request · the exact price is known after the first one\n"
    )
    assert json.loads(eleven("sfx", RAIN, "--dry-run", "--json", "--loop").out) == {
        "characters": 18, "requests": 1, "estimated_credits": None, "text": RAIN, "loop": True,
    }  # fmt: skip
    assert not sounding.requests


def test_the_price_is_what_was_charged_the_last_time(eleven, sounding):
    eleven("sfx", RAIN, "--duration", "2")
    assert eleven("sfx", RAIN, "--dry-run", "--duration", "5").text == "18 characters · 1 request · about 200 credits\n"
    assert "the exact price is known" in eleven("sfx", RAIN, "--dry-run").text
    eleven("sfx", RAIN)
    assert eleven("sfx", "wind", "--dry-run").text == "4 characters · 1 request · about 80 credits\n"


@pytest.mark.parametrize(
    ("argv", "known", "said"),
    [
        (["--max-credits", "0"], False, "this may cost up to about 200 credits, more than 0"),
        (["--max-credits", "199"], False, "this may cost up to about 200 credits, more than 199"),
        (["--max-credits", "199", "--duration", "5"], False, "this may cost up to about 200 credits, more than 199"),
        (["--max-credits", "79"], True, "this would cost about 80 credits, more than 79"),
    ],
)
def test_a_limit_is_kept_before_anything_is_sent(eleven, sounding, tmp_path, argv, known, said):
    if known:
        eleven("sfx", RAIN)
    before = len(sounding.requests)
    result = eleven("sfx", "wind", "-o", str(tmp_path / "x.mp3"), *argv)
    assert result.code == 5
    assert result.error.startswith(f"error: {said}")
    assert len(sounding.requests) == before
    assert not list(tmp_path.glob("x*"))


@pytest.mark.parametrize(("limit", "code"), [("100", 5), ("5000", 0)])
def test_the_limit_of_the_settings_counts(eleven, sounding, limit, code):
    eleven("config", "set", "max_credits", limit)
    assert eleven("sfx", RAIN).code == code


def test_with_the_sandbox(eleven, tmp_path):
    result = eleven("--sandbox", "sfx", RAIN, "--duration", "1.5", "-o", str(tmp_path / "rain.wav"), "--json")
    assert (result.code, json.loads(result.out)["audio_s"], json.loads(result.out)["credits"]) == (0, 1.5, 30)
