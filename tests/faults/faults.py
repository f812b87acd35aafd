"""The faults of the table: one entry each."""

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from tests.faults import places
from tests.faults.commands import Command
from tests.faults.lines import Line
from tests.faults.row import Run
from tests.faults.service import Wire, honestly
from tests.faults.wires import (
    BUSY,
    PAGE,
    SENTENCE,
    SHAPES,
    STATUSES,
    adding,
    after_a_part,
    after_accepting,
    after_interim_answers,
    closing,
    compressed_falsely,
    detail,
    held,
    in_bytes,
    other_body,
    promising,
    refusing,
    released,
    saying,
    with_length,
    with_more,
    within,
)

WELL, FAILED, KEY, NOT_FOUND, LIMIT, NETWORK, DEVICE, READER_LEFT = 0, 1, 3, 4, 5, 6, 7, 141


def every(command: Command) -> bool:
    """Each that needs nothing special."""
    return not command.on_card


@dataclass(frozen=True)
class Fault:
    """How the service or the environment behaves, and what is right then.

    code      the exit code, or those that are right
    wire      what the service does with a request
    says      words, of which one is to be in the error
    has_part  the first part of the result has arrived by then
    pays      False where nothing may be on the bill
    environ   what is in the environment;  place: makes the way to the service
    during    what happens while it runs
    prefix    a program that runs it;  player: a shell's commands that play what they read
    to        where its stdout goes;  reader: "stays", "leaves" after the first of it, or "is gone"
    only      for which commands it makes sense
    whole     only in the whole table, as it is long or one of many alike
    """

    name: str
    code: int | tuple[int, ...]
    wire: Wire = honestly
    says: tuple[str, ...] = ()
    has_part: bool = False
    pays: bool = True
    environ: Mapping[str, str] = field(default_factory=dict)
    place: Callable[[Run], object] = places.at_the_service
    during: Callable[[Run], object] = Run.nothing
    prefix: tuple[str, ...] = ()
    player: str = "exec cat > played"
    to: str = ""
    reader: str = "stays"
    only: Callable[[Command], bool] = every
    whole: bool = False


# for which commands


def to_stdout(command: Command) -> bool:
    return every(command) and not command.result and not command.plays


def to_stdout_in_parts(command: Command) -> bool:
    return to_stdout(command) and bool(command.part)


def to_a_file(command: Command) -> bool:
    return bool(command.result)


def to_a_file_alone(command: Command) -> bool:
    """Not one that begins where an earlier run left off."""
    return to_a_file(command) and not command.is_book


def over_http(command: Command) -> bool:
    return every(command) and not command.is_socket


def over_a_socket(command: Command) -> bool:
    return every(command) and command.is_socket


def of_audio(command: Command) -> bool:
    return command.is_audio


def of_a_book(command: Command) -> bool:
    return command.is_book


def in_pipes(command: Command) -> bool:
    return every(command) and not command.tty


def without_stdin(command: Command) -> bool:
    return every(command) and not command.tty and not command.stdin


def aloud(command: Command) -> bool:
    return command.plays or command.on_card


def played(command: Command) -> bool:
    return command.plays


# many alike


def unreachable(name: str, says: str, place: Callable[[Run], object], **more: object) -> Fault:
    return Fault(name, NETWORK, says=(says,), place=place, pays=False, **more)  # type: ignore[arg-type]


def behind_a_proxy(name: str, **proxy: object) -> Fault:
    return unreachable(f"proxy {name}", "proxy", partial(places.proxy, **proxy))


def refused(name: str, code: int, wire: Wire, *says: str, **more: object) -> Fault:
    return Fault(name, code, wire, says, pays=False, **more)  # type: ignore[arg-type]


def descriptors(count: int) -> Fault:
    return Fault(f"{count} descriptors", (WELL, FAILED), says=("too many",), prefix=("prlimit", f"--nofile={count}"))


def signals(name: str) -> tuple[Fault, Fault]:
    number = getattr(signal, name)
    return (
        Fault(f"{name} before the answer", 128 + number, held, during=partial(Run.signal_before, number=number)),
        Fault(
            f"{name} amid the answer", 128 + number, released, (), True, during=partial(Run.signal_amid, number=number)
        ),
    )


