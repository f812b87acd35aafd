"""`eleven dictionaries` and `tts --dictionary`: what is sent, looked up, shown and refused before it is paid for."""

import json
import shutil
import subprocess

import pytest

from tests.conftest import VOICE
from tests.support.programs import Writer
from tests.support.service import audio_reply, error_reply, json_reply, raw_reply
from tests.support.shells import complete_in_bash
from tests.support.timed_speech import lines_reply, shown, timed

PCM = ("--format", "pcm_16000")

PATH = "/v1/pronunciation-dictionaries"
NAMES, PLACES, OTHER_PLACES, OLD = (f"{name}{'0' * (20 - len(name))}" for name in ("names", "places", "pl2", "old"))
LOCATORS = "pronunciation_dictionary_locators"
GONE = error_reply(404, "pronunciation_dictionary_not_found", "There is no such dictionary.")
PLS = b"""<?xml version="1.0"?>
<lexicon version="1.0" xmlns="http://www.w3.org/2005/01/pronunciation-lexicon" alphabet="ipa" xml:lang="en">
  <lexeme><grapheme>WCAG</grapheme><alias>W C A G</alias></lexeme>
</lexicon>
"""


def listed(dictionary_id, name, **more):
    return {
        "id": dictionary_id,
        "name": name,
        "latest_version_id": f"v-{name}",
        "latest_version_rules_num": 2,
        "permission_on_resource": "admin",
        "created_by": "someone",
        "creation_time_unix": 1714156800,
        "archived_time_unix": None,
        "description": None,
        **more,
    }


def page(*dictionaries, cursor=None):
    value = {"pronunciation_dictionaries": dictionaries, "next_cursor": cursor, "has_more": cursor is not None}
    return json_reply(value)


RULES = [
    {"string_to_replace": "WCAG", "type": "alias", "alias": "W C A G"},
    {
        "string_to_replace": "tomato",
        "type": "phoneme",
        "phoneme": "t@meIto",
        "alphabet": "ipa",
        "case_sensitive": False,
    },
]


@pytest.fixture(autouse=True)
def account(service):
    service.on(PATH, page(listed(NAMES, "Names"), listed(PLACES, "Places"), listed(OTHER_PLACES, "places")))
    service.on(f"{PATH}/{NAMES}", json_reply({**listed(NAMES, "Names"), "rules": RULES}))
    service.on_speech(audio_reply([b"\1\0" * 400]))
    return service


