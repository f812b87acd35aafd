"""Transcripts of files: words and times, voices, channels, containers, and what cannot be transcribed."""

import http.server
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from eleven_cli.sandbox.server import running
from eleven_cli.sandbox.transcripts import download
from tests.support.guard import GUARD_S

from .call import babble, silence
from .conftest import HARPER, Api
from .realtime import RealtimeClient
from .schemas import check, faults, refused
from .uploads import CALVIN, FOX, changed, exports, muxed, said, stereo, transcribed, transcript, wav

GEORGE = "JBFqnCBsd6RMkjVDRZzb"
WORD = {
    "text": str,
    "start": (int, float),
    "end": (int, float),
    "type": str,
    "logprob": (int, float),
    "speaker_id": (str, type(None)),
}


def joined(body: dict[str, Any]) -> str:
    return "".join(word["text"] for word in body["words"])


def spoken(body: dict[str, Any]) -> list[dict[str, Any]]:
    return [word for word in body["words"] if word["type"] == "word"]


def test_the_shape_of_the_answer(api: Api) -> None:
    body = transcript(api, wav(said(api)))
    assert (body["text"], body["language_code"]) == (FOX, "eng")
    assert 0 < body["language_probability"] <= 1
    assert body["audio_duration_secs"] == pytest.approx(len(said(api)) / 32000, abs=0.01)
    assert joined(body) == FOX
    for word in body["words"]:
        check(word, WORD)
        assert word["speaker_id"] is None
        assert word["characters"] is None
    assert [word["type"] for word in body["words"]] == ["word", "spacing"] * 3 + ["word"]
    times = [time for word in body["words"] for time in (word["start"], word["end"])]
    assert times == sorted(times)


def test_times_are_the_synthesisers(api: Api) -> None:
    timed = api.speak(FOX, kind="/with-timestamps", format="pcm_16000").json()["alignment"]
    starts = [timed["character_start_times_seconds"][FOX.index(word)] for word in FOX.split()]
    found = transcript(api, wav(silence(1.0) + said(api) + silence(0.5)))
    for word, start in zip(spoken(found), starts, strict=True):
        assert word["start"] == pytest.approx(1.0 + start, abs=0.06)


@pytest.mark.parametrize("container", ["flac", "ipod", "webm", "ogg", "mp4", "matroska"])
def test_every_container(api: Api, container: str) -> None:
    file = muxed(container, said(api, format="pcm_48000"), video=container in ("mp4", "matroska"))
    assert transcript(api, file)["text"] == FOX


@pytest.mark.parametrize("format", ["mp3_44100_128", "opus_48000_32", "wav_8000"])
def test_what_the_sandbox_itself_sends(api: Api, format: str) -> None:
    assert transcript(api, said(api, format=format))["text"] == FOX


def test_raw_samples_and_a_wav_from_a_pipe(api: Api) -> None:
    speech = said(api)
    assert transcript(api, speech, file_format="pcm_s16le_16")["text"] == FOX
    header = bytearray(wav(speech)[:44])
    header[4:8] = header[40:44] = b"\xff\xff\xff\xff"
    assert transcript(api, bytes(header) + speech)["text"] == FOX


def test_several_utterances_in_order(api: Api) -> None:
    parts = ["Good morning.", "What is the weather?", "It goes on and on, and then it stops."]
    audio = b"".join(said(api, part) + silence(pause) for part, pause in zip(parts, (0.0, 0.4, 2.0), strict=True))
    assert transcript(api, wav(audio))["text"] == " ".join(parts)


def test_a_long_text(api: Api) -> None:
    text = " ".join(f"Sentence number {number} is neither short, nor is it long." for number in range(24))
    assert transcript(api, said(api, text, format="mp3_22050_32"))["text"] == text


