"""How a long text ends before it is done: nothing that was paid for is lost, and the last words say how to go on."""

import json
import re
import shlex
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest

from tests.support.guard import GUARD_S, wait_until
from tests.support.long_texts import Reader, pieces_of, sentences
from tests.support.service import MP3_FRAME, audio_reply, error_reply
from tests.support.speech_socket import heard, sound_of

FORMAT = ("--format", "pcm_16000")


class Slow(Reader):
    """Accepts at once, sends the first letter of a piece, and the rest when the test says so."""

    def __init__(self, most=3):
        super().__init__(most)
        self.accepted = []
        self.begun = threading.Semaphore(0)
        self.broken = None

    def __call__(self, exchange):
        text = exchange.request.json["text"]
        with self.lock:
            self.accepted.append(text)
            number = len(self.accepted)
        exchange.head(
            content_type="audio/pcm",
            transfer_encoding="chunked",
            request_id=f"req_{number}",
            character_cost=str(len(text)),
            maximum_concurrent_requests=str(self.most),
        )
        try:
            exchange.chunk(sound_of(text[:1]))
            self.begun.release()
            if not self.hold.wait(GUARD_S):
                return
            if self.broken and re.search(self.broken, text):
                exchange.drop()
                return
            exchange.chunk(sound_of(text[1:3]))
            exchange.last_chunk()
        except OSError:
            pass  # who drops a piece is part of the tests


@pytest.fixture
def slow(service):
    slow = Slow()
    slow.hold.clear()
    service.on_speech(slow)
    yield slow
    slow.hold.set()


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "my book.txt"
    path.write_text(sentences(300))
    return path


def argv(book, tmp_path):
    return ("tts", "-f", str(book), "-o", str(tmp_path / "book.pcm"), *FORMAT)


def all_begun(slow, count=3):
    for _ in range(count):
        assert slow.begun.acquire(timeout=GUARD_S)


def pasted(hint):
    """What the hint's command gives, run in a shell as it stands."""
    command = hint.removeprefix("hint: ")
    assert command.startswith("eleven tts "), command
    run = f'eleven() {{ {shlex.quote(sys.executable)} -m eleven_cli "$@"; }}; {command}'
    return subprocess.run(["bash", "-c", run], stdin=subprocess.DEVNULL, capture_output=True, timeout=60)


@contextmanager
def lines_of(program):
    """The lines of its stderr as they come."""
    lines, arrived = [], threading.Condition()

    def read():
        for line in program.stderr:
            with arrived:
                lines.append(line.decode())
                arrived.notify_all()

    thread = threading.Thread(target=read, daemon=True)
    thread.start()

    def wait_for(words):
        with arrived:
            assert arrived.wait_for(lambda: any(words in line for line in lines), GUARD_S), lines
            return next(line for line in lines if words in line)

    yield wait_for
    thread.join(GUARD_S)


def test_the_first_ctrl_c_lets_what_is_under_way_finish(spawn, slow, book, tmp_path):
    program = spawn(*argv(book, tmp_path))
    with lines_of(program) as wait_for:
        all_begun(slow)
        program.send_signal(signal.SIGINT)
        assert "finishing 3 pieces under way" in wait_for("finishing")
        slow.hold.set()
        assert program.wait(GUARD_S) == 130
        spent = sum(map(len, slow.accepted))
        error, hint = wait_for("error: "), wait_for("hint: ")
    assert len(slow.accepted) == 3, "no further ones are asked for"
    assert f"spent {spent:,} credits" in error
    total = len(list(pieces_of(book.read_text())))
    assert f"3 of {total} pieces are kept" in error
    assert str(tmp_path / "home") in error, "where they are"
    before = list(slow.accepted)
    again = pasted(hint.strip())
    assert again.returncode == 0, again.stderr
    assert not set(before) & set(slow.accepted[3:]), "nothing is paid for twice"
    assert heard((tmp_path / "book.pcm").read_bytes()) == "".join(piece[:3] for piece in pieces_of(book.read_text()))


def test_the_second_ctrl_c_drops_what_is_under_way(spawn, slow, book, tmp_path):
    program = spawn(*argv(book, tmp_path))
    with lines_of(program) as wait_for:
        all_begun(slow)
        wait_until(lambda: (tmp_path / "book.pcm.part").stat().st_size > 0)
        program.send_signal(signal.SIGINT)
        wait_for("finishing")
        program.send_signal(signal.SIGINT)
        assert program.wait(GUARD_S) == 130
        error = wait_for("error: ")
        wait_for("hint: eleven tts ")
    assert f"spent {sum(map(len, slow.accepted)):,} credits" in error
    assert "what arrived" in error, "the beginning of the first piece had been there"
    assert (tmp_path / "book.pcm.part").read_bytes()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("pressed_before", [False, True])
