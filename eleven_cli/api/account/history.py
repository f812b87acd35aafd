"""What the account has generated (/v1/history …)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from eleven_cli.api.client import Client, path_to
from eleven_cli.api.json_fields import objects_of, text_of, unix_time, whole_number
from eleven_cli.api.paging import each_entry
from eleven_cli.api.tts.speech import SpeechResponse
from eleven_cli.errors import ElevenError

PATH = "/v1/history"
PAGE_SIZE = 100
DELETED = "deleted"
USUAL_FORMAT = "mp3_44100_128"  # of items that do not tell theirs


@dataclass(frozen=True)
class HistoryItem:
    """One generation; unknown members are "" or None.

    created_at   seconds since 1970
    text         what was spoken; of a dialogue its lines, each after the voice's name
    format       the API's name of the format it was generated in
    """

    history_item_id: str
    created_at: int | None
    source: str
    voice_id: str
    voice: str
    model_id: str
    text: str
    credits: int | None
    format: str
    content_type: str
    state: str
    request_id: str


def each_item(
    client: Client,
    *,
    voice_id: str = "",
    search: str = "",
    after: int | None = None,
    before: int | None = None,
    page_size: int = PAGE_SIZE,
) -> Iterator[HistoryItem]:
    """Lists the items, the newest first, page after page. after, before: when they were made, in seconds since 1970."""
    wanted = {
        "voice_id": voice_id or None,
        "search": search or None,
        "date_after_unix": after,
        "date_before_unix": before,
    }
    query = {"page_size": page_size, **{name: value for name, value in wanted.items() if value is not None}}
    token, sent_as = "last_history_item_id", "start_after_history_item_id"
    fields = {"listed": "history", "by": "history_item_id", "token": token, "sent_as": sent_as}
    yield from map(item_of, each_entry(client, PATH, query, **fields, kind="generations"))


def newest_item(client: Client) -> HistoryItem | None:
    """Gives the latest item that is not deleted; None without any."""
    return next((item for item in each_item(client, page_size=1) if item.state != DELETED), None)


def item_answer(client: Client, item_id: str) -> dict[str, Any]:
    """Gives the item with this id, as the service puts it. Raises NotFound."""
    answer = client.json("GET", _path(item_id))
    if not isinstance(answer, dict) or not text_of(answer.get("history_item_id")):
        raise ElevenError("the service sent something that is not an item of the history")
    return answer


def item_audio(client: Client, item: HistoryItem) -> SpeechResponse:
    """Its audio, once the service has it ready. Raises NotFound."""
    return SpeechResponse.of(client.stream("GET", f"{_path(item.history_item_id)}/audio"), item.format or USUAL_FORMAT)


def delete_item(client: Client, item_id: str) -> None:
    client.do("DELETE", _path(item_id))


def item_of(answer: Mapping[str, Any]) -> HistoryItem:
    """Reads an item from an answer that has its id."""
    before = whole_number(answer.get("character_count_change_from"))
    used = whole_number(answer.get("character_count_change_to"))
    voice_id = text_of(answer.get("voice_id"))
    lines = [_line(each) for each in objects_of(answer.get("dialogue"))]
    return HistoryItem(
        history_item_id=answer["history_item_id"],
        created_at=unix_time(answer.get("date_unix")),
        source=text_of(answer.get("source")),
        voice_id=voice_id,
        voice=text_of(answer.get("voice_name")) or voice_id,
        model_id=text_of(answer.get("model_id")),
        text=text_of(answer.get("text")) or "\n".join(lines),
        credits=None if before is None or used is None else used - before,
        format=text_of(answer.get("output_format")),
        content_type=text_of(answer.get("content_type")),
        state=text_of(answer.get("state")),
        request_id=text_of(answer.get("request_id")),
    )


def _line(spoken: Mapping[str, Any]) -> str:
    voice = text_of(spoken.get("voice_name")) or text_of(spoken.get("voice_id"))
    return f"{voice}: {text_of(spoken.get('text'))}"


def _path(item_id: str) -> str:
    return path_to(PATH, item_id, "item of the history")
