"""`eleven tts --cache`: identical audio is not paid for twice."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.guard import GUARD_S
from tests.support.service import audio_reply, raw_reply
from tests.support.speech_socket import sound_of
from tests.support.timed_speech import columns, lines_reply, timed

ARGV = ("tts", "Hello there", "--format", "pcm_16000")


@pytest.fixture
def spoken(service):
    service.on_speech(audio_reply([sound_of("Hello"), sound_of(" there")], character_cost="11", request_id="req_1"))
    return service


def test_the_same_is_asked_for_once(eleven, spoken):
    first, second = (eleven(*ARGV, "--cache", tty="err") for _ in range(2))
    assert first.out == second.out == sound_of("Hello there")
    assert len(spoken.requests) == 1
    assert first.err.endswith(" s · 11 credits\n")
    assert second.err.endswith(" s · cached, 0 credits\n")


def test_nothing_is_kept_or_reused_without_being_asked(eleven, spoken):
    eleven(*ARGV)
    eleven(*ARGV, "--cache")
    eleven(*ARGV)
    assert len(spoken.requests) == 3


@pytest.mark.parametrize(
    "other",
    [
        ("--stability", "0.3"), ("-m", "eleven_v3"), ("-v", "zzzzzzzzzzzzzzzzzzzz"), ("--seed", "1"),
        ("--language", "de", "-m", "eleven_flash_v2_5"), ("--normalize", "off"), ("--format", "pcm_24000"),
    ],
)  # fmt: skip
def test_everything_that_changes_the_audio_counts(eleven, spoken, other):
    eleven(*ARGV, "--cache")
    assert eleven(*ARGV, "--cache", *other).code == 0
    assert len(spoken.requests) == 2


def test_another_server_is_another_voice(eleven, spoken, monkeypatch):
    eleven(*ARGV, "--cache")
    monkeypatch.setenv("ELEVENLABS_BASE_URL", spoken.url.replace("127.0.0.1", "localhost"))
    assert eleven(*ARGV, "--cache").code == 0
    assert len(spoken.requests) == 2


def test_what_broke_off_is_not_kept(eleven, service):
    def breaks(exchange):
        exchange.head(content_type="audio/pcm", content_length="1000")
        exchange.body(b"\1\0" * 20)
        exchange.drop()

    service.on_speech(breaks, audio_reply([sound_of("Hello there")]))
    assert eleven(*ARGV, "--cache").code == 6
    whole = eleven(*ARGV, "--cache")
    assert (whole.code, whole.out) == (0, sound_of("Hello there"))


def test_the_figures_say_so(eleven, spoken):
    eleven(*ARGV, "--cache")
    figures = json.loads(eleven(*ARGV, "--cache", "--json").err)
    assert (figures["cached"], figures["requests"], figures["credits"], figures["request_id"]) == (1, 1, 0, None)


def test_times_are_kept_with_the_audio(eleven, service, tmp_path):
    service.on_speech(lines_reply(timed("Hello there")))
    path = tmp_path / "s.json"
    argv = (*ARGV, "--cache", "--subtitles", str(path))
    assert eleven(*argv).code == 0
    first = columns(path)
    path.unlink()
    assert eleven(*argv).code == 0
    assert columns(path) == first
    assert len(service.requests) == 1


def test_the_pieces_of_a_long_text_are_kept_too(eleven, service, tmp_path):
    service.on_speech(lambda exchange: audio_reply([sound_of(exchange.request.json["text"][:3])])(exchange))
    (tmp_path / "book").write_text("It was a dark and stormy night, and so on. " * 300)
    argv = ("tts", "-f", str(tmp_path / "book"), "--format", "pcm_16000", "--cache")
    first = eleven(*argv)
    asked = len(service.requests)
    second = eleven(*argv, tty="err")
    assert (second.code, second.out) == (0, first.out)
    assert asked == len(service.requests) > 2
    assert "cached, 0 credits" in second.err


def test_a_folder_that_cannot_be_written_costs_nothing(eleven, spoken, home):
    (home / ".cache").mkdir()
    (home / ".cache" / "eleven").write_text("a file in the way")
    outcome = eleven(*ARGV, "--cache")
    assert (outcome.code, outcome.out) == (0, sound_of("Hello there"))
    assert "warning: cannot cache the audio" in outcome.err


def test_an_answer_that_is_no_audio_is_not_kept(eleven, service):
    service.on_speech(raw_reply(b'{"detail":"Something odd"}', content_type="application/json"))
    assert eleven(*ARGV, "--cache").code == 1
    service.on_speech(audio_reply([sound_of("Hello there")]))
    assert eleven(*ARGV, "--cache").code == 0


def test_stitching_by_ids_is_found_again(eleven, service, tmp_path):
    """Although the ids of the requests before are others, or unknown, by then."""

    def speak(exchange):
        headers = {"request_id": f"req_{len(service.requests)}"}
        audio_reply([sound_of(exchange.request.json["text"][:3])], **headers)(exchange)

    service.on_speech(speak)
    (tmp_path / "book").write_text("It was a dark and stormy night, and so on. " * 300)
    argv = ("tts", "-f", str(tmp_path / "book"), "--format", "pcm_16000", "--cache", "--stitch", "ids")
    assert eleven(*argv).code == 0
    asked = len(service.requests)
    assert eleven(*argv).code == 0
    assert len(service.requests) == asked > 2


def test_what_is_kept_counts_for_no_limit(eleven, spoken, service, tmp_path):
    assert eleven(*ARGV, "--cache").code == 0
    assert eleven(*ARGV, "--cache", "--max-credits", "3").code == 0
    assert eleven("tts", "Hello there, and more", "--cache", "--max-credits", "3").code == 5
    (tmp_path / "book").write_text("It was a dark and stormy night, and so on. " * 300)
    argv = ("tts", "-f", str(tmp_path / "book"), "--format", "pcm_16000", "--cache")
    assert eleven(*argv).code == 0
    assert eleven(*argv, "--max-credits", "3").code == 0


def test_the_same_at_once_is_asked_for_once(spawn, service):
    def slowly(exchange):
        exchange.until_released()
        audio_reply([sound_of("Hello there")], character_cost="11")(exchange)

    service.on_speech(slowly)
    programs = [spawn(*ARGV, "--cache", "--stats") for _ in range(8)]
    waiting = threading.Semaphore(0)

    def was_paid(program):
        for line in program.stderr:
            if b"waiting for it" in line:
                waiting.release()
        return b"11 credits" in line

    with ThreadPoolExecutor(16) as pool:
        told = [pool.submit(was_paid, program) for program in programs]
        heard = [pool.submit(program.stdout.read) for program in programs]
        for _ in range(7):
            assert waiting.acquire(timeout=GUARD_S)
        service.released.set()
        assert {each.result() for each in heard} == {sound_of("Hello there")}
        assert sum(each.result() for each in told) == 1
    assert len(service.requests) == 1


def test_who_waited_for_one_that_failed_asks_itself(eleven, spawn, spoken):
    begun = threading.Event()

    def fails(exchange):
        begun.set()
        exchange.until_released()
        exchange.head(content_type="audio/pcm", content_length="1000")
        exchange.drop()

    (good,) = spoken.replies["speech"]
    spoken.on_speech(fails, good)
    first = spawn(*ARGV, "--cache")
    assert begun.wait(GUARD_S)
    second = spawn(*ARGV, "--cache")
    assert b"waiting for it" in second.stderr.readline()
    spoken.released.set()
    assert second.stdout.read() == sound_of("Hello there")
    assert first.wait(GUARD_S) == 6
    assert len(spoken.requests) == 2


@pytest.mark.parametrize("cost", ["²", "9" * 400, "-1", "1.5", "nonsense"])
def test_a_cost_that_is_no_number_is_not_told(eleven, service, cost):
    service.on_speech(audio_reply([sound_of("Hello there")], character_cost=cost.encode().decode("latin-1")))
    outcome = eleven(*ARGV, "--json")
    assert outcome.code == 0
    assert json.loads(outcome.err)["credits"] is None