def test_other_signals_end_it_at_once(spawn, slow, book, tmp_path, number, pressed_before):
    program = spawn(*argv(book, tmp_path))
    with lines_of(program) as wait_for:
        all_begun(slow)
        wait_until(lambda: (tmp_path / "book.pcm.part").stat().st_size > 0)
        if pressed_before:
            program.send_signal(signal.SIGINT)
            wait_for("finishing")
        program.send_signal(number)
        assert program.wait(GUARD_S) == 128 + number
        assert "spent " in wait_for("error: ")
        wait_for("hint: eleven tts ")
    assert (tmp_path / "book.pcm.part").read_bytes()


def test_an_end_before_anything_was_accepted_says_nothing_of_costs(spawn, service, book, tmp_path):
    asked = threading.Event()

    def silent(exchange):
        asked.set()
        exchange.until_hung_up()

    service.on_speech(silent)
    program = spawn(*argv(book, tmp_path))
    assert asked.wait(GUARD_S)
    program.send_signal(signal.SIGINT)
    with lines_of(program) as wait_for:
        wait_for("finishing 1 piece under way")
        program.send_signal(signal.SIGINT)
        assert program.wait(GUARD_S) == 130
    assert not list(tmp_path.glob("*.part"))


def test_a_single_request_ends_at_once(spawn, slow, tmp_path):
    program = spawn("tts", "Hello there", "-o", str(tmp_path / "x.pcm"), *FORMAT)
    all_begun(slow, 1)
    wait_until(lambda: (tmp_path / "x.pcm.part").stat().st_size > 0)
    program.send_signal(signal.SIGINT)
    assert program.wait(GUARD_S) == 130
    error = program.stderr.read().decode()
    assert "finishing" not in error
    assert "x.pcm.part" in error


def test_a_failure_says_spent_kept_and_how_to_go_on(eleven, service, book, tmp_path):
    slow = Slow()
    slow.broken = "Sentence number 250 "
    service.on_speech(slow)
    failed = eleven(*argv(book, tmp_path))
    assert failed.code == 6
    assert f"spent {sum(map(len, slow.accepted)):,} credits" in failed.error
    assert re.search(r"\d of \d pieces are kept", failed.error)
    slow.broken, before = None, len(slow.accepted)
    assert pasted(failed.hint).returncode == 0
    assert 0 < len(slow.accepted) - before < before


@pytest.mark.parametrize("limit", [("--max-credits", "30000"), ("--max-credits=30000",)])
def test_a_spending_limit_says_the_command_with_one_that_is_enough(eleven, service, reader, book, tmp_path, limit):
    """Pieces turn out dearer than was documented."""
    service.on_speech(
        lambda exchange: audio_reply(
            [sound_of(exchange.request.json["text"][:3])], character_cost="9000", maximum_concurrent_requests="1"
        )(exchange)
    )
    text = book.read_text()
    assert len(text) < 30000 < 9000 * len(list(pieces_of(text)))
    failed = eleven(*argv(book, tmp_path), *limit)
    assert failed.code == 5
    assert "spent 27,000 credits" in failed.error
    assert f"3 of {len(list(pieces_of(text)))} pieces are kept" in failed.error
    assert re.search(r"--max-credits \d+", failed.hint)
    service.on_speech(reader)
    assert pasted(failed.hint).returncode == 0
    assert set(reader.texts) == set(list(pieces_of(text))[3:])


def test_with_json_the_end_is_one_object(spawn, slow, book, tmp_path):
    program = spawn(*argv(book, tmp_path), "--json")
    all_begun(slow)
    program.send_signal(signal.SIGINT)
    slow.hold.set()
    assert program.wait(GUARD_S) == 130
    error = json.loads(program.stderr.read())["error"]
    assert "pieces are kept" in error["message"]
    assert error["hint"].startswith("eleven tts ")


def test_a_refused_try_again_is_not_waited_for(spawn, service, book, tmp_path):
    """A piece that waits for its turn at the service was not accepted, so it was not paid for either."""
    refused = threading.Event()

    def reply(exchange):
        if exchange.request.json["text"].startswith("Sentence number 0 "):
            audio_reply([sound_of("abc")], maximum_concurrent_requests="2")(exchange)
            return
        error_reply(503, "busy", "Come back later.", retry_after="30")(exchange)
        refused.set()

    service.on_speech(reply)
    program = spawn(*argv(book, tmp_path))
    assert refused.wait(GUARD_S)
    program.send_signal(signal.SIGINT)
    assert program.wait(GUARD_S) == 130


FRAMES = MP3_FRAME * 3


def lost(exchange):
    exchange.drop()


def cut(exchange):
    exchange.handler.connection.close()


