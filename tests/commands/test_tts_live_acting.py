"""`eleven tts` speaks a text that is still being written by the models that act, over the dialogue socket."""

import json
import os
import signal
import subprocess
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed

from eleven_cli.api.tts.speech import SpeechRequest
from eleven_cli.api.tts.stream import SpeechStream
from tests.conftest import KEY, VOICE
from tests.support.guard import GUARD_S
from tests.support.programs import Writer
from tests.support.proxies import FrontDoor
from tests.support.service import audio_reply
from tests.support.speech_socket import ACTING, Dialling, heard, obediently, sound_of

PCM = ("--format", "pcm_16000")


@pytest.fixture
def writer(spawn, narrator):
    return lambda *argv: Writer(spawn("tts", *PCM, "-m", "eleven_v4_turbo", *argv, stdin=subprocess.PIPE))


@pytest.mark.parametrize("model", ACTING)
def test_a_sentence_is_spoken_while_the_next_is_still_being_written(spawn, narrator, model):
    program = Writer(spawn("tts", *PCM, "-m", model, stdin=subprocess.PIPE))
    for sentence in ("First things first.", "Then [laughs] the second!", "And the third?"):
        program.write(sentence + "\n")
        program.hear(sentence)
    assert program.end()[:2] == (0, "")
    assert narrator.query["model_id"] == model


def test_what_goes_over_the_socket(writer, narrator):
    told = []

    def listen(speech):
        told.append(speech.receive())
        told.append(speech.receive())
        told.append(speech.receive())
        speech.speak("One.")
        told.append(speech.receive())
        speech.finish()

    narrator.scripts = [listen]
    program = writer("--stability", "0.4", "--similarity", "0.3", "--seed", "7", "--language", "de")
    program.write("One.\n")
    code, sound, said = program.end()
    assert (code, sound) == (0, "One.")
    assert "--similarity has no effect on live text with eleven_v4_turbo; --no-live sends it" in said
    assert told == [
        {"voices": [VOICE], "voice_settings": {"stability": 0.4}},
        {"inputs": [{"text": "One. ", "voice_id": VOICE}]},
        {"flush": True},
        {"close_socket": True},
    ]
    request = narrator.requests[0]
    assert request.path.startswith("/v1/text-to-dialogue/stream-input?")
    assert request.headers["xi-api-key"] == KEY
    assert narrator.query == {
        "model_id": "eleven_v4_turbo",
        "output_format": "pcm_16000",
        "language_code": "de",
        "seed": "7",
        "sync_alignment": "true",
    }


def test_a_fragment_is_spoken_after_a_pause(writer, narrator):
    program = writer()
    program.write("Well, I think")
    program.hear("Well, I think")
    program.write(" that is so.\n")
    program.hear("that is so.")
    assert program.end()[0] == 0


def speaks(count, **how):
    """Speak so many texts, read one more, and drop."""

    def script(speech):
        speech.receive()
        for _ in range(count):
            speech.speak(speech.text(), **how)
        speech.text()
        speech.drop()

    return script


KNOWN = {
    "times and ends of turns": {},
    "times alone": {"turn_end": "never"},
    "ends of turns alone": {"aligned": False},
    "ends of turns within the audio": {"aligned": False, "turn_end": "within"},
}


@pytest.mark.parametrize("how", KNOWN.values(), ids=KNOWN)
@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_dropped_connection_continues_with_the_first_sentence_that_had_not_begun(writer, narrator, how, count):
    narrator.scripts = [speaks(count, **how), obediently]
    program = writer()
    program.write("One.\nTwo.\nThree.\nFour.\n")
    code, sound, said = program.end()
    assert (code, sound) == (0, "One.Two.Three.Four.")
    assert "connecting again" in said


def test_where_it_cannot_be_known_what_was_spoken_nothing_is_repeated(writer, narrator):
    narrator.scripts = [speaks(1, aligned=False, turn_end="never"), obediently]
    program = writer()
    program.write("One.\nTwo.\n")
    code, sound, _ = program.end()
    assert (code, sound) == (6, "One.")


@pytest.mark.parametrize("aligned", [True, False])
def test_a_drop_in_the_middle_of_a_sentence_is_no_success(writer, narrator, aligned):
    def breaks(speech):
        speech.receive()
        speech.speak(speech.text(), aligned=aligned)
        speech.speak(speech.text(), aligned=aligned, share=0.6)
        speech.drop()

    narrator.scripts = [breaks, obediently]
    program = writer()
    program.write("One.\nTwo, which is long.\nThree.\n")
    code, sound, said = program.end()
    assert code == 6
    assert sound.startswith("One.Two,")
    assert sound.endswith("Three.")
    assert "the end of 'Two, which is long.' is missing" in said


def test_a_thousand_sentences_over_twenty_drops(narrator, spawn, tmp_path):
    """In one session: none is lost, and none is spoken twice."""
    sentences = [f"This is sentence {number}." for number in range(1000)]
    narrator.scripts = [*[speaks(49 - number % 3) for number in range(20)], obediently]
    text = tmp_path / "text"
    text.write_text("\n".join(sentences))
    cat = subprocess.Popen(["cat", text], stdout=subprocess.PIPE)
    program = spawn("tts", *PCM, "-m", "eleven_v4_turbo", stdin=cat.stdout)
    sound, said = program.communicate(timeout=60)
    assert (program.returncode, heard(sound)) == (0, "".join(sentences))
    assert said.decode().count("connecting again") == 20


