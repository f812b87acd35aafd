"""Calls the eSpeak NG library of the `espeakng-loader` wheel through ctypes."""

from __future__ import annotations

import ctypes
import importlib
import math
import threading
from dataclasses import dataclass, field

_SYNCHRONOUS = 2
_BUFFER_MS = 150  # with a small one the library waits for Python's lock many times in each sentence
_DO_NOT_EXIT = 0x8000
_UTF8, _PAUSE_AT_END = 1, 0x1000
_RATE, _VOLUME, _PITCH, _RANGE = 1, 2, 3, 4
_LIST_END, _WORD, _CLAUSE_END = 0, 1, 5


class _Event(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    ]


_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(_Event))


@dataclass(frozen=True)
class Style:
    """How to speak: an espeak voice name such as `en-us+shelby`, and espeak's own numbers."""

    name: str
    words_per_minute: int
    pitch: int
    pitch_range: int
    volume: int


@dataclass(frozen=True)
class SpeechMark:
    """Where a word of `length` characters begins, or (length 0) the silence after a clause.

    `position` counts characters (code points) from 0, `sample` samples from the start of the utterance.
    """

    position: int
    length: int
    sample: int

    @property
    def is_word(self) -> bool:
        return self.length > 0


@dataclass
class Utterance:
    """A synthesized text: signed 16-bit mono samples at `Espeak.rate`, and marks in order of time."""

    pcm: bytearray = field(default_factory=bytearray)
    marks: list[SpeechMark] = field(default_factory=list)


class Espeak:
    """The library, which has one global state; thread-safe by a lock.

    `rate` is the sample rate in Hz. Raises OSError when the library cannot be loaded.
    """

    def __init__(self) -> None:
        loader = importlib.import_module("espeakng_loader")
        self._lock = threading.Lock()
        self._library = ctypes.CDLL(loader.get_library_path())
        self._callback = _CALLBACK(self._receive)  # kept, or it would be freed while the library still calls it
        self._current = Utterance()
        self._limit_bytes: float = math.inf
        self._style: Style | None = None
        data = loader.get_data_path().encode()
        self.rate = int(self._library.espeak_Initialize(_SYNCHRONOUS, _BUFFER_MS, data, _DO_NOT_EXIT))
        if self.rate <= 0:
            raise OSError("the speech synthesizer found no voice data")
        self._library.espeak_SetSynthCallback(self._callback)

    def speak(self, text: str, style: Style, *, pause: bool, limit_s: float = math.inf) -> Utterance:
        """Synthesizes a text; `pause` adds the silence of its last punctuation mark.

        With `limit_s` it stops at the first buffer that reaches that length: the samples are the first of the whole.
        """
        raw = printable(text).encode() + b"\0"
        flags = _UTF8 | (_PAUSE_AT_END if pause else 0)
        with self._lock:
            self._apply(style)
            self._current, self._limit_bytes = Utterance(), 2 * self.rate * limit_s
            self._library.espeak_Synth(raw, ctypes.c_size_t(len(raw)), 0, 0, 0, flags, None, None)
            return self._current

    def _apply(self, style: Style) -> None:
        if (
            style != self._style
        ):  # also for another pitch alone: without the voice's reset it would sound a bit different
            if self._library.espeak_SetVoiceByName(style.name.encode()):
                raise OSError(f"the speech synthesizer has no voice {style.name}")
            self._style = style
        values = {
            _RATE: style.words_per_minute,
            _VOLUME: style.volume,
            _PITCH: style.pitch,
            _RANGE: style.pitch_range,
        }
        for parameter, value in values.items():
            self._library.espeak_SetParameter(parameter, value, 0)

    def _receive(self, samples: int | None, count: int, events: ctypes._Pointer[_Event]) -> int:
        if samples and count > 0:
            self._current.pcm += ctypes.string_at(samples, count * 2)
        index = 0
        while (event := events[index]).type != _LIST_END:
            if event.type in (_WORD, _CLAUSE_END):
                length = max(event.length, 1) if event.type == _WORD else 0
                self._current.marks.append(SpeechMark(max(event.text_position - 1, 0), length, event.sample))
            index += 1
        return int(len(self._current.pcm) >= self._limit_bytes)


def printable(text: str) -> str:
    """Replaces control codes by spaces: the library takes NUL as the end and others as commands."""
    return "".join(character if character.isprintable() or character == "\n" else " " for character in text)


_shared: Espeak | None = None
_loading = threading.Lock()


def espeak() -> Espeak:
    """Gives the synthesizer of this process, which the first call loads."""
    global _shared
    with _loading:
        if _shared is None:
            _shared = Espeak()
        return _shared
