"""The endpoints of the finetunes of the music models. Each checks the schema, then the key."""

from __future__ import annotations

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from ..accounts.accounts import Accounts
from ..http.problems import JsonResponse
from ..http.uploads import read_form
from ..http.validate import json_object
from .finetunes import MAX_BYTES, MAX_FILES, Finetunes, check_changes, check_query, read_finetune, shown
from .request import MODELS, check_paid

PERMISSION = "music_generation"


class FinetuneRoutes:
    """The endpoints."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def page(self, request: Request) -> Response:
        check_query(request.query_params)
        return JsonResponse(self._of(request).page(request.query_params))

    async def create(self, request: Request) -> Response:
        account = self._accounts.identify(request.headers, PERMISSION)
        form = await read_form(request, MAX_BYTES, max_files=MAX_FILES + 1)
        try:
            record = await to_thread.run_sync(lambda: read_finetune(form, MODELS))
        finally:
            await form.close()
        check_paid(account)
        return JsonResponse(Finetunes(account).put(record), status_code=201)

    async def show(self, request: Request) -> Response:
        return JsonResponse(shown(self._of(request).find(request.path_params["finetune_id"])))

    async def change(self, request: Request) -> Response:
        body = json_object(await request.body())
        check_changes(body)
        finetunes = self._of(request)
        record = finetunes.find(request.path_params["finetune_id"])
        given = {
            name: body[name] for name in ("name", "tags", "primary_genre", "visibility") if body.get(name) is not None
        }
        return JsonResponse(finetunes.put({**record, **given}))

    async def delete(self, request: Request) -> Response:
        return JsonResponse(self._of(request).delete(request.path_params["finetune_id"]))

    def _of(self, request: Request) -> Finetunes:
        return Finetunes(self._accounts.identify(request.headers, PERMISSION))
