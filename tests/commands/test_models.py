"""`eleven models`"""

import json
import re

import pytest

from eleven_cli.terminal.table import table
from eleven_cli.terminal.text import cells
from tests.support.service import error_reply, json_reply, raw_reply

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
        "scribe_v2\tScribe v2\t\t\t\tstt",
        "scribe_v3\tScribe v3\t\t\t\tstt",
        "scribe_v2_realtime\tScribe v2 Realtime\t\t\t\tstt-live",
        "scribe_v2_realtime_turbo\tScribe v2 Realtime Turbo\t\t\t\tstt-live",
    ]


def test_the_models_that_are_documented_fit_80_columns(eleven):
    shown = eleven("--sandbox", "models", tty="out")
    assert shown.err == ""
    assert max(map(cells, shown.text.splitlines())) <= 80
    assert shown.text.splitlines()[0].split() == ["MODEL", "ID", "NAME", "LANGUAGES", "LIMIT", "COST", "ABILITIES"]
    assert "tts style" in shown.text
    assert "10,000" in shown.text


def test_many_languages_are_counted_on_a_terminal_and_listed_for_one_model(eleven, service):
    many = [{"language_id": code} for code in ("en", "de", "fr", "es")]
    service.on(
        "/v1/models", json_reply([{"model_id": "m", "languages": many}, {"model_id": "n", "languages": many[:3]}])
    )
    table = eleven("models", tty="out").text
    assert table.splitlines()[1].split() == ["m", "m", "4"]
    assert "en de fr" in table
    assert "m\tm\ten de fr es" in eleven("models").text
    assert "languages\ten de fr es" in eleven("models", "show", "m").text
    assert json.loads(eleven("models", "show", "m", "--json").out)["languages"] == ["en", "de", "fr", "es"]


def test_a_model_that_is_called_like_a_command(eleven, service):
    service.on("/v1/models", json_reply([{"model_id": "show"}, {"model_id": "list"}]))
    assert "id\tshow" in eleven("models", "show", "show").text
    assert "id\tlist" in eleven("models", "show", "list").text


def test_a_model_that_there_is_not(eleven):
    result = eleven("models", "show", "eleven_multi")
    assert result.code == 4
    assert "no model is called eleven_multi. Did you mean eleven_multilingual_v2?" in result.error


