"""Options of the commands that take audio in."""

from typing import Annotated

import typer

AudioFile = Annotated[
    str | None, typer.Argument(metavar="[FILE]", help="The audio; - or a pipe is stdin.", show_default=False)
]
InputFormat = Annotated[
    str | None,
    typer.Option("--input-format", metavar="NAME", help="Format of raw input, such as pcm_16000 (files are detected)."),
]
Mic = Annotated[
    str | None,
    typer.Option("--mic", metavar="NAME", help="Record from this microphone until Ctrl+C or 2 s of silence."),
]
