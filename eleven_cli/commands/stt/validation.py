"""Validates the options of `stt` and makes requests of them. Pure; raises UsageError for contradictions."""

from collections.abc import Mapping, Sequence

from eleven_cli.api.stt import transcription as batch
from eleven_cli.commands.lookup.languages import checked_language
from eleven_cli.commands.output.text_format import TextFormat
from eleven_cli.commands.stt.options import Timestamps
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
    check_keyterms(keyterms, most=batch.MOST_KEYTERMS, characters=batch.MOST_KEYTERM_CHARACTERS)
    for term in keyterms:
        if len(term.split()) > batch.MOST_KEYTERM_WORDS:
            raise UsageError(f"--keyterm takes at most {batch.MOST_KEYTERM_WORDS} words: {term!r}")
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


def check_keyterms(keyterms: Sequence[str], *, most: int, characters: int) -> None:
    """Refuses names and terms that are too many or too long."""
    for term in keyterms:
        if not term.strip():
            raise UsageError("--keyterm must not be empty")
        if len(term) > characters:
            raise UsageError(f"--keyterm takes at most {characters} characters here, not {len(term)}: {term}")
    if len(keyterms) > most:
        raise UsageError(f"--keyterm can be given {most} times here, not {len(keyterms)}")
