"""The way to the server: its address, proxy and certificates, and how long each step of reaching it takes."""

from collections.abc import Callable
from dataclasses import dataclass, field

from eleven_cli import DEFAULT_BASE_URL
from eleven_cli.api.client import Client
from eleven_cli.api.http import ADDRESS_HINT
from eleven_cli.api.http.session import nothing
from eleven_cli.api.network.connector import Connector
from eleven_cli.api.network.failures import LOGIN_WANTED, NETWORK_HINT
from eleven_cli.api.network.route import Route, proxy_variable
from eleven_cli.api.reach import ServerAnswer, Stopwatch, reach
from eleven_cli.commands.doctor.diagnosis import Diagnosis, error_of
from eleven_cli.context import Context
from eleven_cli.errors import ElevenError, NetworkError, NotFound
from eleven_cli.settings import REGIONS
from eleven_cli.settings.config import Setting

WAIT_S = 4.0
NAMES = {"dns": "DNS", "tcp": "TCP", "proxy": "proxy", "tls": "TLS", "answer": "first answer"}


@dataclass
class Server:
    """The server in force.

    client    None where its address, or the way to it, is not usable
    watch     takes the time of asking it
    models    the ids of those it says there are; None where it was not asked, or does not say
    """

    client: Client | None = None
    watch: Stopwatch = field(default_factory=Stopwatch)
    is_reached: bool = False
    models: tuple[str, ...] | None = None


def server_in_force(context: Context, key: Setting | None) -> tuple[Server, Diagnosis]:
    """The server that every command would talk to; where the settings do not tell, the usual one, without the key."""
    found, server = Diagnosis(), Server()
    try:
        url, shown, named = _address(context)
    except ElevenError as failed:
        found.errors.append(failed)
        if context.config.sandbox:
            return server, found
        url, shown, named = DEFAULT_BASE_URL, f"{DEFAULT_BASE_URL}, as the settings do not tell another", None
        key = None
    try:
        server.client = _client(context, url, key, server.watch)
    except ElevenError as impossible:
        found.fact("server", f"not usable: {shown}", server=named)
        impossible.hint = _right_address(context.config.base_url.source)
        found.errors.append(impossible)
        return server, found
    found.fact("server", shown, server=named)
    _add_route(context, server, found)
    return server, found


def reaching(server: Server) -> Callable[[], ServerAnswer]:
    """Ask the server once. What is not to be asked is answered by nobody."""
    client = server.client
    return (lambda: reach(client, server.watch)) if client else ServerAnswer


def reached(server: Server, answer: ServerAnswer | Exception) -> Diagnosis:
    """What asking it has shown."""
    found = Diagnosis()
    if server.client is None:
        return found
    steps = list(server.watch.steps)
    shown = " · ".join(f"{NAMES[step.name]} {step.seconds * 1000:.0f} ms" for step in steps)
    timings = [{"step": step.name, "ms": round(step.seconds * 1000, 1)} for step in steps]
    region = answer.region if isinstance(answer, ServerAnswer) else ""
    if isinstance(answer, ServerAnswer):
        server.is_reached, server.models = True, answer.models
        found.facts += [("reached", shown), ("region", region and f"{region} (as the service says)")]
        found.errors += [answer.refused] if answer.refused else []
    else:
        failing = server.watch.failing(server.client.route)
        failed = f"{NAMES[failing]} failed" if failing else "no connection was tried"
        found.facts.append(("not reached", f"{shown} · {failed}" if shown else failed))
        error = error_of(answer, server.client.server)
        error.hint = error.hint or (NETWORK_HINT if isinstance(error, NetworkError) else ADDRESS_HINT)
        if error.hint == ADDRESS_HINT and not isinstance(error, NotFound):
            error.hint = f"{ADDRESS_HINT}; {LOGIN_WANTED}"
        found.errors.append(error)
    found.value |= {"reached": server.is_reached, "timings": timings, "region": region or None}
    return found


def _address(context: Context) -> tuple[str, str, dict[str, str]]:
    """The server's URL; the same in words, and for programs."""
    setting, url = context.config.base_url, context.server_url
    if context.config.sandbox:
        return url, "the sandbox, on this machine", {"url": url, "source": setting.source}
    region = next((f" (region {name})" for name, address in REGIONS.items() if address == url.rstrip("/")), "")
    source = setting.source if setting.source in ("built in", "--base-url") else f"from {setting.source}"
    return url, f"{url}{region}, {source}", {"url": url, "source": setting.source}


def _right_address(source: str) -> str:
    """How to set another server where this one came from."""
    if source == "--base-url":
        return f"give the address: --base-url {DEFAULT_BASE_URL}"
    if "environment" in source:
        return f"export ELEVENLABS_BASE_URL={DEFAULT_BASE_URL}"
    return f"eleven config set base_url {DEFAULT_BASE_URL}"


def _client(context: Context, url: str, key: Setting | None, watch: Stopwatch) -> Client:
    """One that neither waits long nor tries again."""
    return Client(
        url,
        key.value if key else "",
        on_trace=context.terminal.trace if context.terminal.debug else nothing,
        environ=context.environ,
        retries=0,
        timeout_s=_wait_s(context),
        connector=Connector(context.environ, watch),
    )


def _wait_s(context: Context) -> float:
    """How long the server may be silent: less than usual only where the user wants less."""
    try:
        return min(WAIT_S, context.config.number("timeout") or WAIT_S)
    except ElevenError:  # which is reported where the settings are
        return WAIT_S


def _add_route(context: Context, server: Server, found: Diagnosis) -> None:
    assert server.client
    try:
        route = server.client.route
    except ElevenError as unusable:
        found.fact("proxy", f"not usable ({proxy_variable(is_tls=True, environ=context.environ)})", proxy=None)
        found.errors.append(unusable)
        server.client = None
        return
    proxy = route.proxy and {"address": route.proxy.address, "variable": route.proxy.variable}
    found.fact("proxy", _proxy(route, context), proxy=proxy)
    named = route.certificates
    if route.is_tls:
        shown = f"{named.path} ({named.variable})" if named.variable else "certifi's"
        value = {"path": named.path, "variable": named.variable} if named.variable else None
        found.fact("certificates", shown, certificates=value)


def _proxy(route: Route, context: Context) -> str:
    if route.proxy:
        return f"{route.proxy.scheme}://{route.proxy.address} ({route.proxy.variable})"
    unused = proxy_variable(is_tls=route.is_tls, environ=context.environ)
    why = "this machine is reached directly" if route.is_loopback else "NO_PROXY names the server"
    return f"none: {unused} is set, but {why}" if unused else "none"