@pytest.fixture
def words(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("# ours\nWCAG=W C A G\n")
    return str(path)


def bodies(service):
    return [request.json for request in service.requests if "text-to-" in request.path]


def asked(service):
    return [request for request in service.requests if request.path.startswith(PATH)]


# what is sent


@pytest.mark.parametrize(
    ("given", "locators"),
    [
        (["Names"], [(NAMES, "v-Names")]),
        (["names"], [(NAMES, "v-Names")]),
        (["nam"], [(NAMES, "v-Names")]),
        ([NAMES], [(NAMES, None)]),
        ([PLACES, "Names"], [(PLACES, None), (NAMES, "v-Names")]),
        (["Names", "names"], [(NAMES, "v-Names")]),
    ],
)
def test_a_request_names_the_dictionaries_in_their_order(eleven, service, given, locators):
    outcome = eleven("tts", "Hi.", *PCM, *(word for name in given for word in ("--dictionary", name)))
    assert outcome.code == 0, outcome.err
    wanted = [
        {"pronunciation_dictionary_id": each, **({"version_id": version} if version else {})}
        for each, version in locators
    ]
    assert bodies(service) == [{"text": "Hi.", LOCATORS: wanted}]


def test_an_id_is_not_looked_up_and_a_name_with_one_request(eleven, service):
    assert eleven("tts", "Hi.", *PCM, "--dictionary", NAMES).code == 0
    assert asked(service) == []
    assert eleven("tts", "Hi.", *PCM, "--dictionary", "Names").code == 0
    assert [request.query for request in asked(service)] == [{"page_size": "100", "include_archived": "false"}]


def test_without_the_option_nothing_of_it_is_sent(eleven, service):
    eleven("tts", "Hi.", *PCM)
    assert bodies(service) == [{"text": "Hi."}]


def test_a_dialogue_of_one_names_them_too(eleven, service):
    service.on_speech(error_reply(400, "unsupported_model", "This model speaks in dialogues."))
    service.on("/v1/text-to-dialogue/stream", audio_reply([b"\1\0" * 400]))
    assert eleven("tts", "Hi.", *PCM, "-m", "eleven_v4", "--dictionary", NAMES).code == 0
    assert bodies(service)[-1][LOCATORS] == [{"pronunciation_dictionary_id": NAMES}]


@pytest.mark.parametrize(
    ("model", "first"), [("eleven_flash_v2_5", {"text": " "}), ("eleven_v4_turbo", {"voices": [VOICE]})]
)
def test_the_first_message_of_a_socket_names_them(spawn, narrator, model, first):
    told = []

    def listen(speech):
        told.append(speech.receive())
        speech.text()
        speech.speak("One.")
        assert speech.text() == ""  # if all is said before, the rest is wanted of another
        speech.finish()

    narrator.scripts = [listen]
    program = Writer(spawn("tts", *PCM, "-m", model, "--dictionary", NAMES, stdin=subprocess.PIPE))
    program.write("One.\n")
    assert program.end()[:2] == (0, "One.")
    assert told == [{**first, LOCATORS: [{"pronunciation_dictionary_id": NAMES}]}]


def test_subtitles_keep_the_text(eleven, service, tmp_path):
    service.on_speech(lines_reply(timed("WCAG")))
    file = tmp_path / "x.srt"
    outcome = eleven("tts", "WCAG", *PCM, "--dictionary", "Names", "--subtitles", str(file))
    assert outcome.code == 0, outcome.err
    assert [text for _, _, text in shown(file)] == ["WCAG"]


def test_a_long_text_is_of_one_version(eleven, service, tmp_path):
    text = "A sentence of words. " * 2200
    (tmp_path / "book.txt").write_text(text)
    outcome = eleven(
        "tts", "-f", str(tmp_path / "book.txt"), *PCM, "-o", str(tmp_path / "x.raw"), "--dictionary", NAMES
    )
    assert outcome.code == 0, outcome.err
    assert len(bodies(service)) > 1
    pinned = [{"pronunciation_dictionary_id": NAMES, "version_id": "v-Names"}]
    assert all(body[LOCATORS] == pinned for body in bodies(service))
    assert len(asked(service)) == 1


@pytest.mark.parametrize("word", ["Names", NAMES])
def test_the_cache_knows_the_version(eleven, service, word):
    spoken = ("tts", "Hi.", *PCM, "--cache", "--dictionary", word)
    assert [eleven(*spoken).code for _ in range(2)] == [0, 0]
    assert len(bodies(service)) == 1
    newer = listed(NAMES, "Names", latest_version_id="v2")
    service.on(PATH, page(newer))
    service.on(f"{PATH}/{NAMES}", json_reply({**newer, "rules": []}))
    assert eleven(*spoken).code == 0
    assert bodies(service)[1:] == [
        {"text": "Hi.", LOCATORS: [{"pronunciation_dictionary_id": NAMES, "version_id": "v2"}]}
    ]
    assert eleven("tts", "Hi.", *PCM, "--cache").code == 0
    assert len(bodies(service)) == 3


def test_a_key_that_may_not_read_dictionaries_can_use_their_ids(eleven, service):
    refused = error_reply(401, "missing_permissions", "missing the permission pronunciation_dictionaries_read")
    service.on(PATH, refused)
    service.on(f"{PATH}/{NAMES}", refused)
    assert eleven("tts", "Hi.", *PCM, "--cache", "--dictionary", NAMES).code == 0
    outcome = eleven("tts", "Hi.", *PCM, "--dictionary", "Names")
    assert outcome.code == 3
    assert "a dictionary's id needs no look-up" in outcome.err
    assert len(bodies(service)) == 1


# what is refused before anything is paid for


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        (["Nmaes"], 4, f'no dictionary is called "Nmaes". Did you mean Names ({NAMES})?'),
        (["xyz"], 4, f"there are Names ({NAMES}), Places ({PLACES}), places ({OTHER_PLACES})"),
        (["Places"], 4, f"2 dictionaries are called Places: Places ({PLACES}), places ({OTHER_PLACES})"),
        (["pl"], 4, "2 dictionaries begin with pl"),
        ([" "], 2, "the dictionary's name is empty"),
        (["a", "b", "c", "d"], 2, "at most 3 dictionaries can be given, not 4"),
    ],
)
def test_refused_before_it_is_paid_for(eleven, service, given, code, said):
    outcome = eleven("tts", "Hi.", *PCM, *(word for name in given for word in ("--dictionary", name)))
    assert outcome.code == code
    assert said in outcome.err
    assert bodies(service) == []


