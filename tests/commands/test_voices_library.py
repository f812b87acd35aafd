"""`eleven voices library` and `add`, and samples of the library: pages that are shown as they come."""

import json
import os
import signal
import subprocess
import sys
import threading

import pytest

from tests.conftest import VOICE
from tests.support.guard import GUARD_S
from tests.support.pty_run import run_on_terminal
from tests.support.service import MP3_FRAME, Exchange, audio_reply, error_reply, json_reply

MARTA, SOL, OTHER_SOL = (f"{name}{'0' * (20 - len(name))}" for name in ("marta", "sol", "sol2"))
OWNER = "63e06b7e7cafdc46be4d2e0b3f045940231ae058d508589653d74d1265a574ca"
ADDED = f"/v1/voices/add/{OWNER}/{MARTA}"
GONE = error_reply(404, "voice_not_found", "A voice was not found.", kind="not_found")
FREE = {"tier": "free", "voice_limit": 3, "voice_slots_used": 0, "can_use_instant_voice_cloning": False}
FULL = {"tier": "creator", "voice_limit": 3, "voice_slots_used": 3, "can_extend_voice_limit": False}


def shared(voice_id, name, **more):
    labels = {"accent": "british", "age": "middle_aged", "gender": "female", "use_case": "narrative_story"}
    return {"voice_id": voice_id, "public_owner_id": OWNER, "name": name, "language": "en", **labels, **more}


def page(*voices, more=False):
    return json_reply({"voices": list(voices), "has_more": more, "total_count": 0, "last_sort_id": None})


@pytest.fixture(autouse=True)
def library(service):
    service.on("/v2/voices", json_reply({"voices": [], "has_more": False}))
    service.on(
        "/v1/shared-voices", page(shared(MARTA, "Marta", rate=2.0), shared(SOL, "Sol"), shared(OTHER_SOL, "sol"))
    )
    service.on(ADDED, json_reply({"voice_id": MARTA}))


@pytest.fixture
def asked(service):
    return lambda: [request.query for request in service.requests if request.path == "/v1/shared-voices"]


# the list


def test_a_pipe_gets_tabs_and_what_a_voice_needs(eleven):
    labels = "british, middle aged, female, narrative story"
    assert eleven("voices", "library").text.splitlines() == [
        f"Marta\t{MARTA}\ten\t{labels}\tpaid plan, 2x credits",
        f"Sol\t{SOL}\ten\t{labels}\tpaid plan",
        f"sol\t{OTHER_SOL}\ten\t{labels}\tpaid plan",
    ]


def test_only_what_was_asked_for_is_sent(eleven, asked):
    eleven("voices", "library")
    assert asked() == [{"page_size": "100", "page": "0"}]


def test_every_filter_by_its_name(eleven, asked):
    options = (
        "--language IT --gender Female --age middle_aged --accent standard --category high_quality --sort trending"
    )
    eleven("voices", "library", "warm", "old man", *options.split(), "--limit", "7")
    assert asked() == [
        {
            "search": "warm old man",
            "language": "it",
            "gender": "female",
            "age": "middle_aged",
            "accent": "standard",
            "category": "high_quality",
            "sort": "trending",
            "page_size": "7",
            "page": "0",
        }
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--language", "klingon"], "unknown language"),
        (["--category", "premade"], "--category must be"),
        (["--sort", "price"], "--sort must be"),
        (["--limit", "0"], "--limit must be"),
        (["--age", "\udcff"], "--age is not valid UTF-8"),
        (["\udcff"], "the search is not valid UTF-8"),
    ],
)
def test_what_cannot_be_asked_for(eleven, service, words, said):
    result = eleven("voices", "library", *words)
    assert (result.code, said in result.error) == (2, True)
    assert service.requests == []


def test_pages_are_asked_for_until_there_are_no_more(eleven, service, asked):
    pages = [page(shared(f"{number:020}", f"Voice {number}"), more=number < 44) for number in range(45)]
    service.on("/v1/shared-voices", *pages)
    names = [line.split("\t")[0] for line in eleven("voices", "library").text.splitlines()]
    assert names == [f"Voice {number}" for number in range(45)]
    assert [query["page"] for query in asked()] == [str(number) for number in range(45)]


