"""`eleven voices design`, `remix` and `keep`: what is asked, and that nothing that was paid for gets lost."""

import base64
import json
import shlex
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.support.service import MP3_FRAME, error_reply, json_reply, raw_reply

SAILOR = "an old sailor, gravelly and kind"
LINE = "The tide will turn before the morning comes, and then we shall see what the water has left for us all."
IDS = [f"generated{number:011d}" for number in (1, 2, 3)]
DESIGN, KEEP = "/v1/text-to-voice/design", "/v1/text-to-voice"
OWN = "sailor00000000000000"


def previews(*sounding: bool) -> dict[str, Any]:
    audio = base64.b64encode(MP3_FRAME * 3).decode()
    entries = [
        {
            "generated_voice_id": one,
            "audio_base_64": audio if sounds else "",
            "media_type": "audio/mpeg",
            "duration_secs": 5.25,
            "language": "en",
        }
        for one, sounds in zip(IDS, sounding or (True, True, True), strict=True)
    ]
    return {"previews": entries, "text": LINE}


def voice(name: str = "Sailor", voice_id: str = OWN) -> dict[str, Any]:
    return {"voice_id": voice_id, "name": name, "category": "generated", "labels": {"age": "old"}, "is_owner": True}


@pytest.fixture(autouse=True)
def account(service: Any) -> Any:
    service.on(DESIGN, json_reply(previews(), **{"character-cost": "321"}))
    service.on(f"/v1/text-to-voice/{OWN}/remix", json_reply(previews()))
    service.on(KEEP, json_reply(voice()))
    service.on("/v2/voices", json_reply({"voices": [voice("Other")], "has_more": False}))
    service.on(f"/v1/voices/{OWN}", json_reply(voice("Other")))
    return service


