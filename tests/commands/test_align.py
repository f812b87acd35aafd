"""`eleven align`: a known text and its times."""

import json
import os
from pathlib import Path

import pytest

from tests.support.receiver import file_of, form_of, resetting
from tests.support.service import error_reply, json_reply
from tests.support.wav_files import wav

PATH = "/v1/forced-alignment"


def timed(text, step_s=0.1):
    return [{"text": each, "start": at * step_s, "end": (at + 1) * step_s} for at, each in enumerate(text)]


ANSWER = {
    "characters": timed("Mind the gap."),
    "words": [{"text": "Mind", "start": 0.0, "end": 0.4, "loss": 0.1}],
    "loss": 0.1,
}
SRT = "1\n00:00:00,000 --> 00:00:01,300\nMind the gap.\n\n"


@pytest.fixture
def aligner(receiver):
    receiver.on(PATH, json_reply(ANSWER))
    return receiver


def test_a_recording_and_its_text_go_up_and_the_times_come_out(eleven, aligner, recording):
    result = eleven("align", recording, "Mind", "the gap.")
    assert (result.code, json.loads(result.text), result.err) == (0, ANSWER, "")
    (request,) = aligner.requests
    assert form_of(request) == {"text": "Mind the gap."}
    file = file_of(request)
    assert (file.name, file.file_name, file.media_type, file.value) == ("file", "in.wav", "audio/wav", wav())


def test_the_text_from_a_file(eleven, aligner, recording, tmp_path):
    (tmp_path / "text.md").write_text("\ufeffMind\n\n# the *gap*.\n")
    assert eleven("align", recording, "-f", str(tmp_path / "text.md")).code == 0
    assert form_of(aligner.requests[0]) == {"text": "Mind\n\n# the *gap*.\n"}


@pytest.mark.parametrize("argv", [[], ["-"], ["-f", "-"]])
def test_the_text_from_a_pipe(eleven, aligner, recording, argv):
    assert eleven("align", recording, *argv, stdin="Mind the gap.").code == 0
    assert form_of(aligner.requests[0]) == {"text": "Mind the gap."}


@pytest.mark.parametrize("text", ["chapter1.txt", "https://example.com/a.txt"])
def test_what_looks_like_the_name_of_a_text_is_not_paid_for(eleven, aligner, recording, text):
    result = eleven("align", recording, text)
    as_text = result.hint.partition("; to take it as text: ")[2]
    assert (result.code, as_text) == (2, f"eleven align {recording} -- {text}")
    assert aligner.requests == []
    assert eleven("align", recording, "--", text).code == 0


def test_the_recording_from_a_pipe(eleven, aligner):
    assert eleven("align", "-", "Mind the gap.", stdin=wav()).code == 0
    assert file_of(aligner.requests[0]).value == wav()


def test_subtitles(eleven, aligner, recording, tmp_path):
    assert eleven("align", recording, "x", "--format", "srt").text == SRT
    assert eleven("align", recording, "x", "-o", str(tmp_path / "a.vtt")).out == b""
    assert (tmp_path / "a.vtt").read_text() == "WEBVTT\n\n00:00:00.000 --> 00:00:01.300\nMind the gap.\n\n"


def test_a_file_without_a_suffix_is_json(eleven, aligner, recording, tmp_path):
    assert eleven("align", recording, "x", "-o", str(tmp_path / "a")).code == 0
    assert json.loads((tmp_path / "a").read_text()) == ANSWER


def test_no_text_on_a_terminal_is_not_waited_for(eleven, aligner, recording):
    result = eleven("align", recording, tty="in")
    assert (result.code, result.error) == (2, "error: no text to align")


def test_subtitles_do_not_replace_the_recording(eleven, aligner, recording):
    before = Path(recording).read_bytes()
    for argv in (["-o", recording], ["-o", recording, "--format", "srt"]):
        result = eleven("align", recording, "x", *argv)
        assert (result.code, aligner.requests) == (2, [])
        assert "is named like audio" in result.error
    assert Path(recording).read_bytes() == before


def test_the_text_is_not_replaced_by_its_times(eleven, aligner, recording, tmp_path):
    (tmp_path / "a.json").write_text("Mind the gap.")
    result = eleven("align", recording, "-f", str(tmp_path / "a.json"), "-o", str(tmp_path / "a.json"))
    assert (result.code, aligner.requests) == (2, [])
    assert result.error == f"error: {tmp_path / 'a.json'} is the text itself"


