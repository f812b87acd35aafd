"""The catalogue of audio effects, and the endpoint that shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..accounts.account import SPEAK
from ..accounts.accounts import Accounts
from ..http.problems import JsonResponse


@dataclass(frozen=True)
class Filter:
    """A band of frequencies in Hz."""

    name: str
    description: str
    low_hz: float
    high_hz: float


@dataclass(frozen=True)
class Room:
    """A room in which sound falls by 60 dB within `decay_s`."""

    name: str
    description: str
    decay_s: float


@dataclass(frozen=True)
class Background:
    """Noise of a band, in Hz, that swells `swells` times in 4 s."""

    name: str
    description: str
    low_hz: float
    high_hz: float
    swells: int


FILTERS = {
    "phone": Filter("Phone", "The narrow band of a telephone.", 300, 3400),
    "old_radio": Filter("Old radio", "A small loudspeaker of long ago.", 500, 2500),
    "walkie_talkie": Filter("Walkie-talkie", "A hand-held radio.", 400, 2800),
    "megaphone": Filter("Megaphone", "Shrill, for a crowd.", 700, 4500),
}
ROOMS = {
    "small_room": Room("Small room", "A furnished room.", 0.3),
    "bathroom": Room("Bathroom", "Tiles all around.", 0.7),
    "hall": Room("Hall", "A concert hall.", 1.4),
    "cave": Room("Cave", "Rock and depth.", 2.0),
    "cathedral": Room("Cathedral", "A long echo under high vaults.", 3.5),
}
BACKGROUNDS = {
    "cafe": Background("Café", "People talk, cups clink.", 200, 3000, 9),
    "street": Background("Street", "Cars pass.", 60, 900, 2),
    "rain": Background("Rain", "Steady rain outside.", 1200, 9000, 1),
    "office": Background("Office", "Ventilation and keyboards.", 80, 500, 5),
}
MEMBERS: dict[str, dict[str, Any]] = {
    "filter_preset_id": FILTERS,
    "environment_id": ROOMS,
    "background_noise_id": BACKGROUNDS,
}
_LISTS = {
    "filter_presets": "filter_preset_id",
    "environments": "environment_id",
    "background_noises": "background_noise_id",
}


class CatalogueRoutes:
    """The endpoint: checks the key, then answers."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def routes(self) -> list[Route]:
        return [Route("/v1/audio-effects/catalog", self.catalogue, methods=["GET"])]

    async def catalogue(self, request: Request) -> Response:
        self._accounts.identify(request.headers, SPEAK)
        listed = {name: [_entry(member, *each) for each in MEMBERS[member].items()] for name, member in _LISTS.items()}
        return JsonResponse(listed)


def _entry(member: str, effect_id: str, effect: Any) -> dict[str, str]:
    return {member: effect_id, "name": effect.name, "description": effect.description}
