"""What is to be spoken and how: the request, the texts cut into pieces, and which of them make one output."""

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from eleven_cli.api.models import DEFAULT_MODEL, documented_limit, heard_settings, takes_language
from eleven_cli.api.tts.speech import SpeechRequest
from eleven_cli.audio.formats import Format
from eleven_cli.commands.input.text import chapters_of, check_source, is_from_stdin
from eleven_cli.commands.output.audio import OutputPlan, check_report, plan_output
from eleven_cli.commands.tts.command import TTSOptions
from eleven_cli.context import Context
from eleven_cli.errors import UsageError
from eleven_cli.terminal import Terminal

if TYPE_CHECKING:
    from eleven_cli.text.spoken.form import SpokenRules
    from eleven_cli.text.spoken.restoring import Said

PIECE_CHARACTERS = 5000  # of a text that needs several requests anyhow: little is lost with one, much can be at once
GAP = "\n\n"
SPEEDS = (0.7, 1.2)  # what the documentation promises for every model
_OPTIONS = {
    "stability": "--stability",
    "similarity_boost": "--similarity",
    "style": "--style",
    "speed": "--speed",
    "use_speaker_boost": "--speaker-boost",
}
_FIELD = r"\{(\w*)(:0?\d{1,3}d?)?\}"  # not compiled: hardly any name has one

Chapters = Sequence[tuple[str, str]]
"""Titles and texts."""


class Part(NamedTuple):
    """What goes into one output.

    title      of the chapter, where it is one
    texts      one request each; none of a text that is still being written
    first      the number of the first of them
    output     where the audio goes
    subtitles  the file for them, or None
    said       which words of the texts were written in another way, None for none
    exists     whether it is there already and is left alone
    """

    title: str
    texts: tuple[str, ...]
    first: int
    output: OutputPlan
    subtitles: str | None = None
    said: "Said | None" = None
    exists: bool = False

    @property
    def numbers(self) -> range:
        return range(self.first, self.first + len(self.texts))


class SpeechPlan(NamedTuple):
    """What a run of `eleven tts` does.

    request      of everything but the voice and the text
    rules        how the text is spoken, which has been done unless it is live; None: as it is written
    output       where the audio goes; its file may be a template for the names of chapters
    is_live      the text is still being written, and is spoken meanwhile
    parts        one output each
    chapters     title and characters of each
    max_credits  what may be spent, None without a limit
    """

    options: TTSOptions
    request: SpeechRequest
    output: OutputPlan
    rules: "SpokenRules | None"
    is_live: bool
    parts: Sequence[Part]
    chapters: Sequence[tuple[str, int]]
    max_credits: int | None

    @property
    def texts(self) -> list[str]:
        return [text for part in self.parts for text in part.texts]

    @property
    def has_chapter_files(self) -> bool:
        return is_template(self.output.file)


