"""`eleven talk --text` against an agent that does what its script says."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import termios
import time

import pytest

from tests.conftest import KEY, VOICE
from tests.support.agent import AGENT, CONVERSATION, chat
from tests.support.guard import GUARD_S
from tests.support.pty_run import read_until


def test_each_line_when_the_agent_has_finished(talk, agent_server):
    agent_server.script = chat
    code, out, err = talk(stdin="hi\n\nbye\n")
    assert code == 0
    assert out == "Agent: Hi! Who is there? \nUser: hi\nAgent: You said hi. \nUser: bye\nAgent: You said bye. \n"
    assert f"Conversation ID: {CONVERSATION}\n" in err
    assert "ended after " in err
    assert "the input has ended" in err
    assert agent_server.outcome() == (["hi", "bye"], 1000, "User ended conversation")


def test_a_public_agent_without_a_key(talk, agent_server):
    agent_server.script = chat
    assert talk()[0] == 0
    request = agent_server.requests[0]
    assert request.path == f"/v1/convai/conversation?agent_id={AGENT}"
    assert "xi-api-key" not in request.headers


def test_a_key_in_reach_means_a_signed_address_and_is_not_sent_on_the_socket(talk, agent_server, monkeypatch):
    monkeypatch.setenv("ELEVENLABS_API_KEY", KEY)
    agent_server.script, agent_server.private = chat, True
    assert talk()[0] == 0
    signing, socket = agent_server.requests
    assert signing.path == f"/v1/convai/conversation/get-signed-url?agent_id={AGENT}"
    assert signing.headers["xi-api-key"] == KEY
    assert "conversation_signature=cvtkn_1" in socket.path
    assert "xi-api-key" not in socket.headers


def test_no_auth_leaves_the_key_alone(talk, agent_server, monkeypatch):
    monkeypatch.setenv("ELEVENLABS_API_KEY", KEY)
    agent_server.script = chat
    assert talk("--no-auth")[0] == 0
    assert [request.path.partition("?")[0] for request in agent_server.requests] == ["/v1/convai/conversation"]


def test_the_initiation_holds_what_was_given(talk, agent_server):
    agent_server.script = lambda line: (line.start(), line.until_closed())[0]
    options = ["--first-message", "Hello", "--prompt", "Be brief", "--language", "de", "-v", VOICE]
    code, _, err = talk(*options, "--user-id", "u1", "--var", "name=Ana", "--var", "formula=a=b")
    assert code == 0
    assert "--prompt replaces the agent's own prompt and removes its tools" in err
    first = agent_server.outcome()
    assert first.pop("source_info")["source"] == "eleven-cli"
    assert first == {
        "type": "conversation_initiation_client_data",
        "conversation_config_override": {
            "agent": {"first_message": "Hello", "language": "de", "prompt": {"prompt": "Be brief"}},
            "tts": {"voice_id": VOICE},
            "conversation": {"text_only": True},
        },
        "dynamic_variables": {"name": "Ana", "formula": "a=b"},
        "user_id": "u1",
    }


def test_an_agent_that_answers_whole(talk, agent_server):
    def whole(line):
        line.start()
        line.response("Hello.", 1)
        line.receive()
        line.response("Fine.", 2)
        line.until_closed()

    agent_server.script = whole
    assert talk(stdin="how are you\n")[1] == "Agent: Hello.\nUser: how are you\nAgent: Fine.\n"


def test_a_transcript_of_what_was_typed_is_not_shown_twice(talk, agent_server):
    def echo(line):
        line.start()
        text = line.receive()["text"]
        line.user_said(text)
        line.response("Ok.", 2)
        line.until_closed()

    agent_server.script = echo
    assert talk(stdin="hello\n")[1] == "User: hello\nAgent: Ok.\n"


def test_a_correction(talk, agent_server):
    def correct(line):
        line.start()
        line.response("One two three.", 1)
        wrapper = "agent_response_correction_event"
        members = {"original_agent_response": "One two three.", "corrected_agent_response": "One..."}
        line.send("agent_response_correction", wrapper, **members)
        line.until_closed()

    agent_server.script = correct
    assert talk()[1] == "Agent: One two three.\nAgent: One two three. -> One...\n"


def test_pings_are_answered_and_latency_is_shown(talk, agent_server):
    def ping(line):
        line.start()
        pongs = [line.ping(), line.ping(42)]
        line.close()
        return pongs

    agent_server.script = ping
    code, _, err = talk("--latency")
    assert code == 0
    assert agent_server.outcome() == [{"type": "pong", "event_id": 1}, {"type": "pong", "event_id": 2}]
    assert "Latency: 42ms\n" in err


def test_latency_is_told_once_at_the_end(talk, agent_server):
    def ping(line):
        line.start()
        for took_ms in (40, 300, 60, 50):
            line.ping(took_ms)
        line.close()

    agent_server.script = ping
    _, _, err = talk("--latency")
    assert [line for line in err.splitlines() if "atency" in line] == ["Latency: 55ms median, 300ms worst of 4"]
    assert err.index("Latency") > err.index("Conversation ID")
    assert "atency" not in talk()[2]


def test_where_the_connection_is_not_measured_answers_are(talk, agent_server):
    agent_server.script = chat
    _, _, err = talk("--latency", stdin="hi\nbye\n")
    assert re.search(r"^Latency: \d+ms median, \d+ms worst of 2 to the answer$", err, re.MULTILINE)


def test_a_ping_before_the_beginning(talk, agent_server):
    def early(line):
        line.receive()
        pong = line.ping()
        line.send("conversation_initiation_metadata", "conversation_initiation_metadata_event", conversation_id="c")
        line.close()
        return pong

    agent_server.script = early
    assert talk()[0] == 0
    assert agent_server.outcome() == {"type": "pong", "event_id": 1}


def test_events_as_json_lines(talk, agent_server, tmp_path):
    agent_server.script = chat
    code, out, _ = talk("--json", "--transcript", str(tmp_path / "t.jsonl"), stdin="hi\n")
    assert code == 0
    lines = [json.loads(line) for line in out.splitlines()]
    kinds = [line["type"] for line in lines]
    assert kinds[0] == "conversation_initiation_metadata"
    assert lines[0]["conversation_id"] == CONVERSATION
    assert kinds.count("agent_response") == 2
    assert {"type": "user_message", "text": "hi"}.items() <= lines[kinds.index("user_message")].items()
    assert [json.loads(line) for line in (tmp_path / "t.jsonl").read_text().splitlines()] == lines
    times = [line["time"] for line in lines]
    assert times == sorted(times)


def test_an_existing_transcript_is_not_touched_with_no_clobber(talk, agent_server, tmp_path):
    (tmp_path / "t.jsonl").write_text("old")
    code, _, err = talk("--transcript", str(tmp_path / "t.jsonl"), "--no-clobber")
    assert (code, err) == (0, f"{tmp_path}/t.jsonl exists, and is left alone\n")
    assert (tmp_path / "t.jsonl").read_text() == "old"
    assert not agent_server.requests


def test_what_is_not_understood_is_passed_over(talk, agent_server):
    def odd(line):
        line.start()
        for message in ("not json", "[]", "{}", '{"type":7}', '{"type":"brand_new","x":1}', b"\0\1", "\ud83d\ude00"):
            line.raw(
                message.encode("utf-16", "surrogatepass").decode("utf-16") if isinstance(message, str) else message
            )
        line.send("audio", "audio_event", audio_base_64="%%%", event_id="x")
        line.send("agent_response", "agent_response_event", agent_response="Still here.", event_id=1, extra=[1])
        line.close()

    agent_server.script = odd
    assert talk()[:2] == (0, "Agent: Still here.\n")


def test_control_characters_in_what_the_agent_says(talk, agent_server):
    def nasty(line):
        line.start()
        line.part("start", "")
        line.part("delta", "a\x1b[2Jb\nc")
        line.part("stop", "")
        line.close()

    agent_server.script = nasty
    assert talk()[1] == "Agent: a\\x1b[2Jb c\n"


# tools


def tool_call(name, parameters=None, call_id="call_1"):
    return {"tool_name": name, "tool_call_id": call_id, "parameters": parameters or {}, "event_id": 1}


def calling(*calls):
    def script(line):
        line.start()
        for call in calls:
            line.send("client_tool_call", "client_tool_call", **call)
        answers = [line.receive() for _ in calls]
        line.close()
        return answers

    return script


def test_a_tool_gets_its_parameters_and_gives_its_output(talk, agent_server, tmp_path):
    script = tmp_path / "weather"
    script.write_text("#!/bin/sh\necho '19 degrees in' $(cat)\necho $ELEVENLABS_API_KEY\n")
    script.chmod(0o755)
    agent_server.script = calling(tool_call("weather", {"city": "Lisbon; rm -rf /"}))
    assert talk("--tool", f"weather={script}")[0] == 0
    (answer,) = agent_server.outcome()
    expected = '19 degrees in {"city": "Lisbon; rm -rf /"}'
    assert answer == {"type": "client_tool_result", "tool_call_id": "call_1", "result": expected, "is_error": False}


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("sh -c 'echo broken >&2; exit 3'", "the tool failed with exit code 3: broken"),
        (None, "there is no tool now here"),
    ],
)
def test_a_tool_that_fails_or_is_unknown_is_answered(talk, agent_server, command, said):
    agent_server.script = calling(tool_call("now"))
    assert talk(*(["--tool", f"now={command}"] if command else []))[0] == 0
    (answer,) = agent_server.outcome()
    assert (answer["is_error"], answer["result"]) == (True, said)


def test_several_tools_run_at_once(talk, agent_server, tmp_path):
    """Each waits for the other: one after the other they would wait for ever."""
    os.mkfifo(tmp_path / "a")
    os.mkfifo(tmp_path / "b")
    one = f"sh -c 'echo x > {tmp_path}/a; cat {tmp_path}/b'"
    two = f"sh -c 'cat {tmp_path}/a; echo y > {tmp_path}/b'"
    agent_server.script = calling(tool_call("one", call_id="1"), tool_call("two", call_id="2"))
    assert talk("--tool", f"one={one}", "--tool", f"two={two}")[0] == 0
    assert {answer["tool_call_id"]: answer["result"] for answer in agent_server.outcome()} == {"1": "y", "2": "x"}


def test_the_next_line_waits_for_a_running_tool(talk, agent_server):
    def script(line):
        line.start()
        order = [line.receive()["type"]]
        line.response("Let me see.", 1)
        line.send("client_tool_call", "client_tool_call", **tool_call("slow"))
        order.append(line.receive()["type"])
        line.response("It is done.", 2)
        order.append(line.receive()["type"])
        line.response("Bye.", 3)
        line.until_closed()
        return order

    agent_server.script = script
    assert talk("--tool", "slow=sleep 1", stdin="one\ntwo\n")[0] == 0
    assert agent_server.outcome() == ["user_message", "client_tool_result", "user_message"]


# ends


@pytest.mark.parametrize(
    ("code", "error_type", "message", "exit_code", "said", "hint"),
    [
        (1002, "llm_timeout", "The model took too long.", 1, "The model took too long (llm_timeout, 1002)", None),
        (
            1002,
            "transport_receive_timeout",
            "No input.",
            1,
            "No input (transport_receive_timeout, 1002)",
            "a line of text",
        ),
        (1002, "", "", 1, "code 1002", None),
        (1008, "override_error", "Override for field 'x' is not allowed.", 1, "not allowed", "security settings"),
        (1008, "missing_dynamic_variable", "Missing: name", 1, "Missing: name", "--var NAME=VALUE"),
        (1008, "", "Authentication failed", 3, "Authentication failed", "eleven auth login"),
        (1008, "quota_exceeded", "No credits left.", 5, "No credits left (quota_exceeded, 1008)", None),
        (1011, "unknown_websocket_crash", "Oops.", 1, "Oops (unknown_websocket_crash, 1011)", None),
        (3000, "", "Request error", 1, "Request error (3000)", None),
        (3000, "", "There is no agent with this id.", 4, "There is no agent with this id (3000)", "your agents"),
        (4300, "queue_timed_out", "", 5, "queue_timed_out, 4300", "try again later"),
    ],
)
def test_every_kind_of_refusal(talk, agent_server, code, error_type, message, exit_code, said, hint):
    def refuse(line):
        line.start()
        if error_type:
            line.error(code, error_type, message)
        line.close(code, message)

    agent_server.script = refuse
    exit_status, _, err = talk("--language", "de")
    lines = err.splitlines()
    assert exit_status == exit_code
    assert lines[0] == f"Conversation ID: {CONVERSATION}"
    assert re.fullmatch(r"ended after \d+ s", lines[1])
    assert lines[2].startswith("error: the agent ended the conversation: ")
    assert said in lines[2]
    assert hint is None or hint in lines[3]


def test_the_agent_hangs_up(talk, agent_server):
    def bye(line):
        line.start()
        line.say("Goodbye!")
        line.close(1000, "End call tool was called.")

    agent_server.script = bye
    code, out, err = talk(stdin="")
    assert (code, out) == (0, "Agent: Goodbye! \n")
    assert "the agent hung up: End call tool was called (1000)" in err


def test_the_agents_time_is_up(talk, agent_server):
    def up(line):
        line.start()
        line.error(1000, "max_duration_exceeded", "Conversation exceeded its maximum duration.")
        line.close(1000)

    agent_server.script = up
    code, _, err = talk()
    assert code == 0
    assert "the agent hung up: Conversation exceeded its maximum duration (max_duration_exceeded, 1000)" in err


def test_max_duration(talk, agent_server):
    agent_server.script = lambda line: (line.start(), line.until_closed())[1]
    process_err = talk("--max-duration", "1", stdin="")
    assert process_err[0] == 0
    assert agent_server.outcome()[0] == 1000


def test_a_lost_connection(talk, agent_server):
    agent_server.script = lambda line: (line.start(), line.drop())
    code, _, err = talk()
    assert code == 6
    assert "error: the connection was lost" in err


def test_a_close_before_the_beginning_is_no_success(talk, agent_server):
    agent_server.script = lambda line: (line.receive(), line.close(1000))
    code, _, err = talk()
    assert code == 1
    assert "hung up before the conversation began" in err


@pytest.mark.parametrize(
    ("status", "body", "code", "said"),
    [
        (403, {"detail": "Forbidden"}, 3, "Forbidden"),
        (401, {}, 3, "401"),
        (
            404,
            {"detail": {"code": "agent_not_found", "message": "No such agent.", "status": "document_not_found"}},
            4,
            "No such agent; the agent comes from the environment (AGENT_ID)",
        ),
        (429, {"detail": {"status": "too_many_concurrent_requests", "message": "Too many."}}, 5, "Too many."),
    ],
)
def test_a_refused_handshake(talk, agent_server, status, body, code, said):
    agent_server.refusal = (status, body)
    exit_code, _, err = talk("--retries", "0")  # one that is busy would be waited for
    assert exit_code == code
    assert said in err.splitlines()[0]


def test_a_private_agent_without_a_key(talk, agent_server):
    agent_server.private = True
    code, _, err = talk()
    assert code == 3
    assert "hint: a private agent needs a key: eleven auth login" in err


def test_nobody_there(talk, monkeypatch):
    monkeypatch.setenv("ELEVENLABS_BASE_URL", "http://127.0.0.1:9")
    code, _, err = talk("--agent-id", "a")
    assert code == 6
    assert "error: cannot connect to 127.0.0.1:9: Connection refused" in err


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--var", "novalue"], '--var takes NAME=VALUE, not "novalue"'),
        (["--tool", "x"], '--tool takes NAME=COMMAND, not "x"'),
        (["--tool", "x=/no/such/command"], "command not found for --tool x: /no/such/command"),
        (["--tool", "x='"], "cannot read the command of --tool x"),
        (["--tool", "x="], "--tool x has no command"),
        (["--record", "x.wav"], "--record cannot be used with --text"),
        (["--mic", "usb"], "--mic cannot be used with --text"),
    ],
)
def test_impossible_options(talk, agent_server, argv, said):
    code, _, err = talk(*argv)
    assert code == 2
    assert said in err.splitlines()[0]
    assert not agent_server.requests


def test_no_agent_chosen(talk):
    code, _, err = talk()
    assert (code, err.splitlines()[0]) == (2, "error: no agent chosen")


# Ctrl+C


def interrupted_after(process, number=signal.SIGINT):
    started = time.monotonic()
    process.send_signal(number)
    out, err = process.communicate(timeout=GUARD_S)
    return time.monotonic() - started, out.decode(), err.decode()


def test_ctrl_c_while_it_waits_for_input(spawn, agent_server):
    agent_server.script = chat
    process = spawn("talk", "--text", stdin=subprocess.PIPE)
    assert process.stdout.readline() == b"Agent: Hi! Who is there? \n"
    took_s, _, err = interrupted_after(process)
    assert process.returncode == 0
    assert "you hung up" in err
    assert agent_server.outcome() == ([], 1000, "User ended conversation")
    assert took_s < 5


def test_ctrl_c_while_a_tool_runs(spawn, agent_server, tmp_path):
    def script(line):
        line.start()
        line.send("client_tool_call", "client_tool_call", **tool_call("slow"))
        return line.until_closed()

    agent_server.script = script
    process = spawn(
        "talk", "--text", "--tool", f"slow=sh -c 'echo $$ > {tmp_path}/pid; sleep 100'", stdin=subprocess.PIPE
    )
    from tests.support.guard import wait_until

    wait_until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().strip())
    took_s, _, _ = interrupted_after(process)
    assert (process.returncode, agent_server.outcome()[0]) == (0, 1000)
    assert took_s < 5
    wait_until(lambda: not running(int((tmp_path / "pid").read_text())))


def running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat") as file:
        return file.read().split()[2] != "Z"


def test_ctrl_c_while_it_connects(spawn, monkeypatch):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("ELEVENLABS_BASE_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        process = spawn("talk", "--text", "--agent-id", "a", stdin=subprocess.PIPE)
        connection, _ = silent.accept()
        with connection:  # open until then
            took_s, _, err = interrupted_after(process)
    assert process.returncode == 0
    assert re.fullmatch(r"ended after \d+ s: you hung up\n", err)
    assert took_s < 5


def test_sigterm_hangs_up(spawn, agent_server):
    agent_server.script = chat
    process = spawn("talk", "--text", stdin=subprocess.PIPE)
    process.stdout.readline()
    interrupted_after(process, signal.SIGTERM)
    assert process.returncode == 143
    assert agent_server.outcome()[1] == 1000


def test_the_reader_of_the_transcript_leaves(spawn, agent_server):
    agent_server.script = chat
    process = spawn("talk", "--text", stdin=subprocess.PIPE)
    process.stdout.readline()
    process.stdout.close()
    process.stdin.write(b"hi\n")
    process.stdin.flush()
    assert process.wait(timeout=GUARD_S) == 141
    assert agent_server.outcome()[1] == 1000


def test_at_a_terminal_lines_are_sent_as_they_are_typed(spawn, agent_server):
    agent_server.script = chat
    leader, follower = pty.openpty()
    process = spawn("talk", "--text", stdin=follower, stdout=follower, stderr=follower)
    os.close(follower)
    shown = read_until(leader, b"Who is there?")
    os.write(leader, b"hello\n")
    shown += read_until(leader, b"You said hello.")
    os.write(leader, b"\x04")
    shown += read_until(leader, b"the input has ended")
    assert process.wait(timeout=GUARD_S) == 0
    assert b"User: " not in shown, "it stands there already"


class Screen:
    """What a terminal shows, read once."""

    def __init__(self, leader):
        self.leader, self._seen = leader, b""

    def type(self, keys):
        os.write(self.leader, keys)

    def until(self, wanted):
        while wanted not in self._seen:
            self._seen += os.read(self.leader, 1000)
        shown, found, self._seen = self._seen.partition(wanted)
        return shown + found


@pytest.fixture
def typing(spawn, agent_server):
    """Talk by text on a terminal; gives (process, screen)."""
    screens = []

    def typing(*argv, **streams):
        leader, follower = pty.openpty()
        screens.append(Screen(leader))
        process = spawn(
            "talk", "--text", *argv, **{**dict.fromkeys(("stdin", "stdout", "stderr"), follower), **streams}
        )
        os.close(follower)
        return process, screens[-1]

    yield typing
    for screen in screens:
        os.close(screen.leader)


def test_lines_are_edited_and_remembered(typing, agent_server):
    agent_server.script = chat
    process, screen = typing()
    screen.until(b"you> ")
    screen.type(b"helo\x1b[Dl\n")  # an arrow to the left: the l is put in before the o
    screen.until(b"You said hello.")
    screen.type(b"\x1b[A\x1b[B\x1b[A!\n")  # up to the line before
    screen.until(b"You said hello!.")
    screen.type(b"\x1b[15~b\x1b[24;2~\x1bOPyeX\x7f\x1b[I\x1b[<0;1;1M\n")  # function keys, and what a mouse does
    screen.until(b"You said bye.")
    screen.type(b"\x04")
    shown = screen.until(b"the input has ended")
    assert process.wait(GUARD_S) == 0
    assert b"you> " not in shown.rpartition(b"Conversation ID")[2]
    assert agent_server.outcome()[0] == ["hello", "hello!", "bye"]


def test_what_the_agent_says_stands_above_the_line_that_is_typed(typing, agent_server):
    def script(line):
        line.start()
        line.say("Hi.", 1)
        message = line.receive()
        line.say("One more thing.", 2)
        text = line.receive()["text"]
        line.response("Ok.", 3)
        line.until_closed()
        return message, text

    agent_server.script = script
    process, screen = typing()
    screen.until(b"you> ")
    screen.type(b"first\n")
    screen.until(b"you> ")
    screen.type(b"half of a ")
    screen.until(b"One more thing. ")
    screen.until(b"\nyou> half of a ")
    screen.type(b"line\n")
    screen.until(b"Ok.")
    screen.type(b"\x04")
    assert process.wait(GUARD_S) == 0
    assert agent_server.outcome()[1] == "half of a line"


@pytest.mark.parametrize("argv", [[], ["--json"]])
def test_typed_lines_stand_in_a_pipe_too_and_never_an_arrow(typing, agent_server, argv):
    agent_server.script = chat
    process, screen = typing(*argv, stdout=subprocess.PIPE)
    screen.until(b"you> ")
    screen.type(b"\x1b[Ah\x1b[Di\x1bOA\x1b[1;5C\n")
    screen.type(b"\x04")
    out = process.stdout.read().decode()
    assert process.wait(GUARD_S) == 0
    assert agent_server.outcome()[0] == ["hi"]
    if not argv:
        assert "User: hi\n" in out


def test_a_pipe_with_colours_sends_words(talk, agent_server):
    agent_server.script = chat
    assert talk(stdin="\x1b[31mred\x1b[0m \x1b]8;;http://x\x07link\x1b]8;;\x07\x00\n\x1b[A\n")[0] == 0
    assert agent_server.outcome()[0] == ["red link"]


def test_ctrl_c_at_the_prompt_leaves_the_terminal_as_it_was(spawn, agent_server):
    agent_server.script = chat
    leader, follower = pty.openpty()
    before = termios.tcgetattr(follower)
    process, screen = spawn("talk", "--text", stdin=follower, stdout=follower, stderr=follower), Screen(leader)
    screen.until(b"you> ")
    screen.type(b"half a li")
    screen.until(b"half a li")
    process.send_signal(signal.SIGINT)
    shown = screen.until(b"you hung up")
    assert process.wait(GUARD_S) == 0
    assert b"you> " not in shown.rpartition(b"ended after")[2]
    assert termios.tcgetattr(follower) == before
    os.close(leader)
    os.close(follower)


def test_talk_by_text_loads_no_sound():
    script = "import eleven_cli.commands.talk.command, eleven_cli.commands.talk.by_text, sys; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert not [name for name in modules if name.startswith(("pyaudio", "soxr", "livekit", "eleven_cli.audio"))]


def test_a_transcript_file_is_harmless_on_a_terminal(talk, agent_server, tmp_path):
    said = "a\x9b2J\x7f\u202eb"
    agent_server.script = lambda line: (line.start(), line.response(said, 1), line.close())
    assert talk("--transcript", str(tmp_path / "t.jsonl"))[0] == 0
    written = (tmp_path / "t.jsonl").read_text("utf-8")
    assert not set("\x9b\x7f\u202e") & set(written)
    assert said in [
        json.loads(line).get("text") or json.loads(line).get("agent_response") for line in written.splitlines()
    ]
