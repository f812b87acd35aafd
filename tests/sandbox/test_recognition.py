"""What the sandbox said is recognised again: after any way through formats, and by another process."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy
import pytest

from eleven_cli.sandbox.hearing import fingerprints
from eleven_cli.sandbox.hearing import memory as memories
from eleven_cli.sandbox.hearing.memory import MEMORY
from eleven_cli.sandbox.hearing.recognition import recognize, recognize_prefix
from eleven_cli.sandbox.sound.acoustics import SubframeAnalyser
from eleven_cli.sandbox.sound.companding import ulaw_to_pcm

from .call import babble, louder, silence
from .conftest import HARPER, Api
from .decoding import decoded

QUESTION = "What is the weather?"
OTHERS = ["How are you?", "What is your name?", "What is the time?", "Tell me a joke.", "The weather is what?", "Bye."]
FERGUS = "AEW6NXG3Zmswb66xjSKy"


def words(pcm: bytes, rate: int = 16000) -> str | None:
    return recognize(SubframeAnalyser(rate).feed(pcm + silence(0.1, rate)), MEMORY.all())


@pytest.fixture
def question(api: Api) -> bytes:
    """The question at 16 kHz, and other sentences the sandbox has spoken too."""
    for text in OTHERS:
        for voice in (HARPER, FERGUS):
            api.said(text, voice=voice, format="pcm_8000")
    return api.said(QUESTION, format="pcm_16000")


def test_the_same_audio_is_recognised(question: bytes) -> None:
    assert words(question) == QUESTION


@pytest.mark.parametrize("rate", [8000, 22050, 24000, 44100, 48000])
def test_at_every_rate(api: Api, question: bytes, rate: int) -> None:
    assert words(api.said(QUESTION, format=f"pcm_{rate}"), rate) == QUESTION


@pytest.mark.parametrize("format", ["mp3_44100_128", "mp3_22050_32", "opus_48000_32", "wav_16000"])
def test_through_compression(api: Api, question: bytes, format: str) -> None:
    sound = decoded(api.said(QUESTION, format=format))
    assert words(sound.samples.tobytes(), sound.rate) == QUESTION


def test_over_the_telephone(api: Api, question: bytes) -> None:
    assert words(ulaw_to_pcm(api.said(QUESTION, format="ulaw_8000")), 8000) == QUESTION


@pytest.mark.parametrize("factor", [0.05, 0.3, 2.0])
def test_at_any_gain(question: bytes, factor: float) -> None:
    assert words(louder(question, factor)) == QUESTION


@pytest.mark.parametrize("before_s", [0.001, 0.0073, 0.5, 0.51])
def test_with_silence_around(question: bytes, before_s: float) -> None:
    assert words(silence(before_s) + question + silence(0.7)) == QUESTION


NAMES = {name: f"My name is {name}, and I come from {town}." for name, town in (("Ana", "Lisbon"), ("Eve", "London"))}


def processed(pcm: bytes, rate: int = 16000) -> bytes:
    """As a browser's microphone gives it: without low tones, soft parts softer, and turned up while it goes on."""
    samples = numpy.frombuffer(pcm, "int16").astype(float)
    high = samples - numpy.convolve(samples, numpy.ones(60) / 60, "same")
    levels = numpy.sqrt(numpy.convolve(high**2, numpy.ones(rate // 50) / (rate // 50), "same"))
    gain = (levels / levels.max() + 0.01) ** 0.6 * numpy.linspace(0.3, 1.2, len(high))
    return (high * gain).clip(-32768, 32767).astype("int16").tobytes()


@pytest.mark.parametrize("name", NAMES)
def test_through_a_browsers_processing(api: Api, name: str) -> None:
    said = {one: api.said(text, format="pcm_16000") for one, text in NAMES.items()}
    assert words(processed(said[name])) == NAMES[name]


def test_other_words_through_a_browsers_processing_are_not(api: Api) -> None:
    for text in NAMES.values():
        api.said(text, format="pcm_8000")
    heard = processed(api.said(NAMES["Ana"], format="pcm_16000"))
    known = [one for one in MEMORY.all() if one.sentences[0].text != NAMES["Ana"]]
    assert recognize(SubframeAnalyser(16000).feed(heard), known) is None


def test_every_voice_is_recognised(api: Api) -> None:
    for voice in api.get("/v1/voices").json()["voices"]:
        for text in (QUESTION, "One two three."):
            assert words(api.said(text, voice=voice["voice_id"], format="pcm_16000")) == text


def test_other_words_are_not(api: Api, question: bytes) -> None:
    assert words(babble(1.2)) is None
    assert words(silence(1)) is None
    backwards = b"".join(question[at : at + 2] for at in range(len(question) - 2, -1, -2))
    assert words(backwards) is None


def test_sentences_are_recognised_one_by_one_and_together(api: Api) -> None:
    parts = ["Good morning to you.", "The train is late.", "I will be there at nine."]
    api.said(" ".join(parts))
    assert words(api.said(" ".join(parts), format="pcm_16000")) == " ".join(parts)
    third = api.said(f'One. <break time="1s" /> {parts[2]}', format="pcm_16000")
    assert words(third[len(api.said('One. <break time="1s" />', format="pcm_16000")) :]) == parts[2]


def test_the_beginning_of_an_utterance(question: bytes) -> None:
    subframes = SubframeAnalyser(16000).feed(question)
    known = MEMORY.all()
    heard = [recognize_prefix(subframes[:end], known) for end in range(60, len(subframes), 20)]
    assert QUESTION.startswith(heard[0] or "?")
    assert QUESTION in heard


def test_another_process_recognises_it(question: bytes, tmp_path: Path) -> None:
    (tmp_path / "question.pcm").write_bytes(question)
    code = (
        "import sys\n"
        "from eleven_cli.sandbox.sound.acoustics import SubframeAnalyser\n"
        "from eleven_cli.sandbox.hearing.memory import MEMORY\n"
        "from eleven_cli.sandbox.hearing.recognition import recognize\n"
        "print(recognize(SubframeAnalyser(16000).feed(open(sys.argv[1], 'rb').read()), MEMORY.all()))\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "question.pcm")]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout == f"{QUESTION}\n"


def test_what_is_kept(api: Api, memory: Path) -> None:
    api.said(QUESTION)
    api.said(QUESTION, format="pcm_16000")
    (kept,) = memory.iterdir()
    assert kept.stat().st_size < 1000
    assert memory.stat().st_mode & 0o077 == 0
    api.said(QUESTION, voice=FERGUS)
    assert len(list(memory.iterdir())) == 2


def test_a_long_text_is_kept_minute_by_minute(api: Api, memory: Path) -> None:
    api.said("This sentence is one of many. " * 60, format="pcm_8000")
    kept = list(memory.iterdir())
    assert len(kept) == 2
    assert all(one.stat().st_size < 20_000 for one in kept)


def test_a_text_without_end_is_kept_in_part(api: Api, memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memories, "MAX_S", 2.0)
    monkeypatch.setattr(memories, "MAX_FINGERPRINTS", 3)
    api.said("".join(f"This is sentence {number}. " for number in range(20)), format="pcm_8000")
    assert len(list(memory.iterdir())) == 3


def test_the_oldest_are_forgotten(api: Api, memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fingerprints, "MAX_UTTERANCES", 5)
    monkeypatch.setattr(fingerprints, "SPARE", 2)
    said = [f"Number {number}." for number in range(12)]
    for text in said:
        api.said(text)
        time.sleep(0.002)  # so that the files differ in age
    assert 5 <= len(list(memory.iterdir())) <= 7
    assert words(api.said(said[-1], format="pcm_16000")) == said[-1]
    assert len(MEMORY.all()) <= 8


def test_without_a_writable_folder(api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for blocked in (tmp_path / "file", Path("/proc/nowhere"), Path("/dev/null")):
        if blocked.parent == tmp_path:
            blocked.write_text("in the way")
        monkeypatch.setenv("XDG_STATE_HOME", str(blocked))
        assert words(api.said(QUESTION, format="pcm_16000")) == QUESTION


def test_without_a_home(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_STATE_HOME")

    def nowhere() -> Path:
        raise RuntimeError

    monkeypatch.setattr(Path, "home", nowhere)
    assert api.said(QUESTION)


def test_broken_files_are_passed_over(api: Api, memory: Path) -> None:
    memory.mkdir(parents=True)
    for number, text in enumerate(["", "{", "[]", "{}", '{"voice":1,"parts":[[1]],"frames":"AAA="}', "\xff"]):
        (memory / f"{number}.json").write_text(text, "latin-1")
    (memory / "folder.json").mkdir()
    assert words(api.said(QUESTION, format="pcm_16000")) == QUESTION


def test_the_folder_follows_the_environment(api: Api, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_STATE_HOME")
    api.said(QUESTION)
    assert len(os.listdir(home / ".local" / "state" / "eleven" / "sandbox")) == 1


def test_sniff_takes_little_time(api: Api, question: bytes, **_: Any) -> None:
    known = MEMORY.all() * 30
    subframes = SubframeAnalyser(16000).feed(question)
    began = time.thread_time()
    assert recognize(subframes, known) == QUESTION
    assert time.thread_time() - began < 2
