"""The help page about what the sandbox imitates, made from its routes: `python -m tests.endpoints_page` writes it."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from starlette.routing import BaseRoute, Route, WebSocketRoute

import eleven_cli
from eleven_cli.sandbox.app import Application
from eleven_cli.sandbox.http.service import Endpoint, every_endpoint, find_endpoint
from eleven_cli.sandbox.http.unserved import refuse

PAGE = Path(eleven_cli.__file__).parent / "help" / "endpoints.md"
AREAS = {  # by the beginnings of paths; the longest that fits counts
    "Speech": ("/v1/text-to-speech",),
    "Dialogue": ("/v1/text-to-dialogue",),
    "Voice changer": ("/v1/speech-to-speech", "/v1/voice-changer"),
    "Isolation": ("/v1/audio-isolation",),
    "Effects": ("/v1/audio-effects", "/v1/sound-generation"),
    "Music": ("/v1/music",),
    "Transcripts": ("/v1/speech-to-text", "/v1/forced-alignment"),
    "Voices": ("/v1/voices", "/v2/voices", "/v1/shared-voices", "/v1/similar-voices"),
    "Voice design": ("/v1/text-to-voice",),
    "Dictionaries": ("/v1/pronunciation-dictionaries",),
    "History": ("/v1/history",),
    "Models": ("/v1/models",),
    "Account": ("/v1/user", "/v1/usage", "/v1/workspace/analytics", "/v1/single-use-token"),
    "Agents": ("/v1/convai",),
    "Agent tests": ("/v1/convai/agent-testing", "/v1/convai/test-invocations"),
    "Calls": ("/v1/convai/conversation", "/v1/convai/conversations"),
    "Tools": ("/v1/convai/tools", "/v1/convai/secrets"),
    "Knowledge": ("/v1/convai/knowledge-base", "/v1/convai/agent/"),
    "Phone": ("/v1/convai/phone-numbers", "/v1/convai/twilio", "/v1/convai/whatsapp", "/v1/convai/batch-calling"),
    "Workspace": ("/v1/workspace", "/v1/workspaces", "/v1/service-accounts"),
    "Dubbing": ("/v1/dubbing",),
    "Studio": ("/v1/studio", "/v1/productions", "/v1/audio-native", "/v1/flows", "/v1/assets"),
    "Speech engine": ("/v1/speech-engine",),
}
ROUGHLY = {  # by the beginnings of paths: what differs, although the answers have the service's shape
    "/v1/text-to-speech": "The voice is that of eSpeak NG. Style, speaker boost and audio tags are checked, and change "
    "nothing; speed, stability, dictionaries and effects are heard.",
    "/v1/text-to-dialogue": "The same voices, one after the other.",
    "/v1/speech-to-speech": "Pitch and formants are moved to those of the voice.",
    "/v1/voice-changer": "Pitch and formants are moved to those of the voice.",
    "/v1/audio-isolation": "What sounds as in the quietest moments is removed.",
    "/v1/sound-generation": "Sounds are synthesised from some words of the description.",
    "/v1/music": "Chords, a tune and a beat follow from the words, and nobody sings. Pieces of other songs are "
    "refused; a second costs as much as one of a sound effect.",
    "/v1/music/detailed": "The same music, and its plan; as nobody sings, no word has a time.",
    "/v1/music/video-to-music": "Music as long as the videos, which are not looked at.",
    "/v1/music/finetunes": "Recordings are checked and not learnt from: a finetune is ready after two seconds, and its "
    "genre and tags colour the music.",
    "/v1/music/upload": "The plan has the length of the song and no styles, and no words are looked for; the song is "
    "not kept.",
    "/v1/speech-to-text": "What the sandbox's own voices have said is understood; of other speech it is known that "
    "there is some. Entities are found by their form; of instructions to edit, only plain ones are followed.",
    "/v1/convai/knowledge-base": "Documents are kept, and agents are not told of them. Addresses are not opened, and "
    "of files only text and HTML are read.",
    "/v1/convai/agent/{agent_id}/knowledge-base/size": "A page has 3,000 characters here.",
    "/v1/convai/tools": "Kept with what they name; a change replaces all of a tool.",
    "/v1/convai/phone-numbers": "The list is always empty.",
    "/v1/convai/agent-testing": "Kept without folders.",
    "/v1/convai/agents/{agent_id}/branches": "The newest version of each branch is kept, there are no drafts, and a "
    "merge is not previewed.",
    "/v1/convai/agents/{agent_id}/run-tests": "The agent's script, or a model of your own, answers at once, and no "
    "tool is called. Calls are held against what was wanted, words against the examples; what takes a model to judge "
    "fails.",
    "/v1/forced-alignment": "Words of the sandbox's own voices are found; others are laid over the speech between.",
    "/v1/voices/add": "The voice of a clone is one of the synthesiser's.",
    "/v1/voices/add/{public_user_id}/{voice_id}": "",
    "/v1/text-to-voice": "A description chooses among the synthesiser's voices.",
    "/v1/convai/conversation/get-signed-url": "",
    "/v1/convai/conversation/get_signed_url": "",
    "/v1/convai/conversation": "Replies come from patterns, or from a model of your own.",
}
WIDTH = 120


class Served(NamedTuple):
    """An endpoint that a route serves: a method, or WS, and its path."""

    method: str
    path: str


def area_of(path: str) -> str:
    fits = [(len(start), area) for area, starts in AREAS.items() for start in starts if _is_below(path, start)]
    return max(fits)[1]


def note_of(path: str) -> str:
    """What is different about an endpoint; "" for one that is imitated."""
    fits = [start for start in ROUGHLY if _is_below(path, start)]
    return ROUGHLY[max(fits, key=len)] if fits else ""


def routes() -> list[BaseRoute]:
    """Every route of a server, in their order."""
    return list(Application()._app.routes)


def served() -> list[Served]:
    """What the routes serve, by the service's own names of placeholders."""
    found = dict.fromkeys(one for route in routes() for one in _served_by(route))
    return [one for one in found if one.path.startswith("/v")]  # the rest is the sandbox's own