@pytest.mark.parametrize(
    "last", [page(more=True), page(shared(MARTA, "Marta"), more=True)], ids=["empty", "the same again"]
)
def test_a_list_that_does_not_end_is_ended(eleven, service, asked, last):
    service.on("/v1/shared-voices", page(shared(MARTA, "Marta"), more=True), last)
    assert len(eleven("voices", "library").text.splitlines()) == 1
    assert len(asked()) == 2


def test_a_limit_asks_for_no_more_pages_than_it_needs(eleven, service, asked):
    pages = [page(*(shared(f"{number}x{at:018}", "V") for at in range(100)), more=True) for number in range(5)]
    service.on("/v1/shared-voices", *pages)
    assert len(eleven("voices", "library", "--limit", "150").text.splitlines()) == 150
    assert [query["page"] for query in asked()] == ["0", "1"]
    assert {query["page_size"] for query in asked()} == {"100"}


def test_json_is_one_list(eleven, service):
    service.on(
        "/v1/shared-voices",
        page(shared(MARTA, "Marta", rate=2.0, notice_period=30), more=True),
        page(shared(SOL, "Sol")),
    )
    first, second = json.loads(eleven("voices", "library", "--json").out)
    assert (first["voice_id"], first["public_owner_id"], first["needs"]) == (MARTA, OWNER, "paid plan")
    assert (first["rate"], first["notice_period"], first["labels"]["age"]) == (2.0, 30, "middle_aged")
    assert second["name"] == "Sol"


def test_nothing_found_is_said_and_no_failure(eleven, service):
    service.on("/v1/shared-voices", page())
    result = eleven("voices", "library", "zzz", "--age", "yuong")
    assert (result.code, result.out) == (0, b"")
    assert result.err == 'the Voice Library has no voice for "zzz", age yuong\n'
    assert eleven("voices", "library").err == "the Voice Library is empty\n"
    assert eleven("voices", "library", "--json").out == b"[]\n"


@pytest.mark.parametrize("answer", [[], {"voices": None}, {"voices": "x"}, "nonsense"])
def test_no_list_is_an_error(eleven, service, answer):
    service.on("/v1/shared-voices", json_reply(answer))
    result = eleven("voices", "library")
    assert (result.code, "not a page of the Voice Library" in result.error) == (1, True)


def test_strange_voices_are_survived(eleven, service):
    strange = {"voice_id": MARTA, "name": None, "rate": "x", "labels": 1, "verified_languages": [1, {"language": "de"}]}
    service.on(
        "/v1/shared-voices", page(None, "x", {}, {"voice_id": 1}, strange, shared(SOL, "S\x1b[31m[b]", accent=3))
    )
    result = eleven("voices", "library")
    assert result.text.splitlines()[0] == f"{MARTA}\t{MARTA}\tde\t\tpaid plan"
    assert result.text.splitlines()[1].startswith("S\\x1b[31m[b]\t")


def test_what_came_before_a_failure_is_shown(eleven, service):
    service.on("/v1/shared-voices", page(shared(MARTA, "Marta"), more=True), error_reply(401, "unauthorized", "No."))
    result = eleven("voices", "library")
    assert (result.code, result.text.split("\t")[0]) == (3, "Marta")


# as it comes


@pytest.fixture
def slow(service):
    """A library whose second page does not come before it is released; `reached` says that it was asked for."""
    reached = threading.Event()

    def second(exchange: Exchange) -> None:
        reached.set()
        exchange.until_released()

    rows = [shared(f"first{at:015}", f"Voice {at}") for at in range(100)]
    service.on("/v1/shared-voices", page(*rows, more=True), second)
    return reached


def started(*words, **streams):
    return subprocess.Popen(
        [sys.executable, "-m", "eleven_cli", "voices", "library", *words], env=os.environ, **streams
    )


def test_the_first_rows_are_there_while_the_rest_is_fetched(slow):
    with started(stdout=subprocess.PIPE) as process:
        lines = [process.stdout.readline() for _ in range(100)]
        assert lines[99].startswith(b"Voice 99\t")
        assert slow.wait(GUARD_S)
        process.send_signal(signal.SIGINT)
        assert process.wait(GUARD_S) == 130


