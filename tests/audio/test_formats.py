import pytest

from eleven_cli.audio.codecs.wav import wav_header
from eleven_cli.audio.formats import Format, all_names, chosen, named
from eleven_cli.errors import UsageError


@pytest.mark.parametrize("name", [name for name in all_names() if "_" in name])
def test_every_api_name_reads_back(name):
    assert str(named(name)) == name


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("mp3", "mp3_44100_128"),
        ("wav", "wav_24000"),
        ("pcm", "pcm_24000"),
        ("opus", "opus_48000_64"),
        ("ulaw", "ulaw_8000"),
    ],
)
def test_a_codec_alone_is_its_usual_form(word, name):
    assert str(named(word)) == name


@pytest.mark.parametrize("word", ["", "mp", "mp3_", "mp3_44100", "wav_1", "mp3_44100_128_1"])
def test_unknown_names(word):
    with pytest.raises(UsageError, match="unknown format"):
        named(word)


@pytest.mark.parametrize(
    ("word", "path", "expected"),
    [
        (None, None, Format("mp3", 44100, 128)),
        (None, "a.wav", Format("wav", 24000)),
        ("pcm_16000", "a.wav", Format("wav", 16000)),
        ("pcm", "a.bin", Format("pcm", 24000)),
        ("opus", "a.ogg", Format("opus", 48000, 64)),
        ("ogg", "a.ogg", Format("opus", 48000, 64)),
        ("OGG", None, Format("opus", 48000, 64)),
        ("mp3_22050_32", "a.b.mp3", Format("mp3", 22050, 32)),
    ],
)
def test_word_and_suffix(word, path, expected):
    assert chosen(word, path) == expected


@pytest.mark.parametrize(
    ("name", "rate"), [("mp3_44100_128", 16000), ("pcm_24000", 48000), ("wav_8000", 16000), ("ulaw_8000", 8000)]
)
def test_bytes_per_second(name, rate):
    assert named(name).bytes_per_second == rate


def test_a_wav_of_more_than_4_gib_is_a_stream():
    assert wav_header(24000, 0xFFFFFFFF - 10) == wav_header(24000)
    assert len(wav_header(24000, 10)) == 44
