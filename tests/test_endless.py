"""A file that never ends is refused, and not read until the memory is full."""

import resource
import subprocess

import pytest

from tests.support.guard import GUARD_S
from tests.support.wav_files import wav

VOICE = "abcdefghij0123456789"
MEMORY_BYTES = 4 << 30  # of addresses: numpy's threads alone reserve a good part of it
ZERO = "/dev/zero"
WORDS = {
    "lexicon": ["tts", "hi", "-v", VOICE, "--lexicon", ZERO],
    "text": ["tts", "-f", ZERO, "-v", VOICE],
    "text to be aligned": ["align", "one.wav", "-f", ZERO],
    "text to be aligned from stdin": ["align", "one.wav", "-"],
    "sound to be aligned": ["align", ZERO, "hi"],
    "recording": ["stt", ZERO],
    "rules": ["dictionaries", "add", ZERO],
    "JSON": ["api", "POST", "x", "--input", ZERO],
    "JSON from stdin": ["api", "POST", "x", "--input", "-"],
    "field": ["api", "POST", "x", "-f", f"a=@{ZERO}"],
    "agents": ["sandbox", "--port", "0", "--agents", ZERO],
    "key": ["auth", "login"],
    "description": ["voices", "design", "-"],
}


def little_memory():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


@pytest.mark.parametrize("name", WORDS)
def test_it_is_refused_in_a_sentence(spawn, service, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.wav").write_bytes(wav())
    with open(ZERO, "rb") as zero:
        process = spawn(*WORDS[name], stdin=zero, stdout=subprocess.DEVNULL, preexec_fn=little_memory)
        _, err = process.communicate(timeout=2 * GUARD_S)
    assert process.returncode in (2, 3), err
    assert err.startswith(b"error: ")
    assert b"unexpected" not in err
    assert service.requests == []
