"""The endpoints that add, clone, edit and delete voices. Each checks the schema, then the key, then answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from ..accounts.account import Account
from ..accounts.accounts import Accounts
from ..accounts.plans import FREE
from ..http.problems import JsonResponse, Problem, library_needs_plan
from ..http.uploads import Form, read_form
from ..http.validate import TRUE, Checker, json_object
from ..speech.request import check_settings
from ..state.entropy import new_id, now
from .cloning import MAX_BYTES, timbre_of
from .library import shared_voice
from .voice import DEFAULT_SETTINGS, Voice

WRITE = "voices_write"
DONE = {"status": "ok"}


class VoiceChangeRoutes:
    """The endpoints."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def add(self, request: Request) -> Response:
        """Adds a voice of the library, under its own id."""
        body = json_object(await request.body())
        check = Checker("body")
        check.needed(body, "new_name", Checker.string)
        check.optional(body, "bookmarked", Checker.boolean)
        check.finish()
        account = self._accounts.identify(request.headers, WRITE)
        shared = shared_voice(request.path_params["public_user_id"], request.path_params["voice_id"])
        if account.plan is FREE:
            raise library_needs_plan()
        account.voices.put(replace(shared.voice, name=_name(body["new_name"]), created_at_unix=int(now())))
        return JsonResponse({"voice_id": shared.voice.voice_id})

    async def clone(self, request: Request) -> Response:
        """Makes a voice of about the pitch of the recordings."""
        account = self._accounts.identify(request.headers, WRITE)
        if account.plan is FREE:
            message = "Your subscription has no access to instant voice cloning; a paid plan has."
            raise Problem(403, "subscription_required", message, status="can_not_use_instant_voice_cloning")
        account.check_voice_slot()
        form = await read_form(request, MAX_BYTES)
        name, labels = form.text("name"), _labels(form)
        if name is None:
            form.check.required({}, "name")
        files = form.files("files")
        form.flag("remove_background_noise")  # a pitch is found in noise, too
        form.check.finish()
        timbre = await to_thread.run_sync(lambda: timbre_of([file.file for file in files]))
        voice = Voice(
            new_id(),
            _name(name or ""),
            "en-us",
            labels,
            form.text("description") or "",
            timbre,
            category="cloned",
            created_at_unix=int(now()),
        )
        account.voices.put(voice)
        return JsonResponse({"voice_id": voice.voice_id, "requires_verification": False})

    async def edit(self, request: Request) -> Response:
        """Renames and describes a voice; new recordings change its pitch."""
        account = self._accounts.identify(request.headers, WRITE)
        voice = _own(account, request)
        form = await read_form(request, MAX_BYTES)
        name, description = form.text("name"), form.given("description")
        labels = _labels(form) if form.given("labels") is not None else voice.labels
        if name is None:
            form.check.required({}, "name")
        files = form.files("files", required=False)
        form.flag("remove_background_noise")
        form.check.finish()
        timbre = voice.timbre
        if files:
            timbre = await to_thread.run_sync(lambda: timbre_of([file.file for file in files]))
        about = voice.description if description is None else description
        account.voices.put(replace(voice, name=_name(name or ""), labels=labels, description=about, timbre=timbre))
        return JsonResponse(DONE)

    async def set_settings(self, request: Request) -> Response:
        """Sets what holds for requests that say nothing else; what is left out gets its default."""
        body = json_object(await request.body())
        check = Checker("body")
        check_settings(check, body)
        check.finish()
        account = self._accounts.identify(request.headers, WRITE)
        voice = account.voices.find(request.path_params["voice_id"])
        chosen = {name: _setting(name, body[name]) for name in DEFAULT_SETTINGS if body.get(name) is not None}
        account.voices.put(replace(voice, settings={**DEFAULT_SETTINGS, **chosen}))
        return JsonResponse(DONE)

    async def delete(self, request: Request) -> Response:
        account = self._accounts.identify(request.headers, WRITE)
        voice = account.voices.find(request.path_params["voice_id"])
        if voice.category == "premade":
            raise _denied("Premade voices cannot be deleted.")
        account.voices.delete(voice.voice_id)
        return JsonResponse(DONE)


def _setting(name: str, value: Any) -> bool | float:
    """Reads a checked setting, which may have been sent as another kind of JSON."""
    if not isinstance(DEFAULT_SETTINGS[name], bool):
        return float(value)
    return value.lower() in TRUE if isinstance(value, str) else bool(value)


def _own(account: Account, request: Request) -> Voice:
    voice = account.voices.find(request.path_params["voice_id"])
    if not voice.is_owner:
        raise _denied("Only voices of your own can be edited.")
    return voice


def _denied(message: str) -> Problem:
    return Problem(403, "voice_access_denied", message)


def _name(name: str) -> str:
    """Gives the name without blanks around it. Raises Problem (400) for an empty one."""
    if not name.strip():
        raise Problem(400, "invalid_parameters", "The name of a voice cannot be empty.", param="name")
    return name.strip()


def _labels(form: Form) -> dict[str, str]:
    """Gives the labels, a JSON object of texts. Raises Problem (400) for anything else."""
    labels: Any = form.json("labels") or {}
    if not isinstance(labels, dict) or not all(isinstance(label, str) for label in labels.values()):
        raise Problem(400, "invalid_parameters", "labels must be a JSON object of texts.", param="labels")
    return labels
