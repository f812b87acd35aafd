"""Recordings for tests: WAV files made, and read again."""

import array
import math
import wave

from eleven_cli.audio.codecs.wav import wav_header


def wav(seconds=0.5, rate=16000, level=1000):
    samples = array.array("h", [level, -level] * int(seconds * rate / 2)).tobytes()
    return wav_header(rate, len(samples)) + samples


def written(tmp_path, data, name="in.wav"):
    path = tmp_path / name
    path.write_bytes(data)
    return str(path)


def tone(seconds, hertz=440, rate=16000, loudness=9000):
    turn = 2 * math.pi * hertz / rate
    return array.array("h", (int(loudness * math.sin(turn * at)) or 1 for at in range(int(seconds * rate)))).tobytes()


def write_wav(path, data, rate=16000, channels=1, width=2):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(data)
    return str(path)


def samples_of(path):
    with wave.open(str(path)) as file:
        data = array.array("h", file.readframes(file.getnframes()))
        return file.getframerate(), [data[at :: file.getnchannels()] for at in range(file.getnchannels())]
