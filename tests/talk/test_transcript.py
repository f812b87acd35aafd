"""What of a conversation is shown."""

import io

import pytest

from eleven_cli.api.agents.events import AgentPart, AgentSaid, UserSaid
from eleven_cli.commands.talk.transcript import Transcript
from eleven_cli.errors import ElevenError
from eleven_cli.terminal import Terminal

IN_PARTS = [AgentPart(part="start"), AgentPart("Yes.", "delta"), AgentPart(part="stop")]


def shown(*happenings, show_typed=False):
    """The lines on stdout after these events; words are what the user typed."""
    stdout = io.TextIOWrapper(io.BytesIO(), write_through=True)
    terminal = Terminal(io.TextIOWrapper(io.BytesIO()), stdout, io.TextIOWrapper(io.BytesIO()), {})
    with Transcript(terminal, as_json=False, file=None, show_typed=show_typed) as transcript:
        for happening in happenings:
            (transcript.typed if isinstance(happening, str) else transcript.add)(happening)
    return stdout.buffer.getvalue().decode().splitlines()


@pytest.mark.parametrize(
    ("happenings", "lines"),
    [
        pytest.param([*IN_PARTS, AgentSaid("Yes.")], ["Agent: Yes."], id="whole after its parts"),
        pytest.param([*IN_PARTS, AgentSaid("Yes."), AgentSaid("Yes.")], ["Agent: Yes."] * 2, id="the same again"),
        pytest.param(
            [*IN_PARTS, AgentSaid("Yes."), "ok?", AgentSaid("Yes."), "sure?", AgentSaid("Yes.")],
            ["Agent: Yes."] * 3,
            id="the same answer to other questions",
        ),
        pytest.param([*IN_PARTS, AgentSaid("Yes, and no.")], ["Agent: Yes.", "Agent: Yes, and no."], id="another"),
        pytest.param(
            ["hello", AgentSaid("Hi."), UserSaid("hello")], ["Agent: Hi.", "User: hello"], id="typed, later spoken"
        ),
        pytest.param(["hello", UserSaid("hello"), AgentSaid("Hi.")], ["Agent: Hi."], id="the echo of what was typed"),
        pytest.param(
            ["hello", UserSaid("hello"), UserSaid("hello")], ["User: hello"], id="typed, then spoken before an answer"
        ),
        pytest.param(
            ["one", "two", UserSaid("one"), AgentSaid("1"), UserSaid("two"), AgentSaid("2")],
            ["Agent: 1", "Agent: 2"],
            id="two lines typed at once",
        ),
    ],
)
def test_every_turn_is_shown_once(happenings, lines):
    assert shown(*happenings) == lines


class Leaving(io.BytesIO):
    """Takes one piece, and then nobody is there any more."""

    def write(self, data):
        if self.tell():
            raise BrokenPipeError
        return super().write(data)


def test_a_terminal_that_is_gone_does_not_hide_why_we_leave():
    streams = [io.TextIOWrapper(stream, write_through=True) for stream in (io.BytesIO(), Leaving(), io.BytesIO())]
    transcript = Transcript(Terminal(*streams, {}), as_json=False, file=None, show_typed=False)
    with pytest.raises(SystemExit):
        leave_amid_a_line(transcript)


def leave_amid_a_line(transcript):
    with transcript:
        transcript.add(AgentPart(part="start"))
        transcript.add(AgentPart("Well", "delta"))
        raise SystemExit(129)


def test_a_transcript_that_cannot_be_written(tmp_path):
    terminal = Terminal(*(io.TextIOWrapper(io.BytesIO()) for _ in range(3)), {})
    with pytest.raises(ElevenError, match="cannot write"):
        Transcript(terminal, as_json=False, file=str(tmp_path / "no" / "t.jsonl"), show_typed=False).__enter__()
