"""Speech to text of recordings (POST /v1/speech-to-text)."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from typing import Any, NamedTuple

from eleven_cli.api.client import Client
from eleven_cli.api.http.bodies import FilePart
from eleven_cli.api.http.uploads import Form, ProgressCallback, upload_for_json
from eleven_cli.api.json_fields import objects_of, text_of
from eleven_cli.errors import ElevenError

PATH = "/v1/speech-to-text"
MODEL, MULTILINGUAL_MODEL = "scribe_v2", "scribe_v3"
MODELS = (MODEL, "scribe_v2_medical", MULTILINGUAL_MODEL)  # the documented ones
ALL_ENTITIES = "all"
EXPORTS = "additional_formats"
MOST_BYTES = 5_000_000_000
LEAST_S = 0.1
LATEST_S = 1e8  # more than three years: what is later is no time
MOST_KEYTERMS, MOST_KEYTERM_CHARACTERS, MOST_KEYTERM_WORDS = 1000, 49, 5
NOT_IN_KEYTERMS = frozenset("<>{}[]\\")


@dataclass(frozen=True)
class TranscriptionRequest:
    """How to transcribe. What is None, or False, is left to the service.

    languages     ISO 639-1 or 639-3, the main one first; without any the service finds out
    speakers      how many there are at most
    roles         they are an agent and a customer
    timestamps    none, word or character
    audio_events  False: do not write down laughter and the like
    no_verbatim   leave out filler words and false starts
    channels      each channel is a speaker, and gets a transcript of its own
    redact        categories and types of entities to replace in the text
    entities      find entities, and list them
    export        docx, pdf or html: a document that the service makes of the transcript
    """

    model_id: str = MODEL
    languages: tuple[str, ...] = ()
    diarize: bool = False
    speakers: int | None = None
    roles: bool = False
    keyterms: tuple[str, ...] = ()
    timestamps: str | None = None
    audio_events: bool = True
    no_verbatim: bool = False
    channels: bool = False
    redact: tuple[str, ...] = ()
    entities: bool = False
    export: str | None = None

    @property
    def fields(self) -> list[tuple[str, str]]:
        """Its fields of the form: only what was chosen."""
        chosen = {
            "model_id": self.model_id,
            "language_code": self.languages[0] if self.languages else None,
            "diarize": "true" if self.diarize else None,
            "num_speakers": None if self.speakers is None else str(self.speakers),
            "timestamps_granularity": self.timestamps,
            "tag_audio_events": None if self.audio_events else "false",
            "use_multi_channel": "true" if self.channels else None,
            "detect_speaker_roles": "true" if self.roles else None,
            "no_verbatim": "true" if self.no_verbatim else None,
            "entity_detection": _listed(self.redact or ((ALL_ENTITIES,) if self.entities else ())),
            "entity_redaction": _listed(self.redact),
            EXPORTS: self._export,
        }
        given = [(name, value) for name, value in chosen.items() if value is not None]
        secondary = [("secondary_language_codes", code) for code in self.languages[1:]]
        return [*given, *secondary, *(("keyterms", term) for term in self.keyterms)]

    @property
    def _export(self) -> str | None:
        if self.export is None:
            return None
        options = {"include_timestamps": False} if self.timestamps == "none" else {}
        return json.dumps([{"format": self.export, **options}])


class TranscribedWord(NamedTuple):
    """A word, the blank between two, or an event such as laughter; their texts, joined, are the whole text.

    Times are in seconds, NaN where the service gives none; so is the speaker None.
    """

    text: str
    start_s: float
    end_s: float
    speaker: str | None


class Entity(NamedTuple):
    """Something named or numbered in the text, such as an e-mail address."""

    kind: str
    text: str


class ChannelTranscript(NamedTuple):
    """What was said on one channel; `channel` is None where they were not taken apart."""

    text: str
    words: tuple[TranscribedWord, ...]
    channel: int | None
    entities: tuple[Entity, ...] = ()


class Transcription(NamedTuple):
    """All that was said. answer: as the service put it; seconds: of sound, NaN where it does not say."""

    answer: dict[str, Any]
    transcripts: tuple[ChannelTranscript, ...]
    language: str
    seconds: float
    id: str

    def document(self, kind: str) -> bytes:
        """What the service exported as docx, pdf or html. Raises ElevenError where it sent none."""
        sent = [one for one in objects_of(self.answer.get(EXPORTS)) if one.get("requested_format") == kind]
        for one in sent:
            if text_of(one.get("content")).strip():
                return _content(one["content"], one)
        why = next(filter(None, (text_of(one.get(name)) for one in sent for name in ("error", "message"))), "")
        raise ElevenError(f"the service sent no {kind} document{why and ': '}{why}", code="no_document")


def transcribe(
    client: Client,
    request: TranscriptionRequest,
    audio: FilePart | str,
    more_fields: Sequence[tuple[str, str]] = (),
    *,
    sent: ProgressCallback = lambda count, of: None,
) -> Transcription:
    """What is said in it, or in what an address leads to. Waits for the answer as long as it takes.

    Raises what the service refused with, also in the middle of the upload.
    """
    fields = [*request.fields, *more_fields]
    if isinstance(audio, str):
        form = Form([*fields, ("source_url", audio)], as_json=[EXPORTS])
    else:
        form = Form(fields, "file", audio, sent, as_json=[EXPORTS])
    return transcription(upload_for_json(client, PATH, form))


def transcription(answer: Any) -> Transcription:
    """The service's answer as a value. Raises ElevenError for one without a transcript."""
    if not isinstance(answer, dict):
        raise _no_transcript("")
    channels = answer.get("transcripts")
    bodies = channels if isinstance(channels, list) else [answer]
    transcribed = [body for body in bodies if isinstance(body, dict) and (_text(body) or body.get("text") == "")]
    if not transcribed:
        raise _no_transcript(text_of(answer.get("message")))
    return Transcription(
        answer,
        tuple(map(_transcript, transcribed)),
        text_of(transcribed[0].get("language_code")),
        _time(answer.get("audio_duration_secs")),
        text_of(answer.get("transcription_id")),
    )


