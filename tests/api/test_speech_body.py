"""A body that is no audio is never taken for some, whatever its headers say."""

import pytest

from eleven_cli.cache.audio import AudioCache
from tests.support.service import MP3_FRAME, audio_reply

TEXTS = [
    b"quota exceeded", b"E", b"Internal Server Error\n", b"\xef\xbb\xbfError", b"\xff\xfeE\x00r\x00", b"\xfe\xff\x00E",
    "Zu viele Anfragen: später".encode(), "Erreur du système".encode("latin-1"), "エラー".encode(), b"\r\n\r\nno",
    b"\x1b[31mred\x1b[0m", b"key: value\n", b'"a string"', b"null", b"  {", b"<error/>", b"[]",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS, ids=repr)
@pytest.mark.parametrize("suffix", ["mp3", "opus"])
@pytest.mark.parametrize("options", [(), ("--cache",)])
def test_text_that_is_called_audio_replaces_nothing_and_is_not_kept(eleven, service, tmp_path, text, suffix, options):
    service.on_speech(audio_reply([text]))
    file = tmp_path / f"old.{suffix}"
    file.write_bytes(b"the old one")
    result = eleven("tts", "hi", "-o", str(file), *options)
    assert result.code == 1
    assert "not audio" in result.error
    assert (file.read_bytes(), sorted(tmp_path.glob("*.part"))) == (b"the old one", [])
    assert AudioCache().info().entries == 0


@pytest.mark.parametrize("command", [["sts", "-v", "abcdefghij0123456789"], ["isolate"]], ids=lambda words: words[0])
def test_the_same_for_recordings(eleven, service, tmp_path, command):
    for path in ("speech-to-speech/abcdefghij0123456789", "audio-isolation"):
        service.on(f"/v1/{path}/stream", audio_reply([b"quota exceeded"]))
    recording = tmp_path / "in.mp3"
    recording.write_bytes(MP3_FRAME * 40)
    result = eleven(*command, str(recording), "-o", str(tmp_path / "out.mp3"))
    assert "not audio" in result.error
    assert (result.code, (tmp_path / "out.mp3").exists()) == (1, False)


@pytest.mark.parametrize("first", [b"\xff", b"I", b"ID", b"ID3", b"\xff\xfb", MP3_FRAME], ids=repr)
def test_audio_that_begins_with_a_byte_or_two_is_audio(eleven, service, first):
    rest = {b"\xff": MP3_FRAME[1:], b"\xff\xfb": MP3_FRAME[2:]}.get(first, MP3_FRAME)
    service.on_speech(audio_reply([first, rest]))
    assert eleven("tts", "hi").code == 0
