"""Audio effects of `eleven tts`, and `eleven effects`: what is sent, looked up and refused, and stereo everywhere."""

import base64
import json
import shutil
import struct

import pytest

from eleven_cli.audio.codecs.wav import wav_header
from tests.conftest import VOICE
from tests.support.service import MP3_FRAME, audio_reply, error_reply, json_reply, raw_reply
from tests.support.shells import complete_in_bash

CATALOGUE = "/v1/audio-effects/catalog"
LISTED = {
    "filter_presets": [
        {"filter_preset_id": "phone", "name": "Phone", "description": "A telephone."},
        {"filter_preset_id": "old_radio", "name": "Old radio", "description": "A radio."},
    ],
    "environments": [
        {"environment_id": "hall", "name": "Concert hall", "description": "Large."},
        {"environment_id": "bathroom", "name": "Bathroom", "description": None},
        {"environment_id": "room:small", "name": "Small room"},
    ],
    "background_noises": [{"background_noise_id": "cafe", "name": "Café", "description": "Busy."}],
}
STEREO = struct.pack("<8h", 1, -1, 2, -2, 3, -3, 4, -4)
MONO = struct.pack("<4h", 1, 2, 3, 4)


def wav(samples=STEREO, channels=2, rate=24000, extra=b""):
    head = bytearray(wav_header(rate, len(samples), channels))
    return bytes(head[:36]) + extra + bytes(head[36:]) + samples


@pytest.fixture
def speaking(service):
    service.on(CATALOGUE, json_reply(LISTED))
    service.on_speech(audio_reply([MP3_FRAME], request_id="req_1", character_cost="2"))
    return service


def spoken(service):
    return [request for request in service.requests if request.path.startswith("/v1/text-to-")]


def looked_up(service):
    return [request for request in service.requests if request.path == CATALOGUE]


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        (["--effect", "phone"], {"filter_preset_id": "phone"}),
        (["--effect", "Old radio"], {"filter_preset_id": "old_radio"}),
        (["--effect", "OLD-RADIO"], {"filter_preset_id": "old_radio"}),
        (["--effect", "ph"], {"filter_preset_id": "phone"}),
        (["--room", "hall"], {"environment_id": "hall"}),
        (["--room", "hall:0.3"], {"environment_id": "hall", "send_level": 0.3}),
        (["--room", "concert hall:1"], {"environment_id": "hall", "send_level": 1}),
        (["--room", "room:small:0.5"], {"environment_id": "room:small", "send_level": 0.5}),
        (["--distance", "0.5"], {"distance": 0.5}),
        (["--distance", "0"], {"distance": 0}),
        (["--background", "cafe"], {"background_noise_id": "cafe"}),
        (["--background", "café"], {"background_noise_id": "cafe"}),
        (["--pan", "-0.5"], {"pan": -0.5}),
        (["--pan=1"], {"pan": 1}),
        (["--pan", "0"], {"pan": 0}),
        (
            ["--effect", "phone", "--room", "hall:0", "--distance", "1", "--background", "cafe", "--pan", "0.25"],
            {
                "filter_preset_id": "phone", "environment_id": "hall", "send_level": 0, "distance": 1,
                "background_noise_id": "cafe", "pan": 0.25,
            },
        ),
    ],
    ids=" ".join,
)  # fmt: skip
def test_only_what_was_asked_for_is_sent(eleven, speaking, options, sent):
    assert eleven("tts", "hi", *options).out == MP3_FRAME
    (request,) = spoken(speaking)
    assert request.path == f"/v1/text-to-speech/{VOICE}/stream"
    assert request.json == {"text": "hi", "audio_effects": sent}


def test_without_effects_nothing_is_sent_or_looked_up(eleven, speaking):
    assert eleven("tts", "hi").code == 0
    assert [request.json for request in speaking.requests] == [{"text": "hi"}]


@pytest.mark.parametrize("options", [["--distance", "0.5"], ["--pan", "0.5"]], ids=" ".join)
def test_numbers_need_no_catalogue(eleven, speaking, options):
    eleven("tts", "hi", *options)
    assert not looked_up(speaking)


def test_the_catalogue_is_fetched_once(eleven, speaking):
    for effect in ("phone", "Old radio", "phone"):
        assert eleven("tts", "hi", "--effect", effect).code == 0
    assert len(looked_up(speaking)) == 1


