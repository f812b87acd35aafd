"""`eleven stt FILE…`: a transcript for each, and one that fails does not stop the others."""

import json
import signal

import pytest

from tests.support.guard import GUARD_S
from tests.support.receiver import file_of
from tests.support.service import error_reply, json_reply
from tests.support.transcriptions import HEARD, SRT, STT_PATH
from tests.support.wav_files import wav

TEXT = "Hi there. Hello & bye!\n"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    folder = tmp_path / "here"
    (folder / "sub").mkdir(parents=True)
    for name in ("a.wav", "b.wav", "sub/a.wav", "a.mp3"):
        (folder / name).write_bytes(wav())
    monkeypatch.chdir(folder)
    return folder


def written(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and "wav" not in path.suffix}


@pytest.mark.parametrize(
    ("files", "output", "names"),
    [
        (["a.wav", "b.wav"], "{stem}.srt", ["a.srt", "b.srt"]),
        (["a.wav", "sub/a.wav"], "{folder}/{stem}.srt", ["a.srt", "sub/a.srt"]),
        (["a.wav", "a.mp3"], "{name}.srt", ["a.wav.srt", "a.mp3.srt"]),
        (["a.wav"], "{stem}.srt", ["a.srt"]),
        (["a.wav"], "{other}.srt", ["{other}.srt"]),
        (["a.wav", "-"], "{stem}.srt", ["a.srt", "stdin.srt"]),
    ],
)
def test_a_file_for_each(eleven, transcriber, folder, files, output, names):
    result = eleven("stt", *files, "-o", output, stdin=wav())
    assert (result.code, result.out) == (0, b"")
    assert [(folder / name).read_text() for name in names] == [SRT] * len(names)
    assert [file_of(request).file_name for request in transcriber.requests] == [
        "audio.wav" if name == "-" else name.rpartition("/")[2].replace("mp3", "wav") for name in files
    ]


def test_lines_on_stdout_begin_with_the_name(eleven, transcriber):
    transcriber.on(STT_PATH, json_reply({**HEARD, "text": "One.\nTwo."}))
    assert eleven("stt", "a.wav", "sub/a.wav").text == ("a.wav:One.\na.wav:Two.\nsub/a.wav:One.\nsub/a.wav:Two.\n")


@pytest.mark.parametrize("argv", [["--json"], ["--format", "jsonl"]])
def test_json_is_a_line_for_each(eleven, transcriber, argv):
    lines = eleven("stt", "a.wav", "b.wav", *argv).text.splitlines()
    assert [json.loads(line) for line in lines] == [{"file": "a.wav", **HEARD}, {"file": "b.wav", **HEARD}]


def test_json_into_a_file_for_each(eleven, transcriber, folder):
    assert eleven("stt", "a.wav", "b.wav", "--json", "-o", "{stem}.json").code == 0
    assert [json.loads((folder / name).read_text()) for name in ("a.json", "b.json")] == [HEARD, HEARD]


@pytest.mark.parametrize(
    ("argv", "said", "hint"),
    [
        (["a.wav", "b.wav", "-o", "all.txt"], "a.wav and b.wav would both be written to all.txt", "-o '{stem}.txt'"),
        (["a.wav", "a.mp3", "-o", "{stem}.srt"], "a.wav and a.mp3 would both be written to a.srt", "-o '{name}.srt'"),
        (["a.wav", "sub/a.wav", "-o", "{stem}.vtt"], "would both be written to a.vtt", "-o '{folder}/{stem}.vtt'"),
        (["a.wav", "a.wav", "-o", "{stem}.vtt"], "would both be written to a.vtt", "name a.wav once"),
        (["a.wav", "./a.wav", "-o", "{stem}.vtt"], "would both be written to a.vtt", "name ./a.wav once"),
        (["a.wav", "b.wav", "--format", "srt"], "several recordings cannot be one srt", "-o '{stem}.srt'"),
        (["a.wav", "b.wav", "--format", "json"], "several recordings cannot be one JSON value", "--format jsonl"),
        (["-", "-"], "standard input can be read only once", "name - once"),
        (["a.wav", "b.wav", "--url", "https://example.com/a.mp3"], "give either --url or files, not both", ""),
        (["a.wav", "b.wav", "-o", "nowhere/{stem}.txt"], "cannot write nowhere/a.txt", ""),
        (["a.wav", "b.wav", "-o", "sub"], "sub is a folder", "-o 'sub/{stem}.txt'"),
        (["a.wav", "b.wav", "-o", "{stem}.wav"], "a.wav is named like audio, but the result is text", ""),
        (
            ["a.wav", "b.wav", "-o", "{stem}.txt", "--timestamps", "none", "--diarize"],
            "--timestamps none or",
            "",
        ),
    ],
)
def test_what_is_refused_before_anything_is_paid_for(eleven, transcriber, folder, argv, said, hint):
    before = written(folder)
    result = eleven("stt", *argv)
    assert (result.code, transcriber.requests, written(folder)) == (2, [], before)
    assert said in result.error
    assert hint in result.err


