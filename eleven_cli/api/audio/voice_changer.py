"""Voice changer (POST /v1/speech-to-speech/{voice_id}/stream)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from eleven_cli.api.client import Client, path_to
from eleven_cli.api.http.bodies import FilePart
from eleven_cli.api.http.session import Stream
from eleven_cli.api.http.uploads import Form, ProgressCallback, upload
from eleven_cli.api.tts.speech import SpeechResponse
from eleven_cli.errors import NotFound

MOST_S = 300.0  # of sound in one request
PATHS = ("/v1/speech-to-speech", "/v1/voice-changer")  # the second as newer SDKs call it


@dataclass(frozen=True)
class VoiceChangeOptions:
    """How speech is to sound.

    output_format   the API's name of it, such as mp3_44100_128
    voice_settings  only what should differ from the voice's own: stability, similarity_boost, style, use_speaker_boost
    """

    output_format: str
    model_id: str | None = None
    voice_settings: dict[str, float | bool] = field(default_factory=dict)
    seed: int | None = None
    remove_noise: bool = False

    @property
    def fields(self) -> list[tuple[str, str]]:
        """Its fields of the form: only what was chosen."""
        chosen = {
            "model_id": self.model_id,
            "voice_settings": json.dumps(self.voice_settings) if self.voice_settings else None,
            "seed": None if self.seed is None else str(self.seed),
            "remove_background_noise": "true" if self.remove_noise else None,
        }
        return [(name, value) for name, value in chosen.items() if value is not None]


def change(
    client: Client,
    voice_id: str,
    how: VoiceChangeOptions,
    speech: FilePart,
    more_fields: Sequence[tuple[str, str]] = (),
    *,
    sent: ProgressCallback = lambda count, of: None,
) -> SpeechResponse:
    """Sends speech; gives it by another voice, as soon as the service has accepted. Raises the service's refusal."""
    paths = [f"{path_to(path, voice_id, 'voice')}/stream" for path in PATHS]
    form = Form([*how.fields, *more_fields], "audio", speech, sent)
    return SpeechResponse.of(_answer(client, paths, how, form), how.output_format, voice_id=voice_id)


def _answer(client: Client, paths: Sequence[str], how: VoiceChangeOptions, form: Form) -> Stream:
    first, second = paths
    query = {"output_format": how.output_format}
    try:
        return upload(client, first, form, params=query)
    except NotFound as refused:
        if refused.code != NotFound.default_code:  # the voice, then, and not the path
            raise
        try:
            return upload(client, second, form, params=query)
        except NotFound as again:
            raise again if again.code != NotFound.default_code else refused from None
