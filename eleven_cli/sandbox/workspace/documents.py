"""The documents of the knowledge base, as they are stored and shown."""

from __future__ import annotations

import html
from typing import Any

from ..accounts.account import Account
from ..agents.description import ACCESS
from ..http.problems import existing
from ..state.store import Record

DOCUMENTS = "documents"
TYPES = ("file", "url", "text", "folder")


def document_record(kind: str, name: str, text: str, at: float, size_bytes: int | None = None, **more: str) -> Record:
    """Makes a record. `size_bytes` is the size of a file."""
    size = len(text.encode()) if size_bytes is None else size_bytes
    return {"type": kind, "name": name, "text": text, "size": size, "created": at, "updated": at, **more}


def document_summary(document_id: str, record: Record) -> dict[str, Any]:
    """Gives the document's entry in the list."""
    return {
        "id": document_id,
        "name": record["name"],
        "type": record["type"],
        "metadata": {
            "created_at_unix_secs": int(record["created"]),
            "last_updated_at_unix_secs": int(record["updated"]),
            "size_bytes": record["size"],
        },
        "supported_usages": ["prompt", "auto"],
        "access_info": ACCESS,
        "folder_parent_id": None,
        "folder_path": [],
        "dependent_agents": [],
        **({"url": record["url"]} if record["type"] == "url" else {}),
    }


def document_body(document_id: str, record: Record) -> dict[str, Any]:
    """Gives the document with its content."""
    body = document_summary(document_id, record)
    del body["dependent_agents"]
    filename = {"filename": record["filename"]} if record["type"] == "file" else {}
    return {**body, **filename, "extracted_inner_html": document_html(record), "content_format": "html"}


def document_html(record: Record) -> str:
    """Gives the content as HTML: text is no markup."""
    if record.get("is_html"):
        return str(record["text"])
    return "".join(f"<p>{html.escape(part)}</p>" for part in record["text"].split("\n\n") if part.strip())


def find_document(account: Account, document_id: str) -> Record:
    """Gives the record of a document. Raises Problem (404) without one."""
    return existing(account.store.records(DOCUMENTS, account.owner).all(), document_id, "document")
