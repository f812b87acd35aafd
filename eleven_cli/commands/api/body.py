"""The body of a request: its JSON, or a form with its files open."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath
from typing import NoReturn

from eleven_cli.api.any_endpoint import AnyRequest, JsonBody
from eleven_cli.api.http.bodies import FileBody, FilePart, SpooledBody
from eleven_cli.api.http.uploads import Form
from eleven_cli.commands.api.fields import flat
from eleven_cli.commands.api.request import EXAMPLE, ApiPlan, FormPart
from eleven_cli.commands.input.source import source_of
from eleven_cli.errors import ExitStack, UsageError
from eleven_cli.files.reading import MOST_BYTES
from eleven_cli.terminal import Terminal


@contextmanager
def opened(plan: ApiPlan, terminal: Terminal) -> Iterator[AnyRequest]:
    """The request with its files open. Raises UsageError for one that cannot be read, and where a body is no JSON."""
    with ExitStack() as files:
        yield AnyRequest(plan.method, plan.endpoint, _body(plan, terminal, files), plan.headers)


def json_of_fields(plan: ApiPlan) -> JsonBody:
    return JsonBody(json.dumps(plan.fields, ensure_ascii=False).encode())


def texts_of_form(plan: ApiPlan) -> list[tuple[str, str]]:
    """What a form has besides files."""
    return [*flat(plan.fields, is_query=False), *((part.name, part.text) for part in plan.parts if part.file is None)]


def _body(plan: ApiPlan, terminal: Terminal, files: ExitStack) -> JsonBody | Form | None:
    if plan.input is not None:
        return _json_at(plan.input, terminal)
    if plan.parts:
        named = [_file_part(part, terminal, files) for part in plan.parts if part.file is not None]
        return Form(texts_of_form(plan), content=named)
    return json_of_fields(plan) if plan.fields else None


def _json_at(path: str, terminal: Terminal) -> JsonBody:
    """A body as it is in the file. The service takes JSON, and nothing else that is not a form."""
    source = source_of(terminal, path, example=EXAMPLE, what="input")
    try:
        source.refuse_more_than(MOST_BYTES)
        body = JsonBody(b"".join(source.chunks()))
    finally:
        source.close()
    try:
        json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as wrong:
        why = f": {wrong}" if isinstance(wrong, json.JSONDecodeError) else ""
        raise UsageError(f"{source.name} is not JSON{why}", hint="send a file as it is: -F NAME=@FILE") from None
    encoding = json.detect_encoding(body)  # of the kinds that JSON once had, the service takes one
    return body if encoding == "utf-8" else JsonBody(body.decode(encoding).encode())


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _file_part(part: FormPart, terminal: Terminal, files: ExitStack) -> FilePart:
    import mimetypes

    source = source_of(terminal, part.file, example=EXAMPLE, what="input")
    files.callback(source.close)
    body: FileBody | SpooledBody
    body = FileBody(*source.file, source.name) if source.file else SpooledBody(source.chunks())
    files.callback(body.close)
    name = part.file_name or ("file" if part.file == "-" else PurePath(source.name).name)
    media_type = part.media_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return FilePart(body, name, media_type, part.name)
