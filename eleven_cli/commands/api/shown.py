"""A request that is shown and not sent: as it would go, or as a line for curl that can be pasted. No key is shown."""

import re
from collections.abc import Iterator
from shlex import quote
from typing import Any

from eleven_cli.api.any_endpoint import JsonBody, address_of
from eleven_cli.api.http.tracing import header_shown
from eleven_cli.api.http.uploads import Form
from eleven_cli.api.json_fields import parsed
from eleven_cli.commands.api.body import json_of_fields, opened, texts_of_form
from eleven_cli.commands.api.options import AnswerOptions
from eleven_cli.commands.api.request import SANDBOX_URL, ApiPlan, FormPart, server_of
from eleven_cli.context import Context
from eleven_cli.processes import KEY_VARIABLES
from eleven_cli.terminal.text import harmless_json, printable

_SPECIAL = re.compile(r'[;,"\\]')


def show_plan(context: Context, plan: ApiPlan, *, as_json: bool) -> None:
    """Print what would be sent. Raises UsageError as sending it would."""
    terminal, address = context.terminal, address_of(plan.endpoint, server_of(context))
    _tell_of_the_sandbox(context)
    with opened(plan, terminal) as request:
        body = request.body
        kind = "" if body is None else _kind_of(plan, body)
    headers = {name: header_shown(name, value) for name, value in plan.headers.items() if name != "Content-Type"}
    if as_json:
        shown: dict[str, Any] = {"method": plan.method, "url": address, **({"headers": headers} if headers else {})}
        if body is not None:
            shown |= {"content_type": kind, "body": parsed(body) if isinstance(body, JsonBody) else body.description}
        terminal.json(shown)
        return
    terminal.print(f"{plan.method} {address}")
    for name, value in headers.items():
        terminal.print(f"{name}: {value}")
    if body is not None:
        for line in (f"content-type: {kind}", "", *body.description.splitlines()):
            terminal.print(line)


def _kind_of(plan: ApiPlan, body: JsonBody | Form) -> str:
    return plan.headers.get("Content-Type", body.content_type.partition(";")[0])


def show_curl(context: Context, plan: ApiPlan, answer: AnswerOptions) -> None:
    """Print the line for curl."""
    if (key := context.api_key) is not None and not context.config.sandbox:
        context.terminal.redact(key.value)
    _tell_of_the_sandbox(context)
    context.terminal.print(_curl_line(plan, server_of(context), _key_for_curl(context), answer))


def _tell_of_the_sandbox(context: Context) -> None:
    """That of --sandbox is gone by the time the request could be sent."""
    if context.config.sandbox:
        context.terminal.remark(f"{SANDBOX_URL} is the address of a lasting sandbox; start it with: eleven sandbox")


def _key_for_curl(context: Context) -> str:
    """The shell's variable that holds the key. The sandbox's is no secret."""
    key = context.api_key
    if context.config.sandbox and key is not None:
        return key.value
    source = "" if key is None else key.source
    return f"${next((name for name in KEY_VARIABLES if name in source), KEY_VARIABLES[0])}"


def _curl_line(plan: ApiPlan, base_url: str, key: str, answer: AnswerOptions) -> str:
    words = ["curl", "-sS", *(["-i"] if answer.include and plan.method != "HEAD" else []), *_method(plan)]
    words += [_quoted(address_of(plan.endpoint, base_url)), "-H", f'"xi-api-key: {key}"', *_headers(plan), *_body(plan)]
    words += ["-o", _quoted(answer.output)] if answer.output else []
    jq = answer.jq
    return " ".join([*words, *(["|", "jq", "-r", _quoted(f" {jq}" if jq.startswith("-") else jq)] if jq else [])])


def _method(plan: ApiPlan) -> list[str]:
    """Nothing where curl takes it by itself."""
    has_body = bool(plan.parts or plan.fields or plan.input is not None)
    if plan.method == "HEAD":
        return ["-I"]
    return [] if plan.method == ("POST" if has_body else "GET") else ["-X", plan.method]


def _headers(plan: ApiPlan) -> Iterator[str]:
    for name, value in plan.headers.items():
        yield from ("-H", _quoted(f"{name}: {header_shown(name, value)}"))


def _body(plan: ApiPlan) -> Iterator[str]:
    typed = [] if "Content-Type" in plan.headers else ["-H", _quoted(f"Content-Type: {JsonBody.content_type}")]
    if plan.parts:
        for name, text in texts_of_form(plan):
            yield from ("--form-string", _quoted(f"{name}={text}"))
        for part in plan.parts:
            yield from () if part.file is None else ("-F", _quoted(_file_of(part)))
    elif plan.input is not None:
        yield from (*typed, "--data-binary", _quoted(f"@{plan.input}"))
    elif plan.fields:
        body = harmless_json(json_of_fields(plan).decode())
        yield from (*typed, "--data-raw", _quoted(body))


def _file_of(part: FormPart) -> str:
    of_stdin = ("application/octet-stream", "file") if part.file == "-" else ("", "")  # curl says "-", and no type
    settings = {"type": part.media_type or of_stdin[0], "filename": part.file_name or of_stdin[1]}
    said = "".join(f";{name}={_in_quotes(value)}" for name, value in settings.items() if value)
    return f"{part.name}=@{_in_quotes(str(part.file))}{said}"


def _quoted(word: str) -> str:
    """As shells read it; what a terminal would obey as bash, zsh and ksh do: $'\\x1b'."""
    if printable(word) == word:
        return quote(word)
    signs = (chr(byte) if 32 <= byte < 127 and chr(byte) not in "\\'" else f"\\x{byte:02x}" for byte in word.encode())
    return f"$'{''.join(signs)}'"


def _in_quotes(word: str) -> str:
    """As curl reads a name that has a semicolon, a comma or a quote in it."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"' if _SPECIAL.search(word) else word
