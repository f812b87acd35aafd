"""The query of the realtime transcription socket. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams

from ..hearing.vad import ABOVE_FLOOR_DB, END_SILENCE_S, VoiceActivityDetector
from ..http.problems import invalid_parameter
from ..http.query import is_true
from ..http.validate import Checker
from ..sound.formats import LIVE_FORMATS
from ..transcripts.edits import LEAST_S, MAX_EDIT, SURCHARGE
from ..transcripts.entities import MODES, is_subset
from ..transcripts.languages import is_language
from ..transcripts.request import CREDITS_PER_MINUTE, SURCHARGES

TURBO = "scribe_v2_realtime_turbo"
MODELS = ("scribe_v2_realtime", TURBO, "scribe_v2_realtime_lite", "scribe_v3_live")
STRATEGIES = ("manual", "vad", "turn_prediction")
SWITCHES = (
    "include_timestamps", "include_language_detection", "no_verbatim", "filter_background_audio", "diarize",
    "enable_logging",
)  # fmt: skip
RANGES = {
    "vad_silence_threshold_secs": (0.3, 3.0, 1.5),
    "vad_threshold": (0.1, 0.9, 0.4),
    "min_speech_duration_ms": (50, 2000, 100),
    "min_silence_duration_ms": (50, 2000, 100),
    "keepalive_interval_ms": (500, 10_000, 5000),
}
WHOLE = ("min_speech_duration_ms", "min_silence_duration_ms", "keepalive_interval_ms")
MAX_KEYTERMS, KEYTERM_CHARACTERS = 50, 20
DB_PER_THRESHOLD = 20.0
FIRST_PARTIAL_S, TURBO_FIRST_PARTIAL_S = 2.0, 1.2


@dataclass(frozen=True)
class RealtimeQuery:
    """What a session was asked for, checked."""

    model_id: str
    audio_format: str
    commits_by_vad: bool
    numbers: dict[str, float]
    switches: dict[str, bool]
    language: str | None
    secondary: list[str]
    keyterms: list[str]
    entities: list[str]
    redacted: list[str]
    redaction_mode: str
    edit: str | None

    @property
    def rate(self) -> int:
        return int(self.audio_format.rpartition("_")[2])

    @property
    def timed(self) -> bool:
        """Whether a message with times or the language follows each committed one."""
        return self.switches["include_timestamps"] or self.switches["include_language_detection"]

    @property
    def first_partial_s(self) -> float:
        """How much audio comes before the first partial transcript."""
        return TURBO_FIRST_PARTIAL_S if self.model_id == TURBO else FIRST_PARTIAL_S

    @property
    def silence_s(self) -> float:
        """The silence after which the VAD commits."""
        return max(self.numbers["vad_silence_threshold_secs"], self.numbers["min_silence_duration_ms"] / 1000)

    def credits(self, seconds: float) -> int:
        """Gives the price of the audio of one commit, with surcharges for what is made of its transcript."""
        extras = {"entity_detection": self.entities, "entity_redaction": self.redacted}
        price = seconds * (1 + sum(SURCHARGES[name] for name, wanted in extras.items() if wanted))
        if self.edit is not None and seconds:
            price += max(seconds, LEAST_S) * SURCHARGE
        return math.ceil(round(price / 60 * CREDITS_PER_MINUTE, 6))

    def detector(self) -> VoiceActivityDetector:
        """Makes a detector with the thresholds that were asked for."""
        above = ABOVE_FLOOR_DB + (self.numbers["vad_threshold"] - RANGES["vad_threshold"][2]) * DB_PER_THRESHOLD
        end_s = min(END_SILENCE_S, self.silence_s) if self.commits_by_vad else END_SILENCE_S
        return VoiceActivityDetector(end_silence_s=end_s, above_floor_db=above)

    def config(self) -> dict[str, Any]:
        """Gives the configuration for `session_started`, in which the commit strategy is a boolean."""
        numbers = {name: int(value) if name in WHOLE else value for name, value in self.numbers.items()}
        del numbers["keepalive_interval_ms"]
        shown = ("include_timestamps", "include_language_detection", "filter_background_audio")
        return {
            "sample_rate": self.rate,
            "audio_format": self.audio_format,
            "language_code": self.language,
            "secondary_languages": self.secondary,
            "timestamps_granularity": "word",
            "vad_commit_strategy": self.commits_by_vad,
            **numbers,
            "max_tokens_to_recompute": 5,
            "model_id": self.model_id,
            "disable_logging": False,
            **{name: self.switches[name] for name in shown},
            "keyterms": self.keyterms,
            "no_verbatim": self.switches["no_verbatim"],
            "entity_detection": self.entities or None,
        }


def read_realtime_query(query: QueryParams) -> RealtimeQuery:
    """Reads and checks the query. Raises SchemaError for an invalid one, Problem for one that is not granted."""
    check = Checker("query")
    for name in SWITCHES:
        check.boolean_text(name, query.get(name))
    for name, (low, high, _) in RANGES.items():
        if name in WHOLE:
            check.integer_text(name, query.get(name))
        check.number(name, query.get(name, str(low)), low, high)
    check.one_of("model_id", query.get("model_id", MODELS[0]), MODELS)
    check.one_of("audio_format", query.get("audio_format", "pcm_16000"), LIVE_FORMATS)
    check.one_of("commit_strategy", query.get("commit_strategy", "manual"), STRATEGIES)
    check.one_of("entity_redaction_mode", query.get("entity_redaction_mode", MODES[-1]), MODES)
    check.finish()
    realtime_query = _realtime_query(query)
    _check(realtime_query)
    return realtime_query


def _realtime_query(query: QueryParams) -> RealtimeQuery:
    return RealtimeQuery(
        model_id=query.get("model_id", MODELS[0]),
        audio_format=query.get("audio_format", "pcm_16000"),
        commits_by_vad=query.get("commit_strategy", "manual") != "manual",
        numbers={name: float(query.get(name, usual)) for name, (_, _, usual) in RANGES.items()},
        switches={name: is_true(query, name, default=name == "enable_logging") for name in SWITCHES},
        language=query.get("language_code") or None,
        secondary=query.getlist("secondary_languages"),
        keyterms=query.getlist("keyterms"),
        entities=query.getlist("entity_detection"),
        redacted=query.getlist("entity_redaction"),
        redaction_mode=query.get("entity_redaction_mode", MODES[-1]),
        edit=query.get("transcript_edit") or None,
    )


def _check(realtime_query: RealtimeQuery) -> None:
    for code in filter(None, (realtime_query.language, *realtime_query.secondary)):
        if not is_language(code):
            raise invalid_parameter("language_code", f"There is no language '{code}'.")
    if realtime_query.switches["filter_background_audio"] and realtime_query.switches["include_timestamps"]:
        raise invalid_parameter("filter_background_audio", "It cannot be used together with include_timestamps.")
    if len(realtime_query.keyterms) > MAX_KEYTERMS:
        raise invalid_parameter("keyterms", f"At most {MAX_KEYTERMS} keyterms can be given.")
    if any(len(term) > KEYTERM_CHARACTERS for term in realtime_query.keyterms):
        raise invalid_parameter("keyterms", f"A keyterm can have at most {KEYTERM_CHARACTERS} characters.")
    if not is_subset(realtime_query.redacted, realtime_query.entities):
        raise invalid_parameter("entity_redaction", "entity_redaction must be a part of entity_detection.")
    if len(realtime_query.edit or "") > MAX_EDIT:
        raise invalid_parameter("transcript_edit", f"transcript_edit takes up to {MAX_EDIT} characters.")
    if realtime_query.edit is not None and (realtime_query.entities or realtime_query.redacted):
        raise invalid_parameter("transcript_edit", "It cannot be used with entity_detection or entity_redaction.")
