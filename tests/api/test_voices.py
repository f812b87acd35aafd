"""What the service says of voices, and the sample that lies elsewhere."""

import pytest

from eleven_cli.api.client import Client
from eleven_cli.api.voices.listing import each_voice, voice_with, with_settings
from eleven_cli.api.voices.samples import MOST_BYTES, sample
from eleven_cli.errors import ElevenError, NetworkError, NotFound
from tests.conftest import KEY
from tests.support.service import MP3_FRAME, Service, error_reply, json_reply, raw_reply

ID = "abcdefghij0123456789"


@pytest.fixture
def client(service):
    return Client(service.url, KEY)


def listed(client, service, *entries):
    service.on("/v2/voices", json_reply({"voices": list(entries), "has_more": False}))
    return list(each_voice(client))


@pytest.mark.parametrize(
    ("entry", "needs"),
    [
        ({}, None),
        ({"available_for_tiers": ["creator", "pro"]}, "creator or pro plan"),
        ({"sharing": {"free_users_allowed": False}}, "paid plan"),
        ({"sharing": {"free_users_allowed": True}}, "paid plan"),
        ({"sharing": {"free_users_allowed": False}, "is_owner": True}, None),
        ({"voice_verification": {"requires_verification": True, "is_verified": False}}, "verification"),
        ({"voice_verification": {"requires_verification": True, "is_verified": True}}, None),
        ({"is_owner": True, "fine_tuning": {"state": {"m": "queued"}}}, "training"),
        ({"is_owner": True, "fine_tuning": {"state": {"m": "queued", "n": "fine_tuned"}}}, None),
    ],
)
def test_what_a_voice_needs(client, service, entry, needs):
    (voice,) = listed(client, service, {"voice_id": ID, **entry})
    assert (voice.needs, voice.usable) == (needs, needs is None)


def test_odd_members_are_left_out(client, service):
    odd = {"name": 7, "labels": {"age": None, "accent": "irish"}, "verified_languages": [5, {"language": "en"}]}
    more = {"description": None, "preview_url": 3, "settings": [], "created_at_unix": "x", "available_for_tiers": None}
    (voice,) = listed(client, service, {"voice_id": ID, **odd, **more}, {"name": "without an id"}, 5)
    assert (voice.name, voice.labels, voice.languages) == (ID, {"accent": "irish"}, ["en"])
    assert (voice.description, voice.preview_url, voice.settings, voice.created_at) == ("", None, None, None)


def test_the_search_goes_along_to_every_page(client, service):
    page = {"voices": [{"voice_id": ID}], "has_more": True, "next_page_token": "t2"}
    service.on("/v2/voices", json_reply(page), json_reply({"voices": [], "has_more": False}))
    assert len(list(each_voice(client, "deep & warm"))) == 1
    first, second = (request.query for request in service.requests)
    assert first == {"page_size": "100", "include_total_count": "false", "search": "deep & warm"}
    assert second == {**first, "next_page_token": "t2"}


def test_settings_are_asked_for_where_they_are_missing(client, service):
    service.on(f"/v1/voices/{ID}", json_reply({"voice_id": ID, "settings": None}))
    service.on(f"/v1/voices/{ID}/settings", json_reply({"speed": 1.1}), error_reply(404, "voice_not_found", "No."))
    voice = voice_with(client, ID)
    assert voice.settings is None
    assert with_settings(client, voice).settings == {"speed": 1.1}
    assert with_settings(client, voice).settings is None


@pytest.mark.parametrize("voice_id", ["..", ".", ""])
def test_dots_name_no_voice(client, service, voice_id):
    with pytest.raises(NotFound):
        voice_with(client, voice_id)
    assert not service.requests


# samples


def fetched(url):
    with sample(url, on_this_machine=True) as audio:
        return b"".join(audio)


def test_the_sample_without_the_key(service):
    service.on("/s.mp3", raw_reply(b"ID3" + MP3_FRAME, content_type="audio/mpeg"))
    assert fetched(f"{service.url}/s.mp3?signature=x") == b"ID3" + MP3_FRAME
    assert service.requests[0].query == {"signature": "x"}
    assert KEY not in str(service.requests)
    assert not {"xi-api-key", "authorization", "cookie"} & set(service.requests[0].headers)


def test_a_sample_behind_redirects(service):
    with Service() as other:
        service.on("/s.mp3", raw_reply(b"", 302, location="/next"))
        service.on("/next", raw_reply(b"", 307, location=f"{other.url}/there"))
        other.on("/there", raw_reply(MP3_FRAME, content_type="binary/octet-stream"))
        assert fetched(f"{service.url}/s.mp3") == MP3_FRAME
        assert "xi-api-key" not in other.requests[0].headers


@pytest.mark.parametrize(
    ("reply", "kind", "said"),
    [
        (raw_reply(b"", 302, location="/s.mp3"), ElevenError, "redirected too often"),
        (raw_reply(b"", 302, location="file:///etc/passwd"), ElevenError, "cannot be used: file:///etc/passwd"),
        (raw_reply(b"", 302, location="http://example.com/x"), ElevenError, "cannot be used: http://example.com/x"),
        (raw_reply(b"", 302, location="http://[/"), ElevenError, "cannot be used"),
        (raw_reply(b"<Error/>", 403), ElevenError, "it answered 403"),
        (raw_reply(b"gone", 404), NotFound, "it answered 404"),
        (raw_reply(MP3_FRAME, content_type="text/html; charset=utf-8"), ElevenError, "not MP3 but text/html"),
        (raw_reply(b"<html>", content_type="audio/mpeg"), ElevenError, "not MP3 but audio/mpeg"),
        (raw_reply(b"RIFF1234WAVE", content_type="audio/wav"), ElevenError, "not MP3 but audio/wav"),
        (raw_reply(b"", content_type="audio/mpeg"), ElevenError, "the sample is empty"),
        (raw_reply(MP3_FRAME + bytes(MOST_BYTES), content_type="audio/mpeg"), ElevenError, "larger than 16 MB"),
        (lambda exchange: (exchange.head(content_length="900"), exchange.body(MP3_FRAME)), NetworkError, "was lost"),
        (lambda exchange: exchange.drop(), NetworkError, "was lost"),
    ],
)
def test_a_sample_that_will_not_do(service, reply, kind, said):
    service.on("/s.mp3", reply)
    with pytest.raises(kind, match=said) as failed:
        fetched(f"{service.url}/s.mp3")
    assert type(failed.value) is kind


@pytest.mark.parametrize(
    "url",
    ["http://example.com/x.mp3", "ftp://127.0.0.1/x", "https://u:p@example.com/x", "https:///x", "x", "", "https://[x"],
)
def test_addresses_that_will_not_do(url):
    with pytest.raises(ElevenError, match="cannot be used"):
        sample(url, on_this_machine=True)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/x", "https://localhost:1/x", "https://[::1]:1/x"])
def test_a_service_elsewhere_names_nothing_on_this_machine(url):
    with pytest.raises(ElevenError, match="cannot be used"):
        sample(url, on_this_machine=False)