def test_raw_samples_are_not_offered(eleven, aligner):
    result = eleven("align", "-", "x", stdin=b"\1\2\3\4" * 99)
    assert (result.code, aligner.requests) == (2, [])
    assert "input-format" not in result.hint


def test_signs_that_subtitles_would_leave_out(eleven, aligner, recording):
    letters = [{"text": letter, "start": at / 10, "end": (at + 1) / 10} for at, letter in enumerate("a <b> c")]
    aligner.on(PATH, json_reply({**ANSWER, "characters": letters}))
    assert "a ‹b› c" in eleven("align", recording, "a <b> c", "--format", "srt").text


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ([], "the text is empty"),  # standard input, which is an empty pipe
        ([" "], "the text is empty"),
        (["x", "-f", "y"], "give either a text or --file, not both"),
        (["-f", "/nowhere"], "cannot read /nowhere: No such file or directory"),
        (["x", "-o", "a.txt"], "cannot tell the format of a.txt"),
        (["x", "-o", "a.srt", "--format", "json"], "--format json contradicts -o a.srt"),
        (["x", "--format", "text"], '--format must be json, srt or vtt, not "text"'),
    ],
)
def test_impossible_wishes(eleven, aligner, recording, argv, said):
    result = eleven("align", recording, *argv)
    assert (result.code, aligner.requests) == (2, [])
    assert said in result.error


def test_both_from_standard_input(eleven, aligner):
    result = eleven("align", "-", "-f", "-", stdin=wav())
    assert (result.code, aligner.requests) == (2, [])
    assert "cannot both come from standard input" in result.error


def test_what_is_no_recording(eleven, aligner):
    result = eleven("align", "-", "Hello", stdin=b"Dear Ana,\n")
    assert (result.code, aligner.requests) == (2, [])
    assert "it looks like text" in result.error


def test_more_than_the_service_takes(eleven, aligner, tmp_path):
    path = tmp_path / "long.mp3"
    path.touch()
    os.truncate(path, 1_100_000_000)
    result = eleven("align", str(path), "Hello")
    assert (result.code, aligner.requests) == (2, [])
    assert "the service takes 1,000 MB, and it has 1,100 MB" in result.error


@pytest.mark.parametrize(
    ("reply", "code", "said"),
    [
        (error_reply(400, "invalid_text", "Not this text."), 1, "Not this text. (invalid_text, request req_42)"),
        (resetting(413, b'{"detail":"Too large"}'), 1, "Too large"),
        (json_reply({"words": []}), 1, "the service sent no alignment"),
    ],
)
def test_what_the_service_refuses(eleven, aligner, recording, tmp_path, reply, code, said):
    aligner.on(PATH, reply)
    result = eleven("align", recording, "Hello", "-o", str(tmp_path / "a.srt"))
    assert result.code == code
    assert said in result.error
    assert list(tmp_path.glob("a.srt*")) == []


def test_with_the_sandbox(eleven):
    speech = eleven("--sandbox", "tts", "the quick brown fox", "--format", "wav").out
    result = eleven("-q", "--sandbox", "align", "-", "the quick brown fox", stdin=speech)
    assert result.code == 0
    assert [word["text"] for word in json.loads(result.text)["words"]] == ["the", "quick", "brown", "fox"]


def told(*losses, loss=None):
    words = [
        {"text": f"word{at}", "start": at / 2, "end": at / 2 + 0.4, "loss": each} for at, each in enumerate(losses)
    ]
    return {**ANSWER, "words": words, "loss": loss}


MISFIT = "warning: the text may not be what is said in the recording: "


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (told(0.1, 0.2, 0.1, loss=0.13), ""),
        (told(0.1, 2.5, *[0.1] * 8, loss=0.3), ""),
        (told(2.5, 3, loss=2.75), "2 of 2 words were hardly found, the first at 0.0 s: word0"),
        (told(*[0.1] * 6, 2.5, 2.5, loss=0.7), "2 of 8 words were hardly found, the first at 3.0 s: word6"),
        (told(0.1, 1.9, 1.9, loss=1.3), "loss 1.30"),
        (told(0.1, None, "x", loss=None), ""),
        ({**ANSWER, "words": None, "loss": 4}, "loss 4.00"),
        ({"characters": timed("Mind")}, ""),
    ],
)
def test_a_text_that_does_not_fit_is_told_of(eleven, aligner, recording, answer, said):
    aligner.on(PATH, json_reply(answer))
    result = eleven("align", recording, "Mind the gap.")
    assert (result.code, result.err) == (0, f"{MISFIT}{said}\n" if said else "")
    assert json.loads(result.text) == answer
