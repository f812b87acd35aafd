"""Sound effects: the sound that a text describes (POST /v1/sound-generation)."""

from typing import Any, NamedTuple

from eleven_cli.api.client import Client
from eleven_cli.api.tts.speech import WHOLE_S, SpeechResponse

PATH = "/v1/sound-generation"
MOST_CHARACTERS = 450  # of a description


class SoundEffect(NamedTuple):
    """A sound effect to generate; the service chooses what is None.

    output_format   the API's name of it, such as mp3_44100_128
    duration_s      0.5 to 30
    influence       0 to 1: how closely the sound follows the description
    loop            whether its end leads into its beginning
    """

    text: str
    output_format: str
    duration_s: float | None = None
    influence: float | None = None
    loop: bool = False

    @property
    def body(self) -> dict[str, Any]:
        """The request's JSON: only what was chosen."""
        chosen = {
            "duration_seconds": self.duration_s,
            "prompt_influence": self.influence,
            "loop": True if self.loop else None,
        }
        return {"text": self.text, **{name: value for name, value in chosen.items() if value is not None}}


def generate(client: Client, effect: SoundEffect) -> SpeechResponse:
    """Asks for a sound; gives it as it arrives, as soon as the service has accepted. Raises the service's refusal."""
    query = {"output_format": effect.output_format}
    stream = client.stream("POST", PATH, params=query, json=effect.body, read_timeout_s=WHOLE_S, is_paid=True)
    return SpeechResponse.of(stream, effect.output_format)
