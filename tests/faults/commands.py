"""The commands of the table: one entry each."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.faults.lines import (
    AUDIO_PART,
    AUDIO_REST,
    PAGED,
    PCM_PART,
    PCM_REST,
    SENTENCE,
    Agents,
    AgentSocket,
    Alignment,
    AudioLine,
    Call,
    Designed,
    Dictionaries,
    Done,
    History,
    HistoryItem,
    HistoryPages,
    Line,
    Models,
    NewDictionary,
    NewVoice,
    SignedAddress,
    SocketLine,
    SpeakingAgent,
    SpeechSocket,
    Transcript,
    TranscriptSocket,
    Voices,
)
from tests.support.long_texts import pieces_of, sentences
from tests.support.speech_socket import sound_of
from tests.support.transcriptions import sound

AUDIO = AUDIO_PART + AUDIO_REST
BOOK = sentences(100)
PIECES = len(list(pieces_of(BOOK)))
OTHERS: Mapping[str, type[Line]] = {
    "/v1/models": Models,
    "/v1/convai/conversation/get-signed-url": SignedAddress,
    "/v1/convai/conversation": AgentSocket,
    "/v1/history/item_1": HistoryItem,
    "/v1/user/subscription": Done,
    "/v2/voices": Voices,
}


@dataclass(frozen=True)
class Command:
    """What is run, what it may have paid for, and where its results go.

    words      its command line, run in a folder with in.wav, pauses.wav and book.txt
    target     where the requests go that are struck by a fault, and what these are
    result     the file it makes; "" where the result goes to stdout
    part       what of the result is there after its first part has arrived; b"" where nothing can be
    whole      the result when all is well; None where its bytes are not compared
    most_paid  how many requests are paid for, at most;  is_free: none is
    codes      exit codes that differ from those of a fault, by the beginning of its name
    skips      faults that this command cannot meet
    first      which of its requests is the first to be struck
    is_book    those before are paid for, and kept for another run
    reports    what is wrong is its result, on stdout
    finishes   the first Ctrl+C lets what is under way finish
    joins      it holds back two frames for a join, which a signal between two reads costs
    plays      it is heard through a player;  tty: its streams are a terminal;  on_card: it needs a sound card
    """

    name: str
    words: str
    target: str
    kind: type[Line]
    result: str = ""
    part: bytes = b""
    whole: bytes | None = None
    most_paid: int = 1
    is_free: bool = False
    codes: Mapping[str, int | tuple[int, ...]] = field(default_factory=dict)
    skips: tuple[str, ...] = ()
    stdin: bytes = b""
    first: int = 1
    finishes: bool = False
    joins: bool = False
    plays: bool = False
    tty: bool = False
    on_card: bool = False
    is_book: bool = False
    reports: bool = False

    @property
    def is_socket(self) -> bool:
        return issubclass(self.kind, SocketLine)

    @property
    def is_audio(self) -> bool:
        return issubclass(self.kind, AudioLine)


SPEECH, CHANGED, ISOLATED = "/v1/text-to-speech/", "/v1/speech-to-speech/", "/v1/audio-isolation"
EFFECT, HEARD, HEARD_LIVE = "/v1/sound-generation", "/v1/speech-to-text", "/v1/speech-to-text/realtime"
CONVERSATION, ADDRESS = "/v1/convai/conversation", "/v1/convai/conversation/get-signed-url"
AGENT = "--agent-id agent_0123456789"
HANGS_UP = {"SIGINT before": 0, "SIGINT amid": 0}
MIDWAY = (
    *(
        "reset after the first",
        "closed after the first",
        "silence after the first",
        "garbage within",
        "a frame without",
    ),
    *("closed with 999", "closed with 1001", "closed with 1011", "closed with 1013"),
)

DONE = dict.fromkeys(  # what was asked for is done as soon as the status says so, whatever follows
    (
        *("reset after", "closed after", "silence after", "garbage within", "a chunk without", "a page"),
        *("an answer of nothing", "compressed falsely"),
    ),
    0,
)
NOTHING = {"an answer of nothing": 0}
TOLD = {"429": 0, "status 429": 0, "503": 5}  # it asks once; who is busy is there
ON_STDOUT = ("disk full behind stdout", "stdout closed", "the reader has left")
LINES = [json.dumps(entry, separators=(",", ":")) + "\n" for entry in PAGED]
MODELS = json.dumps(Models.value).encode()

COMMANDS = (
    Command("tts pipe", "tts hi", SPEECH, AudioLine, part=AUDIO_PART, whole=AUDIO),
    Command("tts file", "tts hi -o out.mp3", SPEECH, AudioLine, "out.mp3", AUDIO_PART, AUDIO),
    Command("tts wav", "tts hi -o out.wav", SPEECH, AudioLine, "out.wav", PCM_PART, PCM_PART + PCM_REST),
    Command("tts speaker", "tts hi", SPEECH, AudioLine, plays=True, tty=True),
    Command(
        "tts live",
        "tts --live -m eleven_flash_v2_5 --format pcm_16000",
        SPEECH,
        SpeechSocket,
        part=sound_of(SENTENCE)[:12000],
        whole=sound_of(SENTENCE),
        most_paid=4,  # it connects again for a sentence of which nothing was heard
        stdin=f"{SENTENCE}\n".encode(),
    ),
    Command(
        "tts long",
        "tts -m eleven_v3 -f book.txt -o out.pcm --format pcm_16000",
        SPEECH,
        AudioLine,
        "out.pcm",
        PCM_PART,
        (PCM_PART + PCM_REST) * PIECES,
        most_paid=PIECES,
        first=2,
        is_book=True,
        skips=("disk full",),  # the pieces would not have room either
        finishes=True,
    ),
    Command(
        "talk text",
        f"talk --text --no-auth {AGENT}",
        CONVERSATION,
        AgentSocket,
        part=b"Agent: Hello.",
        whole=b"Agent: Hello.\nUser: hi\nAgent: Goodbye.\n",
        stdin=b"hi\n",
        codes=HANGS_UP,
    ),
    Command(
        "talk voice",
        f"talk --no-auth --input in.wav --output out.wav {AGENT}",
        CONVERSATION,
        SpeakingAgent,
        part=b"Agent: Hello.",
        codes=HANGS_UP,
    ),
    Command(
        "talk aloud",
        f"talk --no-auth {AGENT}",
        CONVERSATION,
        SpeakingAgent,
        part=b"Agent: Hello.",
        on_card=True,
    ),
    Command("talk start", f"talk --text {AGENT}", ADDRESS, SignedAddress, stdin=b"hi\n", codes=HANGS_UP),
    Command("stt file", "stt in.wav", HEARD, Transcript, whole=b"Hello world.\n"),
    Command(
        "stt live",
        "stt --live --silence 0.3 pauses.wav",
        HEARD_LIVE,
        TranscriptSocket,
        part=b"Hello.\n",
        whole=b"Hello.\nWorld.\n",
        most_paid=2,
        # it connects again, and sends what was not answered
        codes={"SIGINT amid": 0, **dict.fromkeys(MIDWAY, 0), "a frame of no known kind": (0, 6)},
    ),
    Command("sts", "sts in.wav -o out.mp3", CHANGED, AudioLine, "out.mp3", AUDIO_PART, AUDIO, joins=True),
    Command("isolate", "isolate in.wav", ISOLATED, AudioLine, part=AUDIO_PART, whole=AUDIO, joins=True),
    Command("sfx", "sfx rain -o out.mp3", EFFECT, AudioLine, "out.mp3", AUDIO_PART, AUDIO),
    Command("models", "models", "/v1/models", Models, is_free=True),
    Command("voices", "voices --json", "/v2/voices", Voices, is_free=True),
    Command("history", "history", "/v1/history", History, is_free=True),
    Command(
        "history get",
        "history get item_1 -o out.mp3",
        "/v1/history/item_1/audio",
        AudioLine,
        "out.mp3",
        AUDIO_PART,
        AUDIO,
        is_free=True,
    ),
    Command("history delete", "history delete item_1 --yes", "/v1/history/item_1", Done, codes=DONE, skips=ON_STDOUT),
    Command(
        "call audio",
        "conversations audio conv_1 -o out.mp3",
        "/v1/convai/conversations/conv_1/audio",
        AudioLine,
        "out.mp3",
        AUDIO_PART,
        AUDIO,
        is_free=True,
        joins=True,
    ),
    Command(
        "call srt",
        "conversations show conv_1 -o out.srt",
        "/v1/convai/conversations/conv_1",
        Call,
        "out.srt",
        is_free=True,
    ),
    Command("agents", "agents --json", "/v1/convai/agents", Agents, is_free=True),
    Command("dictionaries", "dictionaries --json", "/v1/pronunciation-dictionaries", Dictionaries, is_free=True),
    Command(
        "add words",
        "dictionaries add words.txt",
        "/v1/pronunciation-dictionaries/add-from-rules",
        NewDictionary,
        codes=DONE,
    ),
    Command("clone", "voices clone Me voice.wav --yes", "/v1/voices/add", NewVoice, codes=DONE),
    Command(
        "design",
        "voices design quite_an_old_sailor_gruff_and_kind -o out-{n}.mp3",
        "/v1/text-to-voice/design",
        Designed,
        "out-1.mp3",
        whole=AUDIO_PART,
        codes={"a folder takes": 2},
    ),
    Command("align", "align in.wav Hello -o out.json", "/v1/forced-alignment", Alignment, "out.json"),
    Command(
        "api",
        "api /v1/models",
        "/v1/models",
        Models,
        part=MODELS[: len(MODELS) // 2],
        whole=MODELS,
        is_free=True,
        skips=("an answer of nothing",),  # it is passed on
    ),
    Command(
        "api pages",
        "api /v1/history --paginate -o out.jsonl",
        "/v1/history",
        HistoryPages,
        "out.jsonl",
        "".join(LINES[:4]).encode(),
        "".join(LINES).encode(),
        first=3,
        is_free=True,
    ),
    Command(
        "api file", f"api {SPEECH}{'a' * 20} -f text=hi -o out.mp3", SPEECH, AudioLine, "out.mp3", AUDIO_PART, AUDIO
    ),
    Command(
        "api form", "api /v1/speech-to-text -F model_id=scribe_v2 -F file=@in.wav", HEARD, Transcript, codes=NOTHING
    ),
    Command("api delete", "api DELETE /v1/history/item_1", "/v1/history/item_1", Done, codes=NOTHING),
    Command("doctor", "doctor --json", "/v1/models", Models, is_free=True, reports=True, codes=TOLD),
)

FILES: Mapping[str, bytes] = {
    "in.wav": sound(0.5),
    "pauses.wav": sound(0.4, 0.5, 0.4),
    "book.txt": BOOK.encode(),
    "voice.wav": sound(2.0),
    "words.txt": b"WCAG=wuh-cag\n",
}
