"""Frames, levels and conversions."""

import array
import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eleven_cli.audio.pcm import (
    SAMPLE_WIDTHS,
    SILENCE_DB,
    Reframer,
    fade_out,
    frame_bytes,
    from_ulaw,
    interleaved,
    is_silent,
    level_db,
    rms,
    to_mono,
    to_s16,
    to_ulaw,
    tone,
)

SAMPLES = st.lists(st.integers(-32768, 32767)).map(lambda values: array.array("h", values).tobytes())


@pytest.mark.parametrize(
    ("rate", "size"), [(8000, 320), (16000, 640), (22050, 882), (24000, 960), (44100, 1764), (48000, 1920)]
)
def test_20_ms(rate, size):
    assert frame_bytes(rate) == size


@given(st.lists(st.binary(max_size=50)), st.integers(1, 20))
def test_slices_are_equal_and_lose_nothing(chunks, size):
    reframer = Reframer(size)
    pieces = [piece for chunk in chunks for piece in reframer.feed(chunk)]
    data = b"".join(chunks)
    assert {len(piece) for piece in pieces} <= {size}
    assert b"".join(pieces) == data[: len(data) // size * size]


@pytest.mark.parametrize(
    ("pcm", "level"),
    [
        (b"", SILENCE_DB),
        (bytes(640), SILENCE_DB),
        (struct.pack("<2h", -32768, -32768), 0.0),
        (tone(1000, 1, 16000, level=1.0)[3200:-3200], -3.01),
        (tone(1000, 1, 16000, level=0.1)[3200:-3200], -23.01),
    ],
)
def test_levels(pcm, level):
    assert level_db(pcm) == pytest.approx(level, abs=0.02)


@given(SAMPLES)
def test_silence_is_nothing_but_zeros(pcm):
    assert is_silent(pcm) == (not any(pcm))
    assert (level_db(pcm) == SILENCE_DB) == is_silent(pcm)


def test_a_fade_ends_in_nothing_and_never_rises():
    faded = array.array("h", fade_out(array.array("h", [10000] * 240).tobytes()))
    assert list(faded) == sorted(faded, reverse=True)
    assert faded[0] > 9900
    assert faded[-1] < 50


@given(st.binary())
def test_ulaw_there_and_back(codes):
    assert from_ulaw(to_ulaw(from_ulaw(codes))) == from_ulaw(codes)


def test_ulaw_is_right_to_half_a_step():
    for sample in range(-32600, 32600, 7):
        (decoded,) = struct.unpack("<h", from_ulaw(to_ulaw(struct.pack("<h", sample))))
        assert abs(decoded - sample) <= (abs(sample) + 132) / 32 + 4


@pytest.mark.parametrize(
    ("sample", "layout", "scale"),
    [("s16", "<h", 1), ("s32", "<i", 65536), ("f32", "<f", 1 / 32767), ("f64", "<d", 1 / 32767)],
)
@pytest.mark.parametrize("value", [0, 1, -1, 12345, -12345, 32767, -32767])
def test_every_width_keeps_the_value(sample, layout, scale, value):
    assert struct.unpack("<h", to_s16(struct.pack(layout, value * scale), sample)) == (value,)


@pytest.mark.parametrize("value", [0, 256, -256, 12544, 32512, -32768])
def test_8_and_24_bits_keep_the_value(value):
    pcm = struct.pack("<h", value)
    assert to_s16(bytes([(value >> 8) + 128]), "u8") == pcm
    assert to_s16(b"\x7f" + pcm, "s24") == pcm


@given(st.binary(max_size=400), st.sampled_from(sorted(SAMPLE_WIDTHS)))
def test_no_bytes_are_too_strange(data, sample):
    """Floats that are no numbers included."""
    whole = data[: len(data) - len(data) % SAMPLE_WIDTHS[sample]]
    assert len(to_s16(whole, sample)) == 2 * len(whole) // SAMPLE_WIDTHS[sample]


def test_floats_beyond_full_scale_are_clipped():
    values = [2.0, -2.0, math.inf, -math.inf, math.nan]
    assert struct.unpack("<5h", to_s16(struct.pack("<5f", *values), "f32")) == (32767, -32767, 32767, -32767, 0)


@given(SAMPLES, st.integers(1, 6))
def test_mono_of_equal_channels_is_the_channel(pcm, channels):
    samples = array.array("h", pcm)
    together = array.array("h", (value for value in samples for _ in range(channels)))
    assert to_mono(together.tobytes(), channels) == pcm


def test_stereo():
    assert interleaved(struct.pack("<2h", 1, 2), struct.pack("<2h", 3, 4)) == struct.pack("<4h", 1, 3, 2, 4)


@pytest.mark.parametrize("samples", [[1, 0], [1, -1, 1], [100, -100, 7], [32767, -32768], []])
def test_the_root_mean_square_is_no_whole_number(samples):
    expected = math.sqrt(sum(sample**2 for sample in samples) / len(samples)) if samples else 0.0
    assert rms(array.array("h", samples).tobytes()) == pytest.approx(expected, abs=1e-3)
