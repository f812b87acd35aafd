"""`eleven tts` with texts of many requests: all of them spoken once, in order, some at a time, and taken up again."""

import json
import re
import signal
import threading
import time

import pytest

from eleven_cli.commands.tts.long_text.piece_fetcher import PieceFetcher
from tests.conftest import VOICE
from tests.support.guard import GUARD_S
from tests.support.long_texts import Reader, pieces_of, sentences
from tests.support.service import audio_reply, error_reply, json_reply, spoken
from tests.support.speech_socket import heard, sound_of

PCM = ("--format", "pcm_16000", "--no-live")


def test_every_character_is_spoken_once_and_in_order(eleven, reader, book, tmp_path):
    outcome = eleven("tts", "-f", str(book), "-o", str(tmp_path / "book.pcm"), "--format", "pcm_16000")
    assert outcome.code == 0, outcome.err
    text = book.read_text()
    in_order = sorted(reader.texts, key=text.index)
    assert "".join(in_order) == text
    assert len(reader.texts) >= 5
    assert all(len(piece) <= 10_000 for piece in reader.texts)
    assert heard((tmp_path / "book.pcm").read_bytes()) == "".join(piece[:3] for piece in in_order)


def test_as_many_at_once_as_the_plan_allows_and_no_more(eleven, service, book):
    reader = Reader(most=3)
    service.on_speech(reader)

    def meet(text):
        end = time.monotonic() + GUARD_S
        while not text.startswith("Sentence number 0 ") and reader.highest < 3:
            assert time.monotonic() < end, "there were never three at once"
            threading.Event().wait(0.01)
        return text[:1]

    reader.sound = meet
    assert eleven("tts", "-f", str(book), *PCM[:2]).code == 0
    assert reader.highest == 3
    assert reader.refused == 0


@pytest.mark.parametrize(("count", "most"), [(300, 5), (3000, 20)])
def test_never_more_than_twenty_at_once_nor_more_than_there_are_pieces(
    eleven, service, tmp_path, monkeypatch, count, most
):
    reader = Reader(most=2000, sound=lambda text: text[:1])
    service.on_speech(reader)
    workers, work = [], PieceFetcher._work
    monkeypatch.setattr(PieceFetcher, "_work", lambda pieces: (workers.append(1), work(pieces)))
    (tmp_path / "book.txt").write_text(sentences(count))
    assert eleven("tts", "-f", str(tmp_path / "book.txt"), *PCM[:2]).code == 0
    assert len(reader.texts) >= most
    assert 2 <= len(workers) <= min(20, len(reader.texts))


def test_each_request_is_told_what_stands_around_it(eleven, service, reader, book):
    assert eleven("tts", "-f", str(book), *PCM[:2]).code == 0
    text = book.read_text()
    bodies = sorted((request.json for request in spoken(service)), key=lambda body: text.index(body["text"]))
    for before, body, after in zip([None, *bodies], bodies, [*bodies[1:], None], strict=False):
        assert body.get("previous_text") == (before["text"][-300:] if before else None)
        assert body.get("next_text") == (after["text"][:300] if after else None)
        assert "previous_request_ids" not in body


def test_stitching_by_ids_goes_one_by_one(eleven, service, reader, book):
    assert eleven("tts", "-f", str(book), *PCM[:2], "--stitch", "ids").code == 0
    assert reader.highest == 1
    ids = [request.json.get("previous_request_ids") for request in spoken(service)]
    assert ids[:5] == [None, ["req_1"], ["req_1", "req_2"], ["req_1", "req_2", "req_3"], ["req_2", "req_3", "req_4"]]


CONTEXT = {"previous_text", "next_text", "previous_request_ids", "next_request_ids"}


@pytest.mark.parametrize("model", ["eleven_v3", "eleven_v3_conversational"])
@pytest.mark.parametrize("stitch", ["text", "ids"])
def test_models_that_refuse_what_stands_around_a_text_are_not_told(eleven, service, reader, tmp_path, model, stitch):
    (tmp_path / "t").write_text(sentences(150))
    assert eleven("tts", "-f", str(tmp_path / "t"), *PCM[:2], "-m", model, "--stitch", stitch).code == 0
    assert len(spoken(service)) > 1
    assert all(not CONTEXT & set(request.json) for request in spoken(service))


@pytest.mark.parametrize("stitch", ["text", "ids"])
def test_v4_is_told_what_stands_around_a_text(eleven, service, reader, tmp_path, stitch):
    (tmp_path / "t").write_text(sentences(350))
    assert eleven("tts", "-f", str(tmp_path / "t"), *PCM[:2], "-m", "eleven_v4", "--stitch", stitch).code == 0
    assert len(spoken(service)) > 1
    assert all(CONTEXT & set(request.json) for request in spoken(service))


