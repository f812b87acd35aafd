"""Audio isolation: speech without what else is heard (POST /v1/audio-isolation/stream)."""

from collections.abc import Sequence

from eleven_cli.api.client import Client
from eleven_cli.api.http.bodies import FilePart
from eleven_cli.api.http.uploads import Form, ProgressCallback, upload
from eleven_cli.api.tts.speech import SpeechResponse

MOST_BYTES = 500_000_000
MOST_S = 3600.0  # of sound in one request
PATH = "/v1/audio-isolation/stream"
OUTPUT_FORMAT = "mp3_44100_128"  # the service offers no other


def isolate(
    client: Client,
    audio: FilePart,
    more_fields: Sequence[tuple[str, str]] = (),
    *,
    sent: ProgressCallback = lambda count, of: None,
) -> SpeechResponse:
    """Sends audio; gives the speech in it as MP3, as soon as the service has accepted. Raises the service's refusal."""
    form = Form(more_fields, "audio", audio, sent)
    return SpeechResponse.of(upload(client, PATH, form), OUTPUT_FORMAT)