def test_a_catalogue_that_has_grown_is_fetched_again(eleven, speaking):
    eleven("effects")
    grown = {"filter_presets": [*LISTED["filter_presets"], {"filter_preset_id": "tv", "name": "Television"}]}
    speaking.on(CATALOGUE, json_reply(LISTED | grown))
    assert eleven("tts", "hi", "--effect", "television").code == 0
    assert spoken(speaking)[0].json["audio_effects"] == {"filter_preset_id": "tv"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--effect", "fone"], 'no effect "fone"'),
        (["--effect", "phonne"], 'no effect "phonne". Did you mean phone?'),
        (["--effect", "hall"], 'no effect "hall"; there are phone, old_radio'),
        (["--room", "hal1:0.2"], 'no room "hal1". Did you mean hall?'),
        (["--background", "jungle"], 'no background "jungle"; there are cafe'),
    ],
)
def test_what_there_is_not_costs_nothing(eleven, speaking, tmp_path, options, said):
    result = eleven("tts", "hi", "-o", str(tmp_path / "x.mp3"), *options)
    assert result.code == 4
    assert result.error.startswith(f"error: {said}")
    assert result.hint == "hint: see the effects: eleven effects"
    assert not spoken(speaking)
    assert not list(tmp_path.glob("x*"))


@pytest.mark.parametrize(
    "reply",
    [
        error_reply(401, "missing_permissions", "The key lacks the permission voices_read."),
        error_reply(403, "insufficient_permissions", "No."),
        error_reply(403, "forbidden", "No."),
        json_reply({"detail": "Not Found"}, 404),
        error_reply(500, "internal_error", "Oops."),
        json_reply([1, 2]),
        raw_reply(b"<html>", content_type="text/html"),
    ],
)
def test_a_key_that_may_not_read_the_catalogue_sends_the_word(eleven, speaking, reply):
    speaking.on(CATALOGUE, reply)
    assert eleven("tts", "hi", "--effect", "phone", "--room", "hall:0.3").code == 0
    sent = {"filter_preset_id": "phone", "environment_id": "hall", "send_level": 0.3}
    assert spoken(speaking)[0].json["audio_effects"] == sent


def test_a_key_that_is_none_is_told_so(eleven, speaking):
    speaking.on(CATALOGUE, error_reply(401, "unauthorized", "Invalid API key", legacy="invalid_api_key"))
    assert eleven("tts", "hi", "--effect", "phone").code == 3
    assert not spoken(speaking)


def test_what_only_the_service_knows_to_be_wrong(eleven, speaking):
    speaking.on(CATALOGUE, error_reply(403, "forbidden", "No."))
    speaking.on_speech(error_reply(404, "effect_not_found", "Unknown filter_preset_id."))
    result = eleven("tts", "hi", "--effect", "fone")
    assert (result.code, result.hint) == (4, "hint: see the effects: eleven effects")
    assert len(spoken(speaking)) == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--pan", "1.1"], '--pan must be a number from -1 to 1, not "1.1"'),
        (["--pan", "left"], '--pan must be a number from -1 to 1, not "left"'),
        (["--pan", "nan"], "--pan must be a number, not nan"),
        (["--distance", "-0.1"], '--distance must be a number from 0 to 1, not "-0.1"'),
        (["--distance", "nan"], "--distance must be a number, not nan"),
        (["--room", "hall:2"], '--room takes NAME or NAME:LEVEL, with a level from 0 to 1, not "hall:2"'),
        (["--room", "hall:-1"], '--room takes NAME or NAME:LEVEL, with a level from 0 to 1, not "hall:-1"'),
        (["--room", "hall:nan"], '--room takes NAME or NAME:LEVEL, with a level from 0 to 1, not "hall:nan"'),
        (["--room", "hall:"], '--room takes NAME or NAME:LEVEL, with a level from 0 to 1, not "hall:"'),
        (["--room", ":0.3"], '--room takes NAME or NAME:LEVEL, with a level from 0 to 1, not ":0.3"'),
        (["--room", ""], "the name of the room is empty"),
        (["--effect", " "], "the name of the effect is empty"),
        (["--background", ""], "the name of the background is empty"),
    ],
    ids=str,
)
def test_what_can_be_no_effect(eleven, speaking, options, said):
    result = eleven("tts", "hi", *options)
    assert (result.code, result.error) == (2, f"error: {said}")
    assert not speaking.requests


@pytest.mark.parametrize("cause", [["--room", "hall"], ["--room", "hall:0.1"], ["--pan", "0.1"], ["--pan", "-1"]])
@pytest.mark.parametrize(
    ("where", "format"),
    [
        (["-o", "x.pcm"], "pcm_24000"),
        (["--format", "pcm_44100"], "pcm_44100"),
        (["-o", "x.ulaw"], "ulaw_8000"),
        (["--format", "alaw"], "alaw_8000"),
        (["--format", "pcm", "--play"], "pcm_24000"),
    ],
)
def test_stereo_does_not_go_into_mono_formats(eleven, speaking, tmp_path, monkeypatch, cause, where, format):
    monkeypatch.chdir(tmp_path)
    result = eleven("tts", "hi", *cause, *where)
    assert result.code == 2
    assert result.error == f"error: {cause[0]} makes the sound stereo, which {format} cannot hold"
    assert result.hint == f"hint: use mp3, wav or opus, or omit {cause[0]}"
    assert not speaking.requests


