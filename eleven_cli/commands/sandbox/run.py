"""The run of `eleven sandbox`: what its flags describe, served until a signal."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eleven_cli.commands.sandbox.exposure import ExposureOptions, announce, make_exposure
from eleven_cli.commands.sandbox.request_log import opened, request_logger
from eleven_cli.context import Context
from eleven_cli.errors import UsageError
from eleven_cli.local_sandbox import has_stock_voices, plan_in, sandbox_or_error

if TYPE_CHECKING:
    from eleven_cli.sandbox.faults.fault import Fault

PLAN = "pro"  # of accounts whose key names none


@dataclass(frozen=True, kw_only=True)
class SandboxOptions:
    """The flags of `eleven sandbox`, as they were given.

    plan, stock_voices  None where the environment decides
    credits             None for those of the plan
    state               the folder where what clients make is kept, None for none
    voices              of the form ID=NAME
    log                 the file that requests and messages are added to
    faults              as `eleven help testing` writes them
    latency_ms          how much later every answer and message comes
    """

    port: int
    require_key: str | None
    plan: str | None
    credits: int | None
    stock_voices: bool | None
    state: Path | None
    seed: int | None
    agents: Path | None
    voices: Sequence[str]
    strict: bool
    log: Path | None
    exposure: ExposureOptions
    allow_network: bool
    faults: Sequence[str]
    latency_ms: int | None


def run(context: Context, options: SandboxOptions) -> None:
    """Serves until a signal. Raises UsageError for impossible options, ElevenError when the port cannot be taken."""
    if options.agents is not None:
        _check_readable(options.agents)
    options.exposure.check()
    account, faults = _account_options(context, options), _faults(options.faults, options.latency_ms)
    host = options.exposure.host
    taken = f"cannot serve on {f'{host}, ' if host else ''}port {options.port} (--port 0 takes a free one)"
    terminal = context.terminal
    with opened(options.log) as file, sandbox_or_error(taken):
        from eleven_cli.sandbox.server import serve
        from eleven_cli.sandbox.state.keeping import Keeping
        from eleven_cli.sandbox.state.store import WrongState

        try:
            serve(
                options.port,
                agents=options.agents,
                faults=faults,
                note=terminal.log,
                ready=lambda url: announce(terminal, url, options.exposure),
                log=request_logger(terminal, file),
                exposure=make_exposure(options.exposure),
                keeping=Keeping(options.state, seed=options.seed),
                **account,
            )
        except WrongState as wrong:
            raise UsageError(str(wrong), hint="--state another-folder") from wrong
        except ValueError as broken:
            raise UsageError(str(broken), hint="see the format: eleven help sandbox") from broken


def _account_options(context: Context, options: SandboxOptions) -> dict[str, Any]:
    """What holds for every account of the server. Raises UsageError."""
    stock_voices = options.stock_voices
    return {
        "require_key": options.require_key,
        "plan": options.plan or plan_in(context.environ) or PLAN,
        "credits": options.credits,
        "stock_voices": has_stock_voices(context.environ) if stock_voices is None else stock_voices,
        "voices": _voice_names(options.voices),
        "strict": options.strict,
        "allow_network": options.allow_network,
    }


def _voice_names(given: Sequence[str]) -> dict[str, str]:
    """The names by their ids."""
    pairs = [one.partition("=") for one in given]
    if wrong := next((voice_id + equals for voice_id, equals, name in pairs if not (voice_id and name)), None):
        raise UsageError(f"--voice needs an id and a name, not {wrong}", hint="--voice JBFqnCBsd6RMkjVDRZzb=Harper")
    return {voice_id: name for voice_id, _, name in pairs}


def _faults(given: Sequence[str], latency_ms: int | None) -> "list[Fault]":
    from eleven_cli.sandbox.faults.fault import Fault, WrongFault, read_fault

    try:
        faults = [read_fault(text) for text in given]
    except WrongFault as wrong:
        raise UsageError(str(wrong), hint="see the names: eleven help testing") from wrong
    return [*faults, *([Fault("latency", latency_ms)] if latency_ms else [])]


def _check_readable(path: Path) -> None:
    """Beforehand: later on it would look as if the port was to blame."""
    try:
        path.open("rb").close()
    except OSError as failed:
        raise UsageError(f"cannot read {path}: {failed.strerror}", hint="--agents FILE.toml") from failed
