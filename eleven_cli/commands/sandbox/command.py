"""The `sandbox` command: its flags, and the server that they describe."""

import json
import os
import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from eleven_cli.context import Context, sandbox_or_error
from eleven_cli.errors import UsageError
from eleven_cli.terminal import Terminal
from eleven_cli.terminal.messages import Tone

if TYPE_CHECKING:
    from eleven_cli.sandbox.faults.fault import Fault
    from eleven_cli.sandbox.http.requests_log import Entry
    from eleven_cli.sandbox.server_thread import Exposure

EXAMPLES = """eleven sandbox --port 8311
eleven sandbox --tls --tls-cert-out ca.pem --log requests.jsonl
eleven sandbox --agents agents.toml
eleven sandbox --plan free --no-stock-voices
eleven sandbox --fault 429:0.2 --latency 150
eleven sandbox --strict
eleven help sandbox"""

GROUPS = {
    "Account": ("require_key", "plan", "stock_voices"),
    "Voices and agents": ("agents", "voices", "strict"),
    "Connection": ("port", "tls", "tls_cert_out", "host", "cors", "allow_network", "log"),
    "Faults": ("faults", "latency"),
}


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
    log: Annotated[
        Path | None,
        typer.Option(metavar="FILE.jsonl", help="Append each request and each socket message, keys masked."),
    ] = None,
    tls: Annotated[bool, typer.Option("--tls", help="Speak https:// and wss://, with a certificate made now.")] = False,
    tls_cert_out: Annotated[
        Path | None, typer.Option(metavar="FILE.pem", help="Write the authority that clients have to trust.")
    ] = None,
    host: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Listen on another address, such as 0.0.0.0. Default: this machine only."),
    ] = None,
    cors: Annotated[
        list[str] | None,
        typer.Option(metavar="ORIGIN", help="Answer web pages of this origin, too; repeatable."),
    ] = None,
    allow_network: Annotated[
        bool, typer.Option("--allow-network", help="Download what clients of speech to text name on other machines.")
    ] = False,
    faults: Annotated[
        list[str] | None,
        typer.Option(
            "--fault",
            metavar="NAME[:RATE]",
            help="Fail on purpose, for this share of requests: 429:0.1, drop, close=1008@3. Repeatable.",
        ),
    ] = None,
    latency: Annotated[
        int | None,
        typer.Option(min=0, max=600_000, metavar="MS", help="Let every answer and message come this much later."),
    ] = None,
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
    emotion and audio tags, style and speaker boost (checked, without effect), and
    pronunciation dictionaries. The voice changer moves pitch and formants. Stitching and seeds are checked and
    change nothing.

    Ids of another account work as well: a voice of 20 letters and digits gets a voice that is always the same, an agent
    agent_… talks like agent_sandbox_chat, and each is named once. With --strict they are unknown.

    With --fault and --latency the service and the network misbehave: `eleven help testing` has the names.

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
    if tls_cert_out is not None and not tls:
        raise UsageError("--tls-cert-out needs --tls", hint="add --tls")
    named = _voices(voices or [])
    wanted = _faults(faults or [], latency)
    with (
        _opened(log) as file,
        sandbox_or_error(f"cannot serve on {f'{host}, ' if host else ''}port {port} (--port 0 takes a free one)"),
    ):
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
                allow_network=allow_network,
                faults=wanted,
                note=terminal.log,
                ready=lambda url: _announce(terminal, url, tls, tls_cert_out, host),
                log=_logger(terminal, file),
                exposure=_exposure(tls, tls_cert_out, host, cors or ()),
            )
        except ValueError as broken:
            raise UsageError(str(broken), hint="see the format: eleven help sandbox") from broken


def _voices(given: list[str]) -> dict[str, str]:
    """The names by their ids."""
    pairs = [one.partition("=") for one in given]
    if wrong := next((voice_id + equals for voice_id, equals, name in pairs if not (voice_id and name)), None):
        raise UsageError(f"--voice needs an id and a name, not {wrong}", hint="--voice JBFqnCBsd6RMkjVDRZzb=Harper")
    return {voice_id: name for voice_id, _, name in pairs}


def _faults(given: list[str], latency: int | None) -> "list[Fault]":
    from eleven_cli.sandbox.faults.fault import Fault, WrongFault, read_fault

    try:
        wanted = [read_fault(text) for text in given]
    except WrongFault as wrong:
        raise UsageError(str(wrong), hint="see the names: eleven help testing") from wrong
    return [*wanted, *([Fault("latency", latency)] if latency else [])]


def _check_that_it_can_be_read(path: Path) -> None:
    """Beforehand: later on it would look as if the port was to blame."""
    try:
        path.open("rb").close()
    except OSError as failed:
        raise UsageError(f"cannot read {path}: {failed.strerror}", hint="--agents FILE.toml") from failed


def _exposure(tls: bool, cert_out: Path | None, host: str | None, pages: Sequence[str]) -> "Exposure":
    """How and to whom the server is open. Raises UsageError for a wrong origin."""
    from eleven_cli.sandbox.http.guard import is_origin
    from eleven_cli.sandbox.server_thread import Exposure

    for page in pages:
        if not is_origin(page):
            raise UsageError(f"{page} is not an origin of web pages", hint="--cors https://example.com")
    if not tls:
        return Exposure(host, pages=tuple(pages))
    from eleven_cli.sandbox.certificate import make_certificate

    certificate = make_certificate([host] if host else [])
    if cert_out is not None:
        _write(cert_out, certificate.authority)
    return Exposure(host, certificate.context, tuple(pages))


def _announce(terminal: Terminal, url: str, tls: bool, cert_out: Path | None, host: str | None) -> None:
    from eleven_cli.sandbox.http.guard import is_this_machine

    terminal.note(f"sandbox: {url}")
    if cert_out is not None:
        path = shlex.quote(str(cert_out.absolute()))
        terminal.note(f"clients trust it with SSL_CERT_FILE={path}, those of Node with NODE_EXTRA_CA_CERTS={path}")
    elif tls:
        terminal.note("no client trusts it yet: --tls-cert-out FILE.pem writes what they need")
    if host is not None and not is_this_machine(host):
        terminal.warn(f"everyone who can reach {host} can use this sandbox")


def _logger(terminal: Terminal, file: TextIO | None) -> "Callable[[Entry], None]":
    """What writes a line for each request, and an object into the file for each message as well."""
    from eleven_cli.sandbox.http.requests_log import ServedRequest

    def log(entry: "Entry") -> None:
        if isinstance(entry, ServedRequest):
            terminal.log(*entry.parts(), tone=_tone(entry.status))
            for line in entry.failure.splitlines():
                terminal.log(line)
        if file is not None and not file.closed:
            try:
                file.write(json.dumps(entry.record()) + "\n")
            except OSError as failed:
                terminal.warn(f"the log ends here: {failed.strerror}")
                with suppress(OSError):  # what is left to be written
                    file.close()

    return log


def _tone(status: int) -> Tone:
    if status < 400 or status in (1000, 1001, 1005):
        return Tone.GOOD
    return Tone.ODD if status < 500 else Tone.BAD


@contextmanager
def _opened(path: Path | None) -> Iterator[TextIO | None]:
    """Opens a log that only its owner reads: it holds what was asked."""
    if path is None:
        yield None
        return
    try:
        file = os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a", buffering=1)
    except OSError as failed:
        raise UsageError(f"cannot write {path}: {failed.strerror}", hint="--log FILE.jsonl") from failed
    with file:
        yield file


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as failed:
        raise UsageError(f"cannot write {path}: {failed.strerror}", hint="--tls-cert-out FILE.pem") from failed
