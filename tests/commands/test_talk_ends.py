"""How a conversation ends: one sentence, the conversation's id, how long it took, and an exit code. And what keeps it
from ending, or from beginning."""

import json
import os
import re
import signal
import subprocess
import threading
import wave
from pathlib import Path

import pytest

from tests.support.agent import CONVERSATION, chat, mcp
from tests.support.guard import GUARD_S, wait_until
from tests.support.programs import outcome, patched
from tests.support.wav_files import samples_of, tone, write_wav

DURATION = r"ended after \d+ s"


def said_at_the_end(err, error):
    """The id, the duration and the error, one line each."""
    lines = [line for line in err.splitlines() if not line.startswith(("connected", "hint"))]
    assert lines[0] == f"Conversation ID: {CONVERSATION}"
    assert re.fullmatch(DURATION, lines[1])
    assert lines[2].startswith("error: ")
    assert error in lines[2]


@pytest.fixture
def files(tmp_path):
    """Options for a call without devices."""
    return ["--input", write_wav(tmp_path / "q.wav", tone(0.1)), "--output", str(tmp_path / "a.wav")]


# failures


def test_a_format_that_is_not_known(spawn, agent_server, files):
    agent_server.script = lambda line: (line.start("opus_48000_64"), line.until_closed())
    code, _, err = outcome(spawn("talk", *files))
    assert code == 1
    said_at_the_end(err, "an unsupported audio format: opus_48000_64")


def test_an_input_that_is_no_sound(spawn, agent_server, tmp_path):
    agent_server.script = lambda line: (line.start(), line.until_closed())
    process = spawn("talk", "--input", "-", "--output", str(tmp_path / "a.wav"), stdin=subprocess.PIPE)
    _, err = process.communicate(b"this is no sound", timeout=GUARD_S)
    assert process.returncode == 2
    said_at_the_end(err.decode(), "standard input is not a WAV file")
    assert err.decode().splitlines()[-1] == "hint: ffmpeg -i FILE -f wav - | eleven talk --input -"


def test_pings_that_stop(agent_server):
    def script(line):
        line.start()
        line.ping()
        line.until_closed()

    agent_server.script = script
    change = "from eleven_cli.api.agents import conversation; conversation.PING_GAP_S = 0.3"
    process = patched(change, "talk", "--text")
    assert process.wait(GUARD_S) == 6
    said_at_the_end(process.communicate()[1].decode(), "the connection is dead: no ping for 0 s")


def test_an_error_as_json_keeps_its_shape(talk, agent_server):
    def script(line):
        line.start()
        line.error(1002, "llm_timeout", "It took too long.")
        line.close(1002)

    agent_server.script = script
    code, _, err = talk("--json")
    value = json.loads(err)
    error = value["error"]
    assert (code, error["code"], error["exit_code"]) == (1, "llm_timeout", 1)
    assert error["message"] == "the agent ended the conversation: It took too long (llm_timeout, 1002)"
    assert set(error) == {"code", "message", "hint", "status", "request_id", "exit_code"}
    assert value["notes"][0] == f"Conversation ID: {CONVERSATION}"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_end_it_in_good_order(spawn, agent_server, number):
    agent_server.script = chat
    process = spawn("talk", "--text", stdin=subprocess.PIPE)
    process.stdout.readline()
    process.send_signal(number)
    _, err = process.communicate(timeout=GUARD_S)
    assert process.returncode == 128 + number
    lines = err.decode().splitlines()
    assert lines[0] == f"Conversation ID: {CONVERSATION}"
    assert re.fullmatch(DURATION, lines[1])
    assert agent_server.outcome()[1] == 1000


SWALLOWS_CTRL_C = """
import eleven_cli.__main__ as program
def main(*args):
    import {prepare}
    while True:
        try:
            print("ready", flush=True)
            {wait}
        except KeyboardInterrupt:
            print("swallowed", flush=True)
program.main = main
"""


@pytest.mark.parametrize(
    ("prepare", "wait", "heeds"),
    [
        ("time", "time.sleep(100)", True),
        # a lock that is taken twice: C waits for ever, and Python has no chance to heed a signal
        ("ctypes; m = ctypes.create_string_buffer(64); l = ctypes.CDLL(None).pthread_mutex_lock", "l(m); l(m)", False),
    ],
)
def test_the_second_ctrl_c_is_heeded_whatever_it_does(prepare, wait, heeds):
    process = patched(SWALLOWS_CTRL_C.format(prepare=prepare, wait=wait))
    assert process.stdout.readline() == b"ready\n"
    wait_until(lambda: Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "S")
    process.send_signal(signal.SIGINT)
    if heeds:
        assert process.stdout.readline() == b"swallowed\n"
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.3)
    process.send_signal(signal.SIGINT)
    assert process.wait(GUARD_S) == 130