REFUSALS = {
    "a parameter": (422, "invalid_parameters", "previous_text is not supported."),
    "the ids": (400, "invalid_request", "Request stitching is not available."),
    "the model": (400, "unsupported_model", "Providing next_text is not yet supported with the 'eleven_v4' model."),
}


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
@pytest.mark.parametrize("stitch", ["text", "ids"])
def test_v4_that_refuses_it_is_asked_once_more_without_it_for_all_of_the_run(
    eleven, service, reader, tmp_path, refusal, stitch
):
    (tmp_path / "t").write_text(sentences(350))
    refused = []

    def reply(exchange):
        if CONTEXT & set(exchange.request.json):
            refused.append(exchange.request)
            error_reply(*refusal)(exchange)
        else:
            reader(exchange)

    service.on_speech(reply)
    done = eleven("tts", "-f", str(tmp_path / "t"), *PCM[:2], "-m", "eleven_v4", "--stitch", stitch)
    assert done.code == 0
    assert len(refused) == 1  # the others begin when the first has been accepted
    text = (tmp_path / "t").read_text()
    assert "".join(sorted(reader.texts, key=text.index)) == text
    assert all(request.path.startswith("/v1/text-to-speech/") for request in spoken(service))


@pytest.mark.parametrize("model", ["eleven_v4", "eleven_multilingual_v2"])
def test_another_refusal_is_not_tried_again_without_it(eleven, service, tmp_path, model):
    (tmp_path / "t").write_text(sentences(350))
    service.on_speech(error_reply(400, "text_too_long", "The text is too long."))
    assert eleven("tts", "-f", str(tmp_path / "t"), *PCM[:2], "-m", model).code == 1
    assert len(spoken(service)) == 1


def test_a_failure_keeps_what_was_paid_for_and_the_same_command_goes_on(eleven, service, reader, book, tmp_path):
    argv = ("tts", "-f", str(book), "-o", str(tmp_path / "book.pcm"), "--format", "pcm_16000")
    reader.fail_at = "Sentence number 250 "
    failed = eleven(*argv)
    assert failed.code == 1
    assert "This text cannot be spoken" in failed.error
    assert re.search(r"\d of \d pieces are kept: the same command continues", failed.error)
    assert not (tmp_path / "book.pcm").exists()
    first = list(reader.texts)
    reader.texts, reader.fail_at = [], None
    again = eleven(*argv, tty="err")
    assert again.code == 0
    assert "continuing: " in again.err
    asked_twice = set(first) & set(reader.texts)
    assert all("Sentence number 250 " in text for text in asked_twice)
    expected = sorted({*first, *reader.texts}, key=book.read_text().index)
    assert "".join(expected) == book.read_text()
    assert heard((tmp_path / "book.pcm").read_bytes()) == "".join(piece[:3] for piece in expected)


def test_killed_at_any_point_and_run_again(spawn, service, book, tmp_path, eleven):
    reader = Reader(most=2)
    service.on_speech(reader)
    argv = ("tts", "-f", str(book), "-o", str(tmp_path / "book.pcm"), "--format", "pcm_16000")
    whole = set()
    for _ in range(3):
        third = threading.Event()

        def sound(text, third=third):
            if len(reader.texts) >= 3:  # which is asked for when the first has arrived
                third.set()
            if len(reader.texts) >= 2:
                reader.hold.wait(GUARD_S)
            return text[:3]

        reader.sound, reader.texts = sound, []
        reader.hold.clear()
        program = spawn(*argv)
        assert third.wait(GUARD_S)
        program.send_signal(signal.SIGKILL)
        program.wait(GUARD_S)
        reader.hold.set()
        wait_for_idle(reader)
        assert not set(reader.texts) & whole, "a piece that had arrived whole was asked for again"
        whole.add(reader.texts[0])
    reader.sound = lambda text: text[:3]
    reader.texts = []
    assert eleven(*argv).code == 0
    expected = [piece[:3] for piece in pieces_of(book.read_text())]
    assert heard((tmp_path / "book.pcm").read_bytes()) == "".join(expected)


def wait_for_idle(reader):
    end = time.monotonic() + GUARD_S
    while reader.under_way:
        assert time.monotonic() < end
        threading.Event().wait(0.01)


def test_another_setting_is_another_job(eleven, reader, book, tmp_path):
    reader.fail_at = "Sentence number 250 "
    argv = ("tts", "-f", str(book), "-o", str(tmp_path / "book.pcm"), "--format", "pcm_16000")
    assert eleven(*argv).code == 1
    first, reader.texts, reader.fail_at = list(reader.texts), [], None
    assert eleven(*argv, "--stability", "0.3").code == 0
    assert set(first) <= set(reader.texts)