def test_an_output_that_is_another_ones_recording(eleven, transcriber, folder):
    (folder / "a.txt").symlink_to(folder / "b.wav")
    result = eleven("stt", "a.wav", "b.wav", "-o", "{stem}.txt")
    assert (result.code, transcriber.requests) == (2, [])
    assert "a.txt is the recording b.wav itself" in result.error


def test_one_that_fails_does_not_stop_the_others(eleven, transcriber, folder):
    transcriber.on(STT_PATH, error_reply(402, "insufficient_credits", "Nothing left."), json_reply(HEARD))
    (folder / "text.wav").write_text("Dear Ana,")
    result = eleven("stt", "a.wav", "text.wav", "nowhere.wav", "b.wav", "-o", "{stem}.txt")
    assert result.code == 5
    assert [line for line in result.err.splitlines() if line.startswith("error: ")] == [
        "error: a.wav: Nothing left. (insufficient_credits, request req_42)",
        "error: text.wav is not recognised as audio: it looks like text",
        "error: cannot read nowhere.wav: No such file or directory",
    ]
    assert (folder / "b.txt").read_text() == TEXT
    assert written(folder) - {"a.mp3"} == {"b.txt"}


def test_the_same_again_with_skip_existing_does_only_the_rest(eleven, transcriber, folder):
    argv = ["stt", "a.wav", "b.wav", "-o", "{stem}.txt", "--skip-existing"]
    transcriber.on(STT_PATH, error_reply(422, "bad", "No."), json_reply(HEARD))
    assert eleven(*argv).code == 1
    assert len(transcriber.requests) == 2
    result = eleven(*argv)
    assert (result.code, len(transcriber.requests)) == (0, 3)
    assert "b.txt exists, and is left alone" in result.err
    assert (folder / "a.txt").read_text() == TEXT


def test_a_key_that_is_refused_is_the_end_at_once(eleven, transcriber):
    transcriber.on(STT_PATH, error_reply(401, "unauthorized", "No.", legacy="invalid_api_key"))
    assert eleven("stt", "a.wav", "b.wav").code == 3
    assert len(transcriber.requests) == 1


def test_errors_as_json_name_the_file(eleven, transcriber):
    transcriber.on(STT_PATH, error_reply(422, "bad", "No."), json_reply(HEARD))
    result = eleven("stt", "a.wav", "b.wav", "--json")
    assert json.loads(result.text)["file"] == "b.wav"
    errors = [json.loads(line)["error"] for line in result.err.splitlines() if line.startswith("{")]
    assert [error["message"] for error in errors] == ["a.wav: No."]


def test_ctrl_c_keeps_what_is_done(spawn, transcriber, folder):
    transcriber.on(STT_PATH, json_reply(HEARD), lambda exchange: exchange.until_released())
    process = spawn("stt", "a.wav", "b.wav", "sub/a.wav", "-o", "{folder}/{stem}.txt")
    transcriber.wait_for(len(wav()))
    while len(transcriber.requests) < 2:
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=GUARD_S)
    assert process.returncode == 130
    assert b"1 of 3 recordings is done; to go on: the same with --skip-existing" in err
    assert (folder / "a.txt").read_text() == TEXT
    assert written(folder) - {"a.mp3"} == {"a.txt"}