AMID_A_CALLBACK = """
import eleven_cli.__main__ as program, os, signal, time, weakref
class Thing: pass
def main(*args):
    thing = Thing()
    kept = weakref.ref(thing, lambda _: os.kill(os.getpid(), {number}))
    del thing
    time.sleep(100)
program.main = lambda *args: really(*args)
def really(*args):
    try:
        main(*args)
    except BaseException as stopped:
        return program.code_of(stopped)
"""
AMID_A_CLASS = """
import eleven_cli.__main__ as program, eleven_cli.app, os, signal
class Member:
    def __set_name__(self, owner, name):
        os.kill(os.getpid(), {number})
        for _ in range(1000):
            pass
def invoke(*args):
    class Owner:
        member = Member()
program._invoke = invoke
"""


AMID_A_START = """
import os, signal, sys, threading
import eleven_cli.__main__ as program
def trace(frame, event, arg):
    if frame.f_code.co_name == "_release_save" and event == "return":
        os.kill(os.getpid(), {number})
def invoke(*args):
    sys.setprofile(trace)
    threading.Thread(target=threading.Event().wait, daemon=True).start()
program._invoke = invoke
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("change", [AMID_A_CALLBACK, AMID_A_CLASS, AMID_A_START])
def test_a_signal_that_something_else_disguises_is_not_lost(change, number):
    """The import system has callbacks, from which nothing can be raised; classes disguise what is raised in them.

    A thread that starts waits for a lock, which is not taken any more where the signal comes.
    """
    process = patched(change.format(number=int(number)))
    _, err = process.communicate(timeout=GUARD_S)
    assert (process.returncode, err) == (128 + number, b"")


AS_THE_PUMP_STARTS = """
from eleven_cli.commands.talk import by_voice
class Pump(by_voice.Pump):
    def start(self):
        raise SystemExit(143)
