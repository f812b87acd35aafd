"""`eleven tts` with a model that is refused alone: dialogues of one, of at most 2,000 characters, for the whole run."""

import json
import subprocess

import pytest

from tests.conftest import VOICE
from tests.support.programs import Writer
from tests.support.service import audio_reply, error_reply
from tests.support.speech_socket import sound_of

PCM = ("--format", "pcm_16000")
DIALOGUE = "/v1/text-to-dialogue/stream"
REFUSED = error_reply(400, "unsupported_model", "This model is for dialogues only.")
MOST = 2000


@pytest.fixture
def dialogues(service):
    """The texts of the dialogues that were asked for; each is answered with its sound."""
    service.on_speech(REFUSED)
    texts = []

    def answer(exchange):
        (one,) = exchange.request.json["inputs"]
        texts.append(one["text"])
        assert one["voice_id"] == VOICE
        audio_reply([sound_of(one["text"])])(exchange)

    service.on(DIALOGUE, answer)
    return texts


def refusals(service):
    return [request for request in service.requests if request.path.startswith("/v1/text-to-speech/")]


def sentences(characters):
    return " ".join(f"Sentence number {number} is here." for number in range(characters // 30))


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        pytest.param("Hello.", 1, id="short"),
        pytest.param(sentences(2100), 1, id="more than a dialogue"),
        pytest.param(sentences(9_500), 1, id="all that a request takes"),
        pytest.param(sentences(12_000), 2, id="several requests, first told of their neighbours"),
    ],
)
def test_pieces_are_short_and_all_is_said_once(eleven, service, dialogues, text, refused):
    result = eleven("tts", *PCM, "-m", "eleven_v4", "--no-live", stdin=text)
    assert (result.code, result.err) == (0, "")
    assert "".join(sorted(dialogues, key=text.index)) == text
    assert max(map(len, dialogues)) <= MOST
    assert len(refusals(service)) == refused
    assert len(result.out) == len(sound_of(text))


def test_each_chapter_has_its_own_file_all_the_same(eleven, service, dialogues, tmp_path):
    (tmp_path / "book.md").write_text(f"# One\n\n{sentences(2500)}\n\n# Two\n\n{sentences(300)}\n")
    result = eleven(
        "tts", "-f", str(tmp_path / "book.md"), *PCM, "-m", "eleven_v4", "-o", str(tmp_path / "{chapter}.pcm")
    )
    assert (result.code, result.err) == (0, "")
    sizes = [(tmp_path / f"{number}.pcm").stat().st_size for number in (1, 2)]
    assert sum(sizes) == len(sound_of("".join(dialogues)))
    assert sizes[1] == len(sound_of(next(text for text in dialogues if "Two" in text)))


def test_a_live_text_is_refused_once(service, spawn, dialogues):
    program = Writer(spawn("tts", *PCM, "-m", "eleven_v4", stdin=subprocess.PIPE))
    program.write("One.\nTwo.\nThree.\n")
    assert program.end()[:2] == (0, "One.\nTwo.\nThree.\n")
    assert len(refusals(service)) == 1


def test_the_report_counts_the_dialogues(eleven, dialogues):
    result = eleven("tts", sentences(4500), *PCM, "-m", "eleven_v4", "--json")
    figures = json.loads(result.err)
    assert (figures["requests"], figures["characters"]) == (len(dialogues), len(sentences(4500)))


@pytest.mark.parametrize("model", ["eleven_v3", "eleven_flash_v2_5", None])
def test_other_models_are_refused(eleven, service, dialogues, model):
    result = eleven("tts", "Hello.", *PCM, *(["-m", model] if model else []))
    assert (result.code, dialogues) == (1, [])
    assert len(refusals(service)) == 1


def test_a_dialogue_that_is_refused_too_ends_it(eleven, service):
    service.on_speech(REFUSED)
    service.on(DIALOGUE, REFUSED)
    result = eleven("tts", "Hello.", *PCM, "-m", "eleven_v4")
    assert result.code == 1
    assert len(service.requests) == 2
