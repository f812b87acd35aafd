"""What a voice is called and labelled with, as it is given on the command line."""

from collections.abc import Iterable
from typing import Annotated

import typer

from eleven_cli.errors import UsageError

Description = Annotated[str | None, typer.Option(metavar="TEXT", help="What the voice is like.")]
Label = Annotated[
    list[str] | None,
    typer.Option(metavar="KEY=VALUE", help="Such as language=en, accent, gender, age. Repeatable.", show_default=False),
]


def checked_text(text: str, what: str) -> str:
    """The text without blanks around it. Raises UsageError for one that is not valid text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise UsageError(f"{what} is not valid UTF-8 text") from None
    return text.strip()


def checked_name(name: str) -> str:
    """The name of a voice. Raises UsageError for an empty one."""
    if not checked_text(name, "the name"):
        raise UsageError("the voice's name is empty")
    return name.strip()


def labels_of(words: Iterable[str]) -> dict[str, str]:
    """The labels of KEY=VALUE; an empty value is for one that is to go. Raises UsageError."""
    labels = {}
    for word in words:
        key, equals, value = (part.strip() for part in checked_text(word, "--label").partition("="))
        if not (key and equals):
            raise UsageError(f'--label takes KEY=VALUE, not "{word}"', hint="for example: --label accent=british")
        labels[key] = value
    return labels
