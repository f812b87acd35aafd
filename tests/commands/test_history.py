"""`eleven history`: what was generated is listed, shown, heard again and deleted."""

import json
import subprocess

import pytest

from eleven_cli.audio.codecs.wav import wav_header
from eleven_cli.sandbox.server import running
from tests.conftest import VOICE
from tests.support.guard import GUARD_S
from tests.support.mutations import mutated
from tests.support.service import MP3_FRAME, audio_reply, error_reply, json_reply, raw_reply
from tests.support.shells import complete_in_bash

HISTORY = "/v1/history"
ITEM = {
    "history_item_id": "item_1",
    "request_id": "req_1",
    "voice_id": VOICE,
    "voice_name": "Ana",
    "model_id": "eleven_v3",
    "text": "Hello,\n[world]",
    "date_unix": 1796083200,
    "character_count_change_from": 100,
    "character_count_change_to": 112,
    "content_type": "audio/mpeg",
    "output_format": "mp3_44100_128",
    "state": "created",
    "source": "TTS",
    "settings": {"stability": 0.5, "use_speaker_boost": True},
}
DIALOGUE = {
    "text": None,
    "voice_id": None,
    "voice_name": None,
    "dialogue": [
        {"text": "Hi.", "voice_id": VOICE, "voice_name": "Ana"},
        {"text": "Hello.", "voice_id": "v2", "voice_name": "Ben"},
    ],
}
MP3, OGG, SAMPLES = MP3_FRAME * 30, b"OggS\0" + bytes(60), b"\0\1\2\3" * 100
WAV = wav_header(16_000, len(SAMPLES)) + SAMPLES


def items(*listed, after=None):
    return json_reply({"history": list(listed), "last_history_item_id": after, "has_more": after is not None})


@pytest.fixture(autouse=True)
def account(service):
    service.on(HISTORY, items(ITEM))
    service.on(f"{HISTORY}/item_1", json_reply(ITEM))
    service.on(f"{HISTORY}/item_1/audio", audio_reply([MP3[:1], MP3[1:700], MP3[700:]]))


def kept(service, audio, **told):
    """The item's audio, and what is told of its format."""
    service.on(f"{HISTORY}/item_1", json_reply({**ITEM, **told}))
    service.on(f"{HISTORY}/item_1/audio", raw_reply(audio, content_type="application/octet-stream"))


# the list


def test_the_history_is_listed(eleven, service):
    result = eleven("history")
    assert (result.code, result.text) == (0, "item_1\t2026-12-01T00:00:00Z\tAna\t12\tHello, [world]\n")
    assert service.requests[0].query == {"page_size": "100"}
    assert eleven("history", "list").text == result.text
    (listed,) = json.loads(eleven("history", "--json").text)
    assert (listed["history_item_id"], listed["credits"], listed["format"]) == ("item_1", 12, "mp3_44100_128")


def test_a_dialogue_is_listed_with_its_voices(eleven, service):
    service.on(HISTORY, items({**ITEM, **DIALOGUE}))
    assert eleven("history").text.endswith("\t\t12\tAna: Hi. Ben: Hello.\n")


def test_filters_are_sent(eleven, service):
    dates = ["--after", "2026-11-01", "--before", "2026-11-02T12:00:00+01:00"]
    assert eleven("history", "--voice", VOICE, "--search", "hello", *dates, "--limit", "5").code == 0
    assert [request.query for request in service.requests] == [
        {
            "page_size": "5",
            "voice_id": VOICE,
            "search": "hello",
            "date_after_unix": "1793491200",
            "date_before_unix": "1793617200",
        }
    ]


def test_a_voice_by_its_name(eleven, service):
    service.on("/v2/voices", json_reply({"voices": [{"voice_id": VOICE, "name": "Ana"}], "has_more": False}))
    assert eleven("history", "--voice", "ana").code == 0
    assert service.requests[-1].query["voice_id"] == VOICE
    result = eleven("history", "--voice", "Ben")
    assert (result.code, result.hint) == (4, "hint: see your voices: eleven voices")


@pytest.mark.parametrize("words", [["--after", "x"], ["--before", ""], ["--limit", "0"], ["--voice", " "]])
def test_what_is_no_filter(eleven, service, words):
    assert eleven("history", *words).code == 2
    assert not service.requests