def plan_speech(context: Context, options: TTSOptions) -> SpeechPlan | None:
    """Decides all that can be decided before anything is paid for, and reads the text unless it is spoken live.

    None where --no-clobber leaves what exists alone, which is said. Raises UsageError for what cannot be.
    """
    terminal = context.terminal
    output = plan_output(options.output, options.format, options.play, on_terminal=terminal.stdout_is_terminal)
    if options.effects is not None:
        from eleven_cli.commands.tts.effects import carrying_output, check_effects

        check_effects(options.effects)
        output = carrying_output(options.effects, output, format_given=options.format is not None)
    request = build_request(context, output.fmt, options)
    max_credits = options.max_credits
    if max_credits is None and (limit := context.config.number("max_credits")) is not None:
        max_credits = int(limit)
    check_report(terminal, output, as_json=options.json)
    if options.no_clobber and not options.dry_run and _keeps_existing(terminal, options, output):
        return None
    is_live, chapters = _read(context, options, output)
    rules, said = _rules(context, options, request.model_id, chapters), list["Said"]()
    if rules is not None and not is_live:
        from eleven_cli.commands.tts.wording import spoken_chapters

        chapters, said = spoken_chapters(rules, chapters, remembers=options.subtitles is not None)
    is_sent_apart = options.effects is None and "similarity_boost" in (heard_settings(request.model_id) or ())
    if is_live and options.similarity is not None and is_sent_apart:
        terminal.warn(f"--similarity has no effect on live text with {request.model_id}; --no-live sends it")
    limit = limit_of(context, request.model_id)
    if request.is_whole:  # each piece is there only when all of it is made
        limit = min(limit, PIECE_CHARACTERS)
    parts = _cut(chapters, limit, output, apart=is_template(output.file))
    parts = _with_said(parts, said) if said else parts
    if options.effects is not None and not options.dry_run:
        from eleven_cli.commands.tts.effects import effect_members

        request = request._replace(audio_effects=effect_members(context, options.effects))
    if not options.dry_run:
        parts = _with_files(terminal, options, parts)
    return SpeechPlan(
        options=options,
        request=request,
        output=output,
        rules=rules,
        is_live=is_live,
        parts=parts,
        chapters=[(title, len(text)) for title, text in chapters],
        max_credits=max_credits,
    )


def _rules(context: Context, options: TTSOptions, model: str | None, chapters: Chapters) -> "SpokenRules | None":
    """How the text is spoken; None where nothing in it is spoken in another way."""
    has_words = bool(options.replace or options.lexicon is not None or context.config.has_lexicon)
    if chapters and not has_words and not any("[" in text or "<" in text for _, text in chapters):
        return None
    from eleven_cli.commands.tts.wording import spoken_rules

    return spoken_rules(context, options, model)


def build_request(context: Context, fmt: Format, options: TTSOptions) -> SpeechRequest:
    """The request but for the voice, checked: what the service would refuse or ignore is said before."""
    model = options.model or context.config.value("model")
    return SpeechRequest(
        voice_id="",
        output_format=fmt.requested,
        model_id=model,
        voice_settings=_voice_settings(context.terminal, options, model),
        seed=options.seed,
        language_code=_language_for(model, options.language, context.terminal),
        apply_text_normalization=options.normalize,
    )


def limit_of(context: Context, model: str | None) -> int:
    """Characters in one request: as documented; of models that are not, as the service said the last time."""
    if (documented := documented_limit(model)) is not None:
        return documented
    from eleven_cli.commands.tts.cost import known_limit

    return known_limit(context, model or DEFAULT_MODEL)


def is_template(path: str | None) -> bool:
    """Whether an output's name says where the chapter's number goes."""
    return path is not None and "{" in path and bool(re.search(_FIELD, path))


def _voice_settings(terminal: Terminal, options: TTSOptions, model: str | None) -> dict[str, float | bool]:
    """Only what was given. The service, not we, knows what a model makes of an unusual speed."""
    given = {
        "stability": options.stability,
        "similarity_boost": options.similarity,
        "style": options.style,
        "speed": options.speed,
        "use_speaker_boost": options.speaker_boost,
    }
    settings = {name: value for name, value in given.items() if value is not None}
    for name, value in settings.items():
        if not math.isfinite(value):
            raise UsageError(f"{name} must be a number, not {value}", hint="eleven tts --help")
    if not SPEEDS[0] <= settings.get("speed", 1.0) <= SPEEDS[1]:
        terminal.warn(f"speed {settings['speed']:g} is outside {SPEEDS[0]} to {SPEEDS[1]}; the service may refuse it")
    heard = heard_settings(model)
    if ignored := [_OPTIONS[name] for name in settings if heard is not None and name not in heard]:
        terminal.warn(f"{model} ignores {', '.join(ignored)}")
    return settings