@pytest.mark.parametrize("end", [lost, cut])
@pytest.mark.parametrize(
    ("suffix", "audio"), [("mp3", MP3_FRAME), ("mp3", FRAMES), ("mp3", MP3_FRAME * 40), ("pcm", b"ab" * 300)]
)
def test_what_arrived_is_kept_however_soon_the_connection_is_lost(eleven, service, book, tmp_path, suffix, audio, end):
    def reply(exchange):
        exchange.head(content_type="audio/mpeg", transfer_encoding="chunked", maximum_concurrent_requests="5")
        exchange.chunk(audio)
        end(exchange)

    service.on_speech(reply)
    argv = ("tts", "-f", str(book), "-o", str(tmp_path / f"book.{suffix}"), *(FORMAT if suffix == "pcm" else ()))
    assert eleven(*argv).code == 6
    assert (tmp_path / f"book.{suffix}.part").read_bytes() == audio


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_was_held_back_for_a_join_is_kept_when_a_signal_ends_it(spawn, service, book, tmp_path, number):
    sent = threading.Event()

    def reply(exchange):
        exchange.head(content_type="audio/mpeg", transfer_encoding="chunked", maximum_concurrent_requests="1")
        exchange.chunk(MP3_FRAME * 10)
        sent.set()
        exchange.until_hung_up()

    service.on_speech(reply)
    program = spawn("tts", "-f", str(book), "-o", str(tmp_path / "book.mp3"))
    with lines_of(program) as wait_for:
        assert sent.wait(GUARD_S)
        wait_until(lambda: (tmp_path / "book.mp3.part").stat().st_size > 0)
        program.send_signal(number)
        if number == signal.SIGINT:
            wait_for("finishing")
            program.send_signal(number)
        assert program.wait(GUARD_S) == 128 + number
    assert (tmp_path / "book.mp3.part").read_bytes() == MP3_FRAME * 10


def test_a_disk_that_is_full_under_the_result_keeps_the_pieces(spawn, eleven, service, reader, book, tmp_path):
    def limit():
        import resource

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))

    reader.sound = lambda text: text[:15]
    program = spawn(*argv(book, tmp_path), preexec_fn=limit)
    _, err = program.communicate(timeout=GUARD_S)
    assert program.returncode == 1
    assert b"pieces are kept" in err
    hint = next(line for line in err.decode().splitlines() if line.startswith("hint: "))
    asked = list(reader.texts)
    assert pasted(hint).returncode == 0
    assert not set(asked) & set(reader.texts[len(asked) :])


@pytest.mark.parametrize("status", [400, 404, 422])
@pytest.mark.parametrize("first", ["text", "ids"])
@pytest.mark.parametrize("then", ["text", "ids"])
def test_ids_that_the_service_has_forgotten_do_not_stop_a_book(
    eleven, service, reader, book, tmp_path, status, first, then
):
    """One job for both ways of stitching; where ids are refused it goes on with the text before."""
    reader.fail_at = "Sentence number 150 "
    assert eleven(*argv(book, tmp_path), "--stitch", first).code == 1
    before, reader.texts, reader.fail_at = list(reader.texts), [], None
    of_this_run = set()

    def forgetful(exchange):
        body = exchange.request.json
        if not set(body.get("previous_request_ids", [])) <= of_this_run:
            error_reply(status, "invalid_request_ids", "Some of the request ids are too old.")(exchange)
            return
        name = f"new_{len(of_this_run)}"
        reader.texts.append(body["text"])
        of_this_run.add(name)
        told.append(body)
        audio_reply([sound_of(body["text"][:3])], request_id=name, maximum_concurrent_requests="1")(exchange)

    told = []
    service.on_speech(forgetful)
    outcome = eleven(*argv(book, tmp_path), "--stitch", then)
    assert outcome.code == 0, outcome.err
    kept = [text for text in before if "Sentence number 150 " not in text]
    assert kept
    assert not set(kept) & set(reader.texts)
    assert told[0].get("previous_text")
    assert "previous_request_ids" not in told[0]
    if first == then == "ids":
        assert all(body.get("previous_request_ids") for body in told[1:])


def test_another_refusal_is_not_taken_for_one_of_ids(eleven, service, reader, book, tmp_path):
    reader.fail_at = "Sentence number 100 "
    outcome = eleven(*argv(book, tmp_path), "--stitch", "ids")
    assert "This text cannot be spoken" in outcome.error
    assert outcome.code == 1


@pytest.mark.parametrize("columns", [30, 40, 80])
def test_the_progress_shows_what_is_spent_and_fits_the_terminal(spawn, slow, book, tmp_path, columns):
    import fcntl
    import os
    import pty
    import struct
    import termios

    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    program = spawn(*argv(book, tmp_path), stderr=follower)
    os.close(follower)
    all_begun(slow)
    expected, seen = f"{sum(map(len, slow.accepted)):,} credits", ""
    guard = threading.Timer(GUARD_S, program.kill)
    guard.start()
    while expected not in seen:
        seen += os.read(leader, 4096).decode(errors="replace")
    guard.cancel()
    program.kill()
    lines = re.findall(r"\x1b\[2m([^\x1b]*)\x1b\[0m", seen)
    assert lines
    assert all(len(line) < columns for line in lines)
    assert not any("…" in line for line in lines)
    os.close(leader)
