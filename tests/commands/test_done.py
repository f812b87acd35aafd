"""Commands that change something: the status says that it is done, whatever the answer's body is."""

import json

import pytest

from tests.support.service import json_reply, raw_reply
from tests.support.wav_files import wav

ROBIN, NEW, SHARED, NAMES, PREVIEW = (
    f"{name}{'0' * (20 - len(name))}" for name in ("robin", "new", "shared", "names", "preview")
)
DESCRIPTION = "a calm, friendly narrator with a warm voice"
VOICES, LIBRARY, DICTIONARIES = "/v2/voices", "/v1/shared-voices", "/v1/pronunciation-dictionaries"
OWN = {"voice_id": ROBIN, "name": "Robin", "category": "cloned", "description": "Plain.", "labels": {}}
KNOWN = {"id": NAMES, "name": "Names", "latest_version_id": "v1", "latest_version_rules_num": 2, "rules": []}

BODIES = {
    "no content": raw_reply(b"", 204),
    "empty": raw_reply(b"", content_type="application/json"),
    "a page": raw_reply(b"<html><body>OK</body></html>", content_type="text/html"),
    "a word": raw_reply(b"ok", content_type="text/plain"),
    "null": json_reply(None),
    "a list": json_reply([]),
    "a number": json_reply(5),
    "an object": json_reply({"status": "ok", "voice_id": 5, "id": {}}),
    "cut off": raw_reply(b'{"voice_id": "new0', content_type="application/json"),
    "nothing readable": raw_reply(b"\xff\xfe\x00", content_type="application/octet-stream"),
    "too deep": raw_reply(b"[" * 5000, content_type="application/json"),
}
CHANGES = {
    "delete": (f"/v1/voices/{ROBIN}", ["voices", "delete", "Robin", "--yes"]),
    "edit": (f"/v1/voices/{ROBIN}/edit", ["voices", "edit", "Robin", "--name", "Rob"]),
    "settings": (f"/v1/voices/{ROBIN}/settings/edit", ["voices", "settings", "Robin", "--speed", "1.1"]),
    "archive": (f"{DICTIONARIES}/{NAMES}", ["dictionaries", "archive", "Names", "--yes"]),
}
MAKES = {
    "clone": ("/v1/voices/add", ["voices", "clone", "Sailor", "me.wav", "--yes"]),
    "keep": ("/v1/text-to-voice", ["voices", "keep", PREVIEW, "Sailor", "--description", DESCRIPTION]),
    "add": (f"/v1/voices/add/owner/{SHARED}", ["voices", "add", "Marta", "--as", "Sailor"]),
    "a dictionary": (f"{DICTIONARIES}/add-from-file", ["dictionaries", "add", "Sailor.pls"]),
    "aliases": (f"{DICTIONARIES}/add-from-rules", ["dictionaries", "add", "Sailor.txt"]),
}
PLS = b"""<?xml version="1.0"?>
<lexicon version="1.0" xmlns="http://www.w3.org/2005/01/pronunciation-lexicon" alphabet="ipa" xml:lang="en">
  <lexeme><grapheme>WCAG</grapheme><alias>W C A G</alias></lexeme>
</lexicon>
"""