def test_both_causes_of_stereo_are_named(eleven, speaking):
    result = eleven("tts", "hi", "--room", "hall", "--pan", "-1", "--format", "pcm")
    assert result.error == "error: --room and --pan make the sound stereo, which pcm_24000 cannot hold"
    assert result.hint == "hint: use mp3, wav or opus, or omit --room and --pan"


@pytest.mark.parametrize("mono", [["--effect", "phone"], ["--distance", "1"], ["--background", "cafe"], ["--pan", "0"]])
@pytest.mark.parametrize(
    ("format", "requested"), [("ulaw", "ulaw_8000"), ("pcm_16000", "pcm_16000"), ("wav", "pcm_24000")]
)
def test_mono_effects_go_into_every_format(eleven, speaking, mono, format, requested):
    speaking.on_speech(audio_reply([MONO]))
    assert eleven("tts", "hi", *mono, "--format", format).code == 0
    assert spoken(speaking)[0].query == {"output_format": requested}


@pytest.mark.parametrize(
    ("answer", "samples"),
    [
        (wav(), STEREO),
        (wav(extra=b"LIST\4\0\0\0abcd"), STEREO),
        (wav_header(24000, None, 2) + STEREO, STEREO),
        (wav(MONO, channels=1), struct.pack("<8h", 1, 1, 2, 2, 3, 3, 4, 4)),
    ],
)
@pytest.mark.parametrize("chunk", [1, 7, 1000])
def test_a_stereo_wav_is_asked_for_whole(eleven, speaking, tmp_path, answer, samples, chunk):
    speaking.on_speech(audio_reply([answer[at : at + chunk] for at in range(0, len(answer), chunk)]))
    assert eleven("tts", "hi", "--pan", "0.5", "-o", str(tmp_path / "x.wav")).code == 0
    (request,) = spoken(speaking)
    assert (request.path, request.query) == (f"/v1/text-to-speech/{VOICE}", {"output_format": "wav_24000"})
    assert (tmp_path / "x.wav").read_bytes() == wav_header(24000, len(samples), 2) + samples


def test_a_stereo_wav_on_a_pipe(eleven, speaking):
    speaking.on_speech(audio_reply([wav(rate=44100)]))
    result = eleven("tts", "hi", "--room", "hall", "--format", "wav_44100")
    assert result.out == wav_header(44100, None, 2) + STEREO
    assert spoken(speaking)[0].query == {"output_format": "wav_44100"}


def test_a_wav_of_another_rate_is_an_error(eleven, speaking, tmp_path):
    speaking.on_speech(audio_reply([wav(rate=8000)]))
    result = eleven("tts", "hi", "--pan", "0.5", "-o", str(tmp_path / "x.wav"))
    assert (result.code, result.error) == (1, "error: the service sent 8000 Hz instead of 24000")


@pytest.mark.parametrize("indent", [None, 2])
def test_subtitles_of_a_stereo_wav(eleven, speaking, tmp_path, indent):
    times = {"character_start_times_seconds": [0.0, 0.1], "character_end_times_seconds": [0.1, 0.2]}
    value = {"audio_base64": base64.b64encode(wav()).decode(), "alignment": {"characters": ["h", "i"], **times}}
    speaking.on_speech(raw_reply(json.dumps(value, indent=indent).encode(), content_type="application/json"))
    paths = str(tmp_path / "x.wav"), str(tmp_path / "x.json")
    assert eleven("tts", "hi", "--pan", "0.5", "-o", paths[0], "--subtitles", paths[1]).code == 0
    assert spoken(speaking)[0].path == f"/v1/text-to-speech/{VOICE}/with-timestamps"
    assert (tmp_path / "x.wav").read_bytes()[44:] == STEREO
    assert json.loads((tmp_path / "x.json").read_text())["characters"] == ["h", "i"]


def test_the_pieces_of_a_long_text_are_joined_in_stereo(eleven, speaking, tmp_path):
    speaking.on_speech(audio_reply([wav()]))
    text = "One sentence of many. " * 600
    result = eleven("tts", text, "--pan", "0.5", "-o", str(tmp_path / "x.wav"), "--json")
    assert result.code == 0
    requests = spoken(speaking)
    assert len(requests) == 3
    assert all(request.json["audio_effects"] == {"pan": 0.5} for request in requests)
    assert (tmp_path / "x.wav").read_bytes() == wav_header(24000, 3 * len(STEREO), 2) + 3 * STEREO
    assert json.loads(result.out)["audio_s"] == round(12 / 24000, 2)


