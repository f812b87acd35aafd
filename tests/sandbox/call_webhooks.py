"""A sandbox that tells a program of its own about calls."""

import hashlib
import hmac
import json
import re
import time
from typing import TYPE_CHECKING, Any

from tests.sandbox.call import Call
from tests.sandbox.own_program import OwnProgram
from tests.support.service import Request

if TYPE_CHECKING:
    from tests.sandbox.conftest import Api

AGENT = """
[[agents]]
id = "agent_told"
name = "Told"
first_message = "Hello."
[[agents.replies]]
pattern = 'bye'
reply = "Goodbye."
end = true
[agents.webhook]
url = "URL/hook"
secret = "wsec_test"
request_headers = { X-Team = "tests" }
"""
WEBHOOKS = "/v1/workspace/webhooks"
UNTOLD = AGENT.split("[agents.webhook]")[0]


def talk_by_text(program: OwnProgram, agent: str = "agent_told", **more: Any) -> str:
    with Call(program.base, query=f"agent_id={agent}").start_text(**more) as call:
        conversation_id = call.until("conversation_initiation_metadata")["conversation_id"]
        call.response()
        call.send_text("bye")
        assert call.end()[0] == 1000
    return str(conversation_id)


def event(request: Request, secret: str = "wsec_test") -> dict[str, Any]:
    """The event of a request whose signature is right."""
    found = re.fullmatch(r"t=(\d{10}),v0=([0-9a-f]{64})", request.headers["elevenlabs-signature"])
    assert found
    assert abs(int(found[1]) - time.time()) < 60
    expected = hmac.new(secret.encode(), f"{found[1]}.".encode() + request.body, hashlib.sha256).hexdigest()
    assert found[2] == expected
    told: dict[str, Any] = json.loads(request.body)
    return told


def made(api: "Api", url: str, **more: Any) -> dict[str, str]:
    settings = {"auth_type": "hmac", "name": "Mine", "webhook_url": url, **more}
    answer = api("POST", WEBHOOKS, json={"settings": settings})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())
