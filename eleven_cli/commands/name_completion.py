"""Completion of voices and models: from what is remembered, never from the network, and never in the way."""

import os
import re

import typer

from eleven_cli.commands.voice_names import Named, folded, is_id, remembered
from eleven_cli.context import Context

MODELS_FACT = "models"  # by id: their character_limit and cost_factor
_SHELL = "_ELEVEN_COMPLETE"  # complete_bash, complete_zsh …
_PLAIN_IN_BASH = re.compile(r"([^\w./%+,-])")
_SPECIAL_IN_QUOTES = re.compile(r'([\\"$`])')
_NOT_FOR_ZSH = frozenset("'\"\\`$:!")  # Typer's script for zsh loses them


class _Offered(str):
    """A word for the shell. It is quoted and may differ in case, so what was typed need not be its beginning."""

    def startswith(self, *_: object) -> bool:
        return True


def complete_voice(ctx: typer.Context, incomplete: str) -> list[str]:
    """The names that begin with what was typed; an id where it is one that was begun, or where a name will not do."""
    try:
        known, _ = remembered(_context(ctx))
        return [_Offered(word) for voice in known if (word := _word_for(voice, known, incomplete))]
    except Exception:  # whatever it is, nobody wants to read it amid the line they are typing
        return []


def complete_model(ctx: typer.Context, incomplete: str) -> list[str]:
    """The ids of models that begin with what was typed."""
    try:
        known = _context(ctx).memory.get(MODELS_FACT)
        return [model for model in known if model.startswith(incomplete)]
    except Exception:  # as above
        return []


def _context(ctx: typer.Context) -> Context:
    """The account of the line that is being typed. Nothing is said, and no client made."""
    from eleven_cli.terminal import Terminal

    terminal = Terminal.of_process()
    terminal.quiet = True
    context = Context(terminal, getattr(ctx.find_root().obj, "environ", os.environ))
    line = ctx.find_root().params
    base_url, sandbox = line.get("base_url"), bool(line.get("sandbox"))
    context.configure(profile=line.get("profile"), base_url=base_url, sandbox=sandbox and not base_url)
    return context


def _word_for(voice: Named, known: list[Named], incomplete: str) -> str:
    """What to offer of a voice; "" for nothing."""
    by_name = folded(voice.name).startswith(folded(incomplete))
    if by_name and not is_id(voice.name) and [folded(other.name) for other in known].count(folded(voice.name)) == 1:
        return _quoted(voice.name) or voice.voice_id
    return voice.voice_id if by_name or voice.voice_id.startswith(incomplete) else ""


def _quoted(name: str) -> str:
    """The name as one word of the shell's; "" where it cannot be one."""
    shell = os.environ.get(_SHELL, "").rpartition("_")[2]
    if not name.isprintable() or name.startswith("-") or name != name.strip():
        return ""
    match shell:
        case "bash":
            return _quoted_for_bash(name)
        case "zsh":
            return "" if _NOT_FOR_ZSH & set(name) or "  " in name else name
        case "powershell" | "pwsh":
            return name if name.isalnum() else "'" + name.replace("'", "''") + "'"
    return name  # fish quotes what it inserts by itself


def _quoted_for_bash(name: str) -> str:
    """Bash inserts what it gets as it is, after a quote that was typed already."""
    match _open_quote(os.environ.get("COMP_WORDS", "")):
        case "'":
            return "" if "'" in name else name
        case '"':
            return _SPECIAL_IN_QUOTES.sub(r"\\\1", name)
    return _PLAIN_IN_BASH.sub(r"\\\1", name)


def _open_quote(line: str) -> str:
    """The quote that a line leaves open, if any."""
    import shlex

    words = shlex.shlex(line, posix=True)
    words.whitespace_split, words.commenters = True, ""
    try:
        list(words)
    except ValueError:
        state: str = vars(words)["state"]
        return state if state in ("'", '"') else ""
    return ""
