"""The endpoints of the history. Each checks the schema, then the key, then answers."""

from __future__ import annotations

import io
from typing import Any

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..accounts.account import Account
from ..accounts.accounts import Accounts
from ..http.problems import JsonResponse
from ..http.query import page_size
from ..http.validate import Checker, json_object
from .query import MAX_PAGE, check_query, filter_of
from .store import HistoryItem

READ, WRITE = "speech_history_read", "speech_history_write"
WAV_RATE = 44100
PATH = "/v1/history"
FORMATS = ("wav", "default")
COMPANDED = ("ulaw", "alaw")


class HistoryRoutes:
    """The endpoints."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def routes(self) -> list[Route]:
        item = f"{PATH}/{{history_item_id}}"
        return [
            Route(PATH, self.page, methods=["GET"]),
            Route(f"{PATH}/download", self.download, methods=["POST"]),
            Route(item, self.item, methods=["GET"]),
            Route(item, self.delete, methods=["DELETE"]),
            Route(f"{item}/audio", self.audio, methods=["GET"]),
        ]

    async def page(self, request: Request) -> Response:
        query = request.query_params
        check_query(query)
        account = self._accounts.identify(request.headers, READ)
        items = account.history.of(account.user_id, filter_of(query))
        if query.get("sort_direction") == "asc":
            items.reverse()
        first = 0
        if after := query.get("start_after_history_item_id"):
            account.history.find(account.user_id, after)
            first = next((place for place, item in enumerate(items, 1) if item.item_id == after), len(items))
        shown = items[first : first + page_size(query, 100, MAX_PAGE)]
        body: dict[str, Any] = {
            "history": [item.body() for item in shown],
            "last_history_item_id": shown[-1].item_id if shown else None,
            "has_more": first + len(shown) < len(items),
            "scanned_until": None,
        }
        return JsonResponse(body)

    async def item(self, request: Request) -> Response:
        account = self._accounts.identify(request.headers, READ)
        return JsonResponse(_found(account, request).body())

    async def audio(self, request: Request) -> Response:
        item = _found(self._accounts.identify(request.headers, READ), request)
        return Response(item.audio, media_type=item.asked.format.media_type)

    async def delete(self, request: Request) -> Response:
        account = self._accounts.identify(request.headers, WRITE)
        account.history.delete(account.user_id, request.path_params["history_item_id"])
        return JsonResponse({"status": "ok"})

    async def download(self, request: Request) -> Response:
        """Gives the file of one item, or an archive with those of several."""
        body = json_object(await request.body())
        check = Checker("body")
        check.needed(body, "history_item_ids", Checker.strings)
        check.optional(body, "output_format", lambda deeper, name, value: deeper.one_of(name, value, FORMATS))
        check.finish()
        account = self._accounts.identify(request.headers, READ)
        wav = body.get("output_format") == "wav"
        items = [account.history.find(account.user_id, item_id) for item_id in body["history_item_ids"]]
        if not items:
            return _refused("no_history_items", "No history item was named.")
        if wav and any(item.asked.format.codec in COMPANDED for item in items):
            return _refused("invalid_output_format", "Telephone audio is given as it is, not as WAV.")
        files = await to_thread.run_sync(lambda: [_file(item, wav=wav) for item in items])
        if len(files) > 1:
            name, data, media_type = "history.zip", _archive(files), "application/zip"
        else:
            (name, data), media_type = files[0], "audio/wav" if wav else items[0].asked.format.media_type
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(data, headers=headers, media_type=media_type)


def _found(account: Account, request: Request) -> HistoryItem:
    return account.history.find(account.user_id, request.path_params["history_item_id"])


def _refused(error: str, message: str) -> Response:
    """Refuses a download in the shape that the service has for it."""
    return JsonResponse({"error": error, "message": message}, 400)


def _file(item: HistoryItem, *, wav: bool) -> tuple[str, bytes]:
    """Gives name and content of the item's file."""
    format = item.asked.format
    if not wav or format.is_wav:
        return f"{item.item_id}.{format.codec}", item.audio
    return f"{item.item_id}.wav", _as_wav(item)


def _as_wav(item: HistoryItem) -> bytes:
    from ..sound.codecs import wav_header
    from ..sound.media import Media

    format = item.asked.format
    if format.codec == "pcm":
        return wav_header(format.rate, len(item.audio), format.channels) + item.audio
    pcm = b"".join(Media(io.BytesIO(item.audio)).pcm(WAV_RATE, format.channels))
    return wav_header(WAV_RATE, len(pcm), format.channels) + pcm


def _archive(files: list[tuple[str, bytes]]) -> bytes:
    import zipfile

    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, data in files:
            archive.writestr(name, data)
    return written.getvalue()
