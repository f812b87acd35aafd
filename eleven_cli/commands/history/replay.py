"""The run of `eleven history get`: audio as it was kept, to where it should go, in the format that its bytes have."""

import io
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain
from pathlib import PurePath
from shlex import quote
from typing import NamedTuple, NoReturn

from eleven_cli.api.account.history import USUAL_FORMAT, HistoryItem, item_audio
from eleven_cli.audio.codecs import sniff
from eleven_cli.audio.codecs.mp3 import FrameParser
from eleven_cli.audio.codecs.wav import read_header
from eleven_cli.audio.formats import Format, named
from eleven_cli.commands.output import OutputPlan
from eleven_cli.commands.output.audio import Meter, copy, open_sinks, summary
from eleven_cli.commands.output.figures import report_figures
from eleven_cli.commands.output.progress import playing
from eleven_cli.context import Context
from eleven_cli.errors import AudioError, ElevenError, UsageError
from eleven_cli.terminal import Terminal

MEDIA_TYPES = {"audio/mpeg": "mp3", "audio/wav": "wav", "audio/x-wav": "wav", "audio/ogg": "opus", "audio/opus": "opus"}
SUFFIXES = {"mp3": (".mp3",), "wav": (".wav",), "opus": (".opus", ".ogg"), "pcm": (".wav", ".pcm", ".raw"),
            "ulaw": (".ulaw",), "alaw": (".alaw",)}  # fmt: skip


class Kept(NamedTuple):
    """What the bytes are. name: of the format; suffixes: which a file may have; fmt: None for what is not played."""

    name: str
    suffixes: tuple[str, ...]
    fmt: Format | None


def replay(
    context: Context, item: HistoryItem, places: tuple[str | None, bool, bool], *, no_clobber: bool, as_json: bool
) -> None:
    """Fetch the audio, and write and play it. Raises UsageError for a file whose name would belie it."""
    meter = Meter(named(USUAL_FORMAT))
    meter.start()
    with item_audio(context.client, item) as response:
        head, rest = _begun(chunk.data for chunk in response if chunk.data)
        kept = kept_as(head, item)
        plan = _plan(kept, *places)
        meter.fmt = plan.fmt.wire
        audio: Iterable[bytes] = chain([head], rest)
        if kept.fmt == plan.fmt and plan.fmt.codec == "wav":
            audio = _samples(audio, plan.fmt)
        _deliver(context.terminal, audio, plan, meter, no_clobber=no_clobber)
    _report(context.terminal, item, kept, plan, meter, as_json=as_json)


def kept_as(head: bytes, item: HistoryItem) -> Kept:
    """What audio is that begins so; where the bytes do not tell, what the item says of it. Pure."""
    stated = _format_called(item.format) or _format_called(MEDIA_TYPES.get(item.content_type.partition(";")[0], ""))
    seen, fmt = sniff.sniff_format(head), stated or named(USUAL_FORMAT)
    if seen is sniff.MP3:
        fmt = _mp3(head, fmt)
    elif seen is sniff.OGG:
        fmt = fmt if fmt.codec == "opus" else named("opus")
    elif seen is sniff.WAV:
        wav = _wav(head)
        return Kept(str(wav or seen.name), SUFFIXES["wav"], wav)
    elif seen is not None:
        return Kept(seen.name, (f".{seen.suffix}",), None)
    return Kept(str(fmt), SUFFIXES[fmt.codec], fmt)


def _format_called(name: str) -> Format | None:
    with suppress(UsageError):
        return named(name) if name else None
    return None


def _mp3(head: bytes, stated: Format) -> Format:
    """Of its first frame; of the bit rate, which may vary, what is told."""
    frame = next((header for _, header in FrameParser().feed(head, last=True) if header), None)
    usual = stated if stated.codec == "mp3" else named("mp3")
    return usual if frame is None else Format("mp3", frame.rate, usual.bitrate, frame.channels)


def _wav(head: bytes) -> Format | None:
    """None for one that only others can play."""
    with suppress(UsageError):
        header = read_header(io.BytesIO(head), "the audio")
        if header.channels in (1, 2):
            return Format("wav", header.rate, channels=header.channels)
    return None


def _begun(chunks: Iterator[bytes]) -> tuple[bytes, Iterable[bytes]]:
    """Enough of the beginning to know the format by, and what follows; what it is broken off with comes after it."""
    head = b""
    try:
        while len(head) < sniff.HEAD_BYTES and (chunk := next(chunks, b"")):
            head += chunk
    except ElevenError as lost:
        if not head:
            raise
        return head, _raising(lost)
    return head, chunks


def _raising(lost: ElevenError) -> Iterator[bytes]:
    yield from ()
    raise lost


def _plan(kept: Kept, file: str | None, stdout: bool, play: bool) -> OutputPlan:
    """Where it goes; `fmt` is a WAV's only where it gets its header from us, as others are passed on as they are."""
    suffix = PurePath(file).suffix.lower() if file else ""
    if file and suffix and suffix not in kept.suffixes:
        _refuse_name(kept, file, suffix)
    if play and kept.fmt is None:
        raise AudioError(f"{kept.name} cannot be played", hint="write a file: -o FILE")
    fmt = kept.fmt or named(USUAL_FORMAT)
    if fmt.codec == "pcm" and suffix == ".wav":
        fmt = Format("wav", fmt.rate, channels=fmt.channels)
    elif fmt.codec == "wav" and not play:
        fmt = fmt.wire
    return OutputPlan(fmt, file, stdout, play)


def _refuse_name(kept: Kept, file: str, suffix: str) -> NoReturn:
    hint = f"name the file {quote(str(PurePath(file).with_suffix(kept.suffixes[0])))}"
    raise UsageError(f"the audio is {kept.name}, not {suffix}: {file}", hint=hint)


def _deliver(terminal: Terminal, audio: Iterable[bytes], plan: OutputPlan, meter: Meter, *, no_clobber: bool) -> None:
    with (
        open_sinks(plan, terminal, no_clobber=no_clobber) as sinks,
        terminal.progress() as progress,
        playing(meter, plan, terminal, progress) as line,
    ):
        copy(meter.watch(audio, progress, line), *sinks)


def _samples(audio: Iterable[bytes], fmt: Format) -> Iterable[bytes]:
    """Those of a WAV, for a player, which takes no header."""
    from eleven_cli.audio.codecs.wav_samples import WavSamples

    return filter(None, map(WavSamples(fmt).feed, audio))


def _report(
    terminal: Terminal, item: HistoryItem, kept: Kept, plan: OutputPlan, meter: Meter, *, as_json: bool
) -> None:
    if as_json:
        known = {"history_item_id": item.history_item_id, **meter.figures, "format": kept.name, "file": plan.file}
        report_figures(terminal, known, plan)
    else:
        is_raw = plan.stdout and kept.fmt is not None and kept.fmt.codec == "pcm"
        raw = "raw samples, with -o FILE.wav a WAV" if is_raw else ""
        terminal.remark(summary(plan.file, meter, " · ".join(filter(None, [kept.name, raw, item.voice]))))
