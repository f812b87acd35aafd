"""`eleven tts --subtitles`: what is read fits what is heard."""

import json
import os
import tempfile
import threading

import pytest

from tests.conftest import KEY, VOICE
from tests.support.service import raw_reply
from tests.support.speech_socket import CHARACTER_S, Narrator, encoded, sound_of
from tests.support.timed_speech import columns, lines_reply, shown, timed

PCM = ("--format", "pcm_16000")


def on_timed_speech(service, *replies):
    service.on_speech(*replies)


def test_the_request_asks_for_times_and_the_audio_is_the_same(eleven, service, tmp_path):
    text = "The first words. The last words."
    service.on_speech(lines_reply(timed(text[:17]), timed(text[17:], from_s=17 * CHARACTER_S)))
    outcome = eleven("tts", text, *PCM, "--subtitles", str(tmp_path / "s.srt"))
    assert outcome.code == 0, outcome.err
    assert outcome.out == sound_of(text)
    assert service.requests[0].path == f"/v1/text-to-speech/{VOICE}/stream/with-timestamps"
    cues = shown(tmp_path / "s.srt")
    assert " ".join(cue[2] for cue in cues) == text
    assert cues[0][0] == 0


@pytest.mark.parametrize("prefix", [b"", b"data: ", b"\n\r\n data:"])
def test_lines_are_read_with_patience(eleven, service, tmp_path, prefix):
    service.on_speech(lines_reply(prefix + json.dumps(timed("Hello.")).encode()))
    assert eleven("tts", "Hello.", *PCM, "--subtitles", str(tmp_path / "s.json")).code == 0
    assert columns(tmp_path / "s.json")[0] == "Hello."


def test_times_that_begin_anew_with_every_chunk(eleven, service, tmp_path):
    service.on_speech(lines_reply(timed("One two. "), timed("Three.")))
    assert eleven("tts", "One two. Three.", *PCM, "--subtitles", str(tmp_path / "s.json")).code == 0
    text, starts, ends = columns(tmp_path / "s.json")
    assert text == "One two. Three."
    assert starts == pytest.approx([at * CHARACTER_S for at in range(len(text))], abs=0.002)
    assert ends[-1] == pytest.approx(len(text) * CHARACTER_S, abs=0.002)


def test_times_go_on_over_the_pieces_of_a_long_text(eleven, service, tmp_path):
    service.on_speech(lambda exchange: lines_reply(timed(exchange.request.json["text"][:40]))(exchange))
    (tmp_path / "book").write_text("It was a dark and stormy night, and so on. " * 300)
    outcome = eleven("tts", "-f", str(tmp_path / "book"), *PCM, "--subtitles", str(tmp_path / "s.json"))
    assert outcome.code == 0, outcome.err
    requests = [request for request in service.requests if request.method == "POST"]
    assert len(requests) > 2
    text, starts, _ = columns(tmp_path / "s.json")
    assert len(text) == 40 * len(requests)
    assert starts == pytest.approx([at * CHARACTER_S for at in range(len(text))], abs=0.002)
    assert len(outcome.out) == len(sound_of(text))


def test_live_speech_has_them_too(eleven, monkeypatch, tmp_path):
    with Narrator() as narrator:
        monkeypatch.setenv("ELEVENLABS_BASE_URL", narrator.url)
        monkeypatch.setenv("ELEVENLABS_API_KEY", KEY)
        monkeypatch.setenv("ELEVENLABS_VOICE_ID", VOICE)
        outcome = eleven("tts", *PCM, "--subtitles", str(tmp_path / "s.vtt"), stdin="One two.\nThree four.\n")
    assert outcome.code == 0, outcome.err
    assert (tmp_path / "s.vtt").read_text().startswith("WEBVTT")
    assert " ".join(cue[2] for cue in shown(tmp_path / "s.vtt")) == "One two. Three four."
    starts = [cue[0] for cue in shown(tmp_path / "s.vtt")]
    assert starts == pytest.approx([0, 8 * CHARACTER_S][: len(starts)], abs=0.05)


