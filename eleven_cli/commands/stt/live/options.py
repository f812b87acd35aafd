"""Validates the options of `stt --live`. Pure; raises UsageError for contradictions."""

from collections.abc import Sequence
from typing import NamedTuple

from eleven_cli.api.stt.query import MOST_KEYTERM_CHARACTERS, MOST_KEYTERMS, SILENCE_S, RealtimeOptions
from eleven_cli.api.stt.transcription import ALL_ENTITIES
from eleven_cli.commands.lookup.languages import checked_language
from eleven_cli.commands.output.text_format import DOCUMENTS, SUBTITLES, TextFormat
from eleven_cli.commands.stt.options import Commit, Timestamps
from eleven_cli.commands.stt.validation import check_entities, check_keyterms, entity_kinds
from eleven_cli.errors import UsageError


class LiveOptions(NamedTuple):
    """How to transcribe live.

    commit      how a line ends; None: by the service's detection at a microphone, by our own end-pointing elsewhere
    once        end after one utterance
    timeout_s   how long to wait for that, None for as long as it takes
    """

    realtime: RealtimeOptions
    commit: Commit | None
    once: bool = False
    timeout_s: float | None = None

    @property
    def by_enter(self) -> bool:
        return self.commit is Commit.MANUAL

    @property
    def silence_s(self) -> float:
        return self.realtime.silence_s or SILENCE_S

    def for_source(self, *, is_microphone: bool) -> "LiveOptions":
        """Leaves the end of a line to the service where nothing else was chosen and a microphone listens."""
        commit = self.commit or (Commit.VAD if is_microphone else None)
        return self._replace(commit=commit, realtime=self.realtime._replace(manual=commit is not Commit.VAD))


def live_options(
    *,
    model: str | None,
    languages: Sequence[str],
    keyterms: Sequence[str],
    commit: Commit | None,
    silence_s: float | None,
    vad_threshold: float | None,
    min_speech_ms: int | None,
    min_silence_ms: int | None,
    timestamps: Timestamps | None,
    no_verbatim: bool,
    entities: bool,
    redact: Sequence[str],
    once: bool,
    timeout_s: float | None,
    format: TextFormat,
) -> LiveOptions:
    """Makes the options of a live transcription. What tunes the service's detection chooses it, too."""
    if format in DOCUMENTS:
        raise UsageError(f"--live does not make {format} documents", hint="eleven stt FILE, or --format text or srt")
    detection = (vad_threshold, min_speech_ms, min_silence_ms)
    is_tuned = any(value is not None for value in detection)
    if commit is Commit.MANUAL and (is_tuned or silence_s is not None):
        raise UsageError("with --commit manual, silence does not end a line", hint="omit --silence and the VAD options")
    if timeout_s is not None and not once:
        raise UsageError("--timeout needs --once", hint="eleven stt --live --once --timeout 10")
    check_entities(format, entities=entities, redact=redact)
    check_keyterms(keyterms, most=MOST_KEYTERMS, characters=MOST_KEYTERM_CHARACTERS)
    language, *secondary = [checked_language(word, repeats=True) for word in languages] or [None]
    realtime = RealtimeOptions(
        model_id=model,
        language=language,
        secondary_languages=tuple(filter(None, secondary)),
        keyterms=tuple(keyterms),
        silence_s=silence_s,
        vad_threshold=vad_threshold,
        min_speech_ms=min_speech_ms,
        min_silence_ms=min_silence_ms,
        timed=_is_timed(timestamps, format),
        no_verbatim=no_verbatim,
        entities=(ALL_ENTITIES,) if entities else (),
        redact=entity_kinds(redact),
    )
    return LiveOptions(realtime, commit or (Commit.VAD if is_tuned else None), once, timeout_s)


def _is_timed(timestamps: Timestamps | None, format: TextFormat) -> bool:
    if timestamps is Timestamps.CHARACTER:
        raise UsageError("--live has no character timings", hint="--timestamps word")
    if timestamps is Timestamps.WORD and format is TextFormat.TEXT:
        raise UsageError("--live shows timings only with --json", hint="add --json, or omit --timestamps")
    if timestamps is Timestamps.NONE and format in SUBTITLES:
        raise UsageError(f"give either --timestamps none or --format {format}, not both")
    by_default = Timestamps.WORD if format in (TextFormat.JSON, *SUBTITLES) else Timestamps.NONE
    return (timestamps or by_default) is Timestamps.WORD