def test_nothing_of_the_job_is_left_behind(eleven, reader, book, tmp_path, home):
    assert eleven("tts", "-f", str(book), *PCM[:2]).code == 0
    assert not list((home / ".cache" / "eleven" / "jobs").glob("*/*"))


def test_fewer_at_once_when_others_use_the_plan_too(eleven, service, book, pauses):
    reader = Reader(most=2)

    def generous(exchange):
        """Says that five are allowed, and allows two."""
        text = exchange.request.json["text"]
        with reader.lock:
            refused = reader.under_way >= 2
            reader.under_way += not refused
            reader.refused += refused
        if refused:
            error_reply(429, "concurrent_limit_exceeded", "Too many concurrent requests.")(exchange)
            return
        try:
            audio_reply([sound_of(text[:2])], maximum_concurrent_requests="5")(exchange)
            reader.texts.append(text)
        finally:
            with reader.lock:
                reader.under_way -= 1

    service.on_speech(generous)
    assert eleven("tts", "-f", str(book), *PCM[:2]).code == 0
    assert "".join(sorted(reader.texts, key=book.read_text().index)) == book.read_text()


def test_more_than_was_allowed_is_refused_before_anything_is_paid(eleven, service, reader, book):
    outcome = eleven("tts", "-f", str(book), *PCM[:2], "--max-credits", "1000")
    assert outcome.code == 5
    assert "more than 1,000" in outcome.error
    assert service.requests == []


def test_a_dry_run(eleven, service, book):
    outcome = eleven("tts", "-f", str(book), "--dry-run", "-m", "eleven_flash_v2_5")
    characters = len(book.read_text())
    expected = f"{characters:,} characters · 1 request · about {-(-characters // 2):,} credits with eleven_flash_v2_5\n"
    assert (outcome.code, outcome.text) == (0, expected)
    assert service.requests == []


def test_a_dry_run_as_json(eleven, service, book):
    outcome = eleven("tts", "-f", str(book), "--dry-run", "--json")
    characters = len(book.read_text())
    assert json.loads(outcome.text) == {
        "characters": characters,
        "requests": len(list(pieces_of(book.read_text()))),
        "estimated_credits": characters,
        "model_id": "eleven_multilingual_v2",
    }


def test_a_dry_run_needs_no_key(eleven, monkeypatch):
    outcome = eleven("tts", "Hello there", "--dry-run")
    assert (outcome.code, outcome.text) == (
        0,
        "11 characters · 1 request · about 11 credits with eleven_multilingual_v2\n",
    )


def test_chapters_of_markdown_to_one_file_each(eleven, service, reader, tmp_path):
    (tmp_path / "book.md").write_text("# One\n\nFirst chapter.\n\n# Two\n\nSecond chapter.\n")
    target = tmp_path / "out" / "{chapter:02d} {title}.pcm"
    outcome = eleven("tts", "-f", str(tmp_path / "book.md"), "-o", str(target), "--format", "pcm_16000")
    assert outcome.code == 0, outcome.err
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["01 One.pcm", "02 Two.pcm"]
    assert sorted(reader.texts) == ["One.\n\nFirst chapter.", "Two.\n\nSecond chapter."]
    assert heard((tmp_path / "out" / "02 Two.pcm").read_bytes()) == "Two"


def test_a_name_for_chapters_that_is_none(eleven, service, tmp_path):
    (tmp_path / "book.md").write_text("# One\n\nFirst.\n\n# Two\n\nSecond.\n")
    outcome = eleven("tts", "-f", str(tmp_path / "book.md"), "-o", str(tmp_path / "{part:02d}.mp3"))
    assert outcome.code == 2
    assert "not a valid name for chapters" in outcome.error


def test_chapters_with_one_name(eleven, service, tmp_path):
    (tmp_path / "book.md").write_text("# One\n\nFirst.\n\n# One\n\nSecond.\n")
    outcome = eleven("tts", "-f", str(tmp_path / "book.md"), "-o", str(tmp_path / "{title}.mp3"))
    assert outcome.code == 2
    assert "same file" in outcome.error
    assert service.requests == []


def test_a_second_run_of_the_same_is_not_paid_for_twice(spawn, eleven, reader, book, tmp_path):
    argv = ("tts", "-f", str(book), "--format", "pcm_16000", "-o")
    begun = threading.Event()

    def sound(text):
        begun.set()
        reader.hold.wait(GUARD_S)
        return text[:3]

    reader.sound = sound
    reader.hold.clear()
    first = spawn(*argv, str(tmp_path / "1.pcm"))
    assert begun.wait(GUARD_S)
    asked = len(reader.texts)
    second = eleven(*argv, str(tmp_path / "2.pcm"))
    assert second.code == 1
    assert "another process is already making this" in second.error
    assert len(reader.texts) == asked
    reader.hold.set()
    assert first.wait(GUARD_S) == 0


