"""What kind of audio some bytes are: real files of every kind, and what only looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eleven_cli.audio.codecs.sniff import HEAD_BYTES, describe_unknown, sniff_format
from eleven_cli.audio.codecs.wav import wav_header
from tests.support.encoded_audio import ENCODED, encoded


@pytest.mark.parametrize(("container", "codec", "suffix"), ENCODED)
def test_files_of_every_kind(container, codec, suffix):
    data = encoded(container, codec)
    kind = sniff_format(data[:HEAD_BYTES])
    assert kind
    assert kind.suffix == suffix


def test_mp3_without_a_tag_with_one_frame_and_with_foreign_frames():
    frame = b"\xff\xfb\x90\x64" + bytes(413)
    assert sniff_format(frame * 9).suffix == "mp3"
    assert sniff_format(frame).suffix == "mp3"
    assert sniff_format(b"ID3\4\0\0\0\0\0\x0a" + bytes(10) + frame).suffix == "mp3"
    assert sniff_format(frame[:100] * 9) is None, "no frame follows where the first ends"


def test_amr():
    assert sniff_format(b"#!AMR\n" + bytes(32)).suffix == "amr"


OTHERS = [
    (b"Dear diary,\n", "text"),
    ("Grüße\n".encode(), "text"),
    (b"%PDF-1.7\n", "a PDF"),
    (b"<!DOCTYPE html>", "a web page"),
    (b'{"detail": "Not Found"}', "JSON"),
    (b"PK\3\4" + bytes(20), "a ZIP archive or an office document"),
    (b"\x89PNG\r\n\x1a\n", "a picture"),
    (b"\0\0\0\x18ftypheic" + bytes(8), "a picture"),
    (b"RIFF\0\0\0\0WEBPVP8 ", "a picture"),
    (b"MThd\0\0\0\6", "a MIDI file, which holds notes and no sound"),
    (b"\x1f\x8b\x08", "something compressed"),
    (b"\x7fELF", "a program"),
    (bytes(100), ""),
    (b"RIFF", "text"),
]


@pytest.mark.parametrize(("head", "likeness"), OTHERS)
def test_what_is_no_audio_is_named(head, likeness):
    assert sniff_format(head) is None
    assert describe_unknown(head) == likeness


def test_text_whose_last_character_was_cut():
    assert describe_unknown(("x" + "é" * HEAD_BYTES).encode()[:HEAD_BYTES]) == "text"


@given(st.binary(max_size=200))
def test_nothing_makes_it_fail(data):
    sniff_format(data)
    describe_unknown(data)


@given(st.text(min_size=1, max_size=300).filter(lambda text: text.isprintable()))
def test_no_text_is_audio_but_what_says_so(text):
    kind = sniff_format(text.encode())
    assert kind is None or text.startswith(("fLaC", "#!AMR", "FORM", "RIFF", "RF64")) or text[4:8] == "ftyp"


def test_a_header_alone_is_a_wav():
    assert sniff_format(wav_header(16000)).suffix == "wav"