def on_a_card(name: str, code: int, during: Callable[[Run], object]) -> Fault:
    wire = released if code else honestly
    return Fault(f"a card {name}", code, wire, place=places.card, during=during, only=aloud, whole=True)


def signalled_early(name: str, after_ms: int) -> Fault:
    number = getattr(signal, name)
    during = partial(Run.signal_early, number=number, after_s=after_ms / 1000)
    return Fault(f"{name} after {after_ms} ms", (WELL, 128 + number), during=during, whole=True)


def signalled_late(name: str, after_ms: int) -> Fault:
    number = getattr(signal, name)
    during = partial(Run.signal_late, number=number, after_s=after_ms / 1000)
    return Fault(f"{name} {after_ms} ms after the rest", (WELL, 128 + number), released, during=during, whole=True)


def stopped(name: str, *, seconds: float, answered: bool, **more: object) -> Fault:
    during = partial(Run.stop, seconds=seconds, answered=answered)
    return Fault(f"stopped {name}", WELL, released, during=during, **more)  # type: ignore[arg-type]


def refusals() -> list[Fault]:
    codes = {401: KEY, 402: LIMIT, 403: KEY, 404: NOT_FOUND, 429: LIMIT}
    often = ("object", "nothing", "page"), (400, 401, 500)
    return [
        refused(
            f"status {status}, {shape}",
            codes.get(status, FAILED),
            refusing(status, body, content_type=media_type),
            whole=shape not in often[0] and status not in often[1],
        )
        for status in STATUSES
        for shape, (body, media_type) in SHAPES.items()
    ]


LATE_MS = (*range(8), *range(8, 40, 4), *range(40, 200, 20))
SHORT = {"ELEVEN_TIMEOUT": "4"}  # shorter, and it may pass on a busy machine while the service is about to answer
LONGER_S = 5.5
SOME_TRIES = {"ELEVEN_RETRIES": "3"}
LOST = ("lost", "ended", "did not", "does not", "not JSON", "cannot connect")
SILENT = ("sent nothing", "did not", "lost", "dead", "no answer")
TAKEN = ("cannot write", "is a folder")
STDOUT = ("cannot write to standard output",)
HALF_A_HEAD = b"HTTP/1.1 200 OK\r\nconte"
ENDLESS_CHUNK, ENDLESS_FRAME = b"ffffffffffffffffffff\r\n", b"\x81\x7f\x7f" + b"\xff" * 7 + b"x"

