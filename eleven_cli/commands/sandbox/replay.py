"""`eleven sandbox replay`: a webhook of a conversation or a transcript is sent again."""

from enum import StrEnum
from typing import Annotated

import typer

from eleven_cli.commands.options import JsonFlag
from eleven_cli.context import Context
from eleven_cli.errors import ElevenError, NotConnected, UsageError
from eleven_cli.local_sandbox import ACCOUNT

EXAMPLES = """eleven sandbox replay conv_1234
eleven sandbox replay conv_1234 --url http://127.0.0.1:9000/hook
eleven sandbox replay conv_1234 --event call_initiation_failure
eleven sandbox replay aB3dE5fG7hJ9kL1mN2pQ --url http://127.0.0.1:9000/stt"""
GROUPS = {"What and where": ("url", "events"), "The sandbox": ("port",)}
PORT = 8311  # where `eleven sandbox` serves unless it is told otherwise
COLUMNS = ("event", "url", "status")


class WebhookEvent(StrEnum):
    TRANSCRIPT = "transcript"
    AUDIO = "audio"
    CALL_INITIATION_FAILURE = "call_initiation_failure"


def replay(
    ctx: typer.Context,
    told_id: Annotated[
        str, typer.Argument(metavar="ID", help="A conversation, or a transcript, that the sandbox has had.")
    ],
    url: Annotated[
        str | None, typer.Option(metavar="URL", help="Send it there, and not to the address of the webhook.")
    ] = None,
    events: Annotated[
        list[WebhookEvent] | None,
        typer.Option(
            "--event",
            case_sensitive=False,
            help="Send this event of a conversation. Repeatable. Default: those of the agent's webhook.",
            show_default=False,
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=65535,
            help="The port of the sandbox. Default: that of --base-url, or 8311.",
            show_default=False,
        ),
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Send the webhook of a conversation or a transcript again.

    The sandbox that had it has to be running. The events are signed again, so that they are accepted.
    """
    from eleven_cli.api.webhooks import is_conversation, replay_webhook

    if events and not is_conversation(told_id):
        raise UsageError("--event chooses among the events of a conversation, and a transcript has one only")
    context: Context = ctx.obj
    sandbox = context.client_with(ACCOUNT, _address(context, port))
    try:
        deliveries = replay_webhook(sandbox, told_id, url or "", [event.value for event in events or []])
    except NotConnected as failed:
        raise NotConnected(failed.message, hint="start it, or name its port: eleven sandbox --port 8311") from failed
    if json:
        context.terminal.json(deliveries)
    else:
        rows = [(delivery.event, delivery.url, str(delivery.status or "no answer")) for delivery in deliveries]
        context.terminal.rows(COLUMNS, rows)
    if refused := next((delivery for delivery in deliveries if not delivery.is_success), None):
        why = refused.failure or f"it answered {refused.status}"
        raise ElevenError(f"{refused.url} did not take {refused.event}: {why}", hint="see the log of eleven sandbox")


def _address(context: Context, port: int | None) -> str:
    """Where the sandbox is: at the port, at the server in force if that is this machine, or where it usually is."""
    from eleven_cli.api.network.route import is_loopback

    named = context.config.base_url.value
    if port is None and is_loopback(named):
        return named
    return f"http://127.0.0.1:{port or PORT}"
