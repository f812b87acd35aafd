"""What the tests of `eleven stt` share: sound to transcribe, a service that answers, and the program at a pipe."""

import os
from array import array

from eleven_cli.audio.codecs.wav import WavHeader
from tests.support.wav_files import wav

SECOND = 32000  # bytes of 16 kHz


def says(text):
    """A service that hears all, commits this by itself in the silence at the end, and nothing when it is asked to."""

    def script(session):
        session.start()
        session.until_commit()
        for said in filter(None, [text]):
            session.committed(said)
        session.committed("")
        session.until_closed()

    return script


def piped(spawn, *argv, sound=None, **options):
    """The program at a pipe that stays open, with two seconds of sound in it, or another one."""
    reading, writing = os.pipe()
    os.write(writing, wav(1.9) if sound is None else sound)
    process = spawn("stt", "--live", *argv, stdin=reading, **options)
    os.close(reading)
    return process, writing


def on_card(spawn, card, *argv, **options):
    """The program at the microphone of a sound card."""
    return spawn("stt", "--live", "--mic", "default", *argv, env={**os.environ, **card.environ}, **options)


def sound(*seconds):
    """A WAV of loud and quiet in turn, for so many seconds each."""
    samples = b"".join(
        array("h", [6000 * (at % 2 == 0), -6000 * (at % 2 == 0)] * round(s * 8000)).tobytes()
        for at, s in enumerate(seconds)
    )
    return WavHeader(16000, 1, "s16", len(samples)).to_bytes() + samples


STT_PATH = "/v1/speech-to-text"


def word(text, start, end, speaker=None):
    return {"text": text, "start": start, "end": end, "type": "word", "speaker_id": speaker, "logprob": 0}


HEARD = {
    "language_code": "eng",
    "language_probability": 0.9,
    "text": "Hi there. Hello & bye!",
    "words": [word("Hi there. ", 0.0, 0.9, "s_1"), word("Hello & bye!", 1.5, 2.75, "s_0")],
    "transcription_id": "t_1",
    "audio_duration_secs": 3.5,
}


SRT = "1\n00:00:00,000 --> 00:00:02,750\nHi there. Hello & bye!\n\n"
