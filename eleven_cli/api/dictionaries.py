"""Pronunciation dictionaries of an account (/v1/pronunciation-dictionaries …)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from eleven_cli.api.client import Client, path_to
from eleven_cli.api.json_fields import objects_of, text_of, unix_time, whole_number
from eleven_cli.api.paging import each_entry
from eleven_cli.errors import ElevenError

PATH = "/v1/pronunciation-dictionaries"
PAGE_SIZE = 100
MOST_COMPARED = 1_000
MOST_BYTES = 64 << 20  # of a dictionary that is downloaded


@dataclass(frozen=True)
class Dictionary:
    """One dictionary, without its rules.

    version_id   of its latest version, "" when not told
    rules        how many that has, None when not told
    created_at   seconds since 1970, None when unknown; archived_at: None unless it was put away
    """

    dictionary_id: str
    name: str
    version_id: str
    rules: int | None
    description: str
    permission: str
    created_at: int | None
    archived_at: int | None


@dataclass(frozen=True)
class PronunciationRule:
    """What is said instead of a word: another text (an alias), or sounds (a phoneme) in an alphabet."""

    word: str
    kind: str
    spoken: str
    alphabet: str
    case_sensitive: bool
    word_boundaries: bool


def each_dictionary(client: Client) -> Iterator[Dictionary]:
    """All that are not archived, page after page, the newest first."""
    query: dict[str, str | int] = {"page_size": PAGE_SIZE, "include_archived": "false"}
    listed = each_entry(
        client,
        PATH,
        query,
        listed="pronunciation_dictionaries",
        by="id",
        token="next_cursor",
        sent_as="cursor",
        kind="pronunciation dictionaries",
    )
    found = map(_dictionary, listed)
    yield from (dictionary for dictionary in found if dictionary.archived_at is None)


def dictionary_with_rules(client: Client, dictionary_id: str) -> tuple[Dictionary, list[PronunciationRule]]:
    """The dictionary with this id, and the rules of its latest version. Raises NotFound."""
    answer = client.json("GET", _path(dictionary_id))
    if not _describes_dictionary(answer):
        raise ElevenError("the service sent something that is not a pronunciation dictionary")
    return _dictionary(answer), list(map(_rule, objects_of(answer.get("rules"))))


def download_dictionary(client: Client, dictionary: Dictionary) -> bytes:
    """The rules of its latest version as PLS."""
    from urllib.parse import quote

    path = f"{_path(dictionary.dictionary_id)}/{quote(dictionary.version_id, safe='')}/download"
    received = bytearray()
    with client.stream("GET", path) as stream:
        for chunk in stream:
            received += chunk
            if len(received) > MOST_BYTES:
                raise ElevenError(f"the dictionary is larger than {MOST_BYTES >> 20} MB", code="too_large")
    return bytes(received)


def add_dictionary_file(client: Client, name: str, content: bytes) -> Dictionary:
    """Make a dictionary of a PLS file."""
    from contextlib import closing

    from eleven_cli.api.http.bodies import FilePart, SpooledBody
    from eleven_cli.api.http.uploads import Form, upload_to_do

    with closing(SpooledBody([content], expected=len(content))) as body:
        part = FilePart(body, f"{name}.pls", "application/pls+xml")
        form = Form([("name", name)], "file", part)
        return _added(client, upload_to_do(client, f"{PATH}/add-from-file", form), name)


def add_dictionary_aliases(client: Client, name: str, aliases: Mapping[str, str]) -> Dictionary:
    """Make a dictionary of words, and what is said instead of them."""
    rules = [{"string_to_replace": word, "type": "alias", "alias": spoken} for word, spoken in aliases.items()]
    answer = client.do("POST", f"{PATH}/add-from-rules", json={"name": name, "rules": rules})
    return _added(client, answer, name)


def archive_dictionary(client: Client, dictionary_id: str) -> None:
    """Put it away; there is no way to delete one."""
    client.do("PATCH", _path(dictionary_id), json={"archived": True})


def _path(dictionary_id: str) -> str:
    return path_to(PATH, dictionary_id, "dictionary")


def _added(client: Client, answer: Any, name: str) -> Dictionary:
    """What was made: as the answer tells it, else the only one of that name; without an id where neither does. Never
    raises: it is made."""
    if _describes_dictionary(answer):
        return _dictionary({"name": name, **answer})
    try:
        found = [each for each in islice(each_dictionary(client), MOST_COMPARED) if each.name == name]
    except ElevenError:
        found = []
    return found[0] if len(found) == 1 else _dictionary({"id": "", "name": name})


def _describes_dictionary(entry: Any) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("id"), str) and entry["id"] != ""


def _dictionary(entry: dict[str, Any]) -> Dictionary:
    """Of a listing, or of what was just made, whose version has other names."""
    rules = entry.get("latest_version_rules_num", entry.get("version_rules_num"))
    return Dictionary(
        dictionary_id=entry["id"],
        name=text_of(entry.get("name")) or entry["id"],
        version_id=text_of(entry.get("latest_version_id")) or text_of(entry.get("version_id")),
        rules=whole_number(rules),
        description=text_of(entry.get("description")),
        permission=text_of(entry.get("permission_on_resource")),
        created_at=unix_time(entry.get("creation_time_unix")),
        archived_at=unix_time(entry.get("archived_time_unix")),
    )


def _rule(entry: dict[str, Any]) -> PronunciationRule:
    kind = text_of(entry.get("type"))
    return PronunciationRule(
        word=text_of(entry.get("string_to_replace")),
        kind=kind,
        spoken=text_of(entry.get(kind)),
        alphabet=text_of(entry.get("alphabet")),
        case_sensitive=entry.get("case_sensitive") is not False,
        word_boundaries=entry.get("word_boundaries") is not False,
    )
