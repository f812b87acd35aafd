"""What is to be spoken and how: the request, the texts cut into pieces, and which of them make one output."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from eleven_cli.api.tts.speech import SpeechRequest
from eleven_cli.commands.input.text import chapters_of, check_source, is_from_stdin
from eleven_cli.commands.output import OutputPlan, plan_output
from eleven_cli.commands.tts.request import (
    TTSOptions,
    build_request,
    carrying_output,
    check_effects,
    limit_of,
    look_up,
    warn_about_similarity,
)
from eleven_cli.context import Context
from eleven_cli.errors import UsageError
from eleven_cli.terminal import Terminal

if TYPE_CHECKING:
    from eleven_cli.text.spoken.form import Said, SpokenRules

PIECE_CHARACTERS = 5000  # of a text that needs several requests anyhow: little is lost with one, much can be at once
GAP = "\n\n"
_FIELD = r"\{(\w*)(:0?\d{1,3}d?)?\}"  # not compiled: hardly any name has one

Chapters = list[tuple[str, str]]  # titles and texts


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
    terminal, output = context.terminal, _plan_output(context.terminal, options)
    request = build_request(context, output.fmt, options)
    if options.json:
        from eleven_cli.commands.output.figures import check_report

        check_report(terminal, output, as_json=True)
    if options.no_clobber and not options.dry_run and _keeps_existing(terminal, options, output):
        return None
    is_live, chapters = _read(context, options, output)
    if is_live:
        warn_about_similarity(terminal, options, request)
    rules, said = _rules(context, options, request.model_id, chapters), list["Said"]()
    if rules is not None and not is_live:
        chapters, said = _spoken(rules, chapters, options, output)
    counts = [(title, len(text)) for title, text in chapters]
    parts = _cut(chapters, _longest_piece(context, request), output, apart=is_template(output.file))
    if said:
        parts = [part._replace(said=each) for part, each in zip(parts, said, strict=True)]
    if not options.dry_run:
        is_kept = options.cache or sum(len(part.texts) for part in parts) > 1
        request = look_up(context, options, request, pinned=is_kept)
        parts = _with_files(terminal, options, parts)
    return SpeechPlan(
        options=options,
        request=request,
        output=output,
        rules=rules,
        is_live=is_live,
        parts=parts,
        chapters=counts,
        max_credits=_max_credits(context, options),
    )


def _plan_output(terminal: Terminal, options: TTSOptions) -> OutputPlan:
    output = plan_output(options.output, options.format, options.play, on_terminal=terminal.stdout_is_terminal)
    if not options.has_effects:
        return output
    check_effects(options)
    return carrying_output(options, output)


def _longest_piece(context: Context, request: SpeechRequest) -> int:
    """Characters in one request; of what is there only when all of it is made, fewer."""
    limit = limit_of(context, request.model_id)
    return min(limit, PIECE_CHARACTERS) if request.is_whole else limit


def _max_credits(context: Context, options: TTSOptions) -> int | None:
    limit = options.max_credits if options.max_credits is not None else context.config.number("max_credits")
    return None if limit is None else int(limit)


def _rules(context: Context, options: TTSOptions, model: str | None, chapters: Chapters) -> "SpokenRules | None":
    """How the text is spoken; None where nothing in it is spoken in another way."""
    has_words = bool(options.replace or options.lexicon is not None or context.config.has_lexicon)
    if chapters and not has_words and not any("[" in text or "<" in text for _, text in chapters):
        return None
    from eleven_cli.commands.tts.chapters import spoken_rules

    return spoken_rules(context, options, model)


def _spoken(
    rules: "SpokenRules", chapters: Chapters, options: TTSOptions, output: OutputPlan
) -> "tuple[Chapters, list[Said]]":
    from eleven_cli.commands.tts.chapters import spoken_chapters

    apart, remembers = is_template(output.file), options.subtitles is not None
    return spoken_chapters(rules, chapters, remembers=remembers, gap=None if apart else GAP)


def is_template(path: str | None) -> bool:
    """Whether an output's name says where the chapter's number goes."""
    return path is not None and "{" in path and bool(re.search(_FIELD, path))


def _keeps_existing(terminal: Terminal, options: TTSOptions, output: OutputPlan) -> bool:
    from eleven_cli.commands.output.existing import keeps_existing

    return keeps_existing(terminal, output.file, options.subtitles, no_clobber=True, as_json=options.json)


def _names_files(terminal: Terminal, options: TTSOptions, output: OutputPlan) -> bool:
    """Whether one may be read and written, or written twice: a pipe with text cannot."""
    if options.file or options.subtitles:
        return True
    return options.reads_stdin and bool(output.file or terminal.stdin_is_file)


def _read(context: Context, options: TTSOptions, output: OutputPlan) -> tuple[bool, Chapters]:
    """Whether the text is spoken live, and the chapters where it is not."""
    terminal = context.terminal
    if options.subtitles or options.subtitles_format:
        from eleven_cli.commands.tts import subtitles

        subtitles.check(options.subtitles, options.subtitles_format, output)
    check_source(context, options.text, options.file)
    if not options.dry_run and _names_files(terminal, options, output):
        from eleven_cli.commands.tts.chapters import refuse_own_sources

        refuse_own_sources(terminal, options, output)
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


def _cut(chapters: list[tuple[str, str]], limit: int, output: OutputPlan, *, apart: bool) -> list[Part]:
    """One part for all chapters, or `apart` one for each; no text longer than `limit` characters.

    Empties `chapters`, so that no book is held twice.
    """
    chapters.reverse()
    parts: list[Part] = []
    while apart and chapters:
        title, text = chapters.pop()
        first = parts[-1].numbers.stop if parts else 0
        parts.append(Part(title, tuple(_pieces(text, limit)), first, output))
    if apart:
        return parts
    if sum(len(text) + len(GAP) for _, text in chapters) <= limit + len(GAP):  # a book is not joined to be cut again
        chapters[:] = [("", GAP.join(text for _, text in reversed(chapters)))] if chapters else []
    pieces: list[str] = []
    while chapters:
        pieces += _pieces(chapters.pop()[1], limit)
    return [Part("", tuple(pieces), 0, output)]


def _pieces(text: str, limit: int) -> list[str]:
    if len(text) <= limit:
        return [text]
    from eleven_cli.text.splitting import pieces

    return list(pieces(text, min(limit, PIECE_CHARACTERS)))


def _with_files(terminal: Terminal, options: TTSOptions, parts: list[Part]) -> list[Part]:
    """The parts with the files for each."""
    if not is_template(parts[0].output.file):
        return [part._replace(subtitles=options.subtitles) for part in parts]
    from eleven_cli.commands.tts.chapters import chapter_files

    files = chapter_files(terminal, options, parts[0].output, [part.title for part in parts])
    return [part._replace(**each._asdict()) for part, each in zip(parts, files, strict=True)]