def test_they_are_on_a_terminal_too_and_ctrl_c_is_clean(slow, service):
    def start(argv, **options):
        process = subprocess.Popen(argv, **options)
        threading.Thread(target=lambda: (slow.wait(GUARD_S), process.send_signal(signal.SIGINT)), daemon=True).start()
        return process

    argv = [sys.executable, "-m", "eleven_cli", "voices", "library"]
    code, shown = run_on_terminal(start, argv, env={**os.environ}, columns=120)
    lines = shown.splitlines()
    assert lines[0].split() == ["NAME", "ID", "LANGUAGE", "LABELS", "NEEDS"]
    assert [line.split("  ")[0] for line in lines[1:101]] == [f"Voice {at}" for at in range(100)]
    assert code == 130
    assert "Traceback" not in shown


def test_a_reader_that_leaves_stops_the_fetching(service, asked):
    pages = [page(*(shared(f"{number}x{at:018}", "V") for at in range(100)), more=True) for number in range(50)]
    service.on("/v1/shared-voices", *pages)
    reading, writing = os.pipe()
    with started(stdout=writing, stderr=subprocess.PIPE) as process:
        os.close(writing)
        with open(reading, "rb", buffering=0) as pipe:
            pipe.read(30)
        assert process.wait(GUARD_S) == 141
        assert process.stderr.read() == b""
    assert len(asked()) <= 20  # as many as fit into the pipe, at the most


def test_columns_have_the_width_of_the_first_page(eleven, service):
    long = shared(SOL, "A name that is much longer than those before it", accent="received pronunciation")
    service.on("/v1/shared-voices", page(shared(MARTA, "Marta"), more=True), page(long))
    head, *rows = eleven("voices", "library", tty="out").text.splitlines()
    assert [row.index(voice_id) for row in rows for voice_id in (MARTA, SOL) if voice_id in row] == 2 * [
        head.index("ID")
    ]
    assert rows[-1].startswith("…") or "…" in rows[-1]
    assert all(len(row) <= 80 for row in rows)


# add


def test_add_sends_the_owner_and_the_name(eleven, service):
    result = eleven("voices", "add", "marta")
    assert (result.code, result.text) == (0, f"Marta\t{MARTA}\n")
    request = service.requests[-1]
    assert (request.method, request.path, request.json) == ("POST", ADDED, {"new_name": "Marta"})


def test_add_under_another_name_which_is_known_from_then_on(eleven, service):
    service.on_speech(audio_reply([MP3_FRAME]))
    eleven("voices")
    result = eleven("voices", "add", "Marta", "--as", " Reader ", "--json")
    assert json.loads(result.out) == {"voice_id": MARTA, "name": "Reader"}
    assert service.requests[-1].json == {"new_name": "Reader"}
    assert eleven("tts", "hi", "-v", "reader").code == 0
    assert service.requests[-1].path == f"/v1/text-to-speech/{MARTA}/stream"


def test_add_on_a_terminal_names_both(eleven):
    result = eleven("voices", "add", "Marta", tty="out err")
    assert result.text.split() == ["NAME", "ID", "Marta", MARTA]
    assert result.err.endswith('speak with it: eleven tts "Hello, world" --voice Marta\n')


def test_an_id_is_found_by_searching_for_it(eleven, asked):
    assert eleven("voices", "add", MARTA).code == 0
    assert [query.get("search") for query in asked()] == [MARTA]


def test_an_id_that_no_search_finds_is_looked_for_on_every_page(eleven, service, asked):
    pages = [page(shared(SOL, "Sol"), more=True), page(shared(MARTA, "Marta"), more=True), page()]
    service.on("/v1/shared-voices", page(), *pages)
    assert eleven("voices", "add", MARTA).code == 0
    assert [(query.get("search"), query["page"]) for query in asked()] == [(MARTA, "0"), (None, "0"), (None, "1")]


@pytest.mark.parametrize(
    ("word", "said", "hint"),
    [
        ("SOL", f"2 voices are called SOL: Sol ({SOL}), sol ({OTHER_SOL})", "give the id: eleven voices add ID"),
        ("so", f"2 voices begin with so: Sol ({SOL}), sol ({OTHER_SOL})", "eleven voices add ID"),
        ("xyzzy", 'no voice of the library is called "xyzzy"', "see them: eleven voices library"),
        (VOICE, f"the Voice Library has no voice with the id {VOICE}", "see them: eleven voices library"),
    ],
)
def test_a_name_that_means_none_or_several(eleven, service, word, said, hint):
    result = eleven("voices", "add", word)
    assert result.code == 4
    assert said in result.error
    assert hint in result.hint
    assert all(request.method == "GET" for request in service.requests)