@pytest.fixture
def account(monkeypatch, tmp_path, receiver):
    """An account whose lists are what the test says; they are empty of what is made until it says so."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "me.wav").write_bytes(wav(2.0))
    (tmp_path / "Sailor.pls").write_bytes(PLS)
    (tmp_path / "Sailor.txt").write_text("WCAG=W C A G\n")
    shared = {"voice_id": SHARED, "public_owner_id": "owner", "name": "Marta"}
    receiver.on(LIBRARY, json_reply({"voices": [shared], "has_more": False}))
    receiver.on(f"/v1/voices/{ROBIN}", json_reply(OWN))
    receiver.on(f"/v1/voices/{ROBIN}/settings", json_reply({"stability": 0.5, "speed": 1.0}))
    receiver.on(f"{DICTIONARIES}/{NAMES}", json_reply(KNOWN))
    have(receiver)
    return receiver


def have(receiver, *voices, dictionaries=()):
    listed = [OWN, *({"voice_id": one, "name": "Sailor", "category": "cloned"} for one in voices)]
    receiver.on(VOICES, json_reply({"voices": listed, "has_more": False}))
    named = [KNOWN, *({**KNOWN, "id": one, "name": "Sailor"} for one in dictionaries)]
    receiver.on(DICTIONARIES, json_reply({"pronunciation_dictionaries": named, "has_more": False}))


def changed(receiver, path):
    return [request.method for request in receiver.requests if request.method != "GET" and request.path == path]


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("change", CHANGES)
def test_what_is_changed_needs_nothing_of_the_answer(eleven, account, change, body):
    path, words = CHANGES[change]
    read = account.replies.get(path, [])
    account.on(path, *(read if change == "delete" else []), BODIES[body])  # its path is read before it is deleted
    result = eleven(*words, "--json")
    assert (result.code, result.err) == (0, "")
    assert json.loads(result.text)
    assert len(changed(account, path)) == 1


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("made", MAKES)
def test_the_id_of_what_is_made_is_looked_up(eleven, account, made, body):
    path, words = MAKES[made]

    def reply(exchange):
        have(account, NEW, dictionaries=[NEW])
        BODIES[body](exchange)

    account.on(path, reply)
    result = eleven(*words)
    assert (result.code, result.err) == (0, "")
    assert NEW in result.text
    assert len(changed(account, path)) == 1


@pytest.mark.parametrize("listed", ["none", "two", "no list"])
@pytest.mark.parametrize("made", MAKES)
def test_what_is_made_is_told_also_without_an_id(eleven, account, made, listed):
    path, words = MAKES[made]

    def reply(exchange):
        if listed == "two":
            have(account, NEW, ROBIN[::-1], dictionaries=[NEW, ROBIN[::-1]])
        elif listed == "no list":
            account.on(VOICES, json_reply({"detail": "no"}, 500))
            account.on(DICTIONARIES, json_reply({"detail": "no"}, 500))
        BODIES["empty"](exchange)

    account.on(path, reply)
    result = eleven(*words)
    kind = "dictionaries" if words[0] == "dictionaries" else "voices"
    said = f"warning: the service did not tell the id of Sailor; it is listed by: eleven {kind}\n"
    assert (result.code, result.err) == (0, said)
    assert NEW not in result.text
    assert SHARED not in result.text
    assert len(changed(account, path)) == 1


@pytest.mark.parametrize("made", ["clone", "add"])
def test_a_voice_of_that_name_from_before_is_not_taken_for_the_new_one(eleven, account, made):
    path, words = MAKES[made]
    have(account, NEW)
    eleven("voices")  # from then on it is known
    account.on(path, BODIES["empty"])
    result = eleven(*words)
    assert result.code == 0
    assert "did not tell the id" in result.err
    assert NEW not in result.text


def test_an_id_that_is_not_told_is_not_remembered(eleven, account):
    path, words = MAKES["add"]
    account.on(path, BODIES["empty"])
    assert eleven(*words).code == 0
    result = eleven("tts", "Hello", "--voice", "Sailor")
    assert (result.code, account.requests[-1].path) == (4, VOICES)


@pytest.mark.parametrize("made", [*CHANGES, *MAKES])
def test_an_error_that_comes_with_a_200_is_one(eleven, account, made):
    path, words = {**CHANGES, **MAKES}[made]
    refused = json_reply({"detail": {"status": "voice_limit_reached", "message": "No more room."}})
    read = account.replies.get(path, [])
    account.on(path, *(read if made == "delete" else []), refused)
    result = eleven(*words)
    assert result.code != 0
    assert "No more room" in result.error
