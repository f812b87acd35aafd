"""From words to a request: which endpoint, with what, decided and checked before anything is sent."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from eleven_cli.api.any_endpoint import READING, Endpoint, endpoint_of
from eleven_cli.api.network.connector import checked_base_url
from eleven_cli.commands.api.fields import field_of, flat, pair_of, put, typed
from eleven_cli.commands.api.headers import headers_of
from eleven_cli.commands.api.options import RequestOptions
from eleven_cli.commands.input.source import source_of
from eleven_cli.commands.lookup.endpoints import METHODS
from eleven_cli.context import Context
from eleven_cli.errors import UsageError
from eleven_cli.files.reading import MOST_BYTES
from eleven_cli.suggestions import did_you_mean, either
from eleven_cli.terminal import Terminal

_OF_A_PART = re.compile(r"(?P<file>.*?)(?:;type=(?P<type>[^;]+)|;filename=(?P<name>[^;]+))*", re.DOTALL)
EXAMPLE = "eleven api /v1/dubbing -F file=@clip.mp4 -F target_lang=es"
SANDBOX_URL = "http://127.0.0.1:8311"  # where `eleven sandbox` is


class FormPart(NamedTuple):
    """One part of a form: text, or a file by its path, with the type and the name that it is sent under ("": its
    own)."""

    name: str
    text: str = ""
    file: str | None = None
    media_type: str = ""
    file_name: str = ""


@dataclass(frozen=True)
class ApiPlan:
    """The request, before its files are opened.

    headers  more than every request has, by their names as in Content-Type
    fields   of the JSON, or of the form where there are `parts`
    input    the file with the body, "-" for stdin
    reads    every file that is read, "-" for stdin
    """

    method: str
    endpoint: Endpoint
    headers: Mapping[str, str]
    fields: dict[str, Any]
    parts: tuple[FormPart, ...]
    input: str | None
    reads: tuple[str, ...]

    @property
    def is_reading(self) -> bool:
        """Whether it costs and changes nothing."""
        return self.method in READING


def server_of(context: Context) -> str:
    """The address of the server in force; in the sandbox, that of a standing one."""
    return SANDBOX_URL if context.config.sandbox else checked_base_url(context.config.base_url.value)


def plan_request(options: RequestOptions, base_url: str, terminal: Terminal, *, paginate: bool) -> ApiPlan:
    """Resolve what was typed, for this server. Raises UsageError for what cannot be meant. Reads files that hold a
    field's value, and nothing else."""
    method, path = _method_and_path(options)
    _refuse_no_text([path, *options.fields, *options.raw_fields, *options.form, *options.query])
    endpoint, headers = endpoint_of(path, base_url), headers_of(options.headers)
    parts = tuple(map(_part, options.form))
    if options.input is not None and (options.fields or options.raw_fields or parts):
        raise UsageError("give either --input or fields, not both", hint="a parameter of the address is -q NAME=VALUE")
    if parts and "Content-Type" in headers:
        raise UsageError("-H cannot change how a form is sent: content-type", hint="-F 'NAME=@FILE;type=audio/wav'")
    fields = _fields(options, terminal)
    has_body = bool(fields or parts or options.input is not None)
    method = method or ("POST" if has_body and not paginate else "GET")
    if paginate and method != "GET":
        raise UsageError(f"--paginate cannot be used with {method}", hint="pages are asked for with GET")
    query = [*endpoint.query, *(pair_of(word, "-q") for word in options.query)]
    if method in READING:
        if parts or options.input is not None:
            raise UsageError(f"{method} sends no body", hint="a parameter of the address is -q NAME=VALUE")
        query, fields = [*query, *flat(fields, is_query=True)], {}
    reads = (*_texts_at(options), *(part.file for part in parts), options.input)
    endpoint = Endpoint(endpoint.path, tuple(query))
    return ApiPlan(method, endpoint, headers, fields, parts, options.input, tuple(filter(None, reads)))


def _method_and_path(options: RequestOptions) -> tuple[str, str]:
    """The method, "" where none is named, and the path."""
    *first, path = options.words or ("",)
    named = [*first, *([options.method] if options.method else [])]
    if not path.strip() or (not first and path.upper() in METHODS):
        raise UsageError("no path given", hint="eleven api /v1/models")
    if len(named) > 1:
        raise UsageError("the method is given twice", hint="omit --method")
    method = named[0].upper() if named else ""
    if method and method not in METHODS:
        raise UsageError(
            f"unknown method {named[0]}{did_you_mean(method, METHODS)}", hint=f"use {either(list(METHODS))}"
        )
    return method, path


def _refuse_no_text(words: Sequence[str]) -> None:
    for word in words:
        try:
            word.encode()
        except UnicodeEncodeError:
            raise UsageError("a word of the request is not valid UTF-8 text") from None


def _fields(options: RequestOptions, terminal: Terminal) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for word in options.raw_fields:
        field = field_of(word, "--raw-field")
        put(fields, field, field.text)
    for word in options.fields:
        field = field_of(word, "-f")
        text = field.text or ""
        put(fields, field, _content(text[1:], terminal) if text.startswith("@") else typed(text))
    return fields


def _texts_at(options: RequestOptions) -> list[str]:
    """The files whose text is a field's value."""
    return [text[1:] for word in options.fields if (text := field_of(word, "-f").text or "").startswith("@")]


def _content(path: str, terminal: Terminal) -> str:
    """The text of a file that a field's value names."""
    try:
        source = source_of(terminal, path, example=EXAMPLE, what="input")
    except UsageError as unreadable:
        unreadable.hint = unreadable.hint or "for a text that begins with @: --raw-field NAME=@TEXT"
        raise
    try:
        source.refuse_more_than(MOST_BYTES)
        return b"".join(source.chunks()).decode()
    except UnicodeDecodeError:
        raise UsageError(f"{source.name} is not UTF-8 text", hint="send a file as it is: -F NAME=@FILE") from None
    finally:
        source.close()


def _part(word: str) -> FormPart:
    name, value = pair_of(word, "-F")
    if not value.startswith("@"):
        return FormPart(name, value)
    found = _OF_A_PART.fullmatch(value[1:])
    assert found is not None  # the file takes what is nothing else
    return FormPart(name, "", found["file"], found["type"] or "", found["name"] or "")