def test_pages_are_asked_for_when_they_are_needed(eleven, service):
    second = {**ITEM, "history_item_id": "item_2"}
    service.on(HISTORY, items(ITEM, after="item_1"), items(second))
    assert [line.split("\t")[0] for line in eleven("history").text.splitlines()] == ["item_1", "item_2"]
    assert [request.query.get("start_after_history_item_id") for request in service.requests] == [None, "item_1"]
    service.on(HISTORY, items(ITEM, second, after="item_2"))
    assert eleven("history", "--limit", "2").text.count("\n") == 2
    assert len(service.requests) == 3


def test_a_page_is_shown_before_the_next_one_comes(spawn, service):
    def second(exchange):
        exchange.until_released()
        items({**ITEM, "history_item_id": "item_2"})(exchange)

    page = [{**ITEM, "history_item_id": f"early_{number}"} for number in range(100)]
    service.on(HISTORY, items(*page, after="early_99"), second)
    process = spawn("history")
    assert process.stdout.readline().startswith(b"early_0\t")
    service.released.set()
    out, _ = process.communicate(timeout=GUARD_S)
    assert (process.returncode, out.splitlines()[-1].split(b"\t")[0]) == (0, b"item_2")


def test_nothing_is_found(eleven, service):
    service.on(HISTORY, items())
    assert eleven("history").err == "nothing was generated\n"
    result = eleven("history", "--search", "x")
    assert (result.code, result.text, result.err) == (0, "", "nothing was generated that fits\n")


ANEW = "each run with --sandbox begins anew; one that remembers: eleven sandbox"


@pytest.mark.parametrize("command", ["history", "conversations"])
def test_the_sandbox_of_one_run_has_nothing_of_another(eleven, command):
    result = eleven("--sandbox", command, tty="err")
    assert (result.code, result.err.splitlines()[-1]) == (0, ANEW)
    assert ANEW not in eleven("--sandbox", command).err
    result = eleven("--sandbox", command, "show", "last")
    assert (result.code, result.hint) == (4, f"hint: {ANEW}")


# one item


@pytest.mark.parametrize("word", ["item_1", "last"])
def test_an_item_is_shown(eleven, word):
    rows = dict(line.split("\t") for line in eleven("history", "show", word).text.splitlines())
    assert (rows["voice"], rows["credits"], rows["format"]) == ("Ana", "12", "mp3_44100_128")
    assert rows["settings"] == "stability=0.5 use_speaker_boost=true"
    assert json.loads(eleven("history", "show", word, "--json").text) == ITEM


@pytest.mark.parametrize("words", [["show"], ["get"], ["delete", "--yes"]])
def test_an_item_that_there_is_not(eleven, service, words):
    service.on(f"{HISTORY}/gone", error_reply(404, "history_item_not_found", "Gone."))
    result = eleven("history", *words, "gone")
    assert (result.code, result.hint) == (4, "hint: see them: eleven history")
    service.on(HISTORY, items({**ITEM, "state": "deleted"}))
    result = eleven("history", *words, "last")
    assert (result.code, result.error) == (4, "error: nothing was generated yet")


@pytest.mark.parametrize("item_id", ["..", ".", " "])
def test_dots_name_no_item(eleven, service, item_id):
    assert eleven("history", "get", item_id).code in (2, 4)
    assert not service.requests


@pytest.mark.parametrize(("item_id", "path"), [("a/b?c", "a%2Fb%3Fc"), ("a\udcff", "a%ED%B3%BF")])
def test_an_id_is_one_part_of_the_path(eleven, service, item_id, path):
    assert eleven("history", "show", item_id).code == 4
    assert service.requests[-1].path == f"{HISTORY}/{path}"


# its audio


def test_the_newest_is_written_into_a_pipe(eleven, service):
    assert eleven("history", "get", "last").out == MP3
    assert service.requests[0].query == {"page_size": "1"}
    assert [request.method for request in service.requests] == ["GET", "GET"]


