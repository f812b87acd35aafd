"""Whatever is sent for sound: it is sound, or a refusal says that it is not."""

import io
import random
from contextlib import suppress
from pathlib import Path

import pytest

from eleven_cli.sandbox.http.problems import Problem
from eleven_cli.sandbox.sound.media import Media
from tests.support.encoded_audio import ENCODED, encoded


@pytest.mark.parametrize(("container", "codec", "_suffix"), ENCODED)
def test_damaged_files(container: str, codec: str, _suffix: str) -> None:
    chance = random.Random(container + codec)
    whole = encoded(container, codec)
    for _ in range(40):
        data = bytearray(whole[: chance.choice([len(whole), chance.randrange(len(whole))])])
        for _ in range(chance.choice([1, 5, 50])):
            data[chance.randrange(min(len(data), chance.choice([100, 1_000_000])))] = chance.randrange(256)
        with suppress(Problem):
            sum(map(len, Media(io.BytesIO(data)).pcm(16000)))


def test_frames_that_no_decoder_reads() -> None:
    data = b"#!AMR\n" + random.Random(1).randbytes(3000)
    with suppress(Problem):
        sum(map(len, Media(io.BytesIO(data)).pcm(16000)))


SHORT_VORBIS = Path(__file__).with_name("vorbis_24_khz.ogg")  # 0.3 s; its end lies before its last packet begins


def test_a_stream_that_ends_before_its_last_packet_has_no_wrapped_length() -> None:
    assert Media(io.BytesIO(SHORT_VORBIS.read_bytes())).duration_s == pytest.approx(0.3, abs=0.01)


def test_a_file_that_changes_its_rate_goes_on() -> None:
    data = encoded("mp3", "libmp3lame", 0.5, 48000) + encoded("mp3", "libmp3lame", 0.5, 32000)
    heard_s = sum(map(len, Media(io.BytesIO(data)).pcm(16000))) / 2 / 16000
    assert heard_s > 0.9
