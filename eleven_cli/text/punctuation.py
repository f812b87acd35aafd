"""Punctuation: the marks that end a sentence, the quotes and brackets around them, and how far one mark goes. Pure."""

import re

CLOSING = "\"'”’»«“‘›‹)]}』」）】〉》*_~`"  # German closes with “ and «, where no blank is before them
_WIDE_CLOSING = "\"'”’»)]}›」』）】〉》*_~`"
OPENING = "\"'“‘«„»‹›¿¡([{*_~`—–-"
STOPS = ".!?…‼‽⁇⁈⁉"  # want a blank after them
# Those of scripts without small letters, which stand for nothing else, and the wide ones want none.
_SCRIPTS = "։׃؟؝؞۔܀܁܂߹।॥။።፧፨།༎។៕᙮᠃᠉᥄᥅᱾᱿᪨᪩᪪᪫᭚᭛᭞᭟꓿꘎꘏꛳꛷꡶꡷꣎꣏꤯꧈꧉꩝꩞꩟꫰꫱꯫"
_WIDE_STOPS = f"。！？｡︒︕︖﹒﹖﹗{_SCRIPTS}"
_WIDE_POINT = r"(?<!\d)(?<!\b[A-Za-zＡ-Ｚａ-ｚ])．"  # which is in numbers and initials, too
BREAK = r"\n\v\f\r\x85\u2028\u2029"
BLANK = rf"[^\S{BREAK}]"
CLOSERS = rf"[{re.escape(CLOSING)}]*+"
BREAKS = "\n\v\f\r\x85\u2028\u2029"
WIDE_STOPS = frozenset(f"{_WIDE_STOPS}．")
STOPS_AND_BREAKS = WIDE_STOPS.union(STOPS, BREAKS)
STOP = rf"(?<![{STOPS}])[{STOPS}]++{CLOSERS}"
WIDE_STOP = rf"(?:[{_WIDE_STOPS}]|{_WIDE_POINT})[{STOPS}{_WIDE_STOPS}．]*+[{re.escape(_WIDE_CLOSING)}]*+"
_SPACED_CLOSER = rf"{BLANK}{{1,2}}(?:[»›”)\]}}])++(?:(?P<closed>(?=[\s,;:.!?…»)]))|(?P<open>\Z))?"


def after_stops(text: str, at: int, stop: int) -> tuple[int, int]:
    """Where the STOPS end that begin at `at`, and the closing quotes after them."""
    while at < stop and text[at] in STOPS:
        at += 1
    end = at
    while at < stop and text[at] in CLOSING:
        at += 1
    return end, at


def after_wide_stop(text: str, at: int, stop: int) -> int | None:
    """Where one of WIDE_STOPS ends with all stops and closing quotes after it; None for a point in a number."""
    found = re.compile(WIDE_STOP).match(text, at, stop)
    return found.end() if found else None


def mark_at_the_end(text: str) -> tuple[int, int, bool] | None:
    """Where the mark begins and ends that the text ends with, but for white space, and whether it is a wide one."""
    end = len(text.rstrip())
    closed = len(text[:end].rstrip(CLOSING))
    at = len(text[:closed].rstrip(STOPS))
    if at < closed and text[at - 1 : at] not in WIDE_STOPS:
        return at, end, False
    if text[closed - 1 : closed] not in STOPS_AND_BREAKS:
        return None
    found = re.compile(rf"(?:(?P<wide>{WIDE_STOP})|{STOP})\Z").search(text, 0, end)
    return (found.start(), found.end(), found["wide"] is not None) if found else None


def is_blank(char: str) -> bool:
    """Whether it is white space within a line."""
    return char.isspace() and char not in BREAKS


def after_spaced_closers(text: str, end: int, stop: int) -> int | None:
    """Where a mark that ends at `end` ends with its closing quotes, should they stand apart from it: `« Viens ! »`.

    None while the characters before `stop` do not tell whether they close or open.
    """
    found = re.compile(_SPACED_CLOSER).match(text, end, stop)
    if found is None or found["closed"] is None:
        return end if found is None or found["open"] is None else None
    return found.end()
