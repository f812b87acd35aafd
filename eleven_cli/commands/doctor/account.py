"""The key, what it may do, and what the plan allows: voices and credits."""

from collections import Counter
from collections.abc import Callable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from eleven_cli.commands.doctor.diagnosis import Diagnosis, error_of, guarded
from eleven_cli.commands.doctor.network import Server
from eleven_cli.commands.lookup.voice_candidates import PREMADE, PREMADE_END, looks_like_id
from eleven_cli.context import Context
from eleven_cli.errors import DESIGN_COMMAND, ElevenError, LimitError, NotFound, PermissionMissing, UsageError
from eleven_cli.processes import KEY_VARIABLES
from eleven_cli.settings.config import Setting
from eleven_cli.settings.values import COPY_AGAIN, WITHOUT_VOICES, masked, mended_api_key
from eleven_cli.terminal.text import iso_time

if TYPE_CHECKING:
    from eleven_cli.api.account.permissions import Permissions
    from eleven_cli.api.account.subscription import Subscription
    from eleven_cli.api.client import Client
    from eleven_cli.api.voices.voice import Voice

MOST_VOICES = 500
WHERE_PLANS_ARE = "https://elevenlabs.io/app/subscription"
_UNPAID = ("past_due", "incomplete")


def key_in_force(context: Context) -> tuple[Setting | None, Diagnosis]:
    """The key and its source; None without a usable one."""
    found = Diagnosis()
    try:
        key, taken = context.mended_api_key
    except ElevenError as none:
        found.fact("key", "none", key=None)
        found.errors.append(none)
        return None, found
    context.terminal.redact(key.value)
    shown = "the sandbox's own" if context.config.sandbox else f"{masked(key.value)}, from {key.source}"
    found.fact("key", shown, key={"masked": masked(key.value), "source": key.source})
    if taken:
        said = f"the key in {key.source} is used without {' and '.join(taken)}"
        found.warn(said, hint="store it again: eleven auth login")
    _add_unused_key(context, key, found)
    return key, found


def _add_unused_key(context: Context, key: Setting, found: Diagnosis) -> None:
    """Another key that is hidden by one in the environment: often the one that is meant."""
    variable = next((name for name in KEY_VARIABLES if name in key.source), "")
    if not variable:
        return  # profiles have keys of their own
    try:
        other = next((each for each in context.config.each("api_key") if _mended(each.value) != key.value), None)
    except ElevenError:  # a broken file, which is reported as one
        return
    if other:
        said = f"the API key of {other.source} is not used: {variable} holds another one"
        found.warn(said, hint=f"to use the other one: unset {variable}")


def _mended(key: str) -> str:
    """A key as it would be used; as it is where it cannot."""
    try:
        return mended_api_key(key)[0]
    except UsageError:
        return key


def questions(server: Server) -> dict[str, Callable[[], Any]]:
    """What to ask of the account; nothing where nobody would answer, or there is no key."""
    from eleven_cli.api.account.permissions import ASKED_TOO, permissions
    from eleven_cli.api.account.subscription import subscription

    client = server.client
    if client is None or not (client.has_key and server.is_reached):
        return {}
    return {
        "permissions": lambda: permissions(client, ASKED_TOO),
        "plan": lambda: subscription(client.clone()),  # no two threads share a client's connections
        "voices": lambda: _all_voices(client.clone()),
    }


def account(context: Context, server: Server, asked: Mapping[str, Any]) -> Diagnosis:
    """What the answers to these questions say."""
    found = Diagnosis()
    may, client = asked.get("permissions"), server.client
    if may is None or client is None:
        why = "the server was not reached" if client is None or client.has_key else "there is no key for this server"
        found.fact("account", f"not asked: {why}", permissions=None, plan=None, voices=None)
        return found
    if isinstance(may, Exception):
        late = error_of(may, "the permissions of the key")
        found.warn(f"what the key may do is not known: {late.message}", hint="eleven auth status")
        return found
    _add_permissions(may, found)
    if may.refused:
        return found
    plan = _plan(asked["plan"], found)
    _add_voices(context, client, asked["voices"], plan, found)
    _add_model(context, server, found)
    return found


def _all_voices(client: "Client") -> "list[Voice]":
    from eleven_cli.api.voices.listing import each_voice

    return list(islice(each_voice(client), MOST_VOICES))


def _add_permissions(found_of_key: "Permissions", found: Diagnosis) -> None:
    may, words = found_of_key.may, {True: "yes", False: "no", None: "not known"}
    if found_of_key.refused:
        found_of_key.refused.hint = COPY_AGAIN
        found.errors.append(found_of_key.refused)
        return
    shown = ", ".join(f"{name} {words[answer]}" for name, answer in may.items())
    found.fact("permissions", f"{shown}; text_to_speech is not asked, as speech costs", permissions=may)
    if may["voices_read"] is False:
        found.warn("the key may not list voices", hint=WITHOUT_VOICES)
    if found_of_key.failed and all(answer is None for answer in may.values()):
        failed = found_of_key.failed
        found.warn(f"the key could not be checked: {failed.message}", hint="eleven auth status", because=failed)


