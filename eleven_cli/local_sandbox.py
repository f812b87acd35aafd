"""The sandbox within this process: started for --sandbox, with the account that the environment describes."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from eleven_cli.errors import ElevenError, ExitStack, UsageError
from eleven_cli.settings.config import is_on

if TYPE_CHECKING:
    from types import ModuleType

ACCOUNT = "sandbox"
PLAN, STOCK_VOICES = "ELEVEN_SANDBOX_PLAN", "ELEVEN_SANDBOX_STOCK_VOICES"
PLANS = ("free", "starter", "creator", "pro")


def plan_in(environ: Mapping[str, str]) -> str | None:
    """The plan of the sandbox's accounts; None where none is named. Raises UsageError for an unknown one."""
    plan = environ.get(PLAN, "").strip().lower()
    if plan and plan not in PLANS:
        raise UsageError(f"{PLAN} must be {', '.join(PLANS[:-1])} or {PLANS[-1]}, not {plan}", hint=f"unset {PLAN}")
    return plan or None


def has_stock_voices(environ: Mapping[str, str]) -> bool:
    """Whether the sandbox's accounts have the voices that every account had. Raises UsageError."""
    return not environ.get(STOCK_VOICES, "").strip() or is_on(environ, STOCK_VOICES)


def account_key(environ: Mapping[str, str]) -> str:
    """Its words say what the account is like, so that each kind is an account of its own. Raises UsageError."""
    newcomer = None if has_stock_voices(environ) else "newcomer"
    return "-".join(filter(None, (ACCOUNT, plan_in(environ), newcomer)))


@contextmanager
def running_sandbox(on_trace: Callable[[str], None] | None) -> Iterator[str]:
    """Serves inside the `with`; gives the address. `on_trace` is told what failed within, of which no answer tells."""

    with ExitStack() as started:
        with sandbox_or_error():
            from eleven_cli.sandbox.server import running

            url = started.enter_context(running(log=on_trace and partial(_trace_failure, on_trace)))
        yield url


def _trace_failure(on_trace: Callable[[str], None], entry: object) -> None:
    for line in str(getattr(entry, "failure", "")).splitlines():
        on_trace(line)


def sandbox_memory() -> "ModuleType":
    """What the sandbox keeps of the texts that it has spoken: `kept()` and `forget()`."""
    from eleven_cli.sandbox.hearing import memory_folder

    return memory_folder


@contextmanager
def sandbox_or_error(what: str = "the sandbox does not start") -> Iterator[None]:
    """Turns what goes wrong when the sandbox is loaded and started into one of our errors."""
    from eleven_cli.packages import install, missing_of, why_not

    if absent := missing_of("sandbox"):
        raise ElevenError("the sandbox is not installed", hint=install(*absent))
    try:
        yield
    except ImportError as missing:
        why, hint = why_not(missing.name or "", missing)
        raise ElevenError(f"the sandbox needs {missing.name}, which {why}", hint=hint) from missing
    except (OSError, TimeoutError) as failed:
        raise ElevenError(f"{what}: {getattr(failed, 'strerror', None) or failed}") from failed
