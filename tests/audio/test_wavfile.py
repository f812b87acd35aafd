"""Reading WAV files of every kind."""

import io
import math
import struct
import wave
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eleven_cli.audio.codecs.wav import SAMPLES, WavHeader, mono, read_header
from eleven_cli.errors import UsageError

VALUES = [0, 8192, -8192, 32512, -32512]


def encoded(sample, value):
    match sample:
        case "u8":
            return bytes([(value >> 8) + 128])
        case "s16":
            return struct.pack("<h", value)
        case "s24":
            return b"\0" + struct.pack("<h", value)
        case "s32":
            return struct.pack("<i", value << 16)
        case "f32" | "f64":
            return struct.pack("<f" if sample == "f32" else "<d", value / 32767)
    return b"\xd5" if sample == "alaw" else b"\xff"  # near silence


def chunk(kind, body):
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def riff(tag, bits, data, *, rate=8000, channels=1, extensible=False, before=b"", size=None):
    fmt = struct.pack("<HHIIHH", 0xFFFE if extensible else tag, channels, rate, 0, 0, bits)
    if extensible:
        fmt += struct.pack("<HHIH", 22, bits, 0, tag) + bytes(14)
    tail = b"data" + struct.pack("<I", len(data) if size is None else size) + data
    return b"RIFF\xff\xff\xff\xffWAVE" + chunk(b"fmt ", fmt) + before + tail


def read(data):
    stream = io.BytesIO(data)
    shape = read_header(stream, "x.wav")
    return shape, b"".join(mono(stream, shape))


@pytest.mark.parametrize("extensible", [False, True])
@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize(("tag", "bits"), list(SAMPLES))
def test_every_kind(tag, bits, channels, extensible):
    sample = SAMPLES[tag, bits]
    data = b"".join(encoded(sample, value) * channels for value in VALUES)
    shape, pcm = read(riff(tag, bits, data, channels=channels, extensible=extensible))
    assert (shape.rate, shape.channels, shape.sample) == (8000, channels, sample)
    wanted = [0] * 5 if sample.endswith("law") else VALUES
    assert [value for (value,) in struct.iter_unpack("<h", pcm)] == pytest.approx(wanted, abs=8)


def test_other_chunks_are_passed_over_before_and_after():
    data = riff(1, 16, b"\1\0\2\0", before=chunk(b"LIST", b"odd"))
    assert read(data + chunk(b"LIST", b"tail"))[1] == b"\1\0\2\0"


def unpadded(kind, body):
    return kind + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize(
    "before",
    [
        chunk(b"LIST", b"odd"),
        unpadded(b"LIST", b"odd"),
        unpadded(b"LIST", b"odd") + unpadded(b"fact", b"fives"),
        unpadded(b"LIST", b"odd")[:-1] + b"d\x20",  # padding need not be zero
        chunk(b"LIST", b"odd") + chunk(b"own?", b"odd"),
        unpadded(b"LIST", b"odd") + unpadded(b"own?", b"odd"),
        chunk(b"id3 ", bytes(3 << 20)),
        chunk(b"JUNK", b"data" * 300_001 + b"x"),
        chunk(b"fact", b"") + chunk(b"bext", b"1"),
    ],
    ids=range(9),
)
def test_whatever_stands_before_the_sound(before):
    assert read(riff(1, 16, b"\1\0\2\0", before=before))[1] == b"\1\0\2\0"
    late = riff(1, 16, b"\1\0\2\0")
    assert read(late[:12] + before + late[12:])[1] == b"\1\0\2\0"


@pytest.mark.parametrize("kind", [b"RF64", b"BW64"])
@pytest.mark.parametrize(
    ("told", "size", "heard"),
    [(6, 0xFFFFFFFF, 6), (5 << 30, 0xFFFFFFFF, 10), (0, 0xFFFFFFFF, 10), (10, 6, 6), (2**64 - 1, 0xFFFFFFFF, 10)],
)
def test_sizes_of_64_bits(kind, told, size, heard):
    data = riff(1, 16, b"\1\0" * 5, size=size)
    data = kind + data[4:12] + chunk(b"ds64", struct.pack("<QQQI", 0, told, 0, 0)) + data[12:]
    shape, pcm = read(data)
    assert len(pcm) == heard
    assert shape.data_bytes == (size if size < 0xFFFFFFFF else told if 0 < told < 2**63 else None)


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 0x7FFFFFFF, 0x7FFFF000])
def test_a_stream_is_read_to_its_end(size):
    assert read(riff(1, 16, b"\1\0" * 5000, size=size))[1] == b"\1\0" * 5000


def test_a_file_cut_off_within_a_sample():
    assert read(riff(1, 16, b"\1\0\2\0\3", channels=2, size=4000))[1] == b"\1\0"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "x.wav is empty"),
        (b"ID3\4 some mp3 or other", "x.wav is not a WAV file"),
        (b"RIFF\0\0\0\0AVI ....", "x.wav is not a WAV file"),
        (riff(1, 16, b"")[:30], "x.wav is a WAV file without audio"),
        (riff(0x55, 0, b"mp3"), "format 85"),
        (riff(0x55, 0, b"mp3"), "not read here: MP3"),
        (riff(2, 4, b"adpcm", extensible=True), "not read here: Microsoft's ADPCM"),
        (riff(0x31, 0, b"gsm"), "not read here: GSM 6.10"),
        (b"RIFX" + riff(1, 16, b"")[4:], "not read here: big-endian samples"),
        (riff(1, 12, b""), "12 bits"),
        (riff(1, 16, b"", rate=0), "0 Hz"),
        (riff(1, 16, b"", channels=0), "0 channels"),
        (b"RIFF\0\0\0\0WAVEdata\0\0\0\0", "damaged"),
        (b"RIFF\0\0\0\0WAVEjunk\xff\xff\xff\xff", "damaged"),
    ],
)
def test_what_cannot_be_read_is_named(data, message):
    with pytest.raises(UsageError) as refused:
        read(data)
    assert message in refused.value.message
    assert refused.value.hint


@given(st.binary(max_size=200))
def test_nothing_else_is_ever_raised(data):
    for start in (b"", b"RIFF\0\0\0\0WAVE", riff(1, 16, b"")[:-8]):
        with suppress(UsageError):
            read(start + data)


def test_our_header_is_read_by_others():
    with wave.open(io.BytesIO(WavHeader(24000, 2, data_bytes=8).to_bytes() + bytes(8))) as file:
        assert file.getparams()[:4] == (2, 2, 24000, 2)
    assert WavHeader(48000, 2, data_bytes=5 << 30).to_bytes().endswith(b"data\xff\xff\xff\xff")
    assert math.prod(struct.unpack("<HH", WavHeader(16000, 2, data_bytes=0).to_bytes()[32:36])) == 64
