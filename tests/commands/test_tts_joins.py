"""A chapter of 20 requests, as the program writes it: decoded, and listened to at every join."""

import itertools

import pytest

from eleven_cli.text.splitting import pieces
from tests.support.encoded_audio import by_lame, by_sandbox, cut_up, decoded, dropout_s, faded, largest_step, tone
from tests.support.service import audio_reply

SECONDS, RATE, LIMIT = 4, 44100, 5000
CHAPTER = "\n\n".join(f"Night {night}. " + "It was dark and stormy, and nobody was awake. " * 21 for night in range(99))
TEXTS = list(pieces(CHAPTER, LIMIT))


@pytest.fixture
def chapter(eleven, service, tmp_path):
    """Writes the chapter with these sounds for its texts, and gives what is heard and where the joins are."""

    def written(suffix, encoded):
        def speak(exchange):
            data = encoded[TEXTS.index(exchange.request.json["text"])]
            audio_reply([data[:300], data[300:]], maximum_concurrent_requests="5")(exchange)

        service.on_speech(speak)
        (tmp_path / "chapter.txt").write_text(CHAPTER)
        path = tmp_path / f"chapter.{suffix}"
        argv = ("-f", str(tmp_path / "chapter.txt"), "-o", str(path), "-m", "eleven_v3")
        assert eleven("tts", *argv).code == 0
        assert sum(request.method == "POST" for request in service.requests) == len(TEXTS) == 20
        return path.read_bytes()

    return written


def joins_s(samples):
    """Where the pieces meet, in seconds: the decoder's delay, and what each join may be off, are within the look."""
    return [end / RATE for end in itertools.accumulate(map(len, samples[:-1]))]


@pytest.mark.parametrize("way", [by_lame, by_sandbox])
def test_an_mp3_of_20_pieces_neither_drops_out_nor_clicks(chapter, way):
    samples = [faded(piece, RATE, 0.001) for piece in cut_up(tone(SECONDS, RATE), 20)]
    heard = decoded(chapter("mp3", [way("mp3_44100_128", piece) for piece in samples]), "mp3")
    own_step = max(largest_step(heard, RATE, at_s) for at_s in (0.05, SECONDS - 0.05))
    assert max(dropout_s(heard, RATE, at_s) for at_s in joins_s(samples)) < 0.02
    assert max(largest_step(heard, RATE, at_s) for at_s in joins_s(samples)) < 1.5 * own_step
    assert abs(len(heard) / RATE - SECONDS) < 0.1


def test_a_wav_of_20_pieces_is_the_sound_itself(chapter):
    samples = cut_up(tone(SECONDS, RATE), 20)
    whole = b"".join(piece.tobytes() for piece in samples)
    written = chapter("wav", [piece.tobytes() for piece in samples])
    assert written[44:] == whole
    assert int.from_bytes(written[40:44], "little") == len(whole)