def test_words_are_shown_when_they_are_heard(eleven, tmp_path):
    """Against the sandbox's real voice: no cue is off by more than 50 ms from the sound it belongs to."""
    path, audio = tmp_path / "s.json", tmp_path / "s.pcm"
    text = 'Peter picked a pepper. <break time="1s"/> Tom took two tomatoes.'
    assert eleven("--sandbox", "tts", text, "-v", "Harper", *PCM, "-o", str(audio), "--subtitles", str(path)).code == 0
    spoken, starts, ends = columns(path)
    samples = memoryview(audio.read_bytes()).cast("h")
    loud = [at / 16000 for at, sample in enumerate(samples) if abs(sample) > 300]
    gap = max(range(1, len(loud)), key=lambda at: loud[at] - loud[at - 1])
    last_before = max(end for character, end in zip(spoken, ends, strict=True) if end <= loud[gap - 1] + 0.3)
    first_after = starts[spoken.rindex("Tom")]
    assert abs(first_after - loud[gap]) < 0.05
    assert abs(starts[0] - loud[0]) < 0.05
    assert last_before <= loud[gap]


@pytest.mark.parametrize("name", ["s.txt", "s", "s.ass", "s.mp3"])
def test_a_format_that_is_none_for_subtitles(eleven, service, tmp_path, name):
    outcome = eleven("tts", "hi", *PCM, "--subtitles", str(tmp_path / name))
    assert outcome.code == 2
    assert "cannot tell the subtitle format of" in outcome.error
    assert service.requests == []


def test_a_service_that_times_nothing(eleven, service, tmp_path):
    service.on_speech(lines_reply({"audio_base64": encoded(sound_of("Hi")), "alignment": None}))
    outcome = eleven("tts", "Hi", *PCM, "-o", str(tmp_path / "a.pcm"), "--subtitles", str(tmp_path / "s.srt"))
    assert outcome.code == 1
    assert "the service sent no timings" in outcome.error
    assert (tmp_path / "a.pcm").read_bytes() == sound_of("Hi"), "the audio was paid for"
    assert not (tmp_path / "s.srt").exists()


@pytest.mark.parametrize(
    "body",
    [b"", b"not json", b'{"detail":{"status":"quota_exceeded","message":"No credits."}}', b'{"audio_base64":"*"}'],
)
def test_what_is_no_audio(eleven, service, tmp_path, body):
    service.on_speech(raw_reply(body, content_type="application/json"))
    outcome = eleven("tts", "Hi", *PCM, "--subtitles", str(tmp_path / "s.srt"))
    assert outcome.code in (1, 5)
    assert outcome.out == b""


def test_every_chapter_has_its_own(eleven, service, tmp_path):
    service.on_speech(lambda exchange: lines_reply(timed(exchange.request.json["text"]))(exchange))
    (tmp_path / "b.md").write_text("# One\n\nA.\n\n# Two\n\nB.\n")
    argv = ("tts", "-f", str(tmp_path / "b.md"), "-o", str(tmp_path / "{chapter}.pcm"), *PCM)
    assert eleven(*argv, "--subtitles", str(tmp_path / "s.srt")).code == 2
    assert eleven(*argv, "--subtitles", str(tmp_path / "{chapter}.json")).code == 0
    assert columns(tmp_path / "2.json")[0] == "Two.\n\nB."
    assert columns(tmp_path / "2.json")[1][0] == 0


@pytest.mark.parametrize("name", ["nowhere/s.srt", "folder.srt"])
def test_a_place_where_they_cannot_be_written_is_found_before_anything_is_paid(eleven, service, tmp_path, name):
    (tmp_path / "folder.srt").mkdir()
    outcome = eleven("tts", "hi", *PCM, "-o", str(tmp_path / "a.pcm"), "--subtitles", str(tmp_path / name))
    assert outcome.code == 2
    assert service.requests == []


def test_no_clobber_holds_for_them_too(eleven, service, tmp_path):
    (tmp_path / "s.srt").write_text("mine")
    outcome = eleven("tts", "hi", *PCM, "--no-clobber", "--subtitles", str(tmp_path / "s.srt"))
    assert outcome.code == 0
    assert outcome.err.count("exists, and is left alone") == 1
    assert service.requests == []
    assert (tmp_path / "s.srt").read_text() == "mine"