def _language_for(model: str | None, language: str | None, terminal: Terminal) -> str | None:
    """The language to send: multilingual v2, which is also the service's default, hears it from the text alone."""
    if language is None:
        return None
    from eleven_cli.commands.lookup.languages import checked_language

    code = checked_language(language)
    if code and not takes_language(model):
        terminal.warn(f"--language is ignored: {model or 'the default model'} detects the language itself")
        return None
    return code


def _keeps_existing(terminal: Terminal, options: TTSOptions, output: OutputPlan) -> bool:
    from eleven_cli.commands.output.existing import keeps_existing

    return keeps_existing(terminal, output.file, options.subtitles, no_clobber=True, as_json=options.json)


def _read(context: Context, options: TTSOptions, output: OutputPlan) -> tuple[bool, Chapters]:
    """Whether the text is spoken live, and the chapters where it is not."""
    terminal = context.terminal
    if options.subtitles or options.subtitles_format:
        from eleven_cli.commands.tts import subtitles

        subtitles.check(options.subtitles, options.subtitles_format, output)
    check_source(context, options.text, options.file)
    if not options.dry_run and (options.reads_stdin or options.file or options.subtitles):
        from eleven_cli.commands.tts import chapter_files

        chapter_files.refuse_own_sources(terminal, options, output)
    if _is_live(terminal, options, whole_first=options.dry_run or options.cache or is_template(output.file)):
        return True, []
    if options.subtitles and is_template(output.file) != is_template(options.subtitles):
        raise UsageError(
            "-o and --subtitles must both name a file for each chapter", hint="put {chapter:02d} into both names"
        )
    return False, chapters_of(terminal, options.text, options.file, options.markdown)


def _is_live(terminal: Terminal, options: TTSOptions, *, whole_first: bool) -> bool:
    from_stdin = is_from_stdin(options.text, options.file)
    if options.live and not from_stdin:
        raise UsageError("--live is for text from a pipe", hint="llm 'tell me a story' | eleven tts --live")
    if options.live and whole_first:
        raise UsageError("--live cannot be combined with an option that needs the whole text first", hint="omit --live")
    may = not whole_first and from_stdin and not terminal.stdin_is_file
    return may if options.live is None else options.live


def _cut(chapters: Chapters, limit: int, output: OutputPlan, *, apart: bool) -> list[Part]:
    """One part for all chapters, or `apart` one for each; no text longer than `limit` characters."""
    if not apart:
        texts = [text for _, text in chapters]
        if sum(len(text) + len(GAP) for text in texts) <= limit + len(GAP):  # a book is not joined to be cut again
            texts = [GAP.join(texts)] if texts else []
        return [Part("", tuple(piece for text in texts for piece in _pieces(text, limit)), 0, output)]
    parts: list[Part] = []
    for title, text in chapters:
        first = parts[-1].numbers.stop if parts else 0
        parts.append(Part(title, tuple(_pieces(text, limit)), first, output))
    return parts


def _with_said(parts: list[Part], said: "list[Said]") -> list[Part]:
    """The parts with what was written in another way; `said` is of each chapter."""
    from eleven_cli.text.spoken.restoring import joined

    return [
        part._replace(said=each)
        for part, each in zip(parts, said if len(parts) > 1 else [joined(said, GAP)], strict=True)
    ]


def _pieces(text: str, limit: int) -> list[str]:
    if len(text) <= limit:
        return [text]
    from eleven_cli.text.splitting import pieces

    return list(pieces(text, min(limit, PIECE_CHARACTERS)))


def _with_files(terminal: Terminal, options: TTSOptions, parts: list[Part]) -> list[Part]:
    """The parts with the files for each."""
    if not is_template(parts[0].output.file):
        return [part._replace(subtitles=options.subtitles) for part in parts]
    from eleven_cli.commands.tts.chapter_files import files_of_chapters

    files = files_of_chapters(terminal, options, parts[0].output, [part.title for part in parts])
    return [part._replace(**each._asdict()) for part, each in zip(parts, files, strict=True)]