@pytest.mark.parametrize(
    ("audio", "told", "suffix", "name"),
    [
        (MP3, "mp3_44100_128", ".mp3", "mp3_44100_128"),
        (MP3, None, ".mp3", "mp3_44100_128"),
        (MP3, "pcm_24000", ".mp3", "mp3_44100_128"),
        (MP3, "nonsense", "", "mp3_44100_128"),
        (WAV, "wav_16000", ".wav", "wav_16000"),
        (WAV, "mp3_44100_128", ".wav", "wav_16000"),
        (OGG, "opus_48000_96", ".opus", "opus_48000_96"),
        (OGG, None, ".ogg", "opus_48000_64"),
        (SAMPLES, "pcm_16000", ".pcm", "pcm_16000"),
        (SAMPLES, "ulaw_8000", ".ulaw", "ulaw_8000"),
        (b"fLaC" + bytes(60), None, ".flac", "FLAC"),
    ],
)
def test_the_format_is_that_of_the_bytes(eleven, service, tmp_path, audio, told, suffix, name):
    kept(service, audio, output_format=told)
    file = tmp_path / f"again{suffix}"
    result = eleven("history", "get", "item_1", "-o", str(file), "--json")
    assert (result.code, file.read_bytes()) == (0, audio)
    assert (json.loads(result.text)["format"], json.loads(result.text)["bytes"]) == (name, len(audio))
    assert eleven("history", "get", "item_1").out == audio


@pytest.mark.parametrize(
    ("audio", "told", "suffix", "better"),
    [
        (MP3, "mp3_44100_128", ".wav", ".mp3"),
        (MP3, "pcm_24000", ".pcm", ".mp3"),
        (WAV, "wav_16000", ".mp3", ".wav"),
        (SAMPLES, "pcm_16000", ".mp3", ".wav"),
        (OGG, "opus_48000_64", ".txt", ".opus"),
    ],
)
def test_a_name_that_would_belie_the_bytes(eleven, service, tmp_path, audio, told, suffix, better):
    kept(service, audio, output_format=told)
    (tmp_path / f"a{suffix}").write_bytes(b"before")
    result = eleven("history", "get", "item_1", "-o", str(tmp_path / f"a{suffix}"))
    assert (result.code, result.hint) == (2, f"hint: name the file {tmp_path / f'a{better}'}")
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [f"a{suffix}"]
    assert (tmp_path / f"a{suffix}").read_bytes() == b"before"


def test_raw_samples_become_a_wav(eleven, service, tmp_path):
    kept(service, SAMPLES, output_format="pcm_16000")
    assert eleven("history", "get", "item_1", "-o", str(tmp_path / "a.wav")).code == 0
    written = (tmp_path / "a.wav").read_bytes()
    assert (written[:4], written[24:28], written[44:]) == (b"RIFF", (16000).to_bytes(4, "little"), SAMPLES)


def test_raw_samples_in_a_pipe_are_told_of(eleven, service):
    kept(service, SAMPLES, output_format="pcm_16000")
    result = eleven("history", "get", "item_1", tty="err")
    assert (result.code, result.out) == (0, SAMPLES)
    assert "pcm_16000 · raw samples, with -o FILE.wav a WAV · Ana" in result.err
    assert eleven("history", "get", "item_1").err == ""


def test_audio_that_breaks_off_is_kept_in_the_part(eleven, service, tmp_path):
    def broken(exchange):
        exchange.head(content_type="audio/mpeg", content_length=str(len(MP3)))
        exchange.body(MP3[:1000])

    service.on(f"{HISTORY}/item_1/audio", broken)
    result = eleven("history", "get", "item_1", "-o", str(tmp_path / "a.mp3"))
    assert result.code == 6
    assert "a.mp3.part" in result.err
    assert (tmp_path / "a.mp3.part").read_bytes() == MP3[:1000]
    assert not (tmp_path / "a.mp3").exists()


@pytest.mark.parametrize("body", [b"", b"{}", b"<html>no</html>", b'{"detail": "Not Found"}'])
def test_what_is_no_audio_is_not_written(eleven, service, tmp_path, body):
    service.on(f"{HISTORY}/item_1/audio", raw_reply(body, content_type="audio/mpeg"))
    assert eleven("history", "get", "item_1", "-o", str(tmp_path / "a.mp3")).code in (1, 4)
    assert not list(tmp_path.glob("a.*"))


def test_an_existing_file_is_left_alone(eleven, service, tmp_path):
    (tmp_path / "a.mp3").write_bytes(b"before")
    result = eleven("history", "get", "last", "-o", str(tmp_path / "a.mp3"), "--no-clobber")
    assert (result.code, (tmp_path / "a.mp3").read_bytes()) == (0, b"before")
    assert not service.requests
    assert eleven("history", "get", "last", "-o", str(tmp_path / "a.mp3")).code == 0
    assert (tmp_path / "a.mp3").read_bytes() == MP3


