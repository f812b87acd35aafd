"""Exports a transcript as SubRip, plain text, JSON segments, Word, PDF or HTML."""

from __future__ import annotations

import base64
import json
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..http.problems import invalid_parameter
from ..http.validate import Checker
from .documents import DOCX_TYPE, docx, html, pdf
from .words import WordEntry

FORMATS = ("srt", "txt", "segmented_json", "docx", "pdf", "html")
MAX_EXPORTS = 10
_LIMITS = ("segment_on_silence_longer_than_s", "max_segment_duration_s", "max_segment_chars", "max_characters_per_line")
_DEFAULTS: dict[str, dict[str, Any]] = {
    "srt": dict(zip(_LIMITS, (0.8, 4.0, 84, 42), strict=True)),
    "txt": {"max_characters_per_line": 100},
}
_TYPES = {
    "srt": "application/x-subrip",
    "txt": "text/plain",
    "segmented_json": "application/json",
    "docx": DOCX_TYPE,
    "pdf": "application/pdf",
    "html": "text/html",
}
SubtitleSegment = list[WordEntry]


@dataclass(frozen=True)
class ExportOptions:
    """A requested format; a limit of None does not apply."""

    format: str
    speakers: bool
    times: bool
    silence_s: float | None
    seconds: float | None
    characters: int | None
    line: int | None


def read_exports(given: Any, check: Checker) -> list[ExportOptions]:
    """Reads the requested formats; adds faults to `check`, and raises Problem for unsupported formats."""
    if given is None:
        return []
    faults = len(check.faults)
    check.list_of("additional_formats", given, _check)
    if len(check.faults) > faults:
        return []
    if len(given) > MAX_EXPORTS:
        raise invalid_parameter("additional_formats", f"At most {MAX_EXPORTS} formats can be asked for.")
    return [_export(one) for one in given]


def export_transcript(export: ExportOptions, entries: Sequence[WordEntry]) -> dict[str, Any]:
    """Gives the transcript in one format, as the response contains it."""
    segments = _segments(export, entries)
    makers = {"srt": _srt, "txt": _txt, "segmented_json": _json, "docx": _docx, "pdf": _pdf, "html": _html}
    content = makers[export.format](export, segments)
    return {
        "requested_format": export.format,
        "file_extension": "json" if export.format == "segmented_json" else export.format,
        "content_type": _TYPES[export.format],
        "is_base64_encoded": export.format in ("docx", "pdf"),
        "content": content,
    }


def _check(check: Checker, index: int, one: Any) -> None:
    if not check.object(index, one):
        return
    deeper = check.within(index)
    if deeper.required(one, "format") is not None:
        deeper.one_of("format", one["format"], FORMATS)
    for name in ("include_speakers", "include_timestamps"):
        if name in one:
            deeper.boolean(name, one[name])
    for name in _LIMITS:
        if one.get(name) is not None:
            deeper.number(name, one[name], 0)


def _export(one: dict[str, Any]) -> ExportOptions:
    limits = {**dict.fromkeys(_LIMITS), **_DEFAULTS.get(one["format"], {}), **one}
    speakers = one.get("include_speakers", one["format"] != "srt")
    return ExportOptions(
        one["format"], speakers, one.get("include_timestamps", True), *(limits[name] for name in _LIMITS)
    )


def _segments(export: ExportOptions, entries: Sequence[WordEntry]) -> list[SubtitleSegment]:
    """Splits the words into segments: after a silence, at a new speaker, and where one would be too long."""
    segments: list[SubtitleSegment] = []
    for entry in entries:
        if entry["type"] == "spacing":
            continue
        if segments and not _breaks(export, segments[-1], entry):
            segments[-1].append(entry)
        else:
            segments.append([entry])
    return segments


def _breaks(export: ExportOptions, segment: SubtitleSegment, entry: WordEntry) -> bool:
    if segment[-1]["speaker_id"] != entry["speaker_id"]:
        return True
    too_long = export.characters and len(_text(segment)) + 1 + len(entry["text"]) > export.characters
    if too_long or entry["start"] is None:
        return bool(too_long)
    pause, duration = entry["start"] - segment[-1]["end"], entry["end"] - segment[0]["start"]
    return bool(
        (export.silence_s is not None and pause > export.silence_s) or (export.seconds and duration > export.seconds)
    )


def _text(segment: SubtitleSegment) -> str:
    return " ".join(entry["text"] for entry in segment)


def _said(export: ExportOptions, segment: SubtitleSegment) -> str:
    speaker = segment[0]["speaker_id"]
    text = f"[{speaker}] {_text(segment)}" if export.speakers and speaker else _text(segment)
    return "\n".join(textwrap.wrap(text, int(export.line))) if export.line else text


def _srt(export: ExportOptions, segments: list[SubtitleSegment]) -> str:
    blocks = [f"{number}\n{_span(one)}\n{_said(export, one)}\n" for number, one in enumerate(segments, 1)]
    return "\n".join(blocks)


def _txt(export: ExportOptions, segments: list[SubtitleSegment]) -> str:
    return "\n\n".join((f"[{_span(one)}]\n" if export.times else "") + _said(export, one) for one in segments)


def _json(export: ExportOptions, segments: list[SubtitleSegment]) -> str:
    return json.dumps({"segments": [{"text": _text(one), "words": one} for one in segments]})


def _docx(export: ExportOptions, segments: list[SubtitleSegment]) -> str:
    return base64.b64encode(docx(_paragraphs(export, segments))).decode()


def _pdf(export: ExportOptions, segments: list[SubtitleSegment]) -> str:
    return base64.b64encode(pdf(_paragraphs(export, segments))).decode()


def _html(export: ExportOptions, segments: list[SubtitleSegment]) -> str:
    return html(_paragraphs(export, segments)).decode()


def _paragraphs(export: ExportOptions, segments: list[SubtitleSegment]) -> list[str]:
    return [(f"[{_span(one)}] " if export.times else "") + _said(export, one) for one in segments]


def _span(segment: SubtitleSegment) -> str:
    return f"{_clock(segment[0]['start'])} --> {_clock(segment[-1]['end'])}"


def _clock(seconds: float | None) -> str:
    whole, ms = divmod(round(1000 * (seconds or 0.0)), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02},{ms:03}"
