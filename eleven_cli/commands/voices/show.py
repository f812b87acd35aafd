"""`eleven voices show`: what there is to know of one voice."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import typer

from eleven_cli.commands.options import JsonFlag
from eleven_cli.commands.voices.named import Name, called
from eleven_cli.context import Context
from eleven_cli.terminal.text import iso_time

if TYPE_CHECKING:
    from eleven_cli.api.voices.voice import Voice


def show(ctx: typer.Context, name: Name, json: JsonFlag = False) -> None:
    """Show one voice in detail."""
    from eleven_cli.api.voices.listing import with_settings

    context: Context = ctx.obj
    voice = with_settings(context.client, called(context, name, "show"))
    if json:
        context.terminal.json(voice)
    else:
        # the address of a sandbox that ends with this run would lead nowhere
        context.terminal.facts(_details(voice, has_address=not context.config.sandbox))


def _details(voice: "Voice", *, has_address: bool) -> list[tuple[str, str | None]]:
    """Names and values, also of what is not there."""
    return [
        ("name", voice.name),
        ("id", voice.voice_id),
        ("category", voice.category),
        ("needs", voice.needs),
        ("description", voice.description),
        *((_words(name), _words(label)) for name, label in voice.labels.items()),
        ("languages", " ".join(voice.languages)),
        ("models", " ".join(voice.models)),
        ("created", iso_time(voice.created_at)),
        ("preview", voice.preview_url if has_address else None),
        *setting_rows(voice.settings or {}),
    ]


def setting_rows(settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Names and values of a voice's settings."""
    return [
        (_words(name), str(value).lower() if isinstance(value, bool) else str(value))
        for name, value in settings.items()
        if value is not None
    ]


def _words(label: str) -> str:
    return label.replace("_", " ")
