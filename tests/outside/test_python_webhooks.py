"""The official Python SDK reads the webhooks of the sandbox."""

from pathlib import Path

import pytest
from elevenlabs.client import ElevenLabs
from elevenlabs.errors import BadRequestError

from tests.sandbox.call import Call
from tests.sandbox.own_program import own_program
from tests.support.service import json_reply

AGENT = """
[[agents]]
id = "agent_told"
name = "Told"
first_message = "Hello."
[agents.webhook]
url = "URL/hook"
secret = "wsec_test"
"""


def test_it_accepts_the_signature_and_refuses_every_other(tmp_path: Path) -> None:
    with own_program(tmp_path, AGENT) as program:
        program.on("/hook", json_reply({}))
        with Call(program.base, query="agent_id=agent_told").start_text() as call:
            conversation_id = call.until("conversation_initiation_metadata")["conversation_id"]
            call.response()
        request = program.next()
    body, signature = request.body.decode(), request.headers["elevenlabs-signature"]
    webhooks = ElevenLabs(api_key="any").webhooks
    event = webhooks.construct_event(body, signature, "wsec_test")
    assert (event["type"], event["data"]["conversation_id"]) == ("post_call_transcription", conversation_id)
    for changed in ((body + " ", signature, "wsec_test"), (body, signature, "wsec_other"), (body, "", "wsec_test")):
        with pytest.raises(BadRequestError):
            webhooks.construct_event(*changed)