@pytest.mark.parametrize("words", [[" "], ["Marta", "--as", ""], ["\udcff"], ["Marta", "--as", "\udcff"]])
def test_names_that_are_none(eleven, service, words):
    assert eleven("voices", "add", *words).code == 2
    assert service.requests == []


def test_a_free_plan_is_told_before_and_how_to_have_a_voice(eleven, service):
    service.on("/v1/user/subscription", json_reply(FREE))
    result = eleven("voices", "add", "Marta")
    assert (result.code, "need a paid plan" in result.error) == (5, True)
    assert result.hint == ('hint: eleven voices design "a calm, friendly narrator with a warm voice" --keep Narrator')
    assert [request.path for request in service.requests] == ["/v1/user/subscription"]


def test_an_account_without_room_is_told_before(eleven, service):
    service.on("/v1/user/subscription", json_reply(FULL))
    result = eleven("voices", "add", "Marta")
    assert (result.code, result.error) == (5, "error: all 3 voice slots of the account are used")
    assert result.hint == "hint: choose one to delete: eleven voices"


def test_a_key_that_may_not_ask_for_its_plan_finds_out_later(eleven, service):
    service.on("/v1/user/subscription", error_reply(401, "missing_permissions", "The key misses user_read."))
    service.on(ADDED, error_reply(402, "paid_plan_required", "Free users cannot.", kind="payment_required"))
    result = eleven("voices", "add", "Marta")
    assert (result.code, "eleven voices design" in result.hint) == (5, True)


@pytest.mark.parametrize(
    ("reply", "code", "hint"),
    [
        (error_reply(400, "voice_limit_reached", "You have reached 10 / 10."), 5, "choose one to delete"),
        (error_reply(429, "rate_limit_exceeded", "Slower."), 5, "--retries"),
        (GONE, 4, "eleven voices"),
    ],
)
def test_what_the_service_refuses(eleven, service, reply, code, hint):
    service.on(ADDED, reply)
    result = eleven("voices", "add", "Marta", "--retries", "0")
    assert (result.code, hint in result.hint) == (code, True)


# samples


@pytest.fixture
def sampled(service):
    service.on("/sample.mp3", audio_reply([MP3_FRAME, MP3_FRAME]))
    service.on(
        "/v1/shared-voices", page(shared(MARTA, "Marta", preview_url=f"{service.url}/sample.mp3"), shared(SOL, "Sol"))
    )
    return service


@pytest.mark.parametrize("word", ["marta", MARTA])
def test_a_sample_of_the_library_is_heard(eleven, sampled, word):
    assert eleven("voices", "preview", word).out == 2 * MP3_FRAME


def test_a_voice_of_the_account_goes_first(eleven, sampled):
    sampled.on("/v2/voices", json_reply({"voices": [{"voice_id": VOICE, "name": "Marta"}], "has_more": False}))
    sampled.on(f"/v1/voices/{VOICE}", json_reply({"voice_id": VOICE, "name": "Marta", "preview_url": None}))
    assert "Marta has no sample" in eleven("voices", "preview", "marta").error
    assert not [request for request in sampled.requests if "shared" in request.path]


@pytest.mark.parametrize(
    ("word", "said"), [("xyzzy", 'no voice is called "xyzzy"'), ("Sol", "Sol has no sample"), (VOICE, "Not Found")]
)
def test_no_sample(eleven, sampled, word, said):
    result = eleven("voices", "preview", word)
    assert (result.code, said in result.error) == (4, True)


def test_a_voice_that_the_sandbox_forgets_is_not_suggested(eleven):
    result = eleven("--sandbox", "voices", "add", "Nonno Piero", tty="err")
    assert (result.code, result.text.partition("\t")[0]) == (0, "Nonno Piero")
    assert result.err.endswith("each run with --sandbox begins anew; one that remembers: eleven sandbox\n")
