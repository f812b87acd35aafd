"""Real voices for tests: the sandbox's synthesiser, at any rate."""

from eleven_cli.audio.pcm import level_db
from eleven_cli.audio.resample import Resampler
from eleven_cli.sandbox.sound.espeak import Style, espeak

AGENT = Style("en-us", 165, 50, 50, 100)
USER = Style("en-us+shelby", 175, 70, 50, 100)


def spoken(text, style, rate):
    """The text as PCM."""
    engine = espeak()
    return at_rate(bytes(engine.speak(text, style, pause=True).pcm), engine.rate, rate)


def at_rate(pcm, source, target):
    resampler = Resampler(source, target)
    return resampler.feed(pcm) + resampler.flush()


def scaled(pcm, gain_db):
    from array import array

    factor = 10 ** (gain_db / 20)
    return array("h", (max(min(round(sample * factor), 32767), -32768) for sample in array("h", pcm))).tobytes()


def mixed(*sounds):
    """The sum, as long as the longest."""
    from array import array
    from itertools import zip_longest

    together = zip_longest(*(array("h", pcm) for pcm in sounds), fillvalue=0)
    return array("h", (max(min(sum(samples), 32767), -32768) for samples in together)).tobytes()


def at_level(pcm, wanted_db):
    return scaled(pcm, wanted_db - level_db(pcm))
