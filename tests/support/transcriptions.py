"""What the tests of `eleven stt` share: sound to transcribe, a service that answers, and the program at a pipe."""

import os
from array import array

from eleven_cli.audio.codecs.wav import wav_header

SECOND = 32000  # bytes of 16 kHz


def wav(seconds=0.5, rate=16000):
    samples = array("h", [1000, -1000] * int(seconds * rate / 2)).tobytes()
    return wav_header(rate, len(samples)) + samples


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
