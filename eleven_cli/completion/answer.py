"""What a shell's script is answered when Tab is pressed."""

from collections.abc import Mapping, Sequence

from eleven_cli.completion import shells
from eleven_cli.completion.line import BREAKS_OF_BASH, Typed, typed
from eleven_cli.completion.offers import Offer, offer
from eleven_cli.context import Context

FILES = 100  # the exit code that means: names of files
_OLD_ZSH = "_message -r 'the completion is out of date: eleven completion zsh'"  # that script evaluates what it gets


def answer(context: Context, argv: Sequence[str]) -> int:
    """Print what fits, a line each; gives the exit code. The variable says who asks: complete_bash, list_zsh …"""
    shell = context.environ["_ELEVEN_COMPLETE"].rpartition("_")[2]
    if context.environ["_ELEVEN_COMPLETE"] == "complete_zsh":
        context.terminal.print(_OLD_ZSH)
        return 0
    context.terminal.quiet = True
    try:
        line = _line(shell, argv, context.environ)
        found = Offer(files=True) if line.redirected else offer(context, line.words[1:], line.word)
    except Exception:  # an error would be printed into the line that is being typed
        return 0
    for word in _spelled(shells.offerable(found.words), line, shell):
        context.terminal.print(word)
    return FILES if found.files else 0


def _line(shell: str, argv: Sequence[str], environ: Mapping[str, str]) -> Typed:
    match shell:
        case "zsh":  # its words come without their quotes
            return Typed(["eleven", *argv[:-1]], argv[-1] if argv else "")
        case "bash":
            text = environ.get("COMP_LINE") or environ.get("COMP_WORDS", "")
            return typed(text, shell, environ.get("COMP_WORDBREAKS") or BREAKS_OF_BASH)
    return typed(environ.get("_TYPER_COMPLETE_ARGS", ""), "powershell" if shell == "pwsh" else shell)


def _spelled(words: list[str], line: Typed, shell: str) -> list[str]:
    if shell == "bash":
        return shells.for_bash(words, line)
    return shells.for_powershell(words) if shell in ("powershell", "pwsh") else words
