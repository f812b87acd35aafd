"""What a voice is given instead of what was written: by --tags, --replace, --lexicon and the settings."""

import os
from collections.abc import Sequence
from pathlib import Path

from eleven_cli.api.models import is_expressive
from eleven_cli.commands.input.text import is_silent
from eleven_cli.commands.tts.command import TTSOptions
from eleven_cli.context import Context
from eleven_cli.errors import UsageError
from eleven_cli.terminal.messages import counted
from eleven_cli.text.spoken.form import Said, SpokenRules

HOW_TO_REPLACE = "eleven tts \"We follow WCAG.\" --replace 'WCAG=W C A G'"


def spoken_rules(context: Context, options: TTSOptions, model: str | None) -> SpokenRules:
    """How the texts of this run are spoken. Raises UsageError for a lexicon that cannot be read."""
    return SpokenRules(acts=is_expressive(model), tags=options.tags, words=_words(context, options))


def spoken_chapters(
    rules: SpokenRules, chapters: Sequence[tuple[str, str]], *, remembers: bool
) -> tuple[list[tuple[str, str]], list[Said]]:
    """The same titles, and what is said of each text; and which words it says in another way, if it `remembers`.

    Raises UsageError where nothing is left to say.
    """
    left, said = list[tuple[str, str]](), list[Said]()
    for title, text in chapters:
        form = rules.form().remember() if remembers else rules.form()
        spoken = form.whole(text)
        if not is_silent(spoken):
            left.append((title, spoken))
            said += filter(None, [form.said])
    if not left:
        raise UsageError("nothing is left to say: the text is only tags", hint="--tags keep leaves them as they are")
    return left, said


def _words(context: Context, options: TTSOptions) -> dict[str, str]:
    """Every word with another wording: of the settings, of the file, and of the options, which count most."""
    words = context.config.lexicon
    if options.lexicon is not None:
        words |= _file(context, options.lexicon)
    return words | dict(map(_replacement, options.replace))


def _file(context: Context, path: str) -> dict[str, str]:
    from eleven_cli.text.spoken.lexicon_file import lexicon_file

    try:
        content = Path(path).read_bytes()
    except OSError as failed:
        raise UsageError(f"cannot read {path}: {failed.strerror or failed}") from failed
    found = lexicon_file(path, content)
    if found.phonemes:
        left_out = f"{path}: {counted(found.phonemes, 'rule')} without an alias left out"
        context.terminal.warn(f"{left_out}: their sounds are for a dictionary of the account")
    return found.entries


def _replacement(given: str) -> tuple[str, str]:
    from eleven_cli.text.decoding import decoded
    from eleven_cli.text.spoken.lexicon_file import entry

    try:
        return entry(decoded(os.fsencode(given), "--replace"))
    except ValueError as wrong:
        raise UsageError(f'--replace takes WORD=SPOKEN, not "{given}": {wrong}', hint=HOW_TO_REPLACE) from None
