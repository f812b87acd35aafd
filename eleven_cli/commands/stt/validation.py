"""Validates the options of `stt` and makes requests of them. Pure; raises UsageError for contradictions."""

from collections.abc import Mapping, Sequence

from eleven_cli.api.stt import query as realtime
from eleven_cli.api.stt import transcription as batch
from eleven_cli.commands.lookup.languages import checked_language
from eleven_cli.commands.output.text_format import TextFormat
from eleven_cli.commands.stt.options import Commit, Timestamps
from eleven_cli.errors import UsageError


def refuse_others(others: Mapping[str, object], *, live: bool) -> None:
    """Refuses options that only the other of recorded and live transcription has."""
    given = [name for name, value in others.items() if value not in (None, False)]
    if given and live:
        raise UsageError(f"{given[0]} cannot be used with --live")
    if given:
        raise UsageError(f"{given[0]} needs --live", hint="eleven stt --live, or omit it")


def transcription_request(
    model: str | None,
    language: str | None,
    diarize: bool,
    speakers: int | None,
    channels: bool,
    keyterms: Sequence[str],
    timestamps: Timestamps | None,
    *,
    audio_events: bool,
) -> batch.TranscriptionRequest:
    """Makes the request for recordings. `--speakers` implies `--diarize`."""
    if channels and (diarize or speakers is not None):
        option = "--diarize" if diarize else "--speakers"
        raise UsageError(f"give either {option} or --channels, not both", hint="with --channels each channel is one")
    for term in keyterms:
        _check_keyterm(term, batch.MOST_KEYTERM_CHARACTERS)
        if len(term.split()) > batch.MOST_KEYTERM_WORDS:
            raise UsageError(f"--keyterm takes at most {batch.MOST_KEYTERM_WORDS} words: {term!r}")
    _check_count(keyterms, batch.MOST_KEYTERMS)
    return batch.TranscriptionRequest(
        model_id=model or batch.MODEL,
        language=checked_language(language),
        diarize=diarize or speakers is not None,
        speakers=speakers,
        keyterms=tuple(keyterms),
        timestamps=timestamps and timestamps.value,
        audio_events=audio_events,
        channels=channels,
    )


def check_times(request: batch.TranscriptionRequest, format: TextFormat) -> None:
    """Refuses `--timestamps none` where the times are needed."""
    needs_times = "--diarize" if request.diarize else f"--format {format}" if format in ("srt", "vtt") else ""
    if request.timestamps == Timestamps.NONE and needs_times:
        raise UsageError(f"give either --timestamps none or {needs_times}, not both")


def live_options(
    model: str | None,
    language: str | None,
    keyterms: Sequence[str],
    commit: Commit | None,
    silence_s: float | None,
    vad_threshold: float | None,
    min_speech_ms: int | None,
    min_silence_ms: int | None,
    timestamps: Timestamps | None,
    format: TextFormat,
) -> realtime.RealtimeOptions:
    """Makes the options of a live transcription."""
    manual = commit is Commit.MANUAL
    if manual and any(value is not None for value in (silence_s, vad_threshold, min_speech_ms, min_silence_ms)):
        raise UsageError("with --commit manual, silence does not end a line", hint="omit --silence and the VAD options")
    if timestamps is Timestamps.CHARACTER:
        raise UsageError("--live has no character timings", hint="--timestamps word")
    if timestamps is Timestamps.WORD and format is TextFormat.TEXT:
        raise UsageError("--live shows timings only with --json", hint="add --json, or omit --timestamps")
    if timestamps is Timestamps.NONE and format in (TextFormat.SRT, TextFormat.VTT):
        raise UsageError(f"give either --timestamps none or --format {format}, not both")
    for term in keyterms:
        _check_keyterm(term, realtime.MOST_KEYTERM_CHARACTERS)
    _check_count(keyterms, realtime.MOST_KEYTERMS)
    by_default = Timestamps.WORD if format in (TextFormat.JSON, TextFormat.SRT, TextFormat.VTT) else Timestamps.NONE
    timed = (timestamps or by_default) is Timestamps.WORD
    return realtime.RealtimeOptions(
        model_id=model,
        language=checked_language(language),
        keyterms=tuple(keyterms),
        manual=manual,
        silence_s=silence_s,
        vad_threshold=vad_threshold,
        min_speech_ms=min_speech_ms,
        min_silence_ms=min_silence_ms,
        timed=timed,
    )


def _check_keyterm(term: str, most: int) -> None:
    if not term.strip():
        raise UsageError("--keyterm must not be empty")
    if len(term) > most:
        raise UsageError(f"--keyterm takes at most {most} characters here, not {len(term)}: {term}")


def _check_count(keyterms: Sequence[str], most: int) -> None:
    if len(keyterms) > most:
        raise UsageError(f"--keyterm can be given {most} times here, not {len(keyterms)}")
