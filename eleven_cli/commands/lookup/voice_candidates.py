"""Which voice speaks: the one that was asked for, else the first that the account can use."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from eleven_cli.context import Context
from eleven_cli.errors import (
    DESIGN_COMMAND,
    AuthError,
    ElevenError,
    LimitError,
    NotFound,
    PermissionMissing,
    UsageError,
)

if TYPE_CHECKING:
    from eleven_cli.api.voices.voice import Voice
    from eleven_cli.commands.lookup.voices import Named

KEY = "first_usable_voice"
PREMADE = "premade"  # a category
PREMADE_END = "2026-12-31"
TOLD = "premade_told"
UNUSABLE = ("voice_not_found", "voice_access_denied", "paid_plan_required")
ID_CHARACTERS = 20


class VoiceCandidate:
    """A voice to try, as a `with`: a refusal to which another candidate is the answer ends the block without an error.

    refused   that refusal
    """

    def __init__(
        self,
        voice_id: str,
        *,
        may_pass_to_next: Callable[[ElevenError], bool] = lambda refused: False,
        when_accepted: Callable[[], None] = lambda: None,
    ) -> None:
        self.voice_id, self.refused = voice_id, ElevenError("the voice was not tried")
        self._may_pass_to_next, self._when_accepted = may_pass_to_next, when_accepted

    def __enter__(self) -> str:
        return self.voice_id

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if error is None:
            self._when_accepted()
        if not isinstance(error, ElevenError) or not self._may_pass_to_next(error):
            return False
        self.refused = error
        return True


def voice_candidates(context: Context, wanted: str | None) -> Iterator[VoiceCandidate]:
    """The voices to try in turn: the one that is `wanted` or set, by id or name; the last one's refusal is final.

        for voice in voice_candidates(context, wanted):
            with voice as voice_id:
                return speak(voice_id)

    Without a choice it is the first usable voice of the account, which is announced once, and remembered when it was
    accepted; should the service refuse a remembered one, another is looked up.
    """
    if wanted is not None and not wanted.strip():
        raise UsageError("the voice's name is empty", hint="omit --voice for the first voice you can use")
    if chosen := wanted or context.config.value("voice"):
        return _chosen(context, chosen.strip(), is_set=not wanted)
    return _without_choice(context)


def looks_like_id(word: str) -> bool:
    """Whether it is a voice's id (20 letters and digits) and no name."""
    return len(word) == ID_CHARACTERS and word.isascii() and word.isalnum()


def voice_id_of(context: Context, word: str, *, has_key: bool) -> str:
    """The id of the voice that an id or a name means. Without a key a name cannot be looked up: AuthError."""
    if looks_like_id(word.strip()):
        return word.strip()
    if not word.strip():
        raise UsageError("the voice's name is empty")
    if not has_key:
        raise AuthError(
            f"looking up a voice by its name needs a key: {word}",
            hint="give the voice's id: --voice ID, or: eleven auth login",
        )
    return _find_voice(context, word.strip()).voice_id


def is_first_voice(context: Context, voice_id: str) -> bool:
    """Whether it is the voice that speaks where none is chosen."""
    return bool(context.account_cache.table(KEY).get("voice_id") == voice_id)


def forget_first_voice(context: Context) -> None:
    """Forgets the first voice, so that it is looked up again."""
    context.account_cache.put(KEY, None)


def _chosen(context: Context, word: str, *, is_set: bool) -> Iterator[VoiceCandidate]:
    """When a remembered id has gone, the name may belong to another voice by now. is_set: in the settings."""
    if looks_like_id(word):
        _tell_of_its_end(context, word, is_lasting=is_set)
        yield VoiceCandidate(word)
        return
    found = _find_voice(context, word)
    _tell_of_its_end(context, found.voice_id, is_lasting=is_set)
    candidate = VoiceCandidate(
        found.voice_id,
        may_pass_to_next=lambda refused: found.remembered and isinstance(refused, NotFound) and "voice" in refused.code,
    )
    yield candidate
    from eleven_cli.commands.lookup.voices import fetch_voice

    again = fetch_voice(context, word)
    if again.voice_id == found.voice_id:
        raise candidate.refused
    yield VoiceCandidate(again.voice_id)


def _without_choice(context: Context) -> Iterator[VoiceCandidate]:
    if remembered := _remembered(context):
        yield VoiceCandidate(remembered, may_pass_to_next=_is_unusable)
        context.account_cache.put(KEY, None)
    voice = _first(context)
    announced = _announce(context, voice.voice_id, voice.name)
    value = {"voice_id": voice.voice_id, "name": voice.name, "told": announced, "category": voice.category}
    yield VoiceCandidate(voice.voice_id, when_accepted=lambda: context.account_cache.put(KEY, value))


def _find_voice(context: Context, word: str) -> "Named":
    from eleven_cli.commands.lookup.voices import find_voice

    return find_voice(context, word)


def _is_unusable(refused: ElevenError) -> bool:
    refuses = isinstance(refused, NotFound | LimitError | AuthError)
    return refuses and any(word in refused.code for word in UNUSABLE)


def _remembered(context: Context) -> str | None:
    """The id of the voice that was taken the last time."""
    known = context.account_cache.table(KEY)
    if not isinstance(known.get("voice_id"), str):
        return None
    if not known.get("told") and _announce(context, known["voice_id"], str(known.get("name"))):
        context.account_cache.put(KEY, {**known, "told": True})
    _tell_of_its_end(context, known["voice_id"], is_lasting=True, is_premade=known.get("category") == PREMADE)
    return str(known["voice_id"])


def _tell_of_its_end(context: Context, voice_id: str, *, is_lasting: bool, is_premade: bool = False) -> None:
    """Say once that the premade voices end, to a user who relies on one: it speaks in every run without being named."""
    terminal = context.terminal
    if not is_lasting or terminal.quiet or terminal.json_errors or context.account_cache.get(TOLD):
        return
    from eleven_cli.cache.account import PREMADE_VOICES

    listed = context.account_cache.get(PREMADE_VOICES)
    if is_premade or (isinstance(listed, list) and voice_id in listed):
        terminal.note(f"the voice {voice_id} is premade, and those end on {PREMADE_END}; your own: {DESIGN_COMMAND}")
        context.account_cache.put(TOLD, True)


def _announce(context: Context, voice_id: str, name: str) -> bool:
    """Say once which voice was taken without a choice; gives whether a person could see it."""
    context.terminal.remark(f"voice: {name} ({voice_id}), the first you can use; choose with --voice NAME")
    return context.terminal.stderr_is_terminal and not context.terminal.quiet


def _first(context: Context) -> "Voice":
    from eleven_cli.api.voices.listing import first_usable_voice
    from eleven_cli.settings.values import WHAT_TO_TICK

    try:
        return first_usable_voice(context.client)
    except PermissionMissing as missing:
        missing.hint = f"a voice id needs no look-up: --voice ID; or {WHAT_TO_TICK}"
        raise
