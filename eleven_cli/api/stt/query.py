"""How a real-time transcription is opened: path and parameters of its WebSocket (/v1/speech-to-text/realtime)."""

from collections.abc import Callable
from typing import NamedTuple

from eleven_cli.api.client import Client
from eleven_cli.api.sockets.socket import Socket
from eleven_cli.api.stt.events import Committed, Edited, FollowUp, FoundEntities, Redacted
from eleven_cli.errors import UsageError

PATH = "/v1/speech-to-text/realtime"
MODEL = "scribe_v2_realtime"
MODELS = (MODEL, "scribe_v2_realtime_turbo", "scribe_v2_realtime_lite", "scribe_v3_live")  # the known ones
SILENCE_S = 1.5  # the service's default
RATES = (8000, 16_000, 22_050, 24_000, 44_100, 48_000)
MOST_KEYTERMS, MOST_KEYTERM_CHARACTERS = 50, 20


class RealtimeOptions(NamedTuple):
    """What is None, or False, is left to the service.

    manual       the client asks for each commit; else the service commits after a silence
    silence_s    how long that silence is
    timed        whether transcripts come with the times of their words
    no_verbatim  leave out filler words
    entities     find entities of these categories and types; they are not listed where any are replaced
    redact       replace those of these; partial transcripts are not redacted
    edit         what to change in each transcript; not with entities, and not with redaction
    """

    model_id: str | None = None
    language: str | None = None
    secondary_languages: tuple[str, ...] = ()
    keyterms: tuple[str, ...] = ()
    manual: bool = False
    silence_s: float | None = None
    vad_threshold: float | None = None
    min_speech_ms: int | None = None
    min_silence_ms: int | None = None
    timed: bool = False
    no_verbatim: bool = False
    entities: tuple[str, ...] = ()
    redact: tuple[str, ...] = ()
    edit: str | None = None

    @property
    def commit_silence_s(self) -> float | None:
        """After how much silence the service commits by itself; None when it waits to be told."""
        return None if self.manual else (self.silence_s or SILENCE_S)

    @property
    def follows(self) -> frozenset[type[FollowUp]]:
        """What the service sends after each transcript."""
        wanted: dict[type[FollowUp], object] = {
            Committed: self.timed,
            FoundEntities: self.entities and not self.redact,
            Redacted: self.redact,
            Edited: self.edit is not None,
        }
        return frozenset(kind for kind, is_wanted in wanted.items() if is_wanted)


def check_rate(rate: int) -> None:
    """Raises UsageError for one that the service does not take."""
    if rate not in RATES:
        known = ", ".join(map(str, RATES))
        raise UsageError(f"sound of {rate} Hz cannot be transcribed live", hint=f"resample it to one of {known} Hz")


def open_socket(client: Client, options: RealtimeOptions, rate: int, pause: Callable[[float], bool | None]) -> Socket:
    """Opens a socket for 16-bit mono audio of this rate. Raises what the service refuses with."""
    return client.socket_to(PATH, query(options, rate), pause=pause)


def query(options: RealtimeOptions, rate: int) -> list[tuple[str, str]]:
    """The parameters of the socket: only what was chosen."""
    chosen = {
        "model_id": options.model_id or MODEL,
        "audio_format": f"pcm_{rate}",
        "commit_strategy": "manual" if options.manual else "vad",
        "vad_silence_threshold_secs": None if options.manual else _number(options.silence_s),
        "language_code": options.language,
        "include_timestamps": "true" if options.timed else None,
        "vad_threshold": _number(options.vad_threshold),
        "min_speech_duration_ms": _number(options.min_speech_ms),
        "min_silence_duration_ms": _number(options.min_silence_ms),
        "no_verbatim": "true" if options.no_verbatim else None,
        "transcript_edit": options.edit,
    }
    repeated = {
        "secondary_languages": options.secondary_languages,
        "keyterms": options.keyterms,
        "entity_detection": tuple(dict.fromkeys((*options.entities, *options.redact))),
        "entity_redaction": options.redact,
    }
    given = [(name, value) for name, value in chosen.items() if value is not None]
    return [*given, *((name, value) for name, values in repeated.items() for value in values)]


def _number(value: float | None) -> str | None:
    return None if value is None else f"{value:g}"