def missing() -> list[Endpoint]:
    known = set(served())
    return [one for one in every_endpoint() if Served(one.method, one.path) not in known]


def page() -> str:
    is_served, is_missing = served(), missing()
    areas = [area for area in AREAS if any(area_of(one.path) == area for one in [*is_served, *is_missing])]
    sections = [_section(area, is_served, is_missing) for area in areas]
    rows = [_row(area, is_served, is_missing) for area in areas]
    return INTRODUCTION + "\n".join(rows) + "\n\n" + "\n".join(sections)


INTRODUCTION = """# What the sandbox imitates

The endpoints of the service, counted by areas. What is imitated answers as the service does, errors included; "roughly"
is right in shape, and differs in what is heard or understood, as told below; what is missing answers 501.

| area | imitated | roughly | missing |
| --- | --- | --- | --- |
"""


def _row(area: str, is_served: Iterable[Served], is_missing: Iterable[Endpoint]) -> str:
    own = [one for one in is_served if area_of(one.path) == area]
    rough = sum(bool(note_of(one.path)) for one in own)
    gone = sum(area_of(one.path) == area for one in is_missing)
    return f"| {area} | {len(own) - rough or '-'} | {rough or '-'} | {gone or '-'} |"


def _section(area: str, is_served: Iterable[Served], is_missing: Iterable[Endpoint]) -> str:
    methods: dict[str, list[str]] = defaultdict(list)
    for method, path in sorted(is_served, key=lambda one: one.path):
        if area_of(path) == area:
            methods[path].append(method)
    plain = [path for path in methods if not note_of(path)]
    lines = [f"## {area}", ""]
    lines += [f"- `{' '.join(sorted(methods[path]))} {path}`" for path in plain] + [""] * bool(plain)
    for note in dict.fromkeys(filter(None, map(note_of, methods))):
        about = [path for path in methods if note_of(path) == note]
        lines += [*_wrapped(f"Roughly: {note}"), ""]
        lines += [f"- `{' '.join(sorted(methods[path]))} {path}`" for path in about] + [""]
    gone = Counter(_beginning(one.path) for one in is_missing if area_of(one.path) == area)
    if gone:
        summed = ", ".join(f"`{start}` ({count})" for start, count in sorted(gone.items()))
        lines += [*_wrapped(f"Missing: {summed}."), ""]
    return "\n".join(lines)


def _served_by(route: BaseRoute) -> Iterable[Served]:
    if isinstance(route, WebSocketRoute):
        methods = ["WS"]
    elif isinstance(route, Route) and route.endpoint is not refuse:
        methods = sorted((route.methods or set()) - {"HEAD"})
    else:
        methods = []
    for method in methods:
        path = route.path  # type: ignore[attr-defined]
        endpoint = find_endpoint(method, path)
        yield Served(method, endpoint.path if endpoint and _is_same(endpoint.path, path) else path)


def _is_same(path: str, other: str) -> bool:
    """Whether two paths differ in the names of their placeholders at most."""
    steps = [["" if step.startswith("{") else step for step in one.split("/")] for one in (path, other)]
    return steps[0] == steps[1]


def _is_below(path: str, start: str) -> bool:
    return path == start or path.startswith(start if start.endswith("/") else f"{start}/")


def _beginning(path: str) -> str:
    """The part of a path that endpoints about the same share."""
    steps = path.split("/")
    return "/".join(steps[: 4 if steps[2] == "convai" else 3])


def _wrapped(text: str) -> list[str]:
    from textwrap import wrap

    return wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
