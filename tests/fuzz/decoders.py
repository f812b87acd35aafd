"""The table of decoders: all that reads what others wrote, be it the service, a file or a model."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

from eleven_cli.api import error_mapping
from eleven_cli.api.agents import messages
from eleven_cli.api.http.json_body import json_of
from eleven_cli.api.stt import events
from eleven_cli.api.tts import stream_messages, timestamps
from eleven_cli.audio.codecs.decoding.media import MediaDecoder
from eleven_cli.audio.codecs.decoding.sink import Mp3Decoder
from eleven_cli.audio.codecs.duration import DurationMeter
from eleven_cli.audio.codecs.flac import flac_decoded, flac_header
from eleven_cli.audio.codecs.joining.joiner import joined
from eleven_cli.audio.codecs.mp3 import FrameParser
from eleven_cli.audio.codecs.ogg import PageParser
from eleven_cli.audio.codecs.sniff import HEAD_BYTES, describe_unknown, sniff_format
from eleven_cli.audio.codecs.splitting import mp3_cut, samples_cut
from eleven_cli.audio.codecs.wav import mono, read_header
from eleven_cli.audio.codecs.wav_samples import WavSamples
from eleven_cli.audio.formats import named
from eleven_cli.errors import ElevenError
from eleven_cli.sandbox.agents.file import read_agents
from eleven_cli.settings import KEYS
from eleven_cli.settings.config import Config
from eleven_cli.settings.editing import set_value
from eleven_cli.terminal.text import json_text
from eleven_cli.text.documents import document
from eleven_cli.text.markdown.stream import Cleaner
from eleven_cli.text.markdown.words import spoken
from eleven_cli.text.sentences import sentences
from eleven_cli.text.spoken.lexicon import Lexicon
from eleven_cli.text.spoken.lexicon_file import lexicon_file
from tests.fuzz import examples
from tests.fuzz.changes import Shape
from tests.support import mutations as bodies
from tests.support.answers import ANSWERS, Told

FEW_S = 0.05  # a piece, where sound is cut


@dataclass(frozen=True)
class Decoder:
    """read       reads an input, and checks what can be said of any result
    examples   valid ones
    words      what means something within them
    shapes     inputs that may be long
    fewest     bytes of the shorter of two inputs whose times are compared: what it waits for may be as long
    refusals   what it may raise
    """

    name: str
    read: Callable[[bytes], object]
    examples: tuple[bytes, ...]
    words: tuple[bytes, ...]
    shapes: tuple[Shape, ...]
    fewest: int = 1000
    refusals: tuple[type[Exception], ...] = (ElevenError,)

    def __call__(self, data: bytes) -> None:
        with suppress(*self.refusals):
            self.read(data)


def _pieces(data: bytes, size: int = 700) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def _received(data: bytes) -> SimpleNamespace:
    """An answer, as it arrives."""

    class Answer(SimpleNamespace):
        def __iter__(self) -> Iterator[bytes]:
            return _pieces(data)

    return Answer(headers={"content-type": "application/json"}, status=200)


# The service's words


def _speech_socket(data: bytes) -> None:
    for message in (data, data.decode("utf-8", "replace")):
        assert all(each is not None for each in stream_messages.decode(message))


def _agent_socket(data: bytes) -> None:
    json_text(messages.as_json(messages.decode(data)))


def _answer(data: bytes) -> None:
    value = json_of(_received(data), "x")  # type: ignore[arg-type]
    for _, decoder in ANSWERS.values():
        with suppress(ElevenError):
            decoder(Told(value))


def _refused(data: bytes) -> None:
    for status in (200, 401, 422, 429, 500):
        said = error_mapping.error_from_response(status, {"content-type": "application/json"}, data)
        assert isinstance(said, ElevenError)
        assert said.message
    error_mapping.is_for_a_moment(data)


def _timed(data: bytes, *, whole: bool) -> None:
    stream = _received(data)
    list(timestamps.timed_chunks(stream, timestamps.duration_by_format("mp3_44100_128"), whole=whole))  # type: ignore[arg-type]


# Sound


def _sniffed(data: bytes) -> None:
    sniff_format(data[:HEAD_BYTES])
    describe_unknown(data[:HEAD_BYTES])


def _meter(name: str, data: bytes) -> None:
    meter = DurationMeter(named(name))
    before_s = 0.0
    for piece in _pieces(data):
        meter.feed(piece)
        assert meter.seconds >= before_s >= 0
        before_s = meter.seconds


def _mp3(data: bytes) -> None:
    parser = FrameParser()
    parts = [part for piece in _pieces(data) for part in parser.feed(piece)] + parser.feed(b"", last=True)
    assert b"".join(part for part, _ in parts) == data
    _meter("mp3_22050_32", data)
    list(map(list, mp3_cut(_pieces(data), FEW_S)))
    list(joined([_pieces(data), _pieces(data)], named("mp3_22050_32")))


def _mp3_sound(data: bytes) -> None:
    decoder = Mp3Decoder(len, 22050)
    try:
        for piece in _pieces(data):
            decoder.write(piece)
        decoder.finish()
    finally:
        decoder.stop()


def _ogg(data: bytes) -> None:
    parser = PageParser()
    parts = [part for piece in _pieces(data) for part in parser.feed(piece)] + parser.feed(b"", last=True)
    assert b"".join(part for part, _ in parts) == data
    _meter("opus_48000_64", data)
    list(joined([_pieces(data), _pieces(data)], named("opus_48000_64")))


def _wav(data: bytes) -> None:
    stream = BytesIO(data)
    header = read_header(stream, "a.wav")
    start = stream.tell()
    size = sum(map(len, mono(stream, header)))
    assert size <= 2 * len(data)
    list(map(list, samples_cut(_pieces(data[start:]), header, FEW_S)))


def _wav_in_chunks(data: bytes) -> None:
    samples = WavSamples(named("wav_8000"))
    for piece in _pieces(data):
        samples.feed(piece)


def _flac(data: bytes) -> None:
    header, _ = flac_header(data[:HEAD_BYTES])
    for _ in flac_decoded(BytesIO(data).read, header):
        pass


def _media(data: bytes) -> None:
    kind = sniff_format(data[:HEAD_BYTES])
    if kind is None:
        return
    source = SimpleNamespace(whole_file=None, read1=BytesIO(data).read1)
    with MediaDecoder(source, kind, 16000, "a file") as decoder:
        while decoder.read1(65536):
            pass


# Documents


def _document(name: str, data: bytes) -> None:
    found = document(name, data)
    assert found.chapters
    for chapter in found.chapters:
        chapter.text.encode()


def _contents(data: bytes) -> None:
    """As those of EPUB 3 and of EPUB 2."""
    words = data.decode("latin-1")
    _document("a.epub", examples.epub(examples.PAGE, nav=words, ncx=words))


def _package(data: bytes) -> None:
    _document("a.epub", examples.epub(examples.PAGE, package=data.decode("latin-1")))


def _markdown(data: bytes) -> None:
    for chapter in document("a.md", data).chapters:
        spoken(chapter.text)


def _markdown_stream(data: bytes) -> None:
    cleaner = Cleaner()
    for sentence in sentences(data.decode("utf-8", "replace")):
        cleaner.feed(sentence)


def _lexicon(data: bytes) -> None:
    Lexicon(lexicon_file("a.pls", data).entries)


# Files


@cache
def _folder() -> Path:
    """Of this process alone."""
    folder = tempfile.TemporaryDirectory(prefix="eleven-fuzz-")
    _KEPT.append(folder)
    return Path(folder.name)


_KEPT: list[tempfile.TemporaryDirectory[str]] = []


def _file(name: str, data: bytes) -> Path:
    path = _folder() / name
    path.write_bytes(data)
    os.chmod(path, 0o600)
    return path


def _settings(data: bytes) -> None:
    path = str(_file("config.toml", data))
    for profile in (None, "work"):
        config = Config({"ELEVEN_CONFIG": path}, profile)
        for ask in (
            *(partial(config.value, key) for key in KEYS),
            lambda config=config: (config.base_url, config.lexicon),
        ):
            with suppress(ElevenError):
                ask()


def _settings_written(data: bytes) -> None:
    for profile in (None, "work", "new"):
        path = _file("config.toml", data)
        config = Config({"ELEVEN_CONFIG": str(path)}, profile, new_profile=True)
        try:
            set_value(config, "voice", "Ann")
        except ElevenError:
            assert path.read_bytes() == data
            continue
        assert config.value("voice") == "Ann"


def _agents(data: bytes) -> None:
    path = _file("agents.toml", data)
    try:
        read_agents(path)
    except ValueError as wrong:
        if not str(wrong).startswith(str(path)):
            raise AssertionError(f"without the file's name: {wrong!r}") from wrong


# fmt: off
JSON = (
    b"null", b"true", b"[]", b"{}", b'""', b"1e400", b"NaN", b"Infinity", b'"\\ud800"', b",", b":", b'{"type":"ping"',
)
TOML = (
    b"\n[a]", b"[[agents]]", b"a.b=1", b'"""', b"\'\'\'", b"={", b"=[", b"}", b"]", b"=2020-01-01", b"#", b"\n",
    b"=nan",
    b"\n[profiles]", b"\n[profiles.work]", b"profiles.work.voice='x'", b"profiles={work={}}",
)
SOUNDS = (
    b"OggS\0", b"RIFF", b"fLaC", b"ID3\4\0\0", b"TAG", b"APETAGEX", b"\xff\xfb\x90\xc0", b"data", b"fmt ", b"Xing",
)
HTML = (
    b"<p>", b"</p>", b"<a href='#n'>1</a>", b"<b", b" x='", b"<!--", b"-->", b"<!", b"<?", b"<![CDATA[", b"]]>",
    b"&amp;", b"&#", b"<script>", b"<rt>", b"<svg>", b"<!DOCTYPE", b"<!ENTITY a 'b'>",
    b"<br/>", b"<h1>", b"<table><tr><td>", b"</",
)
MARKS = (
    b"**", b"_", b"`", b"```\n", b"[", b"](", b"![", b"[^1]", b"\n> ", b"\n- ", b"\n1. ", b"|", b"\n|-|-|\n",
    b"<", b"&", b"~~", b"$", b"$$", b"\n# ", b"\n===\n", b"\n---\n", b"\\", b"<!--", b"http://x", b"\n: ",
    b"\n*[A]: b\n", b":::", b"!!! ", b"\n[^1]: a\n", b"\n[a]: b\n", b"<div>", b"</div>\n\n",
)
CUES = (
    b"\n\n", b"-->", b"00:00:01,000 --> 00:00:02,000\n", b"<i>", b"<", b"{\\", b"&", b"&#", b"NOTE", b"1", b".", b'"',
)
# fmt: on


