"""What the tests of several commands share."""

import os
import subprocess

import pytest

from tests.support.guard import GUARD_S
from tests.support.long_texts import Reader, sentences


@pytest.fixture
def talk(spawn):
    """Talk by text with these lines; gives code, stdout and stderr."""

    def talk(*argv, stdin=""):
        process = spawn("talk", "--text", *argv, stdin=subprocess.PIPE)
        out, err = process.communicate(stdin.encode(), timeout=GUARD_S)
        return process.returncode, out.decode(), err.decode()

    return talk


@pytest.fixture
def call(spawn, card):
    """Start a call by voice on the sound card."""

    def call(*argv, **options):
        return spawn("talk", *argv, env={**os.environ, **card.environ}, **options)

    return call


@pytest.fixture
def reader(service):
    """The service, which speaks every text."""
    reader = Reader()
    service.on_speech(reader)
    return reader


@pytest.fixture
def book(tmp_path):
    """The file of a text of five pieces for multilingual v2."""
    path = tmp_path / "book.txt"
    path.write_text(sentences(300))
    return path
