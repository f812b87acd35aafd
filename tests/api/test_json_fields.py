"""Whatever comes as JSON: a value of which JSON can be made again, or ValueError."""

import json

import pytest

from eleven_cli.api.json_fields import MOST_LEVELS, parsed
from tests.support.garbage import without_collection


@pytest.mark.parametrize("as_bytes", [False, True])
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[1, -2.5, 1e3]", [1, -2.5, 1000.0]),
        ("[NaN, Infinity, -Infinity]", [None] * 3),
        ("[1e400, -1e400, 1e-400, 3E+999]", [None, None, 0.0, None]),
        ("9" * 400, 10**400 - 1),
        ("9" * 5000, None),
        ("-" + "9" * 5000, None),
        (r'"\ud83d\ude00"', "\U0001f600"),
        (r'"\\ud800"', r"\ud800"),
        (b'"\xed\xa0\x80"', "\ufffd\ufffd\ufffd"),
        (b'{"text": "caf\xe9"}', {"text": "caf\ufffd"}),
        ('"\ufeff"'.encode("utf-16"), "\ufeff"),
        ("[" * 99 + "]" * 99, None),
        ('"' + "[" * 5000 + '"', "[" * 5000),
        ("[" + "[]," * 5000 + "[]]", [[]] * 5001),
    ],
    ids=range(14),
)
def test_values(text, value, as_bytes):
    found = parsed(text.encode() if as_bytes and isinstance(text, str) else text)
    assert found == value or text[:3] == "[[["
    json.dumps(found, ensure_ascii=False, allow_nan=False).encode()


@pytest.mark.parametrize("depth", [MOST_LEVELS + 1, 500, 990, 5000, 100_000, 1_000_000])
@pytest.mark.parametrize("kind", ["[", '{"a":'])
@pytest.mark.parametrize("is_closed", [False, True])
def test_what_is_nested_deeply(depth, kind, is_closed):
    with without_collection(), pytest.raises(ValueError, match=r"."):
        parsed(kind * depth + ("1" + ("]" if kind == "[" else "}") * depth if is_closed else ""))


@pytest.mark.parametrize("text", [b"\xff\xfe", b"\xff", b"", b"{", b"\x00", "\udcff", "{'a': 1}", "nan"])
def test_what_is_no_json(text):
    with pytest.raises(ValueError, match=r"."):
        parsed(text)