def test_the_first_piece_sounds_while_the_others_are_made(spawn, service, book):
    reader = Reader()
    later = threading.Event()

    def sound(text):
        if not text.startswith("Sentence number 0 "):
            later.wait(GUARD_S)
        return text[:3]

    reader.sound = sound
    service.on_speech(reader)
    program = spawn("tts", "-f", str(book), *PCM[:2])
    assert heard(program.stdout.read(len(sound_of("Sen")))) == "Sen"
    later.set()
    program.communicate(timeout=GUARD_S)
    assert program.returncode == 0


def test_a_voice_that_is_not_there_is_said_at_once(eleven, service, book):
    service.on_speech(error_reply(404, "voice_not_found", "A voice with this id was not found."))
    outcome = eleven("tts", "-f", str(book), *PCM[:2], "-v", VOICE)
    assert outcome.code == 4
    assert "pieces are kept" not in outcome.error
    assert len(spoken(service)) == 1


def test_limits_and_costs_are_taken_from_the_models_that_were_listed(eleven, service, tmp_path):
    model = {
        "model_id": "house_model",
        "maximum_text_length_per_request": 100,
        "model_rates": {"character_cost_multiplier": 2},
    }
    service.on("/v1/models", json_reply([model]))
    argv = ("tts", "Some words, and more. " * 20, "-m", "house_model", "--dry-run")
    assert eleven(*argv).text == "440 characters · 1 request · about 440 credits with house_model\n"
    assert eleven("models").code == 0
    assert eleven(*argv).text == "440 characters · 5 requests · about 880 credits with house_model\n"


def test_a_folder_that_cannot_be_written_is_said_and_costs_nothing(eleven, service, reader, book, home):
    (home / ".cache").mkdir()
    (home / ".cache" / "eleven").write_text("a file in the way")
    outcome = eleven("tts", "-f", str(book), *PCM[:2])
    assert outcome.code == 0
    assert "cannot be continued" in outcome.err
    assert "".join(sorted(reader.texts, key=book.read_text().index)) == book.read_text()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not really", b"just text"])
def test_an_epub_that_is_none(eleven, service, tmp_path, content):
    (tmp_path / "book.epub").write_bytes(content)
    outcome = eleven("tts", "-f", str(tmp_path / "book.epub"), *PCM[:2])
    assert outcome.code == 2
    assert "Traceback" not in outcome.err
    assert service.requests == []


@pytest.mark.parametrize(
    "text",
    ["x" * 50_000, "e\u0301" * 20_000, "👩‍👩‍👧‍👦" * 4_000, "line\r\n" * 9_000, "word\x1b " * 9_000],
    ids=["no blanks", "combining", "families", "crlf", "escapes"],
)
def test_odd_texts_arrive_whole(eleven, service, reader, tmp_path, text):
    reader.sound = lambda text: "x"
    (tmp_path / "odd").write_bytes(text.encode())
    assert eleven("tts", "-f", str(tmp_path / "odd"), *PCM[:2], "--stitch", "ids").code == 0
    assert "".join(reader.texts) == text
    assert len(reader.texts) > 1


def test_chapters_that_exist_are_left_alone_with_no_clobber(eleven, service, reader, tmp_path):
    """So that a book that was broken off can be continued with the same command."""
    (tmp_path / "book.md").write_text("".join(f"# Chapter {number}\n\nIt goes on.\n\n" for number in (1, 2, 3, 4)))
    argv = ("tts", "-f", str(tmp_path / "book.md"), "-o", str(tmp_path / "{chapter}.pcm"), "--no-clobber", *PCM[:2])
    reader.fail_at = "Chapter 3"
    assert eleven(*argv).code == 1
    before = (tmp_path / "1.pcm").read_bytes()
    reader.texts, reader.fail_at = [], None
    again = eleven(*argv)
    assert again.code == 0
    assert "1.pcm exists, and is left alone" in again.err
    assert not any("Chapter 1" in text for text in reader.texts)
    assert (tmp_path / "1.pcm").read_bytes() == before
    assert sorted(path.name for path in tmp_path.glob("*.pcm")) == ["1.pcm", "2.pcm", "3.pcm", "4.pcm"]
    reader.texts = []
    third = eleven(*argv)
    assert (third.code, third.err, reader.texts) == (0, "all 4 chapters exist, and are left alone\n", [])
