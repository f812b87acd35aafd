"""Finetunes of the music models: kept, and ready after a while; the words that name one colour its music."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.datastructures import QueryParams

from ..accounts.account import Account
from ..http.problems import Problem, invalid_parameter
from ..http.query import check_page_size, page_after, page_size
from ..http.uploads import Form
from ..http.validate import Checker, check_text
from ..sound.media import Media
from ..state.entropy import new_id, now
from ..state.store import Record, Records

FINETUNES = "music_finetunes"
TRAINING_S = 2.0  # the service takes minutes
PENDING = 0.1  # of that time
MAX_BYTES, MAX_FILES = 1000**3, 50
MIN_NAME, MAX_NAME, MAX_TAGS = 5, 200, 5
USUAL_PAGE, MAX_PAGE = 50, 150
OWN = ("private", "workspace")
CHOICES: Mapping[str, tuple[str, ...]] = {
    "visibility": (*OWN, "public"),
    "created_by": ("self", "workspace", "elevenlabs"),
    "sort": ("created_at", "name"),
    "sort_direction": ("asc", "desc"),
}


def read_finetune(form: Form, models: tuple[str, ...]) -> Record:
    """Reads the form that makes a finetune, and its recordings. Raises SchemaError, and Problem (400) for no audio."""
    name, genre = form.text("name"), form.text("primary_genre")
    for needed, value in (("name", name), ("primary_genre", genre)):
        if value is None:
            form.check.required({}, needed)
    if name is not None:
        _check_name(form.check, "name", name)
    files = form.files("files", required=False)
    form.check.at_most("files", len(files), MAX_FILES)
    record = {
        "name": name,
        "primary_genre": genre,
        "tags": form.texts("tags"),
        "visibility": form.choice("visibility", OWN, OWN[0]),
        "model_id": form.choice("model_id", models, models[0]),
    }
    form.check.finish()
    for file in files:
        Media(file.file)
    return record


def check_changes(body: dict[str, Any]) -> None:
    """Checks the body of a change. Raises SchemaError with every fault."""
    check = Checker("body")
    check.optional(body, "name", _check_name)
    check.optional(body, "primary_genre", Checker.string)
    check.optional(body, "visibility", lambda own, name, value: own.one_of(name, value, OWN))
    if check.optional(body, "tags", Checker.strings) and not check.faults:
        check.at_most("tags", len(body["tags"]), MAX_TAGS, body["tags"])
    check.finish()


def check_query(query: QueryParams) -> None:
    """Checks the query of the list. Raises SchemaError with every fault."""
    check = Checker("query")
    check_page_size(check, query, MAX_PAGE)
    for name, allowed in CHOICES.items():
        if name in query:
            check.one_of(name, query[name], allowed)
    check.finish()


class Finetunes:
    """The finetunes of one account."""

    def __init__(self, account: Account) -> None:
        self._records: Records = account.store.records(FINETUNES, account.owner)

    def find(self, finetune_id: str) -> Record:
        """Gives a record. Raises Problem (404) without one."""
        if (record := self._records.all().get(finetune_id)) is None:
            message = f"There is no finetune '{finetune_id}'."
            raise Problem(404, "finetune_not_found", message, param="finetune_id")
        return record

    def put(self, record: Record) -> dict[str, Any]:
        """Adds or replaces a record, and gives it as it is shown."""
        kept = {"id": new_id(), "created": now(), **record}
        self._records.put(kept["id"], kept)
        return shown(kept)

    def delete(self, finetune_id: str) -> dict[str, Any]:
        record = self.find(finetune_id)
        self._records.delete(finetune_id)
        return shown(record)

    def words_of(self, finetune_id: str, model_id: str) -> str:
        """Gives the words that colour music made with it. Raises Problem: 404 without it, 400 if it cannot be used."""
        record = self.find(finetune_id)
        if record["model_id"] != model_id:
            raise invalid_parameter("finetune_id", f"The finetune '{finetune_id}' is of {record['model_id']}.")
        if shown(record)["status"] != "completed":
            raise invalid_parameter("finetune_id", f"The finetune '{finetune_id}' is still being trained.")
        return " ".join([record["primary_genre"], *record["tags"]])

    def page(self, query: QueryParams) -> dict[str, Any]:
        """Gives a page of those that match a query that was checked."""
        found = [shown(record) for record in self._records.all().values()]
        for name in ("visibility", "created_by"):
            found = [one for one in found if query.get(name) in (None, one[name])]
        found.sort(key=lambda one: str(one[query.get("sort", "created_at")]).casefold())
        if query.get("sort_direction", "desc") == "desc":
            found.reverse()
        size = page_size(query, USUAL_PAGE, MAX_PAGE)
        some, cursor = page_after(found, lambda one: str(one["id"]), query, "cursor", size)
        return {"finetunes": list(some), "next_cursor": cursor, "has_more": cursor is not None}


def shown(record: Record) -> dict[str, Any]:
    """Shows a finetune: how far it is follows from its age."""
    progress = min((now() - record["created"]) / TRAINING_S, 1.0) if TRAINING_S else 1.0
    status = "completed" if progress >= 1 else "in_progress" if progress > PENDING else "pending"
    created_at = datetime.fromtimestamp(record["created"], UTC).isoformat()
    fields = {name: record[name] for name in ("id", "name", "tags", "primary_genre", "model_id", "visibility")}
    about = {"created_by": "self", "status": status, "training_progress": progress, "failure_reason": None}
    return {**fields, "created_at": created_at, **about}


def _check_name(check: Checker, name: str, value: Any) -> None:
    check_text(check, name, value, MAX_NAME, MIN_NAME)