def test_an_account_without_any(eleven, service):
    service.on(PATH, page())
    outcome = eleven("tts", "Hi.", *PCM, "--dictionary", "Names")
    assert (outcome.code, 'no dictionary is called "Names": this account has none' in outcome.err) == (4, True)


def test_a_dry_run_sends_nothing(eleven, service):
    assert eleven("tts", "Hi.", "--dry-run", "--dictionary", "Names").code == 0
    assert eleven("tts", "Hi.", "--dry-run", *["--dictionary", "x"] * 4).code == 2
    assert asked(service) == bodies(service) == []


def test_the_service_knows_no_such_dictionary(eleven, service):
    service.on_speech(GONE)
    for more in ((), ("--pan", "0.5")):
        outcome = eleven("tts", "Hi.", "-o", "x.mp3", "--dictionary", OLD, *more)
        assert outcome.code == 4
        assert "hint: see your dictionaries: eleven dictionaries" in outcome.err
    assert len(bodies(service)) == 2


# the commands


@pytest.mark.parametrize("argv", [("dictionaries",), ("dictionaries", "list")])
def test_the_list_has_all_pages_and_nothing_archived(eleven, service, argv):
    service.on(
        PATH,
        page(listed(NAMES, "Names", description="Ours."), listed(OLD, "Old", archived_time_unix=1), cursor="next"),
        page(listed(PLACES, "Places")),
    )
    assert eleven(*argv).text.splitlines() == [
        f"Names\t{NAMES}\t2\t2024-04-26\tOurs.",
        f"Places\t{PLACES}\t2\t2024-04-26\t",
    ]
    assert [request.query.get("cursor") for request in asked(service)] == [None, "next"]


def test_the_list_as_json(eleven):
    first = json.loads(eleven("dictionaries", "--json").text)[0]
    assert (first["dictionary_id"], first["name"], first["version_id"], first["rules"]) == (
        NAMES,
        "Names",
        "v-Names",
        2,
    )


def test_an_empty_account_is_told_what_to_do(eleven, service):
    service.on(PATH, page())
    outcome = eleven("dictionaries")
    assert (outcome.code, outcome.text) == (0, "")
    assert "make one: eleven dictionaries add FILE.pls" in outcome.err


def test_show_has_the_rules(eleven):
    text = eleven("dictionaries", "show", "names").text
    assert "version\tv-Names" in text
    assert text.endswith("WCAG\tW C A G\talias\ntomato\tt@meIto\tphoneme ipa\n")
    value = json.loads(eleven("dictionaries", "show", NAMES, "--json").text)
    assert value["rules"][1] == {
        "word": "tomato",
        "kind": "phoneme",
        "spoken": "t@meIto",
        "alphabet": "ipa",
        "case_sensitive": False,
        "word_boundaries": True,
    }


def test_show_gives_the_file_of_its_version(eleven, service):
    service.on(f"{PATH}/{NAMES}/v-Names/download", raw_reply(PLS, content_type="text/plain"))
    assert eleven("dictionaries", "show", "Names", "--pls").text == PLS.decode()
    assert eleven("dictionaries", "show", "Names", "--pls", "--json").code == 2


def test_what_the_service_says_is_harmless(eleven, service):
    service.on(PATH, page(listed(NAMES, "a\x1b[31mb\nc")))
    assert "\x1b" not in eleven("dictionaries").text


