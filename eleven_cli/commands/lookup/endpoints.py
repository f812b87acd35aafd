"""The endpoints that the service documents: for completion, and to know whose answers are no text.

Each line of the list has a path and its methods; one with a * answers with audio or another file.
Source: the service's OpenAPI document of 2026-09, and what its guides name since.
"""

from collections.abc import Iterable
from pathlib import Path

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
LIST = Path(__file__).with_name("endpoints.txt")
DOCUMENTATION = "https://elevenlabs.io/docs/api-reference"
_GIVES_A_FILE = "*"
_LEAST_SEGMENTS = 3  # "", the version, and what is asked for
_PAGES = ("/v1/convai/knowledge-base/{documentation_id}/content", "/v1/convai/twilio/register-call")


def known() -> dict[str, list[str]]:
    """The methods of each path."""
    lines = (line.split() for line in LIST.read_text("utf-8").splitlines())
    return {path: methods for path, *methods in lines}


def gives_a_page(path: str) -> bool:
    """Whether what answers may be a web page: it is documented so, or not at all."""
    return any(_filled(page, path) == path for page in _PAGES) or all(_filled(one, path) != path for one in known())


def gives_a_file(method: str, path: str) -> bool:
    """Whether what answers is documented to be no text."""
    marked = f"{method}{_GIVES_A_FILE}"
    return any(marked in methods and _filled(template, path) == path for template, methods in known().items())


def paths_like(path: str) -> str:
    """A hint at the documented paths that are like one that is not, or at where all are; "" for one that is."""
    from eleven_cli.suggestions import MOST_NAMED, either

    paths = known()
    if any(_filled(one, path) == path for one in paths):
        return ""
    given = path.split("/")
    with_this_end = list(filter(None, (_with_end(one.split("/"), given[2:]) for one in paths)))
    depth = min((one.count("/") for one in with_this_end), default=0)
    likely = [one for one in with_this_end if one.count("/") == depth] or _likely(given, paths)
    return f"did you mean {either(likely[:MOST_NAMED])}?" if likely else f"see the paths: {DOCUMENTATION}"


def _likely(given: list[str], paths: Iterable[str]) -> list[str]:
    """Those that the path is a slip for, with its ids; of one that nothing is like, those that its beginning is."""
    from eleven_cli.suggestions import near

    filled = ["/".join(_with_ids(path.split("/"), given)) for path in paths]
    as_deep = [path for path in filled if path.count("/") == len(given) - 1]
    for count in range(len(given), _LEAST_SEGMENTS - 1, -1):
        beginning = "/".join(given[:count])
        if found := near(beginning, as_deep) or near(beginning, filled):
            return found
    return []


def _with_end(template: list[str], end: list[str]) -> str | None:
    """The template with the end's ids, of a path that ends so: in another version, or below /convai."""
    beginning, rest = template[: -len(end)], template[-len(end) :]
    fits = len(beginning) > 1 and rest[0] == end[0] and _filled("/".join(rest), "/".join(end)) == "/".join(end)
    return "/".join([*beginning, *end]) if fits and not any(map(_is_placeholder, beginning)) else None


def _with_ids(template: list[str], given: list[str]) -> list[str]:
    ids = [there if _is_placeholder(part) else part for part, there in zip(template, given, strict=False)]
    return ids + template[len(ids) :]


def methods_for(typed: str) -> list[str]:
    """The methods that begin with what was typed, in its case."""
    fits = [method for method in METHODS if method.startswith(typed.upper())]
    return [method.lower() for method in fits] if typed.islower() else fits


def paths_for(typed: str, method: str = "") -> list[str]:
    """The paths that continue what was typed, in its spelling: with or without the slash and the version."""
    offered = (
        _as_begun(path, typed)
        for path, methods in known().items()
        if not method or method.upper() in {name.rstrip(_GIVES_A_FILE) for name in methods}
    )
    return list(dict.fromkeys(filter(None, offered)))


def _as_begun(path: str, typed: str) -> str | None:
    spellings = [path, path[1:], *((path[3:], path[4:]) if path.startswith("/v1/") else ())]
    return next((filled for spelling in spellings if (filled := _filled(spelling, typed))), None)


def _filled(template: str, typed: str) -> str | None:
    """The template with what was typed in its placeholders; None where it does not begin so."""
    parts, given = template.split("/"), typed.split("/")
    if len(given) > len(parts):
        return None
    *whole, last = given
    fits = all((_is_placeholder(part) and said) or part == said for part, said in zip(parts, whole, strict=False))
    part = parts[len(whole)]
    if not fits or not (part.startswith(last) or _is_placeholder(part)):
        return None
    end = last if last and _is_placeholder(part) else part
    return "/".join([*whole, end, *parts[len(given) :]])


def _is_placeholder(part: str) -> bool:
    return part.startswith("{")
