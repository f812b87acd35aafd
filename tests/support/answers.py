"""What reads the service's answers, each with a valid body: a table."""

from datetime import date

from eleven_cli.api import dictionaries, models
from eleven_cli.api.account.subscription import subscription, voice_allowance
from eleven_cli.api.account.usage import credits_by_day
from eleven_cli.api.agents import addresses
from eleven_cli.api.audio import audio_effects
from eleven_cli.api.client import Client
from eleven_cli.api.stt import alignment, transcription
from eleven_cli.api.voices import changes, design, library, listing
from eleven_cli.commands.stt.rendering import entity_lines, paragraphs, subtitles, turns_of
from eleven_cli.text.subtitles import srt
from tests.support import mutations as bodies

KEY = "sk_test_0123456789abcdef"
DAY = date(2024, 4, 27)


class Told(Client):
    """A client to which the service always says the same."""

    def __init__(self, value):
        super().__init__("http://127.0.0.1:9", KEY)
        self.value = value

    def json(self, method, path, **request):
        return self.value

    do = json

    def json_and_credits(self, method, path, **request):
        return self.value, None


def _shown(told):
    """All that stt makes of a transcription."""
    for diarized in (False, True):
        yield from paragraphs(turns_of(told, diarized=diarized))
        yield from srt(subtitles(told, diarized=diarized))
    yield from entity_lines(entity for transcript in told.transcripts for entity in transcript.entities)
    yield told.document("html")


def _settled(client):
    voice = listing.voice_with(client, bodies.ID)
    return voice, listing.with_settings(client, voice)


ANSWERS = {
    "voices": (bodies.VOICES, lambda client: list(listing.each_voice(client))),
    "first voice": (bodies.VOICES, listing.first_usable_voice),
    "voice": (bodies.VOICE, _settled),
    "settings": (bodies.VOICE["settings"], lambda client: changes.voice_settings(client, bodies.ID)),
    "clone": (bodies.VOICE, lambda client: listing.new_voice_id(client, client.value, "George")),
    "keep": (bodies.VOICE, lambda client: design.keep(client, "George", "x" * 20, bodies.OTHER)),
    "design": (bodies.DESIGNED, lambda client: design.design(client, design.DesignRequest("x" * 20, "mp3_44100_128"))),
    "library": (bodies.LIBRARY, lambda client: list(library.library_pages(client))),
    "library voice": (bodies.LIBRARY, lambda client: library.library_voice(client, bodies.ID)),
    "models": (bodies.MODELS, models.list_models),
    "subscription": (bodies.SUBSCRIPTION, lambda client: subscription(client).left),
    "allowance": (bodies.SUBSCRIPTION, lambda client: (found := voice_allowance(client), found.is_used_up)),
    "analytics": (bodies.ANALYTICS, lambda client: credits_by_day(client, DAY, days=2)),
    "statistics": (bodies.STATISTICS, lambda client: credits_by_day(client, DAY, days=2)),
    "effects": (bodies.EFFECTS, audio_effects.list_effects),
    "dictionaries": (bodies.DICTIONARIES, lambda client: list(dictionaries.each_dictionary(client))),
    "dictionary": (bodies.DICTIONARY, lambda client: dictionaries.dictionary_with_rules(client, bodies.ID)),
    "made dictionary": (bodies.DICTIONARY, lambda client: dictionaries.add_dictionary_aliases(client, "n", {"a": "b"})),
    "transcript": (bodies.TRANSCRIPT, lambda client: list(_shown(transcription.transcription(client.value)))),
    "channels": (bodies.CHANNELS, lambda client: list(_shown(transcription.transcription(client.value)))),
    "alignment": (bodies.FORCED, lambda client: alignment.alignment(client.value)),
    "signed url": (bodies.SIGNED, lambda client: addresses.signed_url(client, "agent")),
}  # fmt: skip
