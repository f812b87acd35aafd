"""`eleven sandbox`"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from eleven_cli.context import Context, sandbox_or_error
from eleven_cli.errors import UsageError

EXAMPLES = """eleven sandbox --port 8311
eleven sandbox --agents agents.toml
eleven sandbox --plan free --no-stock-voices
eleven sandbox --strict
eleven help sandbox"""


class SandboxPlan(StrEnum):
    FREE = "free"
    STARTER = "starter"
    CREATOR = "creator"
    PRO = "pro"


def sandbox(
    ctx: typer.Context,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = 8311,
    require_key: Annotated[
        str | None, typer.Option(metavar="KEY", help="Refuse every key but this one, as the service would.")
    ] = None,
    plan: Annotated[
        SandboxPlan | None,
        typer.Option(case_sensitive=False, help="The plan of accounts whose key names none. Default: pro."),
    ] = None,
    stock_voices: Annotated[
        bool | None,
        typer.Option(
            "--stock-voices/--no-stock-voices",
            help="Whether accounts begin with premade voices. Default: yes.",
            show_default=False,
        ),
    ] = None,
    agents: Annotated[
        Path | None, typer.Option(metavar="FILE.toml", help="Agents of your own, beside those that are there.")
    ] = None,
    voices: Annotated[
        list[str] | None,
        typer.Option(
            "--voice", metavar="ID=NAME", help="Give a voice id of your account the sandbox's voice NAME. Repeatable."
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Answer 404 to ids of voices and agents that the sandbox does not know.")
    ] = False,
) -> None:
    """Serve a local imitation of the service.

    It answers programs on this machine until Ctrl+C.

    It speaks the service's API for models, voices, the account, text to speech, the voice changer, isolation, speech to
    text (recordings and live), alignment, and conversations with agents: agent_sandbox_chat (small talk), _echo
    (repeats), _tools (get_time, get_weather), _goodbye (hangs up), _private (needs a key), _error (say "fail 1002",
    "drop" or "silence"), _long (can be interrupted), _greeter (has a variable).

    It understands what its own voices say, also after the voice changer; of other speech it knows only that there was
    some. To do so it remembers their texts: `eleven cache info` names the folder, `eleven cache clear` forgets them.

    Its voices are a real but robotic synthesiser, so it does not imitate: the sound of the service's voices,
    emotion and audio tags, style and speaker boost (checked, without effect), pronunciation dictionaries, and
    latency or faults of the network. The voice changer moves pitch and formants. Stitching and seeds are checked and
    change nothing.

    Ids of another account work as well: a voice of 20 letters and digits gets a voice that is always the same, an agent
    agent_… talks like agent_sandbox_chat, and each is named once. With --strict they are unknown.

    Any key will do, or none. Keys that contain certain words show how a program meets failures: "wrong" is unknown,
    "restricted" may only speak, "free" is on the free plan, "broke" has 12 credits left, "newcomer" has no stock
    voices.

    ELEVEN_SANDBOX_PLAN=free and ELEVEN_SANDBOX_STOCK_VOICES=0 do the same, also for --sandbox. Voices that are made
    there are kept beside the texts; `eleven cache clear` forgets them as well.
    """
    context: Context = ctx.obj
    terminal = context.terminal
    if agents is not None:
        _check_that_it_can_be_read(agents)
    named = _voices(voices or [])
    with sandbox_or_error(f"cannot serve on port {port} (--port 0 takes a free one)"):
        from eleven_cli.sandbox.server import serve

        try:
            serve(
                port,
                require_key=require_key,
                plan=plan.value if plan else context.sandbox_plan or SandboxPlan.PRO.value,
                stock_voices=context.sandbox_stock_voices if stock_voices is None else stock_voices,
                agents=agents,
                voices=named,
                strict=strict,
                note=terminal.log,
                ready=lambda url: terminal.note(f"sandbox: {url}"),
                log=lambda served: terminal.log(served.line()),
            )
        except ValueError as broken:
            raise UsageError(str(broken), hint="see the format: eleven help sandbox") from broken


def _voices(given: list[str]) -> dict[str, str]:
    """The names by their ids."""
    pairs = [one.partition("=") for one in given]
    if wrong := next((voice_id + equals for voice_id, equals, name in pairs if not (voice_id and name)), None):
        raise UsageError(f"--voice needs an id and a name, not {wrong}", hint="--voice JBFqnCBsd6RMkjVDRZzb=Harper")
    return {voice_id: name for voice_id, _, name in pairs}


def _check_that_it_can_be_read(path: Path) -> None:
    """Beforehand: later on it would look as if the port was to blame."""
    try:
        path.open("rb").close()
    except OSError as failed:
        raise UsageError(f"cannot read {path}: {failed.strerror}", hint="--agents FILE.toml") from failed
