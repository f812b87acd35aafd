"""Options of the commands that take audio in."""

from typing import Annotated

import typer

AudioFile = Annotated[
    str | None, typer.Argument(metavar="[FILE]", help="The audio; - or a pipe is stdin.", show_default=False)
]
InputFormat = Annotated[
    str | None,
    typer.Option("--input-format", metavar="NAME", help="What raw samples are: pcm_16000, ulaw_8000. Files tell."),
]
Mic = Annotated[
    str | None,
    typer.Option("--mic", metavar="NAME", help="Record first, to Ctrl+C or silence: number, name, or default."),
]