def repeated(*units: bytes, before: bytes = b"", after: bytes = b"") -> tuple[Shape, ...]:
    return tuple(Shape(before, unit, after) for unit in units)


def _lists(before: bytes, unit: bytes, after: bytes) -> tuple[Shape, ...]:
    """A long text, a long list, many members, many opening brackets, and what never ends."""
    return (
        Shape(before, unit, after),
        *repeated(b'"a",', before=b"[", after=b"1]"),
        *repeated(b"[", b'{"a":', b" ", b'"\\u'),
    )


SPOKEN = examples.as_json(bodies.SPOKEN, bodies.SPOKEN_BY_DIALOGUE, {"error": "x", "message": "y"})
ANSWERED = examples.as_json(*(body for body, _ in ANSWERS.values()))
WAV = examples.wav()[0]
ALL_SOUNDS = (*examples.mp3(), *examples.wav(), *examples.ogg(), *examples.flac())
CUE = b"1\n00:00:01,000 --> 00:00:02,000\n"
NOTE = b"<p id='t@@'>a<a href='#n@@'>@@</a><p id='n@@'><a href='#t@@'>@@</a> b"
LEXEME = b"<lexeme><grapheme>a</grapheme><alias>b</alias></lexeme>"

TABLE = (
    Decoder("speech socket", _speech_socket, SPOKEN, JSON, _lists(b'{"audio":"', b"AAAA", b'"}')),
    Decoder(
        "transcription socket", events.decode, examples.as_json(*bodies.REALTIME), JSON,
        _lists(b'{"message_type":"committed_transcript_with_timestamps","words":[', b'{"text":"a"},', b"1]}"),
    ),
    Decoder(
        "agent socket", _agent_socket, examples.as_json(*bodies.CALL), JSON,
        _lists(b'{"type":"audio","audio_event":{"audio_base_64":"', b"AAAA", b'"}}'),
    ),
    Decoder(
        "answer", _answer, ANSWERED, JSON,
        (*_lists(b'{"voices":[', b'{"voice_id":"a"},', b"1]}"), *repeated(b"<", b"<!--", b"<a ")),
    ),
    Decoder(
        "refusal", _refused, examples.as_json(bodies.ERROR, bodies.ERRORS), JSON,
        (*_lists(b'{"detail":[', b'{"loc":["a"],"msg":"b"},', b"1]}"), *repeated(b"<", b"<!--", b"permissions ")),
    ),
    Decoder(
        "timestamps stream", partial(_timed, whole=False), examples.lines(*[examples.TIMED] * 3),
        (*JSON, b"\n", b"data:"),
        (*repeated(*examples.lines(examples.TIMED), b"\n", b"data:"), Shape(b'{"audio_base64":"', b"AAAA", b'"}')),
    ),
    Decoder(
        "timestamps answer", partial(_timed, whole=True), examples.as_json(examples.TIMED), JSON,
        (Shape(b'{"audio_base64":"', b"AAAA", b'"}'), *repeated(b"\n", b"[")),
    ),
    Decoder("sound's kind", _sniffed, ALL_SOUNDS, SOUNDS, repeated(b"\0", b" ", b"\xff\xfb", b"{", b"G" + bytes(187))),
    Decoder(
        "MP3", _mp3, examples.mp3(), SOUNDS,
        repeated(b"\0", b"\xff\xfb\x90\xc0", b"ID3", b"TAG", b"\xff", b"\xff\xf3\x40\xc0x", examples.mp3()[1]),
    ),
    Decoder("MP3 as sound", _mp3_sound, examples.mp3(), SOUNDS, repeated(examples.mp3()[1])),
    Decoder("Ogg", _ogg, examples.ogg(), SOUNDS, repeated(b"O", b"\0", examples.ogg()[0]), fewest=66_000),
    Decoder(
        "WAV", _wav, examples.wav(), SOUNDS,
        (Shape(WAV, b"ab"), *repeated(b"LIST\0\0\0\0", b"LIST\1\0\0\0x", before=WAV[:12])),
    ),
    Decoder(
        "WAV in chunks", _wav_in_chunks, examples.wav(), SOUNDS,
        (*repeated(b"ab", b"LIST\0\0\0\0", b"LIST\1\0\0\0x", before=WAV[:12]), *repeated(b"ab"), Shape(WAV, b"ab")),
    ),
    Decoder(
        "FLAC", _flac, examples.flac(), SOUNDS,
        (Shape(examples.flac()[0], b"\xff\xf8"), Shape(b"fLaC", b"\4\0\0\0")),
    ),
    Decoder("media", _media, ALL_SOUNDS, SOUNDS, (Shape(b"", examples.mp3()[1]), Shape(WAV, b"ab"))),
    Decoder(
        "EPUB", partial(_document, "a.epub"), examples.epubs(), (*HTML, b"PK\1\2", b"PK\5\6", b"PK\3\4", b"PK\6\6"),
        (*repeated(b"PK\5\6", b"PK\1\2", b"\0"), Shape(examples.epubs()[0], b"PK\5\6")),
    ),
    Decoder(
        "page of an EPUB", lambda data: _document("a.epub", examples.epub(data)), (examples.PAGE,), HTML,
        repeated(b"<p>a", b"<", b"</p>", b"<a href='#n'>1</a>", b"&#8212;", NOTE),
    ),
    Decoder(
        "contents of an EPUB", _contents, (examples.NAV.encode(), examples.NCX.encode()), HTML,
        repeated(b"<li><a href='a.xhtml'>b</a>", b"<navPoint>", b"<li><a href='a.xhtml#t@@'>b@@</a>"),
    ),
    Decoder(
        "package of an EPUB", _package, (examples.PACKAGE.encode(),), HTML,
        repeated(b'<item id="a" href="a.xhtml"/>', b'<itemref idref="a"/>', b"<",
                 b'<item id="@@" href="@@.xhtml"/><itemref idref="@@"/>'),
    ),
    Decoder(
        "HTML", partial(_document, "a.html"), (examples.PAGE,), HTML,
        repeated(*HTML, b"<p>a ", b"<div>", b"<a href='#n'>[1]</a> ", b"<a ", b"<p id='n'>1 a</p>", b"<ul><li>", NOTE),
    ),
    Decoder("Markdown", _markdown, (examples.MARKDOWN,), MARKS, repeated(
        *MARKS, b"[a](b) ", b"**a ", b"a", b"a\n\n", b"[^@@]\n\n[^@@]: a\n\n", b"[a@@]: b\n")
        + repeated(b"a", b"a: b\n", b"\r", b'"', before=b"---\n")),
    Decoder(
        "Markdown as it arrives", _markdown_stream, (examples.MARKDOWN,), MARKS, repeated(*MARKS, b"[a](b) ", b"**a. "),
    ),
    Decoder(
        "subtitles", partial(_document, "a.srt"), (examples.SRT, examples.VTT), CUES,
        (*repeated(CUE + b"Hi.\n\n", CUE + b"a\n\n" + CUE + b"b\n\n", b"\n", b"1"),
         *repeated(b"a\nb\n", b"<i", b"<1", b"{\\", b"&#", b"1:", b'"', b".", b"--> ", before=CUE)),
    ),
    Decoder(
        "text", partial(_document, ""), (b"Hello. \x1b[1mYou\x1b[0m.", "Ä…".encode()), (b"\x1b[", b"\x1b]", b"<", b"1"),
        repeated(b"a ", b"\x1b[", b"\x1b]0;", b"<?", b"<!--", b"<!---->", b"<!doctype [", b"_\b", b"1", b"\n", b"\r"),
    ),
    Decoder(
        "lexicon", _lexicon, (examples.PLS, examples.WORDS), (*HTML, b"=", b'"', b"<lexeme>", b"<alias>", b"\n"),
        (Shape(b"<lexicon>", LEXEME, b"</lexicon>"), *repeated(b"a@@=b\n", b"a=b\n", b'"\\', b'"', b" = "),
         *repeated(b"a<b/>", b"a&amp;", b"<a>", before=b"<lexicon><lexeme><grapheme>")),
    ),
    Decoder("settings", _settings, (examples.SETTINGS,), TOML, repeated(
        b"a@@=1\n", b"[profiles.a@@]\nx=1\n", b"a@@.b=1\n", b"#\n", b"[", b"a=[", b"b")
        + repeated(b"[", before=b"a='''\n", after=b"\n'''\nb=1")),
    Decoder("settings that are changed", _settings_written, (examples.SETTINGS,), TOML, repeated(
        b"#\n", b"\n", b"[", b"[profiles.a@@]\nvoice='x'\n")),
    Decoder(
        "agents file", _agents, (examples.AGENTS,), TOML,
        (*repeated(b"#\n", b"[", b'"', b'[[agents]]\nid="a@@"\nname="A"\n'),
         *repeated(b'[[agents.replies]]\npattern="a@@"\nreply="b"\n', before=examples.AGENTS),
         *repeated(b"a", b"\\n", before=examples.AGENTS[:-2], after=b'"\n')),
    ),
)  # fmt: skip
DECODERS = {one.name: one for one in TABLE}
