"""Recognises audio by its first bytes, not by its name. Pure.

Only certain matches count: no other data has one of these signatures by chance.
"""

import re
from dataclasses import dataclass

from eleven_cli.audio.codecs.mp3 import HEADER_BYTES, parse_header

HEAD_BYTES = 4096  # are enough; the first read of a pipe may give fewer


@dataclass(frozen=True)
class FileType:
    """A type of file: its usual suffix without the dot, its media type and its name."""

    suffix: str
    media_type: str
    name: str


WAV = FileType("wav", "audio/wav", "WAV")
MP3 = FileType("mp3", "audio/mpeg", "MP3")
FLAC = FileType("flac", "audio/flac", "FLAC")
OGG = FileType("ogg", "audio/ogg", "Ogg")
AAC = FileType("aac", "audio/aac", "AAC")
M4A = FileType("m4a", "audio/mp4", "MPEG-4 audio")
MP4 = FileType("mp4", "video/mp4", "MPEG-4")
MOV = FileType("mov", "video/quicktime", "QuickTime")
WEBM = FileType("webm", "audio/webm", "WebM")
MATROSKA = FileType("mkv", "video/x-matroska", "Matroska")
AIFF = FileType("aiff", "audio/aiff", "AIFF")
AMR = FileType("amr", "audio/amr", "AMR")
AVI = FileType("avi", "video/x-msvideo", "AVI")
ASF = FileType("wmv", "video/x-ms-asf", "Windows Media")
FLV = FileType("flv", "video/x-flv", "Flash video")
MPEG = FileType("mpg", "video/mpeg", "MPEG video")
TS = FileType("ts", "video/mp2t", "an MPEG transport stream")
CAF = FileType("caf", "audio/x-caf", "Core Audio")
AU = FileType("au", "audio/basic", "AU")
RAW = FileType("pcm", "application/octet-stream", "raw samples")

_SIGNATURES: tuple[tuple[str, FileType], ...] = (
    (r"(?:RIFF|RF64|BW64|RIFX)....WAVE", WAV),
    (r"RIFF....AVI ", AVI),
    (r"fLaC", FLAC),
    (r"OggS\x00", OGG),
    (r"FORM....AIF[FC]", AIFF),
    (r"#!AMR", AMR),
    (r"....ftypM4[AB] ", M4A),
    (r"....ftypqt  ", MOV),
    (r"....ftyp(?!heic|heix|hevc|mif1|msf1|avif|avis|crx )", MP4),
    (r"\x1aE\xdf\xa3.{,64}webm", WEBM),
    (r"\x1aE\xdf\xa3.{,64}matroska", MATROSKA),
    (r"ID3[\x02-\x04]\x00", MP3),
    (r"0&\xb2u\x8ef\xcf\x11\xa6\xd9\x00\xaa\x00b\xcel", ASF),
    (r"FLV\x01", FLV),
    (r"\x00\x00\x01\xba", MPEG),
    (r"G.{187}G.{187}G", TS),
    (r"caff\x00\x01", CAF),
    (r"\.snd\x00\x00\x00", AU),
)
SOUND_SUFFIXES = frozenset(
    [*(f".{kind.suffix}" for _, kind in _SIGNATURES), ".oga", ".opus", ".wma", ".aif", ".pcm", ".ulaw", ".alaw"]
)
_OTHERS: tuple[tuple[str, str], ...] = (
    (r"%PDF", "a PDF"),
    (r"PK\x03\x04", "a ZIP archive or an office document"),
    (r"\x89PNG|\xff\xd8\xff|GIF8|RIFF....WEBP|....ftyp", "a picture"),
    (r"MThd", "a MIDI file, which holds notes and no sound"),
    (r"\x1f\x8b|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd|7z\xbc\xaf", "something compressed"),
    (r"\x7fELF|MZ", "a program"),
    (r"\s*(?i:<!doctype|<html)", "a web page"),
    (r"\s*[{\[]\s*[\"{\[]", "JSON"),
)
_TEXT_CONTROLS = frozenset(b"\t\n\r\f\x1b")


def sniff_format(head: bytes) -> FileType | None:
    """Give the type of the audio or film that begins with `head`; None if unknown."""
    for pattern, kind in _SIGNATURES:
        if _begins(pattern, head):
            return kind
    if _is_mp3(head):
        return MP3
    return AAC if _is_adts(head) else None


def describe_unknown(head: bytes) -> str:
    """Describe data that is not known audio, such as "a PDF"; "" if unknown."""
    for pattern, name in _OTHERS:
        if _begins(pattern, head):
            return name
    return "text" if _is_text(head) else ""


def _begins(pattern: str, head: bytes) -> bool:
    return bool(re.match(pattern.encode("latin-1"), head, re.DOTALL))


def _is_mp3(head: bytes) -> bool:
    """Whether a frame is followed by another, a tag or the end."""
    header = parse_header(head[:HEADER_BYTES])
    if header is None:
        return False
    following = head[header.size : header.size + HEADER_BYTES]
    return len(head) <= header.size or following[:3] in (b"TAG", b"APE") or parse_header(following) is not None


def _is_adts(head: bytes) -> bool:
    size = _adts_bytes(head)
    return bool(size) and (len(head) <= size or bool(_adts_bytes(head[size:])))


def _adts_bytes(head: bytes) -> int:
    """The length of the frame that begins so; 0 if it is none (ISO 13818-7: layer 0, one of 13 rates)."""
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0 or head[2] >> 2 & 15 > 12:
        return 0
    size = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    return size if size > 7 else 0


def _is_text(head: bytes) -> bool:
    if any(byte < 32 and byte not in _TEXT_CONTROLS for byte in head):
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as wrong:
        return wrong.start > len(head) - 4 and len(head) >= HEAD_BYTES  # the end may be within a character
    return bool(head)