def test_a_part_of_what_was_said(api: Api) -> None:
    text = "This is the first sentence. And here comes another one."
    speech = said(api, text)
    found = transcript(api, wav(speech[: len(speech) // 2]))["text"]
    assert len(found.split()) >= 4
    assert text.startswith(found)


def test_what_nobody_said(api: Api) -> None:
    body = transcript(api, wav(silence(0.5) + babble(2.0) + silence(1.0)))
    assert body["text"].startswith("(speech, ")
    assert float(body["text"].split()[1]) == pytest.approx(2.0, abs=0.2)
    assert transcript(api, wav(silence(2.0)))["words"] == []
    mixed = transcript(api, wav(babble(1.0) + silence(1.0) + said(api)))
    assert mixed["text"].startswith("(speech, 1.")
    assert mixed["text"].endswith(FOX)


def test_voices_are_told_apart(api: Api) -> None:
    audio = wav(said(api, "How are you?") + said(api, "I am fine.", CALVIN) + said(api, "Good to hear."))
    body = transcript(api, audio, diarize="true")
    speakers = {word["text"]: word["speaker_id"] for word in spoken(body)}
    assert (speakers["How"], speakers["fine."], speakers["hear."]) == ("speaker_0", "speaker_1", "speaker_0")
    roles = transcript(api, audio, diarize="true", detect_speaker_roles="true")
    assert [word["speaker_id"] for word in spoken(roles)][::3] == ["agent", "customer", "agent"]
    alone = transcript(api, audio, diarize="true", num_speakers="1")
    assert {word["speaker_id"] for word in alone["words"]} == {"speaker_0"}


def test_channels(api: Api) -> None:
    audio = stereo(said(api, "This is the left."), silence(2.0) + said(api, "And this is right.", CALVIN))
    body = transcript(api, audio, use_multi_channel="true")
    assert [one["text"] for one in body["transcripts"]] == ["This is the left.", "And this is right."]
    assert [one["channel_index"] for one in body["transcripts"]] == [0, 1]
    assert all(word["channel_index"] == 1 for word in body["transcripts"][1]["words"])
    merged = transcript(api, audio, use_multi_channel="true", multichannel_output_style="combined")
    assert merged["text"] == "This is the left. And this is right."
    assert {word["channel_index"] for word in merged["words"]} == {0, 1}
    assert transcript(api, wav(said(api)), use_multi_channel="true")["text"] == FOX


def test_granularity(api: Api) -> None:
    fine = transcript(api, wav(said(api)), timestamps_granularity="character")
    assert "".join(one["text"] for word in fine["words"] for one in word["characters"]) == FOX
    none = transcript(api, wav(said(api)), timestamps_granularity="none")
    assert none["text"] == FOX
    assert all(word["start"] is None for word in none["words"])


def test_additional_formats(api: Api) -> None:
    audio = wav(said(api, "How are you?") + silence(1.0) + said(api, "I am fine.", CALVIN))
    wanted = exports({"format": "srt"}, {"format": "txt", "include_timestamps": False}, {"format": "segmented_json"})
    srt, txt, segmented = transcript(api, audio, diarize="true", additional_formats=wanted)["additional_formats"]
    blocks = srt["content"].split("\n\n")
    assert [block.splitlines()[2] for block in blocks] == ["How are you?", "I am fine."]
    assert blocks[0].startswith("1\n00:00:00,0")
    assert (srt["requested_format"], srt["file_extension"], srt["is_base64_encoded"]) == ("srt", "srt", False)
    assert txt["content"] == "[speaker_0] How are you?\n\n[speaker_1] I am fine."
    assert [one["text"] for one in json.loads(segmented["content"])["segments"]] == ["How are you?", "I am fine."]


def test_languages(api: Api) -> None:
    german = said(api, "Guten Tag.", voice="vYzI0uRHkrSm170aiMWv")
    assert transcript(api, wav(german))["language_code"] == "deu"
    assert transcript(api, wav(german), language_code="fr")["language_code"] == "fra"
    assert transcript(api, wav(german), language_code="fra")["language_probability"] == 1.0


SPOKEN = {  # who speaks, and how; the language of the transcript
    "a voice that has its name": ({"voice": GEORGE, "text": "Buongiorno a tutti."}, "ita"),
    "an unknown voice": ({"voice": GEORGE[::-1], "text": "Good morning."}, "eng"),
    "an English voice": ({"voice": HARPER, "text": "Good morning."}, "eng"),
    "an English voice that is asked for German": ({"language_code": "de", "text": "Guten Tag."}, "deu"),
    "an English voice that is asked for Norwegian": ({"language_code": "no", "text": "God morgen."}, "nor"),
}


@pytest.fixture(scope="module")
def with_chiara(memory_between_tests: None) -> Iterator[str]:
    with running(voices={GEORGE: "Chiara"}) as base:
        yield base


@pytest.mark.parametrize("who", SPOKEN)
def test_the_language_is_that_of_the_voice_that_spoke(api_with: Any, with_chiara: str, who: str) -> None:
    api, (asked, language) = api_with("k", with_chiara), SPOKEN[who]
    audio = wav(api.speak(format="pcm_16000", model_id="eleven_flash_v2_5", **asked).content)
    assert transcript(api, audio)["language_code"] == language
    if asked.get("voice") == GEORGE:
        with RealtimeClient(api, include_language_detection="true").started() as live:
            live.send_audio(audio[44:]).commit()
            assert live.until("committed_transcript_with_timestamps")["language_code"] == "it"
        other = changed(api, audio, HARPER, format="pcm_16000").content
        assert transcript(api, wav(other))["language_code"] == "ita"


def test_the_language_of_a_voice_of_the_library(api: Api) -> None:
    listed = api.get("/v1/shared-voices", params={"language": "fr"}).json()["voices"][0]
    path = f"/v1/voices/add/{listed['public_owner_id']}/{listed['voice_id']}"
    added = api("POST", path, json={"new_name": "Mine"}).json()["voice_id"]
    assert transcript(api, wav(said(api, "Bonjour à tous.", voice=added)))["language_code"] == "fra"


def test_a_transcript_is_kept_until_it_is_deleted(api: Api, api_with: Any) -> None:
    body = transcript(api, wav(said(api)))
    path = f"/v1/speech-to-text/transcripts/{body['transcription_id']}"
    assert api.get(path).json() == body
    assert api_with("other").get(path).status_code == 404
    assert api("DELETE", path).status_code == 200
    refused(api.get(path), 404, "transcript_not_found", status="not_found_error")


def test_a_token_opens_once(api: Api, api_with: Any) -> None:
    token = api("POST", "/v1/single-use-token/batch_scribe").json()["token"]
    nobody = api_with(None)
    files, data = {"file": ("a", wav(said(api)))}, {"model_id": "scribe_v2"}
    path = f"/v1/speech-to-text?token={token}"
    assert nobody("POST", path, files=files, data=data).json()["text"] == FOX
    refused(nobody("POST", path, files=files, data=data), 401, "unauthorized", status="invalid_single_use_token")


@pytest.fixture
def web(api: Api) -> Iterator[str]:
    """A server of one file."""
    audio = said(api, format="mp3_44100_128")

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            away = self.path.partition("?to=")[2]
            self.send_response(302 if away else 200 if self.path == "/fox.mp3" else 404)
            if away:
                self.send_header("Location", away)
            self.end_headers()
            self.wfile.write(audio)

        def log_message(self, *about: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("url", ["x", "http://", "http://[", "http://a:b/", "http://a:99999/", "http://a:0/"])
def test_what_is_no_address(api: Api, url: str) -> None:
    failed = transcribed(api, None, source_url=url)
    refused(failed, 400, "invalid_parameters", status="invalid_url", param="source_url")


def test_an_address_that_does_not_speak_http(api: Api) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            client, _ = server.accept()
            with client:
                client.recv(65536)
                client.sendall(b"what is this?\r\n\r\n")

        serving = threading.Thread(target=serve)
        serving.start()
        failed = transcribed(api, None, source_url=f"http://127.0.0.1:{server.getsockname()[1]}/a.mp3")
        serving.join(GUARD_S)
    refused(failed, 400, "invalid_parameters", status="download_failed", param="source_url")


def test_an_address_with_a_blank(api: Api, web: str) -> None:
    failed = transcribed(api, None, source_url=f"{web}/a b.mp3")
    refused(failed, 400, "invalid_parameters", status="download_failed", param="source_url")


def test_an_address(api: Api, web: str) -> None:
    for field in ("source_url", "cloud_storage_url"):
        assert transcribed(api, None, **{field: f"{web}/fox.mp3"}).json()["text"] == FOX
    failed = transcribed(api, None, source_url=f"{web}/other.mp3")
    refused(failed, 400, "invalid_parameters", status="download_failed", param="source_url")
    refused(
        transcribed(api, None, source_url="file:///etc/hosts"),
        400,
        "invalid_parameters",
        status="invalid_url",
        param="source_url",
    )


@pytest.mark.parametrize(
    "address",
    [
        "http://example.com/a.mp3",
        "https://93.184.216.34/a.mp3",
        "http://0.0.0.0:{port}/fox.mp3",
        "http://3221225985:{port}/fox.mp3",  # 192.0.2.1
        "http://0xC0.0.2.1/a.mp3",
        "http://[::ffff:192.0.2.1]/a.mp3",
        "http://localhost.example.com/a.mp3",
        "http://127.0.0.1.nip.io/a.mp3",
        "http://127.0.0.1@192.0.2.1/a.mp3",
        "{web}/x?to=http://192.0.2.1/a.mp3",
        "{web}/x?to=https://example.com/a.mp3",
        "{web}/x?to=ftp://127.0.0.1/a.mp3",
        "{web}/x?to=file:///etc/hosts",
    ],
)
def test_addresses_of_other_machines(api: Api, web: str, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    opened: list[Any] = []
    connect = socket.create_connection
    monkeypatch.setattr(download.socket, "create_connection", lambda to, *more: opened.append(to) or connect(to, *more))
    url = address.format(web=web, port=web.rpartition(":")[2])
    failed = transcribed(api, None, source_url=url)
    refused(failed, 400, "invalid_parameters", status="download_failed", param="source_url")
    assert {host for host, _ in opened} <= {"127.0.0.1"}
    if "ftp:" not in url and "file:" not in url:
        assert "--allow-network" in failed.json()["detail"]["message"]


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST", "app.localhost", "2130706433", "0x7f.1", "127.1", "[::ffff:127.0.0.1]"]
)
def test_spellings_of_this_machine(api: Api, web: str, host: str) -> None:
    url = f"{web.replace('127.0.0.1', host)}/fox.mp3"
    assert transcribed(api, None, source_url=url).json()["text"] == FOX
    assert transcribed(api, None, source_url=f"{web}/x?to={url}").json()["text"] == FOX


def test_other_machines_where_that_is_allowed(monkeypatch: pytest.MonkeyPatch, memory: Path) -> None:
    opened: list[Any] = []

    def connect(address: Any, *more: Any) -> Any:
        opened.append(address)
        raise OSError("nobody there")

    with running(allow_network=True) as base:
        api = Api(base, "any")
        assert api.get("/v1/models").status_code == 200  # connected before nobody can be
        monkeypatch.setattr(download.socket, "create_connection", connect)
        failed = transcribed(api, None, source_url="http://example.com/a.mp3")
        assert "nobody there" in failed.json()["detail"]["message"]
        api.close()
    assert opened == [("example.com", 80)]


def test_what_is_no_sound(api: Api) -> None:
    speech = wav(said(api))
    flac = muxed("flac", said(api, format="pcm_48000"))
    m4a = muxed("ipod", said(api, format="pcm_48000"))
    silent = muxed("mp4", None, video=True)
    for file in (b"", b"Some text.\n" * 99, speech[:20_000], flac[: len(flac) // 2], m4a[: len(m4a) // 2], silent):
        refused(transcribed(api, file), 400, "invalid_audio", status="invalid_content")
    refused(transcribed(api, wav(silence(0.09))), 400, "audio_too_short")


@pytest.mark.parametrize(
    ("fields", "place", "kind"),
    [
        ({"model_id": None}, "model_id", "missing"),
        ({"num_speakers": "0"}, "num_speakers", "greater_than_equal"),
        ({"num_speakers": "33"}, "num_speakers", "less_than_equal"),
        ({"num_speakers": "two"}, "num_speakers", "int_parsing"),
        ({"diarize": "perhaps"}, "diarize", "bool_parsing"),
        ({"timestamps_granularity": "line"}, "timestamps_granularity", "literal_error"),
        ({"file_format": "wav"}, "file_format", "literal_error"),
        ({"temperature": "3"}, "temperature", "less_than_equal"),
        ({"seed": "2147483648"}, "seed", "less_than_equal"),
        ({"diarization_threshold": "0.5"}, "diarization_threshold", "less_than_equal"),
        ({"additional_formats": "{}"}, "additional_formats", "list_type"),
    ],
)
def test_faults(api: Api, fields: dict[str, Any], place: str, kind: str) -> None:
    assert faults(transcribed(api, wav(silence(1)), **fields)) == [(["body", place], kind)]


@pytest.mark.parametrize(
    ("fields", "param", "status"),
    [
        ({"language_code": "qq"}, "language_code", "invalid_language_code"),
        ({"diarize": "true", "use_multi_channel": "true"}, "diarize", None),
        ({"detect_speaker_roles": "true"}, "detect_speaker_roles", None),
        ({"diarization_threshold": "0.2"}, "diarization_threshold", None),
        ({"keyterms": ["x" * 50]}, "keyterms", None),
        ({"keyterms": ["one two three four five six"]}, "keyterms", None),
        ({"keyterms": ["<b>"]}, "keyterms", None),
        ({"keyterms": [f"k{number}" for number in range(1001)]}, "keyterms", None),
        ({"webhook": "true"}, "webhook", "no_webhook_configured"),
        ({"additional_formats": "nonsense"}, "additional_formats", None),
        ({"no_verbatim": "true", "model_id": "scribe_v3"}, "no_verbatim", None),
        ({"secondary_language_codes": ["it"]}, "secondary_language_codes", None),
        ({"source_url": "http://127.0.0.1/x"}, "file", None),
        ({"entity_redaction": "pii"}, "entity_redaction", None),
        ({"entity_redaction": "pii", "entity_detection": "null"}, "entity_redaction", None),
        ({"entity_redaction": "phi", "entity_detection": '["pii", "pci"]'}, "entity_redaction", None),
        ({"entity_redaction": "all", "entity_detection": "pii"}, "entity_redaction", None),
        ({"entity_redaction": "credit_card", "entity_detection": "pii"}, "entity_redaction", None),
    ],
)
def test_what_makes_no_sense(api: Api, fields: dict[str, Any], param: str, status: str | None) -> None:
    refused(transcribed(api, wav(silence(1)), **fields), 400, "invalid_parameters", status=status, param=param)


def test_models(api: Api) -> None:
    audio = wav(silence(1))
    refused(
        transcribed(api, audio, model_id="scribe_v1"),
        400,
        "unsupported_model",
        status="invalid_model_id",
        param="model_id",
    )
    refused(transcribed(api, audio, model_id="eleven_v3"), 400, "unsupported_model", param="model_id")
    assert transcribed(api, audio, model_id="scribe_v3").status_code == 200
    refused(transcribed(api, None), 400, "invalid_parameters", param="file")


def test_what_it_costs(api: Api, api_with: Any) -> None:
    minute = wav(silence(60))
    assert transcribed(api, minute).headers["character-cost"] == "100"
    assert transcribed(api, minute, keyterms=["fox"]).headers["character-cost"] == "120"
    as_the_sdk_does = {"entity_detection": "null", "entity_redaction": "null"}
    assert transcribed(api, minute, **as_the_sdk_does).headers["character-cost"] == "100"
    found = transcribed(api, minute, entity_detection='"all"', entity_redaction="null")
    assert (found.headers["character-cost"], found.json()["entities"]) == ("130", [])
    assert transcribed(api, stereo(silence(60), b""), use_multi_channel="true").headers["character-cost"] == "200"
    refused(transcribed(api_with("broke"), minute), 402, "insufficient_credits", status="quota_exceeded")
    refused(transcribed(api_with("wrong"), minute), 401, "unauthorized", status="invalid_api_key")
    refused(transcribed(api_with("restricted"), minute), 403, "insufficient_permissions", status="missing_permissions")


def test_usage_tells_transcripts_from_speech(api: Api) -> None:
    transcript(api, wav(said(api, voice=HARPER)))
    query = {"start_unix": "1600000000000", "end_unix": "4000000000000", "aggregation_interval": "cumulative"}
    for breakdown in ("product_type", "voice", "model"):
        usage = api.get("/v1/usage/character-stats", params={**query, "breakdown_type": breakdown}).json()["usage"]
        assert len(usage) == 2