FAULTS = (
    Fault("nothing", WELL),
    # no way to the service
    unreachable("connection refused", "cannot connect", places.nobody_there),
    unreachable("no such name", "cannot find", places.no_such_name),
    unreachable("certificate of a stranger", "no trusted connection", places.untrusted),
    unreachable("TLS that is none", "connection", places.no_tls),
    unreachable("TLS never answered", "did not answer", places.silent, environ={"ELEVEN_TIMEOUT": "2"}),
    unreachable("no certificates", "no certificates", places.no_certificates),
    unreachable("proxy is not there", "proxy", places.proxy_gone),
    behind_a_proxy("refuses", says=b"HTTP/1.1 403 No\r\n\r\n"),
    behind_a_proxy("wants a password", wanted="a:b"),
    behind_a_proxy("hangs up", says=b""),
    behind_a_proxy("speaks another language", says=b"220 ftp\r\n\r\n"),
    # the connection
    Fault("reset before the first byte", NETWORK, Line.drop, LOST),
    Fault("closed before the first byte", NETWORK, Line.hang_up, LOST),
    Fault("silence before the first byte", NETWORK, Line.stall, SILENT, environ=SHORT),
    Fault("closed amid the head", NETWORK, saying(HALF_A_HEAD), LOST),
    Fault("silence amid the head", NETWORK, saying(HALF_A_HEAD, Line.stall), (*SILENT, "headers"), environ=SHORT),
    Fault("reset after the head", NETWORK, after_accepting(Line.drop), LOST),
    Fault("closed after the head", NETWORK, after_accepting(Line.hang_up), LOST),
    Fault("silence after the head", NETWORK, after_accepting(Line.stall), SILENT, environ=SHORT),
    Fault("reset after the first part", NETWORK, after_a_part(Line.drop), LOST, has_part=True),
    Fault("closed after the first part", NETWORK, after_a_part(Line.hang_up), LOST, has_part=True),
    Fault("silence after the first part", NETWORK, after_a_part(Line.stall), SILENT, has_part=True, environ=SHORT),
    Fault(
        "reset while a file of that name is there",
        NETWORK,
        after_a_part(Line.drop),
        LOST,
        has_part=True,
        place=places.older_file,
        only=to_a_file,
    ),
    Fault("a file of that name is there", WELL, place=places.older_file, only=to_a_file),
    # what is no answer
    Fault("another protocol", NETWORK, saying(b"SSH-2.0-OpenSSH_9.6\r\n")),
    Fault("bytes", NETWORK, saying(bytes(range(256)) * 20)),
    Fault("a page", FAILED, other_body(PAGE, "text/html"), only=over_http),
    Fault("a page, not a socket", (FAILED, NETWORK), other_body(PAGE, "text/html"), only=over_a_socket),
    Fault("a refusal with 200", FAILED, other_body(detail({"message": SENTENCE}), "application/json"), only=of_audio),
    Fault("an answer of nothing", (FAILED, NETWORK), other_body(b"", "audio/mpeg"), only=over_http),
    Fault("garbage within", NETWORK, within(b"\xff\xfe garbage \r\n" * 40), has_part=True),
    Fault("a chunk without end", NETWORK, within(ENDLESS_CHUNK), has_part=True, only=over_http),
    Fault("a frame without end", NETWORK, within(ENDLESS_FRAME), has_part=True, only=over_a_socket),
    Fault("fewer bytes than promised", NETWORK, promising(50_000), LOST, has_part=True, only=of_audio),
    Fault("a header without end", NETWORK, saying(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 200_000)),
    Fault("headers without end", NETWORK, saying(b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * 20_000)),
    *(
        Fault(f"a first line of {line!r}", (FAILED, NETWORK), saying(f"{line}\r\ncontent-length: 0\r\n\r\n".encode()))
        for line in ("HTTP/1.1 999 What", "HTTP/1.1 000 None", "HTTP/1.1 -1 Less", "HTTP/1.1 2OO OK", "HTTP/9.9 200 OK")
    ),
    *(
        Fault(f"a length of {length}", (WELL, FAILED, NETWORK), with_length(length), only=over_http)
        for length in ("-1", "1e3", "9" * 30, "5, 6", "")
    ),
    Fault("more after the end", WELL, with_more(b"HTTP/1.1 500 No\r\n\r\n" * 20), only=over_http),
    Fault("pings without end", WELL, adding(b"\x89\0" * 2_000), only=over_a_socket),
    Fault("a text that is no text", (WELL, FAILED, NETWORK), adding(b"\x81\2\xff\xfe"), only=over_a_socket),
    Fault("closed without a code", (WELL, FAILED, NETWORK), within(b"\x88\0"), only=over_a_socket),
    Fault("a byte at a time", WELL, in_bytes),
    Fault("interim answers first", WELL, after_interim_answers),
    Fault("a frame of no known kind", NETWORK, adding(b"\x83\1x"), has_part=True, only=over_a_socket),
    Fault("a message that is no JSON", (WELL, FAILED, NETWORK), adding(b"\x81\5hello"), only=over_a_socket),
    Fault("a message of another shape", (WELL, FAILED, NETWORK), adding(b'\x81\x09[{"a":1}]'), only=over_a_socket),
    Fault("a message in pieces", WELL, adding(b"\1\1{" + b"\x89\0" + b"\x80\1}"), only=over_a_socket),
    *(
        Fault(
            f"closed with {code}",
            (FAILED, NETWORK),
            closing(code),
            has_part=True,
            only=over_a_socket,
            whole=code not in (1008, 1011),
        )
        for code in (999, 1001, 1008, 1009, 1011, 1013, 3000, 4001)
    ),
    Fault("compressed falsely", NETWORK, compressed_falsely, only=over_http),
    refused("elsewhere", FAILED, refusing(307, location="https://example.com/x"), "redirects"),
    refused("elsewhere on this server", FAILED, refusing(302, location="/x"), "redirects"),
    # busy
    Fault("429 twice, then well", WELL, refusing(429, BUSY, times=2), environ=SOME_TRIES),
    Fault("503 twice, then well", WELL, refusing(503, BUSY, times=2), environ=SOME_TRIES),
    refused("429 for ever", LIMIT, refusing(429, BUSY), environ=SOME_TRIES),
    refused("503 for ever", LIMIT, refusing(503, BUSY), environ=SOME_TRIES),
    refused("429, come back in an hour", LIMIT, refusing(429, BUSY, retry_after="3600")),
    refused("429, come back at once", LIMIT, refusing(429, BUSY, retry_after="0")),
    refused("429, come back at a time that is none", LIMIT, refusing(429, BUSY, retry_after="-9e999 x")),
    # the machine
    Fault("disk full", FAILED, says=("cannot write",), prefix=("prlimit", "--fsize=1000"), only=to_a_file),
    Fault("disk full amid a book", FAILED, says=("cannot write",), prefix=("prlimit", "--fsize=10000"), only=of_a_book),
    Fault("a folder takes the name", FAILED, released, TAKEN, during=Run.take_name, only=to_a_file_alone),
    Fault("the folder goes away", (WELL, FAILED), released, during=Run.remove_folder, only=to_a_file_alone),
    Fault("disk full behind stdout", FAILED, says=STDOUT, to="/dev/full", only=to_stdout),
    Fault("stdout closed", FAILED, says=STDOUT, prefix=("sh", "-c", 'exec "$@" >&-', "sh"), only=to_stdout, pays=False),
    Fault("the reader has left", READER_LEFT, reader="is gone", only=to_stdout),
    Fault("the reader leaves", READER_LEFT, released, during=Run.leave, reader="leaves", only=to_stdout_in_parts),
    Fault("stderr full", (WELL, FAILED), prefix=("sh", "-c", 'exec "$@" 2>/dev/full', "sh"), only=in_pipes),
    Fault("stderr closed", WELL, prefix=("sh", "-c", 'exec "$@" 2>&-', "sh"), only=in_pipes),
    Fault("stdin closed", WELL, prefix=("sh", "-c", 'exec "$@" <&-', "sh"), only=without_stdin),
    Fault("no home", WELL, environ={"HOME": "/proc/none"}),
    Fault("no folder for temporary files", WELL, environ={"TMPDIR": "/proc/none"}),
    *map(descriptors, range(5, 13)),
    # signals and clocks
    *signals("SIGINT"),
    *signals("SIGTERM"),
    *signals("SIGHUP"),
    *(signalled_early(name, after_ms) for name in ("SIGINT", "SIGTERM", "SIGHUP") for after_ms in range(0, 300, 15)),
    *(signalled_late(name, after_ms) for name in ("SIGINT", "SIGTERM", "SIGHUP") for after_ms in LATE_MS),
    *(
        Fault(
            f"{first} and {second}",
            (WELL, *(128 + getattr(signal, name) for name in (first, second))),
            released,
            during=partial(Run.signal_twice, first=getattr(signal, first), second=getattr(signal, second)),
        )
        for first in ("SIGINT", "SIGTERM")
        for second in ("SIGINT", "SIGTERM")
    ),
    stopped("while the answer comes", seconds=LONGER_S, answered=True, environ=SHORT),
    stopped("before the answer comes", seconds=LONGER_S, answered=False, environ=SHORT),
    stopped("before it comes over TLS", seconds=LONGER_S, answered=False, environ=SHORT, place=places.trusted),
    stopped("for 70 s", seconds=70, answered=True, whole=True),
    stopped("for 70 s before the answer comes", seconds=70, answered=False, whole=True),
    Fault("clock a day ahead", WELL, released, place=places.clock(86_400), during=Run.jump),
    Fault("clock a day back", WELL, released, place=places.clock(-86_400), during=Run.jump),
    # sound
    Fault("device unplugged", DEVICE, player="head -c 100 > played; exit 1", only=played),
    Fault("device busy", DEVICE, player="echo busy >&2; exit 1", only=played),
    Fault("player killed", DEVICE, player="kill -9 $$", only=played),
    on_a_card("is there", WELL, Run.nothing),
    on_a_card("is unplugged", DEVICE, Run.unplug),
    *refusals(),
)
