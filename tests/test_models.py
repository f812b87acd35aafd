"""`eleven models`"""

import json

import pytest

from eleven_cli.terminal.text import table
from tests.service import json_reply, raw_reply

MODELS = [
    {
        "model_id": "eleven_multilingual_v2",
        "name": "Multilingual v2",
        "can_do_text_to_speech": True,
        "can_use_style": True,
        "can_use_speaker_boost": True,
        "maximum_text_length_per_request": 1_000_000,
        "languages": [{"language_id": "en", "name": "English"}, {"language_id": "de", "name": "German"}],
        "model_rates": {"character_cost_multiplier": 1.0},
    },
    {
        "model_id": "new",
        "name": "New\tone \x1b[31m[bold]",
        "token_cost_factor": 0.5,
        "can_do_voice_conversion": True,
        "maximum_text_length_per_request": 700,
        "languages": None,
    },
    {"model_id": "bare"},
]


@pytest.fixture(autouse=True)
def listed(service):
    service.on("/v1/models", json_reply(MODELS))


def test_a_pipe_gets_tabs_and_no_header(eleven):
    assert eleven("models").text.splitlines() == [
        "eleven_multilingual_v2\tMultilingual v2\ten de\t10000\t1\ttts style speaker-boost",
        "new\tNew one \\x1b[31m[bold]\t\t700\t0.5\tsts",
        "bare\tbare\t\t\t\t",
    ]


def test_a_terminal_gets_a_table_with_a_header(eleven):
    lines = eleven("models", tty="out").text.splitlines()
    assert lines[0].split() == ["MODEL", "ID", "NAME", "LANGUAGES", "LIMIT", "COST", "ABILITIES"]
    assert "\x1b" not in "".join(lines)
    assert lines[1].index("Multilingual") == lines[0].index("NAME")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"detail": {"status": "quota_exceeded", "message": "No credits."}}, 5),
        ({}, 1),
        (None, 1),
        ("x", 1),
        ([1], 0),
        ([{}], 0),
        ([{"model_id": "m", "name": 7, "languages": [None], "model_rates": 5}], 0),
    ],
)
def test_odd_answers_are_foreseen(eleven, service, answer, code):
    service.on("/v1/models", json_reply(answer))
    result = eleven("models")
    assert result.code == code
    assert "unexpected" not in result.err


def test_json_without_a_bottom(eleven, service):
    service.on("/v1/models", raw_reply(b"[" * 100_000, content_type="application/json"))
    assert eleven("models").code == 1
    service.on("/v1/models", raw_reply(b"[" * 60_000, 400, content_type="application/json"))
    assert "unexpected" not in eleven("models").err


@pytest.mark.parametrize("width", [20, 40, 60, 80, 200])
def test_a_table_fits_any_terminal(width):
    rows = [
        ("eleven_multilingual_v2", "Eleven Multilingual v2", "en de fr " * 9, "10000", "1", "tts style speaker-boost")
    ]
    lines = table(("model id", "name", "languages", "limit", "cost", "abilities"), rows, width=width).splitlines()
    assert max(map(len, lines)) <= width
    text = "".join("".join(lines).split())
    assert all(text.count(char) >= "".join(rows[0]).count(char) for char in "gkz")


def test_json_has_no_characters_that_terminals_obey(eleven, service):
    service.on("/v1/models", json_reply([{"model_id": "x\u009b31m\u202e"}]))
    out = eleven("models", "--json").out
    assert out.isascii()
    assert json.loads(out)[0]["model_id"] == "x\u009b31m\u202e"


def test_json(eleven):
    compact = eleven("models", "--json")
    assert compact.out.count(b"\n") == 1
    first, second, bare = json.loads(compact.out)
    assert first["character_limit"] == 10_000
    assert first["abilities"] == ["tts", "style", "speaker-boost"]
    assert second["name"] == MODELS[1]["name"]
    assert bare["cost_factor"] is None
    assert eleven("models", "--json", tty="out").text.startswith("[\n  {\n")
