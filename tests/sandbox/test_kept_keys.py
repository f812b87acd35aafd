"""A key that may be a real one is neither stored nor shown."""

import gc
from pathlib import Path

from eleven_cli.sandbox.accounts.account import Account
from eleven_cli.sandbox.server import running

from .conftest import Api

REAL_KEY = "sk_" + "0123456789abcdef" * 3


def test_a_real_key_is_not_kept(memory: Path) -> None:
    with running() as base:
        one, two = Api(base, REAL_KEY), Api(base, REAL_KEY[:-1] + "0")
        assert one.said("Hello.")
        assert one.get("/v1/user/subscription").json()["character_count"] > 0
        assert two.get("/v1/user/subscription").json()["character_count"] == 0
        keys = [account.key for account in gc.get_objects() if type(account) is Account]
        assert not any(REAL_KEY[3:-1] in key for key in keys)
        for api in (one, two):
            api.close()
    assert not any(REAL_KEY in path.read_text("utf-8", "replace") for path in memory.rglob("*") if path.is_file())
