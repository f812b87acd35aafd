"""The run of `eleven api`: send the request once, and put its answer where it should go."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from eleven_cli.api.any_endpoint import READING, AnyRequest, send
from eleven_cli.api.client import Client
from eleven_cli.api.http import costs_told
from eleven_cli.api.http.session import Stream
from eleven_cli.api.paging import each_page
from eleven_cli.commands.api.answer import (
    FILE_HINT,
    NO_FILE_THERE,
    copy_answer,
    filter_answer,
    media_type_of,
    refuse_another_kind,
    refuse_nothing,
    show_answer,
    show_head,
)
from eleven_cli.commands.api.body import opened
from eleven_cli.commands.api.jq_filter import Filter, jq_filter
from eleven_cli.commands.api.options import AnswerOptions
from eleven_cli.commands.api.request import ApiPlan
from eleven_cli.commands.lookup.endpoints import gives_a_file, paths_like
from eleven_cli.commands.output.existing import keeps_existing
from eleven_cli.context import Context
from eleven_cli.errors import ElevenError, ExitStack, NotFound, UsageError
from eleven_cli.files.descriptors import is_stdout
from eleven_cli.files.identity import STANDARD_OUTPUT, refuse_overlap
from eleven_cli.files.sinks import DirectSink, FileSink, file_sink
from eleven_cli.terminal import Terminal
from eleven_cli.terminal.text import json_text


def call(context: Context, plan: ApiPlan, options: AnswerOptions) -> None:
    """Open what is to be sent and where the answer goes, ask if that is wanted, and send it."""
    terminal = context.terminal
    results = jq_filter(options.jq) if options.jq is not None else None
    if keeps_existing(terminal, options.output, no_clobber=options.no_clobber, as_json=options.as_json):
        return
    _refuse_overlap(terminal, plan, options.output)
    with opened(plan, terminal) as request, _place_of(terminal, options) as place:
        if place.is_terminal or results:
            _refuse_a_file(plan, with_jq=results is not None)
        if options.confirm and not plan.is_reading:
            _require_yes(terminal, plan)
        deliver = _deliver_pages if options.paginate else _deliver
        with _hint_at_paths(plan.endpoint.path):
            facts = deliver(context, request, place, results, options)
    _report(terminal, options, {**facts, "bytes": place.count})


def _refuse_overlap(terminal: Terminal, plan: ApiPlan, output: str | None) -> None:
    """Raises UsageError where the answer would be written over what is sent."""
    reads = [("the input", terminal.stdin_number if file == "-" else file) for file in plan.reads]
    is_file = output is not None and not is_stdout(output)
    refuse_overlap(reads, {"-o": output} if is_file else {STANDARD_OUTPUT: terminal.stdout_number})


def _refuse_a_file(plan: ApiPlan, *, with_jq: bool) -> None:
    """Raises UsageError where the service is known to answer with what cannot be shown, before it is paid for."""
    if gives_a_file(plan.method, plan.endpoint.path):
        said = "--jq reads JSON, and this endpoint answers with a file" if with_jq else NO_FILE_THERE
        raise UsageError(said, hint=FILE_HINT)


def _require_yes(terminal: Terminal, plan: ApiPlan) -> None:
    if not terminal.can_ask:
        raise UsageError("--confirm needs a terminal to ask on", hint="omit --confirm")
    what = "delete something for good" if plan.method == "DELETE" else "cost credits or change something"
    if not terminal.confirm(f"{plan.method} {plan.endpoint.path} may {what}. Send it?"):
        raise ElevenError("nothing was sent", code="not_confirmed")


@contextmanager
def _hint_at_paths(path: str) -> Iterator[None]:
    """Where the service knows no such path, and does not say of what it knows none, hint at those that there are."""
    try:
        yield
    except NotFound as unknown:
        if unknown.code == unknown.default_code:
            unknown.hint = paths_like(path) or unknown.hint
        raise


class _Place:
    """A file, a pipe or the terminal, for text and, but for the terminal, for bytes."""

    def __init__(self, terminal: Terminal, sink: Any) -> None:
        self._terminal, self._sink = terminal, sink
        self.count = 0

    @property
    def is_terminal(self) -> bool:
        return self._sink is None

    def write(self, data: bytes) -> None:
        self.count += len(data)
        if self._sink is not None:
            self._sink.write(data)
            return
        for line in data.decode("utf-8", "replace").removesuffix("\n").split("\n"):
            self._terminal.print(line)

    def finish(self) -> None:
        if self._sink is not None:
            self._sink.write(b"")  # creates an empty file in place of an older part
            self._sink.finish()


@contextmanager
def _place_of(terminal: Terminal, options: AnswerOptions) -> Iterator[_Place]:
    """The place, open. Raises UsageError where nothing can be written, before anything is sent."""
    with ExitStack() as opened_sink:
        sink: FileSink | DirectSink | Any = None
        if options.output is not None and not is_stdout(options.output):
            sink = file_sink(options.output, no_clobber=options.no_clobber, example="answer.json")
        elif not terminal.stdout_is_terminal:
            sink = terminal.audio()
        if sink is not None:
            opened_sink.enter_context(sink)
        yield _Place(terminal, sink)


def _deliver(
    context: Context, request: AnyRequest, place: _Place, results: Filter | None, options: AnswerOptions
) -> dict[str, Any]:
    """Send it, and deliver the answer; gives what is to be reported. Raises what the service refused with."""
    client, terminal, is_free = context.client, context.terminal, request.method in READING
    stream = _answer_of(client, request, terminal, include=options.include or request.method == "HEAD")
    with stream, costs_told(lambda: not is_free):
        refuse_another_kind(stream, request.method, request.endpoint.path)
        if results is not None:
            filter_answer(stream, client.server, results, place.write, is_free=is_free)
        elif place.is_terminal:
            show_answer(stream, client.server, terminal, is_free=is_free)
        else:
            copy_answer(stream, place.write)
            refuse_nothing(stream, request.method, request.endpoint.path, place.count)
        place.finish()
    return {"status": stream.status, "content_type": media_type_of(stream.headers)}


def _answer_of(client: Client, request: AnyRequest, terminal: Terminal, *, include: bool) -> Stream:
    """The answer. With `include` its head is shown, a refusal's too."""
    try:
        stream = send(client, request)
    except ElevenError as refused:
        if include and refused.status and refused.headers:
            show_head(terminal, refused.status, refused.headers)
        raise
    if include:
        show_head(terminal, stream.status, stream.headers)
    return stream


def _deliver_pages(
    context: Context, request: AnyRequest, place: _Place, results: Filter | None, options: AnswerOptions
) -> dict[str, Any]:
    """Ask for page after page, and write each entry as a line of JSON before the next page is asked for."""
    entries = 0
    for page in each_page(context.client, *request.endpoint, request.headers):
        entries += len(page)
        for line in results(page) if results else map(json_text, page):
            place.write(f"{line}\n".encode("utf-8", "replace"))
        if options.output is None:
            context.terminal.refuse_lost_stdout()
    place.finish()
    return {"entries": entries}


def _report(terminal: Terminal, options: AnswerOptions, facts: dict[str, Any]) -> None:
    """What became of a file."""
    if options.output is None or is_stdout(options.output):
        return
    if options.as_json:
        terminal.json({**facts, "file": options.output})
    else:
        terminal.remark(f"{options.output} · {facts['bytes']:,} bytes")
