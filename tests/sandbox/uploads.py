"""Sound to upload: what the sandbox said, in every container; and the requests that take it."""

import io
import json
from array import array
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import av
from av.audio.resampler import AudioResampler

from eleven_cli.sandbox.sound.codecs import wav_header

from .conftest import HARPER, Api

CALVIN = "CaK1KilJWJy9D6GjB7nZ"
FOX = "The quick brown fox."
CHANGER = "eleven_multilingual_sts_v2"
CODECS = {"flac": "flac", "ipod": "aac", "webm": "libopus", "ogg": "libopus", "mp4": "aac", "matroska": "aac"}


def wav(pcm: bytes, rate: int = 16000) -> bytes:
    return wav_header(rate, len(pcm)) + pcm


def stereo(left: bytes, right: bytes, rate: int = 16000) -> bytes:
    """Two mono sounds as a WAV file with two channels."""
    channels = [array("h", left), array("h", right)]
    samples = array("h", bytes(4 * max(map(len, channels))))
    for index, channel in enumerate(channels):
        samples[index : 2 * len(channel) : 2] = channel
    data = samples.tobytes()
    header = bytearray(wav_header(rate, len(data)))
    header[22:24], header[32:34] = (2).to_bytes(2, "little"), (4).to_bytes(2, "little")
    header[28:32] = (4 * rate).to_bytes(4, "little")
    return bytes(header) + data


def muxed(container: str, pcm: bytes | None, *, video: bool = False, rate: int = 48000) -> bytes:
    """A file of the kind, with or without sound and pictures."""
    out = io.BytesIO()
    with av.open(out, "w", format=container) as file:
        picture: Any = file.add_stream("mpeg4", rate=10) if video else None
        sound: Any = file.add_stream(CODECS[container], rate=rate, layout="mono") if pcm else None
        if picture is not None:
            picture.width, picture.height, picture.pix_fmt = 64, 64, "yuv420p"
            for number in range(20):
                frame = av.VideoFrame(64, 64, "yuv420p")
                frame.pts = number
                file.mux(picture.encode(frame))
            file.mux(picture.encode(None))
        if pcm:
            file.mux([packet for part in _frames(pcm, rate, sound) for packet in sound.encode(part)])
            file.mux(sound.encode(None))
    return out.getvalue()


def _frames(pcm: bytes, rate: int, stream: Any) -> Sequence[Any]:
    frame = av.AudioFrame(format="s16", layout="mono", samples=len(pcm) // 2)
    frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), 0
    frame.planes[0].update(pcm)
    codec = stream.codec_context
    resampler = AudioResampler(codec.format.name, layout="mono", rate=rate, frame_size=codec.frame_size or None)
    return [*resampler.resample(frame), *resampler.resample(None)]


def changed(
    api: Api, audio: bytes, voice: str = CALVIN, kind: str = "", format: str = "pcm_16000", **fields: Any
) -> Any:
    """The answer of the voice changer."""
    data = {"model_id": CHANGER, **fields}
    path = f"/v1/speech-to-speech/{voice}{kind}"
    query = {"output_format": format}
    return api("POST", path, data=data, files={"audio": ("a", audio)}, params=query, stream=kind == "/stream")


def isolated(api: Api, audio: bytes, kind: str = "", **fields: Any) -> Any:
    return api("POST", f"/v1/audio-isolation{kind}", data=fields, files={"audio": ("a", audio)})


def transcribed(api: Api, audio: bytes | None, **fields: Any) -> Any:
    """The answer of the transcription; lists are repeated fields, and None leaves a field out."""
    data = {name: value for name, value in {"model_id": "scribe_v2", **fields}.items() if value is not None}
    files = {"file": ("a", audio)} if audio is not None else {"nothing": (None, "")}
    return api("POST", "/v1/speech-to-text", data=data, files=files)


def transcript(api: Api, audio: bytes, **fields: Any) -> dict[str, Any]:
    answer = transcribed(api, audio, **fields)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def exports(*formats: dict[str, Any]) -> str:
    return json.dumps(formats)


def aligned(api: Api, audio: bytes, text: str | None) -> Any:
    return api("POST", "/v1/forced-alignment", data={"text": text} if text else {}, files={"file": ("a", audio)})


def said(api: Api, text: str = FOX, voice: str = HARPER, format: str = "pcm_16000") -> bytes:
    return api.said(text, voice=voice, format=format)