def test_a_pls_file_is_sent_as_it_is(eleven, service, tmp_path):
    (tmp_path / "terms.pls").write_bytes(PLS)
    added = {"id": OLD, "name": "terms", "version_id": "v1", "version_rules_num": 1, "creation_time_unix": 1}
    service.on(f"{PATH}/add-from-file", json_reply(added))
    outcome = eleven("dictionaries", "add", str(tmp_path / "terms.pls"))
    assert (outcome.code, outcome.text) == (0, f"{OLD}\n"), outcome.err
    (request,) = asked(service)
    assert b'name="name"\r\n\r\nterms\r\n' in request.body
    assert b'name="file"; filename="terms.pls"' in request.body
    assert PLS in request.body
    value = json.loads(eleven("dictionaries", "add", str(tmp_path / "terms.pls"), "--name", "X", "--json").text)
    assert (value["dictionary_id"], value["version_id"], value["rules"]) == (OLD, "v1", 1)


def test_words_become_rules(eleven, service, words):
    service.on(f"{PATH}/add-from-rules", json_reply({"id": OLD, "name": "Ours", "version_id": "v1"}))
    assert eleven("dictionaries", "add", words, "--name", " Ours ").code == 0
    assert asked(service)[0].json == {"name": "Ours", "rules": [RULES[0]]}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "has no words"),
        (b"WCAG\n", "line 1: there is no = in it"),
        (b"WCAG=\n", "there is nothing to say after the ="),
        (b"<lexicon>", "not well-formed XML"),
        (b'<?xml version="1.0"?><html/>', "its root is <html>, not <lexicon>"),
        (b"<lexicon/>", "has no words"),
        (None, "cannot read"),
    ],
)
def test_a_file_is_checked_before_it_is_sent(eleven, service, tmp_path, content, said):
    path = tmp_path / "x.pls"
    if content is not None:
        path.write_bytes(content)
    outcome = eleven("dictionaries", "add", str(path))
    assert outcome.code == 2
    assert said in outcome.err
    assert asked(service) == []


def test_an_empty_name_is_none(eleven, service, words):
    assert eleven("dictionaries", "add", words, "--name", " ").code == 2
    assert asked(service) == []


def test_archive_needs_a_yes(eleven, service):
    outcome = eleven("dictionaries", "archive", "Names")
    assert outcome.code == 2
    assert "hint: eleven dictionaries archive --yes Names" in outcome.err
    assert asked(service) == []


@pytest.mark.parametrize("word", ["names", NAMES])
def test_archive(eleven, service, word):
    outcome = eleven("dictionaries", "archive", word, "--yes", "--json")
    assert json.loads(outcome.text) == {"dictionary_id": NAMES, "name": "Names", "archived": True}
    last = asked(service)[-1]
    assert (last.method, last.path, last.json) == ("PATCH", f"{PATH}/{NAMES}", {"archived": True})


@pytest.mark.parametrize(("answer", "archived"), [("y", True), ("n", False)])
def test_archive_asks_on_a_terminal(eleven, service, answer, archived):
    outcome = eleven("dictionaries", "archive", "Names", tty="in err", stdin=f"{answer}\n")
    assert f"Archive Names ({NAMES})? [y/N]" in outcome.err
    assert outcome.code == (0 if archived else 1)
    assert (asked(service)[-1].method == "PATCH") == archived


def test_the_beginning_of_a_name_archives_nothing(eleven, service):
    outcome = eleven("dictionaries", "archive", "nam", "--yes")
    assert outcome.code == 4
    assert f"Names ({NAMES}) begins so" in outcome.err
    assert [request.method for request in asked(service)] == ["GET"]


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash here")
def test_names_are_completed_from_what_is_remembered(eleven, service):
    assert complete_in_bash("eleven tts --dictionary ") == []
    eleven("dictionaries")
    assert complete_in_bash("eleven tts --dictionary n") == ["Names"]
    assert complete_in_bash("eleven dictionaries show pl") == [PLACES, OTHER_PLACES]
    assert complete_in_bash("eleven dictionaries a") == ["add", "archive"]
    eleven("dictionaries", "archive", "Names", "--yes")
    asked_before = len(asked(service))
    assert complete_in_bash("eleven dictionaries archive n") == []
    assert len(asked(service)) == asked_before
