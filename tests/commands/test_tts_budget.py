"""What a text may cost: limits, what the account has left, and what each chapter comes to."""

import json

import pytest

from tests.support.service import audio_reply, error_reply, json_reply, spoken

PLAN = "/v1/user/subscription"


def plan(left, **more):
    return json_reply({"tier": "creator", "character_count": 100_000 - left, "character_limit": 100_000, **more})


def run(eleven, book, *more):
    return eleven("tts", "-f", str(book), "--format", "pcm_16000", *more)


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        (plan(1_000_000), 0, ""),
        (plan(1000), 5, "the account has 1,000 credits left"),
        (plan(1), 5, "1 credit left"),
        (plan(-50), 5, "0 credits left"),
        (plan(1000, max_credit_limit_extension="unlimited"), 0, ""),
        (plan(1000, max_credit_limit_extension=5), 5, "1,005 credits left"),
        (plan(1000, max_credit_limit_extension=1_000_000), 0, "more than the plan has left"),
        (error_reply(401, "missing_permissions", "The key lacks user_read."), 0, ""),
        (error_reply(403, "missing_permissions", "The key lacks user_read."), 0, ""),
        (error_reply(429, "rate_limited", "Later."), 0, ""),
        (error_reply(500, "broken", "Broken."), 0, ""),
        (json_reply([]), 0, ""),
        (json_reply({"character_count": None}), 0, ""),
        (lambda exchange: exchange.drop(), 0, ""),
    ],
)
def test_a_long_text_that_cannot_be_paid_is_refused_before_anything_is(
    eleven, service, reader, book, answer, code, said
):
    service.on(PLAN, answer)
    outcome = run(eleven, book)
    assert outcome.code == code, outcome.err
    assert said in outcome.err
    assert bool(spoken(service)) is (code == 0)


@pytest.mark.parametrize(
    ("more", "environ", "config", "code"),
    [
        ((), {}, None, 0),
        (("--max-credits", "1000"), {}, None, 5),
        ((), {"ELEVEN_MAX_CREDITS": "1000"}, None, 5),
        ((), {}, "1000", 5),
        ((), {"ELEVEN_MAX_CREDITS": "1000000"}, "1000", 0),
        (("--max-credits", "1000000"), {"ELEVEN_MAX_CREDITS": "1000"}, "1000", 0),
        ((), {"ELEVEN_MAX_CREDITS": "many"}, None, 2),
        ((), {"ELEVEN_MAX_CREDITS": "-1"}, None, 2),
    ],
)
@pytest.mark.parametrize("is_long", [True, False])
def test_a_limit_is_an_option_or_a_setting(
    eleven, service, reader, book, monkeypatch, more, environ, config, code, is_long
):
    if not is_long:
        book.write_text("word " * 400)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    if config:
        assert eleven("config", "set", "max_credits", config).code == 0
        assert "max_credits = 1000" in eleven("config", "set", "max_credits", config).err
    assert run(eleven, book, *more).code == code
    assert bool(spoken(service)) is (code == 0)


def test_a_limit_holds_for_live_text_too(eleven, service, monkeypatch):
    monkeypatch.setenv("ELEVEN_MAX_CREDITS", "3")
    outcome = eleven("tts", "--format", "pcm_16000", "-m", "eleven_v3", stdin="More than three credits. ")
    assert outcome.code == 5
    assert not spoken(service)


def test_a_short_text_without_a_limit_asks_for_nothing_else(eleven, service):
    service.on_speech(audio_reply([b"ab" * 100]))
    assert eleven("tts", "hi", "--format", "pcm_16000").code == 0
    assert [request.method for request in service.requests] == ["POST"]


def test_what_is_there_already_need_not_be_paid(eleven, service, reader, book, tmp_path):
    reader.fail_at = "Sentence number 250 "
    argv = ("-o", str(tmp_path / "book.pcm"))
    assert run(eleven, book, *argv).code == 1
    reader.fail_at = None
    service.on(PLAN, plan(len(book.read_text()) - 1))
    assert run(eleven, book, *argv).code == 0


MARKDOWN = "# One\n\nFirst chapter.\n\n# The second\n\nIt is a little longer.\n"


def test_a_dry_run_lists_the_chapters(eleven, service, tmp_path):
    (tmp_path / "book.md").write_text(MARKDOWN)
    argv = ("tts", "-f", str(tmp_path / "book.md"), "--dry-run", "-m", "eleven_flash_v2_5")
    lines = eleven(*argv).text.splitlines()
    assert lines[0].split("\t") == ["1", "One", "20", "10"]
    assert lines[1].split("\t") == ["2", "The second", "35", "18"]
    assert lines[2] == "57 characters (2 between chapters) · 1 request · about 29 credits with eleven_flash_v2_5"
    assert eleven(*argv, tty="out").text.startswith("CHAPTER")
    value = json.loads(eleven(*argv, "--json").text)
    assert value["chapters"] == [
        {"chapter": 1, "title": "One", "characters": 20, "estimated_credits": 10},
        {"chapter": 2, "title": "The second", "characters": 35, "estimated_credits": 18},
    ]
    assert service.requests == []


def test_one_of_each_is_one(eleven):
    assert eleven("tts", "a", "--dry-run").text.startswith("1 character · 1 request · about 1 credit with ")


@pytest.mark.parametrize("as_json", [True, False])
def test_a_dry_run_says_what_a_book_has_twice(eleven, service, tmp_path, as_json):
    import zipfile

    container = '<container><rootfiles><rootfile full-path="c.opf"/></rootfiles></container>'
    item = '<item id="{0}" href="{0}.xhtml" media-type="application/xhtml+xml"/>'
    spine = "".join(f'<itemref idref="{name}"/>' for name in "aba")
    manifest = "".join(map(item.format, "ab"))
    with zipfile.ZipFile(tmp_path / "twice.epub", "w") as book:
        book.writestr("mimetype", "application/epub+zip")
        book.writestr("META-INF/container.xml", container)
        book.writestr("c.opf", f"<package><manifest>{manifest}</manifest><spine>{spine}</spine></package>")
        for name in "ab":
            book.writestr(f"{name}.xhtml", f"<html><body><h1>{name}</h1><p>It goes on.</p></body></html>")
    outcome = eleven("tts", "-f", str(tmp_path / "twice.epub"), "--dry-run", *(["--json"] if as_json else []))
    assert outcome.code == 0
    said = json.loads(outcome.text)["warnings"][0] if as_json else outcome.err
    assert "reads a.xhtml 2 times" in said
    assert (outcome.err == "") is as_json
