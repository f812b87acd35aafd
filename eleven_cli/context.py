"""Context: what a command works with. Nothing is read, connected or started before it is asked for."""

import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from functools import cached_property
from typing import TYPE_CHECKING

from eleven_cli.errors import AuthError, ElevenError, ExitStack, UsageError
from eleven_cli.settings.config import Config, Setting, is_on, is_plain_key
from eleven_cli.terminal import Terminal

if TYPE_CHECKING:
    from eleven_cli.api.client import Client
    from eleven_cli.api.network.connector import Connector
    from eleven_cli.cache import AccountCache


class Context(AbstractContextManager["Context"]):
    """Terminal, settings, and a client for the service or for the sandbox. Leaving it stops what was started.

    since    when the program began, on the monotonic clock in seconds
    environ  the environment variables
    words    the command line, without the program's name
    """

    def __init__(self, terminal: Terminal, environ: Mapping[str, str], words: Sequence[str] = ()) -> None:
        self.terminal, self.since = terminal, time.monotonic()
        self.words = words
        self.config = Config(environ, warn=terminal.warn)
        self.environ = environ
        self._started = ExitStack()
        self._connector: Connector | None = None

    def configure(
        self, *, profile: str | None, base_url: str | None, sandbox: bool, options: Mapping[str, str] | None = None
    ) -> None:
        """Take the global options; `options` are settings for this run."""
        if sandbox and base_url:
            raise UsageError("give either --sandbox or --base-url, not both", hint="--base-url alone is enough")
        warn = self.terminal.warn
        self.config = Config(self.environ, profile, base_url, sandbox, warn=warn, options=options or {})
        for key in self.config.options:
            self.config.number(key)

    def connect_early(self) -> None:
        """Begins to connect to the server of the settings while the command is loaded. Errors in the settings are left
        to those who need them."""
        config = Config(self.environ)
        with suppress(ElevenError):
            if config.is_pipe:
                return
            if is_on(self.environ, "ELEVEN_SANDBOX") or config.get("api_key") is None:
                return
            if not (url := config.base_url.value).startswith("https://"):
                return
            from eleven_cli.api.network.connector import CONNECT_TIMEOUT_S, Connector, checked_base_url

            self._connector = Connector(self.environ)
            self._connector.open_early(checked_base_url(url), CONNECT_TIMEOUT_S)

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, ElevenError):
            from eleven_cli.settings.origin import tell_origin

            tell_origin(error, self.config)
        self._started.close()

    @property
    def api_key(self) -> Setting | None:
        """The key in force and its source. The sandbox has its own: a real key is never sent there."""
        if self.config.sandbox:
            from eleven_cli.local_sandbox import account_key

            return Setting(account_key(self.environ), "the sandbox")
        return self.config.get("api_key")

    @property
    def checked_api_key(self) -> Setting:
        """The key in force. Raises AuthError without one, or for what can be none."""
        key, taken = self.mended_api_key
        if taken:
            self.terminal.warn(f"the key in {key.source} is used without {' and '.join(taken)}")
        return key

    @property
    def mended_api_key(self) -> tuple[Setting, list[str]]:
        """The same, and in words what was taken off it."""
        key = self.api_key
        if key is None:
            raise AuthError(
                "no API key", hint="eleven auth login, or set ELEVENLABS_API_KEY, or try: eleven --sandbox tts Hello"
            )
        if is_plain_key(key.value):
            return key, []
        from eleven_cli.settings.values import mended_api_key

        try:
            value, taken = mended_api_key(key.value)
        except UsageError as wrong:
            why = wrong.message.rpartition(": ")[2]
            raise AuthError(f"{key.source} does not hold an API key", hint=f"{why}: eleven auth login") from wrong
        return Setting(value, key.source), taken

    @cached_property
    def client(self) -> "Client":
        """A client with the key in force. Raises AuthError without one, and UsageError for a number that is none."""
        _ = self._patience
        return self.client_with(self.checked_api_key.value)

    @property
    def _patience(self) -> tuple[float | None, float | None]:
        """How often to try again, and how many seconds to wait for an answer."""
        return self.config.number("retries"), self.config.number("timeout")

    def client_with(self, key: str, base_url: str | None = None) -> "Client":
        """A client with this key, for the server in force or the one at `base_url`."""
        from eleven_cli.api.client import Client
        from eleven_cli.api.http.session import nothing

        if self._connector is not None:
            self._connector.will_open()
        self.terminal.redact(key)
        retries, timeout_s = self._patience
        client = Client(
            self.server_url if base_url is None else base_url,
            key,
            on_notice=self.terminal.note,
            on_warning=self.terminal.warn,
            on_trace=self.terminal.trace if self.terminal.debug else nothing,
            environ=self.environ,
            connector=self._connector,
            retries=None if retries is None else int(retries),
            timeout_s=timeout_s,
        )
        return self._started.enter_context(client)

    @property
    def server_url(self) -> str:
        """The address of the server in force; the sandbox is started for it."""
        return self._sandbox_url if self.config.sandbox else self.config.base_url.value

    @cached_property
    def account_cache(self) -> "AccountCache":
        """What was remembered of this account. The sandbox is one account on any port."""
        from eleven_cli.cache import AccountCache

        return AccountCache(self.config.base_url.value, self.api_key.value if self.api_key else "")

    @cached_property
    def _sandbox_url(self) -> str:
        from eleven_cli.local_sandbox import running_sandbox

        url = self._started.enter_context(running_sandbox(self.terminal.trace if self.terminal.debug else None))
        self.terminal.remark("sandbox: a synthetic voice on this machine; nothing is sent to the service")
        return url
