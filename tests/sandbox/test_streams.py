"""Streams over real sockets: early audio, places and who gives them back."""

import http.client
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import pytest

from eleven_cli.sandbox.accounts import slots
from tests.support.guard import GUARD_S

from .conftest import HARPER, Api
from .schemas import refused

LONG = "Once upon a time there was a text that would not end. " * 70


@contextmanager
def stream(api: Api, format: str = "pcm_24000", **body: Any) -> Iterator[http.client.HTTPResponse]:
    """A stream of which only the beginning is read: its receive buffer is too small for more."""
    address = urlsplit(api.base)
    connection = http.client.HTTPConnection(str(address.hostname), address.port)
    connection.sock = socket.socket()
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.sock.settimeout(GUARD_S)
    connection.sock.connect((address.hostname, address.port))
    path = f"/v1/text-to-speech/{HARPER}/stream?output_format={format}"
    headers = {"xi-api-key": str(api.key), "content-type": "application/json"}
    connection.request("POST", path, json.dumps({"text": LONG, **body}), headers)
    response = connection.getresponse()
    try:
        yield response
    finally:
        response.close()
        connection.close()


def until_accepted(api: Api, **body: Any) -> Any:
    """Asks again and again until there is a place, or patience ends."""
    deadline = monotonic() + GUARD_S
    while (answer := api.speak("Hi.", **body)).status_code == 429 and monotonic() < deadline:
        assert answer.headers["retry-after"] == "1"
    return answer


@pytest.mark.parametrize("format", ["mp3_44100_128", "pcm_24000", "opus_48000_64"])
def test_the_first_audio_comes_long_before_the_last(api: Api, format: str) -> None:
    api.said("Hi.", format=format)
    started = monotonic()
    with stream(api, format) as response:
        first = response.read1(65536)
        assert first
        assert monotonic() - started < 3
        assert len(first) < 20_000


def test_a_place_is_taken_as_long_as_the_stream_is_open(api_with: Any) -> None:
    free = api_with("free")
    with ExitStack() as open_streams:
        for current in ("1", "2"):
            response = open_streams.enter_context(stream(free, text=LONG[:3000]))
            assert response.status == 200
            assert response.headers["current-concurrent-requests"] == current
            assert response.headers["maximum-concurrent-requests"] == "2"
            assert response.read1(100)
        answer = free.speak("Hi.")
        message = refused(answer, 429, "concurrent_limit_exceeded", status="too_many_concurrent_requests")
        assert "2" in message
        assert answer.headers["retry-after"] == "1"
        assert answer.headers["current-concurrent-requests"] == answer.headers["maximum-concurrent-requests"] == "2"
        other_group = free.speak("Hi.", model_id="eleven_flash_v2_5")
        assert other_group.status_code == 200
        assert other_group.headers["maximum-concurrent-requests"] == "4"
        assert api_with("free").speak("Hi.").status_code == 200
    assert until_accepted(free).status_code == 200


def test_a_client_that_leaves_gives_its_place_back(api_with: Any) -> None:
    free = api_with("free")
    with stream(free, text=LONG[:3000]):
        with stream(free, text=LONG[:3000]):
            assert free.speak("Hi.").status_code == 429
        assert until_accepted(free).status_code == 200


def test_leaving_before_a_whole_answer_is_ready_stops_the_work(api: Api) -> None:
    client = http.client.HTTPConnection(api.base.removeprefix("http://"), timeout=GUARD_S)
    body = json.dumps({"text": "No one will hear this. " * 1700, "model_id": "eleven_flash_v2_5"})
    client.request("POST", f"/v1/text-to-speech/{HARPER}", body, {"xi-api-key": str(api.key)})
    running = {"model_id": "eleven_flash_v2_5"}
    current = api.speak("Hi.", **running).headers["current-concurrent-requests"]
    while current == "1":  # the request has not been read yet
        current = api.speak("Hi.", **running).headers["current-concurrent-requests"]
    client.close()
    left = monotonic()
    while api.speak("Hi.", **running).headers["current-concurrent-requests"] != "1":
        assert monotonic() - left < 6


def test_a_refusal_for_want_of_places_costs_nothing(api_with: Any) -> None:
    free = api_with("free")
    with stream(free, text=LONG[:3000]), stream(free, text=LONG[:3000]):
        before = free.get("/v1/user/subscription").json()["character_count"]
        assert free.speak("Hi.").status_code == 429
        assert free.get("/v1/user/subscription").json()["character_count"] == before == 6000


def test_a_finished_request_frees_its_place_before_its_last_byte(api_with: Any) -> None:
    free = api_with("free")
    for kind in ("", "/stream", "/with-timestamps", "/stream/with-timestamps") * 3:
        answer = free.speak("Hi.", kind=kind)
        assert answer.headers["current-concurrent-requests"] == "1"
        assert answer.content


def test_an_unfinished_stream_cannot_be_stitched_to(api: Api) -> None:
    with stream(api) as response:
        request_id = response.headers["request-id"]
        answer = api.speak(previous_request_ids=[request_id])
        refused(answer, 400, "invalid_parameters", param="previous_request_ids")


def test_two_long_texts_are_spoken_side_by_side(api: Api) -> None:
    with stream(api) as one, stream(api) as two:
        for _ in range(20):
            assert one.read1(4096)
            assert two.read1(4096)


@pytest.mark.parametrize(("plan", "standard", "turbo"), [("starter", 3, 6), ("creator", 5, 10), ("plain", 10, 20)])
def test_every_plan_has_its_number_of_places(api_with: Any, plan: str, standard: int, turbo: int) -> None:
    api = api_with(plan)
    for model, limit in (("eleven_multilingual_v2", standard), ("eleven_flash_v2_5", turbo)):
        assert api.speak("Hi.", model_id=model).headers["maximum-concurrent-requests"] == str(limit)


def test_a_request_waits_a_moment_for_a_place(api_with: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "WAIT_S", GUARD_S)
    free = api_with("free")
    text = "This takes a little while, but not for ever. " * 8
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda number: free.speak(text, format="pcm_16000"), range(6)))
    assert [answer.status_code for answer in answers] == [200] * 6
    assert max(int(answer.headers["current-concurrent-requests"]) for answer in answers) <= 2
    assert free.speak("Hi.").headers["current-concurrent-requests"] == "1"


def test_who_gives_up_waiting_leaves_the_line(api_with: Any) -> None:
    free = api_with("free")
    with stream(free, text=LONG[:3000]), stream(free, text=LONG[:3000]):
        for _ in range(3):
            assert free.speak("Hi.").status_code == 429
    assert until_accepted(free).headers["maximum-concurrent-requests"] == "2"
    with stream(free, text=LONG[:3000]):
        assert free.speak("Hi.").status_code == 200
