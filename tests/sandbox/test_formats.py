"""Every output format: what comes is what was asked for, and lasts as long as it should."""

import io
import struct

import av
import pytest

from .conftest import Api
from .decoding import Sound, decoded, pcm

TEXT = "Seven sober sailors sing."
MP3 = ["mp3_22050_32", "mp3_24000_48", *(f"mp3_44100_{bitrate}" for bitrate in (32, 64, 96, 128, 192))]
OPUS = [f"opus_48000_{bitrate}" for bitrate in (32, 64, 96, 128, 192)]
PCM_RATES = [8000, 16000, 22050, 24000, 32000, 44100, 48000]
STREAMING = [*MP3, *OPUS, *(f"pcm_{rate}" for rate in PCM_RATES), "ulaw_8000", "alaw_8000"]
TYPES = {
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "pcm": "audio/pcm",
    "wav": "audio/wav",
    "ulaw": "audio/basic",
    "alaw": "audio/x-alaw-basic",
}
PADDING_S = {"mp3": 0.15, "opus": 0.005}


def heard(data: bytes, format: str) -> Sound:
    codec, rate = format.split("_")[0], int(format.split("_")[1])
    raw = {"pcm": "s16le", "ulaw": "mulaw", "alaw": "alaw"}.get(codec)
    return decoded(data, raw, rate)


@pytest.fixture(scope="module")
def seconds(server: str) -> float:
    api = Api(server, "reference")
    return pcm(api.said(TEXT, format="pcm_24000"), 24000).seconds


@pytest.mark.parametrize("format", STREAMING)
def test_streamed(api: Api, seconds: float, format: str) -> None:
    answer = api.speak(TEXT, kind="/stream", format=format)
    codec = format.split("_")[0]
    assert answer.headers["content-type"] == TYPES[codec]
    assert answer.headers["transfer-encoding"] == "chunked"
    sound = heard(answer.content, format)
    assert sound.rate == int(format.split("_")[1])
    assert abs(sound.seconds - seconds) < PADDING_S.get(codec, 0.003)
    assert sound.rms() > 800
    assert sound.loud()[0] < 0.15


@pytest.mark.parametrize("rate", PCM_RATES)
def test_wav_has_true_lengths(api: Api, seconds: float, rate: int) -> None:
    answer = api.speak(TEXT, format=f"wav_{rate}")
    assert answer.headers["content-type"] == "audio/wav"
    data = answer.content
    assert struct.unpack("<4sI4s4sIHHIIHH4sI", data[:44]) == (
        *(b"RIFF", len(data) - 8, b"WAVE", b"fmt ", 16, 1, 1, rate, 2 * rate, 2, 16),
        *(b"data", len(data) - 44),
    )
    sound = decoded(data)
    assert sound.rate == rate
    assert abs(sound.seconds - seconds) < 0.003
    assert data[44:] == api.said(TEXT, format=f"pcm_{rate}")


@pytest.mark.parametrize("format", ["mp3_44100_128", "opus_48000_64", "pcm_16000", "ulaw_8000"])
def test_whole_and_streamed_are_the_same_bytes(api: Api, format: str) -> None:
    assert api.said(TEXT, format=format) == api.said(TEXT, format=format, kind="/stream")


def test_the_default_is_mp3(api: Api) -> None:
    assert api.said(TEXT) == api.said(TEXT, format="mp3_44100_128")


@pytest.mark.parametrize("format", MP3)
def test_mp3_frames_stand_alone_at_the_asked_bit_rate(api: Api, format: str) -> None:
    data = api.said(TEXT, format=format)
    assert data[:2] in (b"\xff\xfb", b"\xff\xf3")
    assert b"Xing" not in data
    assert b"Info" not in data[:400]
    with av.open(io.BytesIO(data)) as file:
        assert file.streams.audio[0].bit_rate == int(format.split("_")[2]) * 1000


def test_streams_of_mp3_can_be_joined(api: Api) -> None:
    one, two = api.said("One."), api.said("Two.")
    joined = decoded(one + two).seconds
    assert abs(joined - decoded(one).seconds - decoded(two).seconds) < 0.06


def test_opus_starts_with_its_headers(api: Api) -> None:
    data = api.said(TEXT, format="opus_48000_64")
    assert data.startswith(b"OggS")
    assert data[28:36] == b"OpusHead"
