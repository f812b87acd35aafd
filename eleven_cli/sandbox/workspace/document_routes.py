"""The endpoints of the knowledge base. Each checks the schema, then the key, then answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..accounts.account import Account
from ..accounts.accounts import Accounts
from ..agents.directory import AgentDirectory
from ..http.problems import JsonResponse, Problem, invalid_parameter
from ..http.query import choice, each_found, has_words, named_ids, page_after, page_size
from ..http.uploads import read_form
from ..http.validate import Checker, is_web_address, json_object
from ..state.entropy import new_id, now
from ..state.store import Record, Records
from .dependents import MAX_PAGE, PROMPT, Dependents, check_page
from .documents import DOCUMENTS, document_body, document_html, document_record, document_summary, find_document
from .settings import at

READ, WRITE = "convai_read", "convai_write"
PATH = "/v1/convai/knowledge-base"
MAX_BYTES = 20 * 1000 * 1000
PAGE_CHARACTERS = 3000  # the sandbox's own measure: that of the service is not documented
BINARY = (".pdf", ".docx", ".epub")  # they are kept, and what is in them is not read
HTML = (".html", ".htm")
SORTS: Mapping[str, Callable[[Record], Any]] = {
    "name": lambda record: record["name"].casefold(),
    "created_at": lambda record: record["created"],
    "updated_at": lambda record: record["updated"],
    "size": lambda record: record["size"],
}


class DocumentRoutes:
    """The endpoints. What is at an address is not looked at: the sandbox opens no connection to other machines."""

    def __init__(self, accounts: Accounts, directory: AgentDirectory) -> None:
        self._accounts, self._directory = accounts, directory
        self._dependents = Dependents(directory.stored, "knowledge_base")

    def routes(self) -> list[Route]:
        one = f"{PATH}/{{document_id}}"
        return [
            Route(PATH, self.page, methods=["GET"]),
            Route(PATH, self.add, methods=["POST"]),
            Route(f"{PATH}/summaries", self.summaries, methods=["GET"]),
            Route("/v1/convai/agent/{agent_id}/knowledge-base/size", self.size, methods=["GET"]),
            Route(f"{PATH}/text", self.add_text, methods=["POST"]),
            Route(f"{PATH}/url", self.add_url, methods=["POST"]),
            Route(f"{PATH}/file", self.add_file, methods=["POST"]),
            Route(one, self.show, methods=["GET"]),
            Route(one, self.change, methods=["PATCH"]),
            Route(one, self.delete, methods=["DELETE"]),
            Route(f"{one}/content", self.content, methods=["GET"]),
            Route(f"{one}/dependent-agents", self.dependent_agents, methods=["GET"]),
        ]

    async def page(self, request: Request) -> Response:
        check_page(request)
        query = request.query_params
        records = _records(self._accounts.identify(request.headers, READ)).all()
        types = query.getlist("types")
        found = [
            (document_id, record)
            for document_id, record in records.items()
            if has_words(record["name"], query.get("search", "")) and (not types or record["type"] in types)
        ]
        sort = SORTS[choice(query, "sort_by", SORTS) or "created_at"]
        down = choice(query, "sort_direction", ("asc", "desc")) != "asc"
        found.sort(key=lambda each: sort(each[1]), reverse=down)
        size = page_size(query, 30, MAX_PAGE)
        shown, cursor = page_after(found, lambda each: each[0], query, "cursor", size)
        documents = [document_summary(*each) for each in shown]
        return JsonResponse({"documents": documents, "next_cursor": cursor, "has_more": cursor is not None})

    async def add_text(self, request: Request) -> Response:
        body = json_object(await request.body())
        check = _named(body)
        check.needed(body, "text", Checker.string)
        check.finish()
        account = self._accounts.identify(request.headers, WRITE)
        return _added(account, document_record("text", body.get("name") or "Text", body["text"], now()))

    async def add_url(self, request: Request) -> Response:
        body = json_object(await request.body())
        check = _named(body)
        check.needed(body, "url", Checker.string)
        check.finish()
        account = self._accounts.identify(request.headers, WRITE)
        return _added(account, _of_url(body["url"], body.get("name")))

    async def add_file(self, request: Request) -> Response:
        form = await read_form(request, MAX_BYTES)
        name, file = form.text("name"), form.file("file")
        form.check.finish()
        account = self._accounts.identify(request.headers, WRITE)
        assert file is not None
        return _added(account, await _of_file(file, name))

    async def add(self, request: Request) -> Response:
        """Adds an address or a file, as older clients do."""
        form = await read_form(request, MAX_BYTES)
        file = form.file("file", required=False)
        url, name = form.text("url"), form.text("name")
        form.check.finish()
        account = self._accounts.identify(request.headers, WRITE)
        if (file is None) == (url is None):
            raise invalid_parameter("file", "Either a file or a url is needed.")
        return _added(account, await _of_file(file, name) if file else _of_url(url or "", name))

    async def show(self, request: Request) -> Response:
        account, document_id = self._accounts.identify(request.headers, READ), request.path_params["document_id"]
        return JsonResponse(document_body(document_id, find_document(account, document_id)))

    async def summaries(self, request: Request) -> Response:
        ids = named_ids(request.query_params, "document_ids")
        account = self._accounts.identify(request.headers, READ)
        return JsonResponse(each_found(ids, lambda each: document_summary(each, find_document(account, each))))

    async def size(self, request: Request) -> Response:
        """Gives the pages of the documents that an agent names."""
        account = self._accounts.identify(request.headers, READ)
        self._directory.find(request.path_params["agent_id"], account)
        stored = self._directory.stored.find_own(account, request.path_params["agent_id"])
        used = [] if stored is None else at(stored.record, *PROMPT, "knowledge_base") or []
        kept = _records(account).all()
        characters = sum(len(kept[one["id"]]["text"]) for one in used if one.get("id") in kept)
        return JsonResponse({"number_of_pages": round(characters / PAGE_CHARACTERS, 2)})

    async def content(self, request: Request) -> Response:
        account = self._accounts.identify(request.headers, READ)
        record = find_document(account, request.path_params["document_id"])
        return Response(document_html(record), media_type="text/html")

    async def change(self, request: Request) -> Response:
        body = json_object(await request.body())
        check = _named(body)
        check.optional(body, "content", Checker.string)
        check.finish()
        account, document_id = self._accounts.identify(request.headers, WRITE), request.path_params["document_id"]
        record = {**find_document(account, document_id), "updated": now()}
        if body.get("name") is not None:
            record["name"] = body["name"]
        if body.get("content") is not None:
            if record["type"] != "text":
                raise invalid_parameter("content", "Only the content of a text can be changed.")
            record |= {"text": body["content"], "size": len(body["content"].encode())}
        _records(account).put(document_id, record)
        return JsonResponse(document_body(document_id, record))

    async def delete(self, request: Request) -> Response:
        check_page(request)
        account, document_id = self._accounts.identify(request.headers, WRITE), request.path_params["document_id"]
        find_document(account, document_id)
        self._dependents.release(account, document_id, request)
        _records(account).delete(document_id)
        return JsonResponse({})

    async def dependent_agents(self, request: Request) -> Response:
        check_page(request)
        account, document_id = self._accounts.identify(request.headers, READ), request.path_params["document_id"]
        find_document(account, document_id)
        return JsonResponse(self._dependents.page(account, document_id, request))


def _records(account: Account) -> Records:
    return account.store.records(DOCUMENTS, account.owner)


def _named(body: dict[str, Any]) -> Checker:
    """Begins to check a body by its name, which may not be empty."""
    check = Checker("body")
    check.optional(body, "name", Checker.string)
    if body.get("name") == "":
        message = "String should have at least 1 character"
        check.note("name", "string_too_short", message, "", {"min_length": 1})
    return check


def _added(account: Account, record: Record) -> Response:
    document_id = new_id()
    _records(account).put(document_id, record)
    return JsonResponse({"id": document_id, "name": record["name"], "folder_path": []})


def _of_url(url: str, name: str | None) -> Record:
    """Raises Problem (400) for what is no address of a page."""
    if not is_web_address(url):
        raise invalid_parameter("url", f"'{url}' is no address of a page.")
    return document_record("url", name or url, "", now(), url=url)


async def _of_file(file: UploadFile, name: str | None) -> Record:
    """Raises Problem (400) for a file that is no text and of no known kind."""
    data, filename = await file.read(), file.filename or "file"
    suffix = PurePosixPath(filename).suffix.lower()
    try:
        text = "" if suffix in BINARY else data.decode("utf-8")
    except UnicodeDecodeError:
        raise Problem(400, "invalid_file_type", f"'{filename}' is no document.", param="file") from None
    record = document_record("file", name or filename, text, now(), len(data), filename=filename)
    return {**record, "is_html": suffix in HTML}
