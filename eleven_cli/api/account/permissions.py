"""What a key may do, as far as requests that cost nothing can tell."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from eleven_cli.api.client import Client
from eleven_cli.api.http import Query, Retry
from eleven_cli.errors import ElevenError, NetworkError, PermissionMissing

DEADLINE_S = 4.0
GAP_S = 3.0
ASKED: Mapping[str, tuple[str, Query]] = {  # reading costs nothing; what costs is not asked, only to know
    "voices_read": ("/v2/voices", {"page_size": "1", "include_total_count": "false"}),
    "models_read": ("/v1/models", {}),
    "user_read": ("/v1/user/subscription", {}),
}
ASKED_TOO: Mapping[str, tuple[str, Query]] = {  # by who wants to know all
    **ASKED,
    "convai_read": ("/v1/convai/agents", {"page_size": "1"}),
    "speech_history_read": ("/v1/history", {"page_size": "1"}),
    "pronunciation_dictionaries_read": ("/v1/pronunciation-dictionaries", {"page_size": "1"}),
}


@dataclass
class Permissions:
    """What was found out of a key.

    may      of each permission that was asked for: whether the key has it; None where the service did not say
    refused  why the service takes the key for none, where it does
    failed   why something could not be asked, where that was so
    """

    may: dict[str, bool | None]
    refused: ElevenError | None = None
    failed: ElevenError | None = None


def permissions(client: Client, asked: Mapping[str, tuple[str, Query]] = ASKED) -> Permissions:
    """Finds out what the key may do, in one try of a few seconds. Never raises.

    asked   a request for each permission
    """
    found = Permissions(dict.fromkeys(asked))
    threads = [
        threading.Thread(target=_ask, args=(client, name, *request, found), daemon=True)
        for name, request in asked.items()
    ]
    deadline = time.monotonic() + DEADLINE_S
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    may = dict(found.may)  # who answers later is not heard any more
    silent = NetworkError(f"{client.server} did not answer within {DEADLINE_S:.0f} s", code="timeout")
    nobody = all(answer is None for answer in may.values()) and not found.refused
    return Permissions(may, found.refused, found.failed or (silent if nobody else None))


def _ask(client: Client, name: str, path: str, query: Query, found: Permissions) -> None:
    try:
        once = client.clone(on_notice=lambda line: None, pause=_give_up)
        with once.stream("GET", path, accept="application/json", read_timeout_s=GAP_S, params=query):
            found.may[name] = True
    except PermissionMissing:
        found.may[name] = False
    except ElevenError as failed:
        if failed.exit_code == 3:
            found.refused = failed
        else:
            found.failed = failed
    except _OnlyOnce as given_up:
        tried = given_up.__context__
        found.failed = tried.error if isinstance(tried, Retry) else None


class _OnlyOnce(Exception):
    """Instead of a pause before another try."""


def _give_up(pause_s: float) -> None:
    raise _OnlyOnce