def test_a_model_that_transcribes_and_is_listed_stands_there_once(eleven, service):
    service.on("/v1/models", json_reply([{"model_id": "scribe_v2", "name": "From the service"}]))
    assert [line.split("\t")[:2] for line in eleven("models").text.splitlines()] == [
        ["scribe_v2", "From the service"],
        ["scribe_v3", "Scribe v3"],
        ["scribe_v2_realtime", "Scribe v2 Realtime"],
        ["scribe_v2_realtime_turbo", "Scribe v2 Realtime Turbo"],
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


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_a_table_fits_any_terminal(width):
    """Ids are whole, no cell has more than two lines, and what is cut says so."""
    rows = [
        ("eleven_multilingual_v2", "Eleven Multilingual v2", "en de fr " * 9, "10000", "1", "tts style speaker-boost"),
        ("eleven_flash_v2_5", "日本語の名前がとても長いモデルです", "en", "10000", "1", "tts"),
    ]
    lines = table(("model id", "name", "languages", "limit", "cost", "abilities"), rows, width=width).splitlines()
    assert max(map(cells, lines)) <= width
    assert len(lines) <= 2 * (1 + len(rows))
    assert [line.split()[0] for line in lines if "eleven_" in line] == ["eleven_multilingual_v2", "eleven_flash_v2_5"]
    assert ("…" in "".join(lines)) == (width < 200)


@pytest.mark.parametrize("width", [10, 20])
def test_an_id_is_whole_even_where_it_does_not_fit(width):
    lines = table(("model id", "name"), [("eleven_multilingual_v2", "Eleven")], width=width).splitlines()
    assert lines == ["MODEL ID", "eleven_multilingual_v2"]


def test_names_and_values_are_never_cut():
    lines = table(("", ""), [("languages", "en de fr " * 30)], width=40).splitlines()
    assert " ".join(" ".join(lines).split()) == "languages " + ("en de fr " * 30).strip()


def test_json_has_no_characters_that_terminals_obey(eleven, service):
    service.on("/v1/models", json_reply([{"model_id": "x\u009b31m\u202e"}]))
    out = eleven("models", "--json").out
    assert out.isascii()
    assert json.loads(out)[0]["model_id"] == "x\u009b31m\u202e"


def test_json(eleven):
    compact = eleven("models", "--json")
    assert compact.out.count(b"\n") == 1
    first, second, bare, *_ = json.loads(compact.out)
    assert first["character_limit"] == 10_000
    assert first["abilities"] == ["tts", "style", "speaker-boost"]
    assert second["name"] == MODELS[1]["name"]
    assert bare["cost_factor"] is None
    assert eleven("models", "--json", tty="out").text.startswith("[\n  {\n")


TURBO = "scribe_v2_realtime_turbo"
LIVE = f"-m scribe_v2_realtime or {TURBO}"


@pytest.mark.parametrize(
    ("argv", "hint"),
    [
        ("tts hi -m eleven_flash", "Did you mean eleven_flash_v2_5 or eleven_flash_v2? see the models: eleven models"),
        ("tts hi -m eleven-v3", "Did you mean eleven_v3? see the models: eleven models"),
        ("tts hi -m xyzzy", "see the models: eleven models"),
        ("tts hi -m my_own", "Did you mean my_own_model? see the models: eleven models"),
        ("stt hi.mp3 -m scribe", "Did you mean scribe_v2 or scribe_v3? give eleven stt -m scribe_v2 or scribe_v3"),
        ("stt hi.mp3 -m eleven_v3", "give eleven stt -m scribe_v2 or scribe_v3"),
        ("stt hi.mp3 -m scribe_v2_realtime", "give eleven stt -m scribe_v2 or scribe_v3"),
        ("stt --live hi.wav -m scribe_v2", f"give eleven stt --live {LIVE}"),
        ("stt --live hi.wav -m eleven_v3", f"give eleven stt --live {LIVE}"),
        ("stt --live hi.wav -m scribe_v2_realtime_turb", f"Did you mean {TURBO}? give eleven stt --live {LIVE}"),
        (
            "sts hi.mp3 -m eleven_v3",
            "give eleven sts -m eleven_multilingual_sts_v2 or eleven_english_sts_v2",
        ),
    ],
)
def test_an_unknown_model_gets_the_list_that_has_the_right_one(eleven, service, tmp_path, monkeypatch, argv, hint):
    monkeypatch.chdir(tmp_path)
    service.on("/v1/models", json_reply([{"model_id": "my_own_model", "name": "Mine"}]))
    eleven("models")
    for name in ("hi.mp3", "hi.wav"):
        assert eleven("--sandbox", "tts", "A few words, long enough.", "-o", name).code == 0
    monkeypatch.delenv("ELEVENLABS_BASE_URL")
    if "my_own" not in argv:
        result, hint = eleven("--sandbox", *argv.split()), re.sub(r"(: |give )eleven ", r"\1eleven --sandbox ", hint)
    else:
        service.on_speech(error_reply(404, "model_not_found", "There is no such model."))
        monkeypatch.setenv("ELEVENLABS_BASE_URL", service.url)
        result = eleven(*argv.split())
    assert (result.code, result.hint) == (4, f"hint: {hint}")


def test_what_is_refused_for_another_reason_keeps_its_words(eleven, service):
    service.on_speech(error_reply(400, "unsupported_model", "Not yet supported with the 'eleven_v3' model."))
    result = eleven("tts", "hi", "-m", "eleven_v3")
    assert (result.code, "hint: Did" in result.err) == (1, False)