by_voice.Pump = Pump
"""


def test_a_signal_as_the_call_begins(agent_server, files):
    agent_server.script = lambda line: (line.start(), line.until_closed())[1]
    process = patched(AS_THE_PUMP_STARTS, "talk", *files)
    _, err = process.communicate(timeout=GUARD_S)
    assert process.returncode == 143
    assert b"unexpected" not in err
    assert agent_server.outcome()[0] == 1000


def test_two_signals_of_one_ctrl_c(spawn, agent_server):
    """timeout(1) sends what it gets to the process and to its group."""
    agent_server.script = chat
    process = spawn("talk", "--text", stdin=subprocess.PIPE)
    process.stdout.readline()
    os.kill(process.pid, signal.SIGINT)
    os.kill(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=GUARD_S)
    assert process.returncode == 0
    assert b"you hung up" in err
    assert agent_server.outcome()[1] == 1000


def test_stdin_is_closed(spawn, agent_server):
    agent_server.script = chat
    process = spawn("talk", "--text", prefix=("sh", "-c", 'exec "$0" "$@" <&-'))
    code, out, err = outcome(process)
    assert (code, out) == (0, "Agent: Hi! Who is there? \n")
    assert "the input has ended" in err


# beginnings


def test_a_queue_longer_than_the_patience(agent_server):
    def script(line):
        line.receive()
        for _ in range(8):
            line.send("queue_status", "queue_status_event", status="waiting")
            pings.append(line.ping())
            pause.wait(0.2)
        wrapper = "conversation_initiation_metadata_event"
        line.send("conversation_initiation_metadata", wrapper, conversation_id=CONVERSATION)
        line.say("At last.")
        line.close()

    pause, pings = threading.Event(), []
    agent_server.script = script
    process = patched(
        "from eleven_cli.api.agents import conversation; conversation.START_TIMEOUT_S = 0.8", "talk", "--text"
    )
    assert process.wait(GUARD_S) == 0
    out, err = process.communicate()
    assert out == b"Agent: At last. \n"
    assert err.decode().count("waiting for a line to the agent") == 1


def test_a_second_beginning_changes_nothing(spawn, agent_server, files, tmp_path):
    def script(line):
        line.start()
        line.audio(tone(0.3), 1)
        wrapper = "conversation_initiation_metadata_event"
        line.send("conversation_initiation_metadata", wrapper, conversation_id="another")
        line.audio(tone(0.3), 2)
        line.close()

    agent_server.script = script
    code, _, err = outcome(spawn("talk", *files, "--record", str(tmp_path / "r.wav")))
    assert code == 0
    assert err.count("connected: ") == 1
    assert f"Conversation ID: {CONVERSATION}" in err
    rate, (answer,) = samples_of(tmp_path / "a.wav")
    assert len(answer) / rate == pytest.approx(0.6)
    with wave.open(str(tmp_path / "r.wav")) as record:
        assert record.getnframes() / record.getframerate() > 0.5


def forbidding(then, field="text_only"):
    """An agent that does not let callers override this, and does `then` with one who does not try."""

    def script(line):
        override = line.start().get("conversation_config_override", {})
        overrides.append(override)
        asked = {"text_only": "conversation", "language": "agent"}[field]
        if field in override.get(asked, {}):
            line.error(1008, "override_error", f"Override for field '{field}' is not allowed.")
            line.close(1008)
        else:
            then(line)

    overrides = []
    script.overrides = overrides
    return script


def brief_chat(line):
    line.say("Hi! Who is there?", 1)
    line.say(f"You said {line.receive()['text']}.", 2)
    line.until_closed()


def test_an_agent_that_is_text_only_by_itself(talk, agent_server):
    agent_server.script = script = forbidding(brief_chat)
    code, out, err = talk("--language", "de", stdin="hi\n")
    assert (code, out) == (0, "Agent: Hi! Who is there? \nUser: hi\nAgent: You said hi. \n")
    assert "error" not in err
    language = {"agent": {"language": "de"}}
    assert script.overrides == [{**language, "conversation": {"text_only": True}}, language]


def test_calling_again_is_told_with_debug(spawn, agent_server):
    agent_server.script = forbidding(lambda line: line.close())
    _, _, err = outcome(spawn("--debug", "talk", "--text"))
    assert "the agent refuses the override text_only: calling again without it" in err


def test_another_override_that_is_refused(talk, agent_server):
    agent_server.script = script = forbidding(print, "language")
    code, _, err = talk("--language", "de")
    assert (code, len(script.overrides)) == (1, 1)
    said_at_the_end(err, "not allowed (override_error, 1008)")


def test_refused_after_something_was_said(talk, agent_server):
    def script(line):
        line.start()
        line.say("Hello")
        line.error(1008, "override_error", "Override for field 'text_only' is not allowed.")
        line.close(1008)

    agent_server.script = script
    assert talk()[0] == 1
    assert len(agent_server.requests) == 1


def test_an_agent_that_speaks_all_the_same(talk, agent_server):
    def speak(line):
        line.response("Hello", 1)
        for _ in range(3):
            line.audio(tone(0.1), 1)
        line.close()

    agent_server.script = forbidding(speak)
    code, out, err = talk()
    assert (code, out) == (0, "Agent: Hello\n")
    assert err.count("this agent answers by voice") == 1


# tools that want an approval


def test_nobody_there_to_approve(talk, agent_server):
    def script(line):
        line.start()
        line.send("mcp_tool_call", "mcp_tool_call", **mcp("loading"))
        line.send("mcp_tool_call", "mcp_tool_call", **mcp("awaiting_approval"))
        answer = line.receive()
        line.close()
        return answer

    agent_server.script = script
    code, _, err = talk()
    assert code == 0
    answer = {"type": "mcp_tool_approval_result", "tool_call_id": "call_1", "is_approved": False}
    assert agent_server.outcome() == answer
    assert 'warning: not allowed without a terminal to ask at: the tool delete_all with {"x": 1}' in err


# options


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--text", "--max-duration", "nan"], "--max-duration takes a number of seconds"),
        (["--text", "--max-duration", "inf"], "--max-duration takes a number of seconds"),
        (["--text", "--echo", "off"], "--echo cannot be used with --text"),
        (["--text", "--echo", "auto"], "--echo cannot be used with --text"),
    ],
)
def test_impossible_options(spawn, agent_server, argv, said):
    code, _, err = outcome(spawn("talk", *argv))
    assert code == 2
    assert said in err.splitlines()[0]
    assert not agent_server.requests


def test_agents_that_cannot_be_read(spawn, tmp_path):
    code, _, err = outcome(spawn("sandbox", "--port", "0", "--agents", str(tmp_path / "none.toml")))
    assert (code, err.splitlines()[0]) == (2, f"error: cannot read {tmp_path}/none.toml: No such file or directory")
