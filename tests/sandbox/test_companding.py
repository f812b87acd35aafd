"""µ-law as ITU-T G.711 defines it."""

from array import array

from eleven_cli.sandbox.sound.companding import ulaw_to_pcm


def g711(code: int) -> int:
    """The sample of a code: sign, three bits of exponent and four of mantissa, all of them inverted."""
    code = ~code & 0xFF
    magnitude = (((code & 0x0F) << 3) + 0x84 << ((code & 0x70) >> 4)) - 0x84
    return -magnitude if code & 0x80 else magnitude


def test_every_code_has_its_sample() -> None:
    assert list(array("h", ulaw_to_pcm(bytes(range(256))))) == [g711(code) for code in range(256)]


def test_every_byte_is_a_sample() -> None:
    assert ulaw_to_pcm(b"") == b""
    assert ulaw_to_pcm(b"\xff\x80") == array("h", [0, 32124]).tobytes()