def test_effects_belong_to_the_key_of_the_cache(eleven, speaking):
    argv = ("tts", "hi", "--cache")
    for options in ([], ["--effect", "phone"], ["--effect", "old_radio"], ["--room", "hall"], ["--room", "hall:0.5"]):
        for _ in range(2):
            assert eleven(*argv, *options).out == MP3_FRAME
    assert len(spoken(speaking)) == 5


def test_a_stereo_wav_from_the_cache(eleven, speaking):
    speaking.on_speech(audio_reply([wav()]))
    argv = ("tts", "hi", "--cache", "--pan", "0.5", "--format", "wav")
    assert eleven(*argv).out == eleven(*argv).out == wav_header(24000, None, 2) + STEREO
    assert len(spoken(speaking)) == 1


def test_live_text_with_effects_is_spoken_by_requests(eleven, speaking):
    """No socket takes effects."""
    assert eleven("tts", "--effect", "phone", stdin=b"One is first.\nTwo is next.\n").out == MP3_FRAME * 2
    assert [request.path for request in speaking.requests if request.path.endswith("stream-input")] == []
    assert [request.json["audio_effects"] for request in spoken(speaking)] == [{"filter_preset_id": "phone"}] * 2


@pytest.mark.parametrize(("format", "suffix"), [("mp3", "/stream"), ("wav", "")])
def test_dialogue_requests_carry_effects(eleven, speaking, format, suffix):
    speaking.on_speech(error_reply(400, "unsupported_model", "Only in dialogues."))
    answer = audio_reply([wav() if format == "wav" else MP3_FRAME])
    for path in ("/v1/text-to-dialogue", "/v1/text-to-dialogue/stream"):
        speaking.on(path, answer)
    assert eleven("tts", "hi", "-m", "eleven_v4", "--pan", "-0.5", "--format", format).code == 0
    request = spoken(speaking)[-1]
    assert request.path == f"/v1/text-to-dialogue{suffix}"
    assert request.json["audio_effects"] == {"pan": -0.5}


def test_a_dry_run_looks_nothing_up(eleven, speaking):
    assert eleven("tts", "hi", "--effect", "phone", "--dry-run").code == 0
    assert not speaking.requests


def test_what_exists_is_left_alone_before_anything_is_looked_up(eleven, speaking, tmp_path):
    (tmp_path / "x.mp3").write_bytes(b"mine")
    assert eleven("tts", "hi", "--effect", "phone", "-o", str(tmp_path / "x.mp3"), "--no-clobber").code == 0
    assert not speaking.requests


def test_the_list(eleven, speaking):
    assert eleven("effects").text.splitlines() == [
        "effect\tphone\tPhone\tA telephone.",
        "effect\told_radio\tOld radio\tA radio.",
        "room\thall\tConcert hall\tLarge.",
        "room\tbathroom\tBathroom\t",
        "room\troom:small\tSmall room\t",
        "background\tcafe\tCafé\tBusy.",
    ]
    assert json.loads(eleven("effects", "--json").out)[2] == {
        "kind": "room", "id": "hall", "name": "Concert hall", "description": "Large.",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "lines"),
    [
        ({}, []),
        ({"filter_presets": None, "environments": 5}, []),
        (
            {"filter_presets": ["x", {"name": "no id"}, {"filter_preset_id": 7}, {"filter_preset_id": "a"}]},
            ["effect\ta\ta\t"],
        ),
        ({"filter_presets": [{"filter_preset_id": "a", "name": "\x1b[31mred"}]}, ["effect\ta\t\\x1b[31mred\t"]),
    ],
)
def test_a_list_that_is_not_what_it_should_be(eleven, speaking, answer, lines):
    speaking.on(CATALOGUE, json_reply(answer))
    result = eleven("effects")
    assert result.code == 0
    assert result.text.splitlines() == lines


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash here")
def test_names_are_completed(eleven, speaking):
    eleven("effects")
    assert complete_in_bash("eleven tts --effect ") == ["phone", "old_radio"]
    assert complete_in_bash("eleven tts hi --room ha") == ["hall"]
    assert complete_in_bash("eleven tts --background ") == ["cafe"]
    assert len(looked_up(speaking)) == 1


def test_nothing_is_completed_before_the_catalogue_is_known(eleven, speaking):
    assert complete_in_bash("eleven tts --effect ") == []