def _transcript(body: dict[str, Any]) -> ChannelTranscript:
    channel = body.get("channel_index")
    words, entities = map(_word, objects_of(body.get("words"))), map(_entity, objects_of(body.get("entities")))
    return ChannelTranscript(_text(body), tuple(words), channel if type(channel) is int else None, tuple(entities))


def _text(body: dict[str, Any]) -> str:
    """The text, or that of its words where it is missing."""
    return text_of(body.get("text")) or "".join(text_of(word.get("text")) for word in objects_of(body.get("words")))


def _entity(entry: dict[str, Any]) -> Entity:
    return Entity(text_of(entry.get("entity_type")), text_of(entry.get("text")))


def _listed(names: Sequence[str]) -> str | None:
    """One name as it is, several as JSON, as the official SDK sends them; None for none."""
    return (names[0] if len(names) == 1 else json.dumps(names)) if names else None


def _content(text: str, export: dict[str, Any]) -> bytes:
    try:
        if export.get("is_base64_encoded"):
            return base64.b64decode("".join(text.split()), validate=True)
        return text.encode("utf-8", "replace")
    except ValueError:
        raise ElevenError("the service sent a document that cannot be decoded", code="no_document") from None


def _word(entry: dict[str, Any]) -> TranscribedWord:
    start_s, end_s = (_time(entry.get(name)) for name in ("start", "end"))
    return TranscribedWord(text_of(entry.get("text")), start_s, end_s, text_of(entry.get("speaker_id")) or None)


def _no_transcript(said: str) -> ElevenError:
    return ElevenError(f"the service sent no transcript{said and ': '}{said}", code="no_transcript")


def _time(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and abs(value) <= LATEST_S else nan
