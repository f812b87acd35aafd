"""Reads forms; large files are written to a temporary file while they arrive."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import AsyncGenerator
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import Request

from .limits import allow_body
from .middleware import FORM, FORM_FIELDS
from .problems import Problem
from .validate import TRUE, Checker

MAX_FILES, MAX_FIELDS = 10, 2000
FILE_FORMATS = ("pcm_s16le_16", "other")
logging.getLogger("python_multipart").addHandler(logging.NullHandler())  # by default it writes to stderr


class Form:
    """The fields of a form, checked when they are read; `check` collects their faults."""

    def __init__(self, data: FormData) -> None:
        self._data = data
        self.check = Checker("body")

    def text(self, name: str, default: str | None = None) -> str | None:
        """Gives a field's text; the default for an empty one."""
        value = self._data.get(name)
        if isinstance(value, UploadFile):
            self.check.string(name, {})
            return default
        return value or default

    def given(self, name: str) -> str | None:
        """Gives a field's text, "" for an empty one; None if it was not sent."""
        return None if self._data.get(name) is None else self.text(name, "")

    def texts(self, name: str) -> list[str]:
        """Gives the texts of a field that may be repeated."""
        return [value for value in self._data.getlist(name) if isinstance(value, str) and value]

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self.text(name)
        self.check.boolean_text(name, value)
        return default if value is None else value.lower() in TRUE

    def integer(self, name: str, low: int | None = None, high: int | None = None) -> int | None:
        value = self.text(name)
        if value is None:
            return None
        faults = len(self.check.faults)
        self.check.integer_text(name, value)
        if len(self.check.faults) > faults:
            return None
        if low is not None and high is not None:
            self.check.number(name, value, low, high)
        return int(value)

    def number(self, name: str, low: float, high: float) -> float | None:
        value = self.text(name)
        faults = len(self.check.faults)
        if value is not None:
            self.check.number(name, value, low, high)
        return None if value is None or len(self.check.faults) > faults else float(value)

    def choice(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        value = self.text(name) or default
        self.check.one_of(name, value, allowed)
        return value

    def json(self, name: str) -> Any:
        """Parses a field of JSON. Raises Problem (400) for anything else."""
        value = self.text(name)
        if value is None:
            return None
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            raise Problem(400, "invalid_parameters", f"{name} is not JSON.", param=name) from None

    def file(self, name: str, *, required: bool = True) -> UploadFile | None:
        value = self._data.get(name)
        if isinstance(value, UploadFile):
            return value
        if isinstance(value, str) and value:
            message = "Value error, Expected UploadFile, received: <class 'str'>"
            self.check.note(name, "value_error", message, value[:80])
        elif required:
            self.check.required({}, name)
        return None

    def files(self, name: str, *, required: bool = True) -> list[UploadFile]:
        """Gives the files of a part that may be repeated."""
        first = self.file(name, required=required)
        return [] if first is None else [value for value in self._data.getlist(name) if isinstance(value, UploadFile)]

    async def close(self) -> None:
        """Deletes the temporary files."""
        await self._data.close()


async def read_form(request: Request, limit_bytes: int, *, kept: bool = False, max_files: int = MAX_FILES) -> Form:
    """Reads the form of a request; any other content is an empty form. It is closed with the request, unless `kept`.

    Raises Problem (400 `request_too_large`) as soon as the request exceeds the limit.
    """
    if int(request.headers.get("content-length") or 0) > limit_bytes:
        raise _too_large(limit_bytes)
    allow_body(request.scope, sys.maxsize)
    try:
        data = await _form_data(request, _counted(request, limit_bytes), max_files)
    except (MultiPartException, ValueError, KeyError) as error:
        message = f"There was an error parsing the body: {error}"
        raise Problem(400, "bad_request", message, kind="invalid_request") from None
    request.scope[FORM_FIELDS] = tuple(data)
    if not kept:
        request.scope[FORM] = data
    return Form(data)


async def _form_data(request: Request, body: AsyncGenerator[bytes, None], max_files: int) -> FormData:
    kind = request.headers.get("content-type", "")
    if kind.startswith("multipart/form-data"):
        return await MultiPartParser(request.headers, body, max_files=max_files, max_fields=MAX_FIELDS).parse()
    if kind.startswith("application/x-www-form-urlencoded"):
        return await FormParser(request.headers, body).parse()
    return FormData()


async def _counted(request: Request, limit_bytes: int) -> AsyncGenerator[bytes, None]:
    received = 0
    async for chunk in request.stream():
        received += len(chunk)
        if received > limit_bytes:
            raise _too_large(limit_bytes)
        yield chunk


def _too_large(limit_bytes: int) -> Problem:
    message = f"The request is larger than the {limit_bytes:,} bytes that are allowed here."
    return Problem(400, "request_too_large", message, kind="invalid_request")