def _plan(answer: "Subscription | Exception", found: Diagnosis) -> str:
    """The plan's name; "" where the key may not ask for it."""
    if isinstance(answer, Exception):
        shown = "not told: the key lacks user_read" if isinstance(answer, PermissionMissing) else "not told"
        found.fact("plan", shown, plan=None)
        return ""
    facts = {"name": answer.plan, "status": answer.status or None, "left": answer.left, "limit": answer.limit}
    found.fact("plan", f"{answer.plan}, {max(answer.left, 0):,} of {answer.limit:,} credits left", plan=facts)
    if answer.left <= 0 and answer.extension in (0, None):
        when = iso_time(answer.resets_at)[:10]
        said = f"all {answer.limit:,} credits are used" + (f"; new ones come on {when}" if when else "")
        found.errors.append(LimitError(said, hint=f"buy credits, or upgrade the plan: {WHERE_PLANS_ARE}"))
    if answer.status == "free_disabled":
        found.errors.append(LimitError("the free plan of this account is disabled", hint=f"see {WHERE_PLANS_ARE}"))
    if answer.status in _UNPAID:
        found.warn(f"a payment for the plan is missing: its status is {answer.status}", hint=f"see {WHERE_PLANS_ARE}")
    return answer.plan


def _add_voices(
    context: Context, client: "Client", answer: "list[Voice] | Exception", plan: str, found: Diagnosis
) -> None:
    from eleven_cli.api.voices.voice import may_use

    if isinstance(answer, Exception):
        found.fact("voices", "not told", voices=None)
        if not isinstance(answer, PermissionMissing):
            error = error_of(answer, "the voices")
            said = f"the voices could not be listed: {error.message}"
            found.warn(said, hint=error.hint or "eleven voices", because=error)
        return
    usable = [voice for voice in answer if may_use(voice, plan)]
    premade = [voice for voice in usable if voice.category == PREMADE]
    kinds = Counter(voice.category or "of another kind" for voice in usable)
    value = {"all": len(answer), "usable": len(usable), "by_category": kinds}
    shown = f"{len(usable)} of {len(answer)} can be used{f' on the {plan} plan' if plan else ''}"
    listed = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    found.fact("voices", f"{shown}: {listed}" if listed else shown, voices={**value, "premade_end": PREMADE_END})
    if premade:
        found.facts.append(("premade voices", f"end on {PREMADE_END}"))
    if not usable:
        found.errors.append(_no_voice(answer, plan))
    chosen = guarded("the voice that is set", lambda: _chosen_voice(context, client, answer, plan))
    found.errors += chosen.errors
    found.warnings += chosen.warnings
    if usable and len(premade) == len(usable) and not context.config.sandbox and not chosen.warnings:
        said = f"the only voices that can be used are premade ones, which end on {PREMADE_END}"
        found.warn(said, hint=DESIGN_COMMAND)


def _no_voice(listed: "list[Voice]", plan: str) -> ElevenError:
    if not listed:
        return NotFound("this account has no voices", hint=DESIGN_COMMAND, code="no_voices")
    needs = ", ".join(dict.fromkeys(voice.needs or "" for voice in listed))
    on_plan = f" on the {plan} plan" if plan else ""
    return LimitError(f"none of the {len(listed)} voices can be used{on_plan}: they need {needs}", hint=DESIGN_COMMAND)


def _chosen_voice(context: Context, client: "Client", listed: "list[Voice]", plan: str) -> Diagnosis:
    """What is wrong with the voice that is set."""
    from eleven_cli.api.voices.voice import may_use

    found, setting = Diagnosis(), context.config.get("voice")
    if setting is None:
        return found
    try:
        voice = _voice_called(setting.value.strip(), client, listed)
    except NotFound as unknown:
        unknown.message = f"{unknown.message} (set in {setting.source})"
        unknown.hint = "see your voices: eleven voices"
        found.errors.append(unknown)
        return found
    if not may_use(voice, plan):
        said = f"the voice {voice.name}, set in {setting.source}, needs: {voice.needs}"
        found.errors.append(LimitError(said, hint=f"choose another: eleven voices, or make one: {DESIGN_COMMAND}"))
    elif voice.category == PREMADE and not context.config.sandbox:
        said = f"the voice {voice.name}, set in {setting.source}, is premade: it ends on {PREMADE_END}"
        found.warn(said, hint=DESIGN_COMMAND)
    return found


def _voice_called(word: str, client: "Client", listed: "list[Voice]") -> "Voice":
    from eleven_cli.api.voices.listing import voice_with
    from eleven_cli.commands.lookup.voices import Named, meant

    if looks_like_id(word):
        return next((voice for voice in listed if voice.voice_id == word), None) or voice_with(client, word)
    found = meant(word, [Named(voice.voice_id, voice.name) for voice in listed])
    return next(voice for voice in listed if voice.voice_id == found.voice_id)


def _add_model(context: Context, server: Server, found: Diagnosis) -> None:
    setting = context.config.get("model")
    if setting is None or not server.models or setting.value in server.models:
        return
    said = f"the model {setting.value}, set in {setting.source}, is not one that this key can use"
    found.warn(said, hint="see the models: eleven models")