@pytest.mark.parametrize("words", [["--no-play"], ["-o", "-"]])
def test_audio_is_never_written_to_a_terminal(eleven, words):
    result = eleven("history", "get", "last", *words, tty="out err")
    assert (result.code, result.out) == (2, b"")
    assert "a terminal" in result.err


@pytest.mark.parametrize("audio", [MP3, WAV], ids=["mp3", "wav"])
def test_on_a_terminal_it_is_played(eleven, service, monkeypatch, audio):
    from eleven_cli.audio.devices import players

    class Player:
        heard = b""

        def __enter__(self):
            return self

        def __exit__(self, *exc):
            pass

        def write(self, data):
            Player.heard += data

        def finish(self):
            pass

    monkeypatch.setattr(players, "player_for", lambda fmt: Player())
    kept(service, audio)
    result = eleven("history", "get", "item_1", tty="out err")
    assert (result.code, result.out) == (0, b"")
    assert Player.heard == (audio if audio is MP3 else audio[44:])
    assert "Ana" in result.err


# deleting


def test_delete_is_asked_for(eleven, service):
    result = eleven("history", "delete", "item_1")
    assert (result.code, result.hint) == (2, "hint: eleven history delete --yes item_1")
    assert not service.requests


@pytest.mark.parametrize("body", [b'{"status": "ok"}', b"", b"<html>"])
def test_deleted_is_what_the_status_says(eleven, service, body):
    service.on(f"{HISTORY}/item_1", raw_reply(body))
    result = eleven("history", "delete", "item_1", "--yes", "--json")
    assert json.loads(result.text) == {"history_item_id": "item_1", "deleted": True}
    assert [request.method for request in service.requests] == ["DELETE"]


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 1), ("", 1)])
def test_a_person_is_asked(eleven, service, answer, code):
    assert eleven("history", "delete", "item_1", stdin=answer, tty="in err").code == code
    assert len(service.requests) == (code == 0)


# the rest


def test_words_are_completed():
    assert complete_in_bash("eleven history get la") == ["last"]
    assert {"show", "get", "delete"} <= {*complete_in_bash("eleven history ")}


def test_strange_answers_are_survived(eleven, service):
    for value in list(mutated(ITEM)):
        service.on(HISTORY, items(value, ITEM))
        service.on(f"{HISTORY}/item_1", json_reply(value))
        for words in ([], ["show", "item_1"], ["get", "item_1"]):
            result = eleven("history", *words)
            assert result.code in (0, 1, 4)
            assert "unexpected" not in result.err


@pytest.mark.parametrize("suffix", ["mp3", "wav", "opus", "ulaw"])
def test_what_was_spoken_comes_again_byte_for_byte(eleven, spawn, monkeypatch, tmp_path, suffix):
    said, again = tmp_path / f"said.{suffix}", tmp_path / f"again.{suffix}"
    with running() as url:
        monkeypatch.setenv("ELEVENLABS_BASE_URL", url)
        monkeypatch.delenv("ELEVENLABS_VOICE_ID")
        assert eleven("tts", "Once and again.", "-o", str(said)).code == 0
        if suffix != "mp3":
            assert eleven("history", "get", "last", "-o", str(again)).code == 0
        else:
            process = spawn("history", "get", "last", stdout=subprocess.PIPE)
            out, _ = process.communicate(timeout=GUARD_S)
            assert process.returncode == 0
            again.write_bytes(out)
            assert eleven("history", "delete", "last", "--yes").code == 0
            assert eleven("history", "get", "last").code == 4
    assert again.read_bytes() == said.read_bytes()


def test_a_narrow_terminal_has_room_for_the_text(eleven, service, monkeypatch):
    monkeypatch.setattr("eleven_cli.terminal.results.width_of", lambda stream: 40)
    service.on(HISTORY, items({**ITEM, "history_item_id": "ja9xsmfGhxYcymxGcOGB"}))
    head, first, *_ = eleven("history", tty="out").text.splitlines()
    assert head.split() == ["ID", "TEXT"]
    assert first == "ja9xsmfGhxYcymxGcOGB  Hello, [world]"