@pytest.fixture
def player(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only program that plays: it writes what it gets to a file beside it, once for each preview."""
    program = tmp_path / "bin" / "ffplay"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n/bin/cat >> {tmp_path}/played\necho >> {tmp_path}/plays\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    monkeypatch.setattr("eleven_cli.audio.devices.portaudio.playable_rate", lambda *_: None)
    monkeypatch.setattr("eleven_cli.audio.codecs.decoding.sink.mp3_decoder_installed", lambda: False)
    return program


def sent(service: Any, path: str) -> list[Any]:
    return [json.loads(request.body) for request in service.requests if request.path == path]


def test_nothing_but_what_was_asked_for_is_sent(eleven: Any, service: Any) -> None:
    assert eleven("voices", "design", SAILOR).code == 0
    assert [(request.method, request.path) for request in service.requests] == [("POST", DESIGN)]
    assert service.requests[0].query == {"output_format": "mp3_44100_128"}
    assert sent(service, DESIGN) == [{"voice_description": SAILOR, "auto_generate_text": True}]


def test_what_was_asked_for_is_sent(eleven: Any, service: Any, tmp_path: Path) -> None:
    (tmp_path / "r.mp3").write_bytes(MP3_FRAME * 2)
    words = ["--text", LINE, "--seed", "7", "--guidance", "30", "--quality", "0.5", "--loudness", "-0.5"]
    assert eleven("voices", "design", SAILOR, *words, "--reference", tmp_path / "r.mp3", "--strength", "0.4").code == 0
    assert sent(service, DESIGN) == [
        {
            "voice_description": SAILOR,
            "model_id": "eleven_ttv_v3",
            "text": LINE,
            "seed": 7,
            "guidance_scale": 30,
            "quality": 0.5,
            "loudness": -0.5,
            "reference_audio_base64": base64.b64encode(MP3_FRAME * 2).decode(),
            "prompt_strength": 0.4,
        }
    ]


def test_a_pipe_gets_the_ids(eleven: Any) -> None:
    result = eleven("voices", "design", SAILOR)
    assert [line.split("\t") for line in result.text.splitlines()] == [
        [str(number), one, "5.2", "en", ""] for number, one in enumerate(IDS, 1)
    ]
    assert result.err == ""


def test_json_has_all_that_is_known(eleven: Any) -> None:
    value = json.loads(eleven("voices", "design", SAILOR, "--json").out)
    assert [one["generated_voice_id"] for one in value["previews"]] == IDS
    assert (value["description"], value["text"], value["credits"], value["kept"]) == (SAILOR, LINE, 321, None)


def test_the_description_comes_from_a_pipe(eleven: Any, service: Any) -> None:
    assert eleven("voices", "design", stdin=f"{SAILOR}\n").code == 0
    assert sent(service, DESIGN)[0]["voice_description"] == SAILOR


def test_files_are_numbered(eleven: Any, tmp_path: Path) -> None:
    result = eleven("voices", "design", SAILOR, "-o", f"{tmp_path}/sailor-{{n}}.mp3")
    assert (result.code, result.err) == (0, "")
    files = [f"{tmp_path}/sailor-{number}.mp3" for number in (1, 2, 3)]
    assert [line.split("\t")[4] for line in result.text.splitlines()] == files
    assert [Path(file).read_bytes() for file in files] == [MP3_FRAME * 3] * 3


@pytest.mark.parametrize(
    ("name", "format"), [("a-{n}.wav", "pcm_24000"), ("a-{n}.opus", "opus_48000_64"), ("a-{n}.pcm", "pcm_24000")]
)
def test_the_suffix_decides_the_format(eleven: Any, service: Any, tmp_path: Path, name: str, format: str) -> None:
    assert eleven("voices", "design", SAILOR, "-o", str(tmp_path / name)).code == 0
    assert service.requests[0].query["output_format"] == format
    assert (tmp_path / name.format(n=1)).read_bytes().startswith(b"RIFF" if name.endswith("wav") else MP3_FRAME[:4])


def test_a_kept_one_speaks_next(eleven: Any, service: Any) -> None:
    result = eleven("voices", "design", SAILOR, "--keep", "Sailor")
    assert (result.code, result.text, result.err) == (0, f"Sailor\t{OWN}\tgenerated\told\t\n", "")
    body = {"voice_name": "Sailor", "voice_description": SAILOR, "generated_voice_id": IDS[0]}
    assert sent(service, KEEP) == [body]


def test_the_description_is_remembered(eleven: Any, service: Any) -> None:
    eleven("voices", "design", SAILOR)
    assert eleven("voices", "keep", IDS[2], "Sailor").code == 0
    assert sent(service, KEEP)[0]["voice_description"] == SAILOR
    assert eleven("voices", "keep", IDS[2], "Sailor", "--description", SAILOR * 2).code == 0
    assert sent(service, KEEP)[1]["voice_description"] == SAILOR * 2


NOT_SENT = [
    (["design", "too short"], "error: a description has 20 to 1,000 characters, and this one has 9"),
    (["design", "x" * 1001], "error: a description has 20 to 1,000 characters, and this one has 1,001"),
    (["design", "   "], "error: a description has 20 to 1,000 characters, and this one has 0"),
    (["design", SAILOR, "--text", "x" * 99], "error: --text has 100 to 1,000 characters, and this one has 99"),
    (["design", SAILOR, "--text", "x" * 1001], "error: --text has 100 to 1,000 characters, and this one has 1,001"),
    (["design", SAILOR, "--keep", " "], "error: the voice's name is empty"),
    (["design", SAILOR, "--strength", "0.5"], "error: --strength needs --reference"),
    (
        ["design", SAILOR, "--reference", "r.mp3", "-m", "eleven_multilingual_ttv_v2"],
        "error: --reference needs the model eleven_ttv_v3",
    ),
    (["design", SAILOR, "--reference", "nowhere.mp3"], "error: cannot read nowhere.mp3: No such file or directory"),
    (["design", SAILOR, "--reference", "/etc/passwd"], "error: /etc/passwd is not a recognised audio file"),
    (["design", SAILOR, "-o", "one.mp3"], "error: three previews need three names, not one.mp3"),
    (["design", SAILOR, "-o", "-"], "error: three previews need files of their own"),
    (["design", SAILOR, "-o", "a-{m}.mp3"], "error: not a valid name for previews: a-{m}.mp3"),
    (["design", SAILOR, "-o", "nowhere/a-{n}.mp3"], "error: cannot write nowhere/a-1.mp3: No such file or directory"),
    (["remix", "Other", "old"], "error: a description has 5 to 1,000 characters, and this one has 3"),
    (["remix", "Other", "older", "--keep", "O"], "error: a description has 20 to 1,000 characters, and this one has 5"),
    (["keep", IDS[0], "Sailor"], f"error: the description of {IDS[0]} is not known"),
    (["keep", IDS[0], "Sailor", "--description", "x"], "error: a description has 20 to 1,000 characters, and this one"),
]


@pytest.mark.parametrize(("argv", "error"), NOT_SENT, ids=[" ".join(argv)[:40] for argv, _ in NOT_SENT])
def test_what_is_refused_before_anything_is_paid_for(eleven: Any, service: Any, argv: list[str], error: str) -> None:
    result = eleven("voices", *argv)
    assert (result.code, result.error[: len(error)]) == (2, error)
    assert not [request for request in service.requests if request.method == "POST"]


def test_a_name_that_is_taken_is_refused_before_anything_is_paid_for(eleven: Any, service: Any) -> None:
    for argv in (["design", SAILOR, "--keep", "other"], ["keep", IDS[0], "OTHER", "--description", SAILOR]):
        result = eleven("voices", *argv)
        assert (result.code, result.error) == (1, f"error: a voice is called Other already ({OWN})")
        assert result.hint.endswith(f"eleven voices delete {OWN}")
    assert not [request for request in service.requests if request.method == "POST"]


def test_no_room_for_a_voice_is_found_out_before_anything_is_paid_for(eleven: Any, service: Any) -> None:
    facts = {"tier": "free", "character_count": 0, "character_limit": 10_000, "voice_slots_used": 3, "voice_limit": 3}
    service.on("/v1/user/subscription", json_reply(facts))
    result = eleven("voices", "design", SAILOR, "--keep", "Sailor")
    assert (result.code, result.error) == (5, "error: all 3 voice slots of the account are used")
    assert sent(service, DESIGN) == []


def test_a_preview_without_audio_is_told_and_the_others_are_used(eleven: Any, service: Any, tmp_path: Path) -> None:
    service.on(DESIGN, json_reply(previews(False, True, True)))
    result = eleven("voices", "design", SAILOR, "-o", f"{tmp_path}/a-{{n}}.mp3", "--keep", "Sailor")
    assert (result.code, result.err) == (0, f"warning: preview 1 ({IDS[0]}) came without audio\n")
    assert sorted(path.name for path in tmp_path.glob("*.mp3")) == ["a-2.mp3", "a-3.mp3"]
    assert sent(service, KEEP)[0]["generated_voice_id"] == IDS[1]


def test_audio_that_did_not_come_is_fetched(eleven: Any, service: Any, tmp_path: Path) -> None:
    service.on(DESIGN, json_reply(previews(True, False, True)))
    service.on(f"/v1/text-to-voice/{IDS[1]}/stream", raw_reply(MP3_FRAME, content_type="audio/mpeg"))
    result = eleven("voices", "design", SAILOR, "-o", f"{tmp_path}/a-{{n}}.mp3")
    assert (result.code, result.err) == (0, "")
    assert (tmp_path / "a-2.mp3").read_bytes() == MP3_FRAME


def test_a_preview_can_be_heard_once_more(eleven: Any, service: Any) -> None:
    eleven("voices", "design", SAILOR)
    service.on(f"/v1/text-to-voice/{IDS[1]}/stream", raw_reply(MP3_FRAME, content_type="audio/mpeg"))
    result = eleven("voices", "preview", IDS[1])
    assert (result.code, result.out) == (0, MP3_FRAME)
    assert eleven("voices", "preview", IDS[2]).code == 4


def test_previews_that_are_none(eleven: Any, service: Any) -> None:
    for answer in ({}, [], {"previews": None}, {"previews": [{}, 5]}):
        service.on(DESIGN, json_reply(answer))
        result = eleven("voices", "design", SAILOR)
        assert (result.code, result.error) == (1, "error: the service sent no previews")


def told_how_to_go_on(result: Any, name: str = "Sailor") -> bool:
    return all(one in result.err for one in IDS) and f"eleven voices keep {IDS[0]} {name}" in result.err


def test_a_keep_that_fails_loses_nothing_and_is_not_tried_again(eleven: Any, service: Any) -> None:
    service.on(KEEP, error_reply(500, "internal_error", "Something broke."))
    result = eleven("voices", "design", SAILOR, "--keep", "Sailor")
    assert (result.code, told_how_to_go_on(result)) == (1, True)
    assert (len(sent(service, KEEP)), len(sent(service, DESIGN))) == (1, 1)


def test_a_design_that_may_have_been_made_is_not_asked_for_again(eleven: Any, service: Any) -> None:
    service.on(DESIGN, error_reply(500, "internal_error", "Something broke."))
    assert eleven("voices", "design", SAILOR).code == 1
    assert len(sent(service, DESIGN)) == 1


def test_a_full_disk_loses_nothing(eleven: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("eleven_cli.files.part.PartFile.write", full)
    result = eleven("voices", "design", SAILOR, "-o", f"{tmp_path}/a-{{n}}.mp3")
    assert (result.code, told_how_to_go_on(result, "NAME")) == (1, True)
    assert "No space left on device" in result.error


def test_a_preview_that_has_expired(eleven: Any, service: Any) -> None:
    eleven("voices", "design", SAILOR)
    for code in ("voice_not_found", "generated_voice_not_found"):
        for status in (400, 404):
            service.on(KEEP, error_reply(status, code, "Not found."))
            result = eleven("voices", "keep", IDS[0], "Sailor")
            said = f"error: there is no preview {IDS[0]}: previews can be kept for a while only"
            assert (result.code, result.error[: len(said)]) == (4, said)
            assert result.hint == f"hint: eleven voices design '{SAILOR}' --keep Sailor"


def test_one_that_is_gone_is_not_what_the_hint_keeps(eleven: Any, service: Any) -> None:
    service.on(KEEP, error_reply(404, "voice_not_found", "Not found."))
    result = eleven("voices", "design", SAILOR, "--keep", "Sailor")
    assert result.code == 4
    assert result.hint == f"hint: eleven voices keep {IDS[1]} Sailor"
    assert f"there is no preview {IDS[0]}" in result.error
    assert result.error.endswith(f"can be kept for a while: {IDS[1]}, {IDS[2]} (voice_not_found, request req_42)")


def test_no_room_for_it_is_made_before_it_is_kept(eleven: Any, service: Any) -> None:
    service.on(KEEP, error_reply(400, "voice_limit_reached", "No more voices."))
    result = eleven("voices", "design", SAILOR, "--keep", "Sailor")
    assert result.hint == f"hint: choose one to delete: eleven voices; then eleven voices keep {IDS[0]} Sailor"


def test_no_clobber_pays_nothing(eleven: Any, service: Any, tmp_path: Path) -> None:
    (tmp_path / "a-2.mp3").write_bytes(b"mine")
    result = eleven("voices", "design", SAILOR, "-o", f"{tmp_path}/a-{{n}}.mp3", "--no-clobber")
    assert (result.code, result.err) == (0, f"{tmp_path}/a-2.mp3 exists, and is left alone\n")
    assert service.requests == []


def test_a_remix_asks_for_the_voice_by_its_id(eleven: Any, service: Any) -> None:
    result = eleven("voices", "remix", "Other", "older", "--keep", "Old", "--description", SAILOR, "--seed", "3")
    assert result.code == 0, result.err
    body = {"voice_description": "older", "auto_generate_text": True, "seed": 3}
    assert sent(service, f"/v1/text-to-voice/{OWN}/remix") == [body]
    assert sent(service, KEEP)[0]["voice_description"] == SAILOR


def test_a_remix_that_was_too_short_to_be_kept(eleven: Any) -> None:
    assert eleven("voices", "remix", "Other", "older").code == 0
    result = eleven("voices", "keep", IDS[0], "Old")
    assert (result.code, "needs a description of 20 characters" in result.error) == (2, True)


# on a terminal


def test_they_are_heard_and_the_second_is_kept(eleven: Any, service: Any, player: Path, tmp_path: Path) -> None:
    result = eleven("voices", "design", SAILOR, "--keep", "Sailor", tty="in out err", stdin="9\np1\n2\n")
    assert result.code == 0, result.err
    assert len((tmp_path / "plays").read_text().splitlines()) == 4
    assert sent(service, KEEP)[0]["generated_voice_id"] == IDS[1]
    assert result.err.startswith("three previews with a text of its own: they cost credits")
    assert "not one of 1, 2, 3: 9" in result.err


@pytest.mark.parametrize("typed", ["\n", ""])
def test_none_is_kept(eleven: Any, service: Any, player: Path, typed: str) -> None:
    result = eleven("voices", "design", SAILOR, "--keep", "Sailor", tty="in out err", stdin=typed)
    assert (result.code, sent(service, KEEP)) == (0, [])
    assert f"keep one: eleven voices keep {IDS[0]} Sailor" in result.err


def test_the_cost_names_the_characters(eleven: Any, player: Path) -> None:
    result = eleven("voices", "design", SAILOR, "--text", LINE, tty="out err")
    assert result.err.startswith(f"three previews with a text of {len(LINE)} characters: they cost credits")


def test_no_player_is_found_out_before_anything_is_paid_for(eleven: Any, service: Any, player: Path) -> None:
    player.unlink()
    result = eleven("voices", "design", SAILOR, tty="out err")
    assert (result.code, service.requests) == (7, [])


def test_a_broken_player_loses_nothing(eleven: Any, player: Path) -> None:
    player.write_text("#!/bin/sh\nexit 1\n")
    result = eleven("voices", "design", SAILOR, tty="out err")
    assert (result.code, told_how_to_go_on(result, "NAME")) == (7, True)


def test_ctrl_c_loses_nothing(eleven: Any, player: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("eleven_cli.commands.voices.design.previews.copy", interrupted)
    result = eleven("voices", "design", SAILOR, tty="out err")
    assert (result.code, told_how_to_go_on(result, "NAME")) == (128 + signal.SIGINT, True)


@pytest.mark.parametrize("answer", [{"voice_id": OWN}, {"voice_id": OWN, "name": None}])
def test_a_voice_whose_name_is_not_told_has_the_one_it_was_given(eleven: Any, service: Any, answer: Any) -> None:
    service.on(KEEP, json_reply(answer))
    result = eleven("voices", "keep", "some", "Sailor", "--description", SAILOR)
    assert (result.code, result.out.decode().split("\t")[:2]) == (0, ["Sailor", OWN])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("keep", " ", "Sailor", "--description", SAILOR), "the preview's id is empty"),
        (("keep", "some", "Sailor", "--description", "short"), "this one has 5"),
        (("remix", "Other", "abc"), "this one has 3"),
        (("remix", "Other", "x" * 1001), "this one has 1,001"),
    ],
)
def test_the_hint_of_what_is_refused_before_is_a_command(eleven: Any, service: Any, words: Any, said: str) -> None:
    result = eleven("voices", *words)
    assert (result.code, said in result.error, service.requests) == (2, True, [])
    command = shlex.split(result.hint.removeprefix("hint: "))
    assert command[:2] == ["eleven", "voices"]
    assert eleven(*command[1:]).code == 0


def test_what_is_noted_follows_a_sentence_without_its_full_stop(eleven: Any, service: Any) -> None:
    service.on(KEEP, error_reply(403, "subscription_required", "Not in your plan."))
    result = eleven("voices", "design", SAILOR, "--keep", "Sailor")
    assert "error: Not in your plan; the previews are paid for" in result.err


@pytest.mark.parametrize("words", [("design", SAILOR), ("remix", "Other", "a little older, and slower")])
def test_each_stream_holds_one_json_value(eleven: Any, service: Any, words: Any) -> None:
    path = DESIGN if words[0] == "design" else f"/v1/text-to-voice/{OWN}/remix"
    busy = error_reply(429, "rate_limit_exceeded", "Slow down.", **{"Retry-After": "1"})
    service.on(path, busy, json_reply(previews(True, False, True)))
    result = eleven("voices", *words, "--json", tty="err")
    assert (result.code, result.err) == (0, "")
    assert len(json.loads(result.out)["previews"]) == 3
