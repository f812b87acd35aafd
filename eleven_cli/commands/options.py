"""Options that several commands share."""

from typing import Annotated

import typer

JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Play = Annotated[
    bool | None,
    typer.Option("--play/--no-play", help="Play it, too. Default: on a terminal without -o.", show_default=False),
]
NoClobber = Annotated[bool, typer.Option("--no-clobber", help="Do not replace an existing file, and pay nothing.")]