def test_they_are_not_written_over_the_audio(eleven, service, tmp_path):
    path = str(tmp_path / "x.srt")
    outcome = eleven("tts", "hi", "-o", path, "--subtitles", path, *PCM)
    assert outcome.code == 2
    assert service.requests == []


def test_folders_for_chapters_are_made_for_both(eleven, service, tmp_path):
    service.on_speech(lambda exchange: lines_reply(timed(exchange.request.json["text"]))(exchange))
    (tmp_path / "b.md").write_text("# One\n\nA.\n\n# Two\n\nB.\n")
    places = ("-o", str(tmp_path / "p/{chapter}.pcm"), "--subtitles", str(tmp_path / "q/{chapter}.srt"))
    assert eleven("tts", "-f", str(tmp_path / "b.md"), *places, *PCM).code == 0
    assert sorted(path.name for path in (tmp_path / "q").iterdir()) == ["1.srt", "2.srt"]


@pytest.mark.parametrize("place", ["-", "/dev/stdout"])
@pytest.mark.parametrize(("format", "begins"), [("srt", "1\n00:00:00,000 -->"), ("vtt", "WEBVTT\n\n00"), ("json", "{")])
def test_subtitles_on_stdout(eleven, service, tmp_path, place, format, begins):
    service.on_speech(lines_reply(timed("Hello.")))
    argv = ("tts", "Hello.", *PCM, "-o", str(tmp_path / "a.pcm"), "--subtitles", place)
    outcome = eleven(*argv, "--subtitles-format", format)
    assert outcome.code == 0
    assert outcome.text.startswith(begins)
    assert "Hello" in outcome.text or '"H","e"' in outcome.text


def test_subtitles_into_a_pipe_and_a_file_without_a_suffix(eleven, service, tmp_path):
    service.on_speech(lines_reply(timed("Hello.")))
    os.mkfifo(tmp_path / "fifo")
    read = []
    thread = threading.Thread(target=lambda: read.append((tmp_path / "fifo").read_text()))
    thread.start()
    for name in ("fifo", "subtitles"):
        argv = ("--subtitles", str(tmp_path / name), "--subtitles-format", "vtt")
        assert eleven("tts", "Hello.", *PCM, *argv).code == 0
    thread.join(30)
    assert read == [(tmp_path / "subtitles").read_text()]
    assert read[0].startswith("WEBVTT\n")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--subtitles", "-"], "cannot tell the subtitle format of -"),
        (["--subtitles", "-", "--subtitles-format", "srt"], "the audio and the subtitles would both go to stdout"),
        (["--subtitles", "x.srt", "--subtitles-format", "vtt"], "--subtitles-format vtt contradicts --subtitles x.srt"),
        (["--subtitles-format", "vtt"], "--subtitles-format without --subtitles"),
    ],
)
def test_what_subtitles_cannot_be(eleven, service, argv, said):
    outcome = eleven("tts", "Hello.", *PCM, *argv)
    assert outcome.code == 2
    assert said in outcome.error
    assert outcome.hint
    assert service.requests == []


@pytest.mark.parametrize("kind", ["srt", "vtt", "json"])
def test_what_cannot_be_written_is_kept(eleven, service, tmp_path, monkeypatch, kind):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    service.on_speech(lines_reply(timed("Hello there.")))
    outcome = eleven(
        "tts",
        "Hello there.",
        "-o",
        str(tmp_path / "a.pcm"),
        *PCM,
        "--subtitles",
        "/dev/full",
        "--subtitles-format",
        kind,
    )
    assert outcome.code == 1
    assert "cannot write /dev/full: No space left on device; the subtitles are kept in " in outcome.error
    (kept,) = tmp_path.glob(f"eleven-*/subtitles.{kind}")
    assert str(kept) in outcome.error
    assert "H" in kept.read_text()
    assert (tmp_path / "a.pcm").exists()
