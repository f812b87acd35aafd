"""Validates the options of `stt` and makes requests of them. Pure; raises UsageError for contradictions."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from eleven_cli.api.stt import query as realtime
from eleven_cli.api.stt import transcription as batch
from eleven_cli.commands.lookup.completion import ENTITY_CATEGORIES, STT_LIVE_MODELS, STT_MODELS
from eleven_cli.commands.lookup.languages import checked_language
from eleven_cli.commands.lookup.models import refuse_other_kind
from eleven_cli.commands.output.text_format import DOCUMENTS, SUBTITLES, TextFormat, TextTarget
from eleven_cli.commands.stt.options import Timestamps
from eleven_cli.errors import NotFound, UsageError
from eleven_cli.suggestions import either
from eleven_cli.terminal import Terminal

ENTITY = re.compile(r"[a-z][a-z0-9_]*")


def refuse_others(others: Mapping[str, object], *, live: bool) -> None:
    """Refuses options that only the other of recorded and live transcription has."""
    given = [name for name, value in others.items() if value not in (None, False, [])]
    if given and live:
        raise UsageError(f"{given[0]} cannot be used with --live")
    if given:
        raise UsageError(f"{given[0]} needs --live", hint="eleven stt --live")


def transcription_request(
    *,
    model: str | None,
    languages: Sequence[str],
    diarize: bool,
    speakers: int | None,
    roles: bool,
    channels: bool,
    keyterms: Sequence[str],
    timestamps: Timestamps | None,
    audio_events: bool,
    no_verbatim: bool,
    redact: Sequence[str],
    entities: bool,
) -> batch.TranscriptionRequest:
    """Makes the request for recordings. `--speakers` and `--roles` imply `--diarize`."""
    diarizing = {"--diarize": diarize, "--speakers": speakers is not None, "--roles": roles}
    if channels and any(diarizing.values()):
        option = next(name for name, given in diarizing.items() if given)
        raise UsageError(
            f"give either {option} or --channels, not both", hint="with --channels each channel is one speaker"
        )
    check_keyterms(keyterms, most=batch.MOST_KEYTERMS, characters=batch.MOST_KEYTERM_CHARACTERS)
    for term in keyterms:
        if len(term.split()) > batch.MOST_KEYTERM_WORDS:
            raise UsageError(f"--keyterm takes at most {batch.MOST_KEYTERM_WORDS} words: {term!r}")
        if not batch.NOT_IN_KEYTERMS.isdisjoint(term):
            raise UsageError(f"--keyterm must not contain {' '.join(sorted(batch.NOT_IN_KEYTERMS))}: {term!r}")
    request = batch.TranscriptionRequest(
        model_id=model or batch.MODEL,
        languages=tuple(filter(None, (checked_language(word, repeats=True) for word in languages))),
        diarize=any(diarizing.values()),
        speakers=speakers,
        roles=roles,
        keyterms=tuple(keyterms),
        timestamps=timestamps and timestamps.value,
        audio_events=audio_events,
        no_verbatim=no_verbatim,
        channels=channels,
        redact=entity_kinds(redact),
        entities=entities,
    )
    _check_model(request)
    return request


def for_target(
    request: batch.TranscriptionRequest, target: TextTarget, terminal: Terminal
) -> batch.TranscriptionRequest:
    """Adds the document that the service is to make. Refuses what a format cannot show, and a terminal a document."""
    format = target.format
    needs_times = "--diarize" if request.diarize else f"--format {format}" if format in SUBTITLES else ""
    if request.timestamps == Timestamps.NONE and needs_times:
        raise UsageError(f"give either --timestamps none or {needs_times}, not both")
    check_entities(format, entities=request.entities, redact=request.redact)
    if format not in DOCUMENTS:
        return request
    if request.channels:
        raise UsageError(f"with --channels there is no single {format}", hint="--format text, or omit --channels")
    if target.file is None and terminal.stdout_is_terminal:
        raise UsageError(f"a {format} document is never written to a terminal", hint=f"-o transcript.{format}")
    return replace(request, export=format.value)


def check_entities(format: TextFormat, *, entities: bool, redact: Sequence[str]) -> None:
    """Refuses entities where they are not listed."""
    if entities and redact:
        raise UsageError(
            "give either --entities or --redact, not both", hint="entities that are redacted are not listed"
        )
    if entities and format in (*SUBTITLES, *DOCUMENTS):
        raise UsageError(f"--format {format} shows no entities", hint="omit --entities, or use --format text or json")


def refuse_model(model: str | None, *, live: bool) -> None:
    """Refuses a model that is known to do only the other of recorded and live transcription, or neither."""
    takes = STT_LIVE_MODELS if live else STT_MODELS
    hint = f"give eleven stt{' --live' if live else ''} -m {either(list(takes))}"
    refuse_other_kind(model, "transcribe", "eleven stt", hint=hint)
    if model not in (batch.MODELS if live else realtime.MODELS):
        return
    raise NotFound(f"{model} {'does not transcribe live' if live else 'only transcribes live'}", hint=hint)


def _check_model(request: batch.TranscriptionRequest) -> None:
    """Refuses what a known model does not take; of others, the service decides."""
    model = request.model_id
    if request.no_verbatim and model in batch.MODELS and model != batch.MODEL:
        raise UsageError(f"{model} does not take --no-verbatim", hint=f"use -m {batch.MODEL}")
    if len(request.languages) > 1 and model in batch.MODELS and model != batch.MULTILINGUAL_MODEL:
        hint = f"several languages need -m {batch.MULTILINGUAL_MODEL}"
        raise UsageError(f"{model} takes one --language, not {len(request.languages)}", hint=hint)


def entity_kinds(given: Sequence[str]) -> tuple[str, ...]:
    """What `--redact pii,credit_card --redact phi` names, each once."""
    kinds = [kind.strip().lower() for words in given for kind in words.split(",")]
    for kind in kinds:
        if not ENTITY.fullmatch(kind):
            raise UsageError(
                f'--redact takes categories or types of entities, not "{kind}"',
                hint=f"{', '.join(ENTITY_CATEGORIES)}, or a type such as credit_card",
            )
    return tuple(dict.fromkeys(kinds))


def check_keyterms(keyterms: Sequence[str], *, most: int, characters: int) -> None:
    """Refuses names and terms that are too many or too long."""
    for term in keyterms:
        if not term.strip():
            raise UsageError("--keyterm must not be empty")
        if len(term) > characters:
            raise UsageError(f"--keyterm takes at most {characters} characters here, not {len(term)}: {term}")
    if len(keyterms) > most:
        raise UsageError(f"--keyterm can be given {most} times here, not {len(keyterms)}")