REFUSALS = [
    {"message": "This model is not available here.", "error": "unsupported_model", "code": 1008, "param": "model_id"},
    {"message": "Model eleven_v4_turbo is not supported on this endpoint.", "error": "invalid_request", "code": 1008},
]


@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize("text", ["One.\n", "One.\nTwo.\nThree.\nFour.\nFive."])
def test_a_model_that_is_refused_on_the_open_socket_is_requested(service, writer, narrator, refusal, text, monkeypatch):
    """Its sentences are neither lost nor counted twice."""

    def refuses(speech):
        speech.receive()
        speech.text()
        speech.send(**refusal)
        speech.connection.close(refusal["code"])

    narrator.scripts = [refuses]
    sentences = text.split()
    service.on_speech(*(audio_reply([sound_of(one)], character_cost="4") for one in [*sentences, "Last."]))
    with FrontDoor(("127.0.0.1", service.port), ("127.0.0.1", narrator.port)) as door:
        monkeypatch.setenv("ELEVENLABS_BASE_URL", door.url)
        program = writer("--stats")
        program.write(text)
        program.hear("".join(sentences))
        program.write("\nLast.\n")
        code, sound, said = program.end()
    assert (code, sound) == (0, "Last.")
    assert f"{4 * (len(sentences) + 1)} credits" in said


def test_what_the_service_gives_up_with_is_said(writer, narrator):
    def refuses(speech):
        speech.receive()
        speech.send(message="You have no credits left.", error="quota_exceeded", code=1008)
        speech.connection.close(1008)

    narrator.scripts = [refuses]
    program = writer()
    program.write("Hello.\n")
    code, sound, said = program.end()
    assert (code, sound) == (5, "")
    assert "error: You have no credits left (quota_exceeded)" in said


def test_subtitles_come_from_its_times(writer, narrator, tmp_path):
    program = writer("--subtitles", str(tmp_path / "out.json"))
    program.write("One.\nTwo.\n")
    assert program.end()[:2] == (0, "One.Two.")
    timed = json.loads((tmp_path / "out.json").read_text())
    assert "".join(timed["characters"]).replace(" ", "").replace("\n", "") == "One.Two."


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        ({"is_final_audio_for_turn": True}, 1, "error: the service sent no audio"),
        ({"audio": "no base64!"}, 1, "error: the service sent something that is not audio (bad_audio)"),
        ({"message": "No such voice.", "error": "voice_not_found"}, 4, "error: No such voice (voice_not_found)"),
    ],
)
def test_what_is_no_audio_is_no_success_and_not_waited_for(writer, narrator, tmp_path, answer, code, said):
    """The service does not hang up after it."""

    def script(speech):
        speech.receive()
        speech.text()
        speech.send(**answer)
        with suppress(AssertionError, ConnectionClosed):
            speech.text()
        with suppress(ConnectionClosed):
            speech.finish()

    narrator.scripts = [script]
    program = writer("-o", str(tmp_path / "out.pcm"))
    program.write("One.\n")
    ended, _, heard = program.end()
    assert (ended, said in heard) == (code, True)
    assert list(tmp_path.glob("out*")) == []


def test_sentences_stand_apart_in_subtitles_of_a_service_that_times_just_what_it_was_sent(writer, narrator, tmp_path):
    def exactly(speech):
        speech.receive()
        while speech.text():
            speech.speak(speech.said[-1])
        speech.finish()

    narrator.scripts = [exactly]
    program = writer("--subtitles", str(tmp_path / "out.srt"))
    program.write("One and two.\nThree.\n")
    assert program.end()[0] == 0
    assert (tmp_path / "out.srt").read_text().split("\n")[2].split() == ["One", "and", "two.", "Three."]


def test_ctrl_c_is_silent_and_quick(writer, narrator):
    program = writer()
    program.write("One.\n")
    program.hear("One.")
    program.process.send_signal(signal.SIGINT)
    assert program.process.wait(GUARD_S) == 130


class Answering:
    """A socket that takes everything; `sent` is what it was given."""

    def __init__(self):
        self.sent, self.closed = [], None

    def send(self, message):
        self.sent.append(message)

    def __exit__(self, *exc):
        pass


def test_pauses_are_bridged():
    socket, now = Answering(), [0.0]
    request = SpeechRequest(VOICE, "pcm_16000", model_id="eleven_v4")
    with SpeechStream(Dialling(lambda: socket), request, clock=lambda: now[0]) as speech:
        for _ in range(3):
            now[0] += 8
            speech.keep_alive()
            speech.keep_alive()
    assert socket.sent == [{"voices": [VOICE]}, *[{"keep_alive": True}] * 3]


@pytest.mark.parametrize("model", ACTING)
def test_the_sandbox(spawn, model):
    program = Writer(spawn("--sandbox", "tts", *PCM, "-m", model, stdin=subprocess.PIPE))
    for sentence in ("One sentence.", "And another one."):
        program.write(sentence + "\n")
        assert os.read(program.process.stdout.fileno(), 1 << 16)
    program.process.stdin.close()
    program.process.stdin = None
    out, err = program.process.communicate(timeout=GUARD_S)
    assert program.process.returncode == 0
    assert out
    assert b"warning" not in err
