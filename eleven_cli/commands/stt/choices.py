"""What the words of an `stt` command line mean. Pure; raises UsageError for what cannot be."""

from collections.abc import Mapping, Sequence

from eleven_cli.api.stt import transcription as batch
from eleven_cli.commands.lookup.languages import checked_language
from eleven_cli.commands.output.text_format import TextFormat
from eleven_cli.commands.stt.live import LiveWish
from eleven_cli.commands.stt.options import Commit, Timestamps
from eleven_cli.errors import UsageError

MOST_LIVE_KEYTERMS, MOST_LIVE_KEYTERM_CHARACTERS = 50, 20


def refuse_others(others: Mapping[str, object], *, live: bool) -> None:
    """Refuse what only the other way of transcribing has."""
    given = [name for name, value in others.items() if value not in (None, False)]
    if given and live:
        raise UsageError(f"{given[0]} cannot be used with --live")
    if given:
        raise UsageError(f"{given[0]} needs --live", hint="eleven stt --live, or omit it")


def manner(
    model: str | None,
    language: str | None,
    diarize: bool,
    speakers: int | None,
    channels: bool,
    keyterms: Sequence[str],
    timestamps: Timestamps | None,
    *,
    audio_events: bool,
) -> batch.Manner:
    """How a recording is to be transcribed. `--speakers` means `--diarize`."""
    if channels and (diarize or speakers is not None):
        option = "--diarize" if diarize else "--speakers"
        raise UsageError(f"give either {option} or --channels, not both", hint="with --channels each channel is one")
    for term in keyterms:
        _check_keyterm(term, batch.MOST_KEYTERM_CHARACTERS)
        if len(term.split()) > batch.MOST_KEYTERM_WORDS:
            raise UsageError(f"--keyterm takes at most {batch.MOST_KEYTERM_WORDS} words: {term!r}")
    _check_count(keyterms, batch.MOST_KEYTERMS)
    return batch.Manner(
        model_id=model or batch.MODEL,
        language=checked_language(language),
        diarize=diarize or speakers is not None,
        speakers=speakers,
        keyterms=tuple(keyterms),
        timestamps=timestamps and timestamps.value,
        audio_events=audio_events,
        channels=channels,
    )


def check_times(manner: batch.Manner, format: TextFormat) -> None:
    """Refuse to do without the times where something is made of them."""
    needs_times = "--diarize" if manner.diarize else f"--format {format}" if format in ("srt", "vtt") else ""
    if manner.timestamps == Timestamps.NONE and needs_times:
        raise UsageError(f"give either --timestamps none or {needs_times}, not both")


def live_wish(
    model: str | None,
    language: str | None,
    keyterms: Sequence[str],
    commit: Commit | None,
    silence_s: float | None,
    tuning: Mapping[str, float | None],
    timestamps: Timestamps | None,
    format: TextFormat,
) -> LiveWish:
    """How what is being said is to be transcribed."""
    manual = commit is Commit.MANUAL
    if manual and (silence_s is not None or any(value is not None for value in tuning.values())):
        raise UsageError("with --commit manual, silence does not end a line", hint="omit --silence and the VAD options")
    if timestamps is Timestamps.CHARACTER:
        raise UsageError("--live has no character timings", hint="--timestamps word")
    if timestamps is Timestamps.WORD and format is TextFormat.TEXT:
        raise UsageError("--live shows timings only with --json", hint="add --json, or omit --timestamps")
    if timestamps is Timestamps.NONE and format in (TextFormat.SRT, TextFormat.VTT):
        raise UsageError(f"give either --timestamps none or --format {format}, not both")
    for term in keyterms:
        _check_keyterm(term, MOST_LIVE_KEYTERM_CHARACTERS)
    _check_count(keyterms, MOST_LIVE_KEYTERMS)
    given = tuple((name, f"{value:g}") for name, value in tuning.items() if value is not None)
    by_default = Timestamps.WORD if format in (TextFormat.JSON, TextFormat.SRT, TextFormat.VTT) else Timestamps.NONE
    timed = (timestamps or by_default) is Timestamps.WORD
    return LiveWish(model, checked_language(language), tuple(keyterms), manual, silence_s, given, timed, format)


def _check_keyterm(term: str, most: int) -> None:
    if not term.strip():
        raise UsageError("--keyterm must not be empty")
    if len(term) > most:
        raise UsageError(f"--keyterm takes at most {most} characters here, not {len(term)}: {term}")


def _check_count(keyterms: Sequence[str], most: int) -> None:
    if len(keyterms) > most:
        raise UsageError(f"--keyterm can be given {most} times here, not {len(keyterms)}")
