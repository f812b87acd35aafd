"""Agents that users describe: what a TOML file can say, and what is said about one that is wrong."""

import re
from pathlib import Path
from typing import Any

import pytest

import eleven_cli
from eleven_cli.sandbox.agents.file import read_agents
from eleven_cli.sandbox.server import running, serve

from .call import Call
from .conftest import Api

HELP = (Path(eleven_cli.__file__).parent / "help" / "sandbox.md").read_text("utf-8")
PIZZA = HELP.split("```toml\n")[-1].split("\n```")[0]
MINIMAL = '[[agents]]\nid = "agent_mine"\nname = "Mine"\n'


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "agents.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.fixture
def pizza(tmp_path: Path) -> Any:
    """The example of the help page, served."""
    with running(agents=written(tmp_path, PIZZA)) as base:
        yield base


def text_call(base: str, agent: str = "agent_pizza", **more: Any) -> Call:
    return Call(base, query=f"agent_id={agent}", header=["xi-api-key: x"]).start_text(**more)


def test_the_documented_example_works(pizza: str) -> None:
    with text_call(pizza, dynamic_variables={"user_name": "Bo"}) as talk:
        assert talk.response() == "Hello Bo, which pizza?"
        assert talk.ask("A burger.") == "I only know pizza."
        talk.send_text("Pizza Margherita, please")
        order = talk.until("client_tool_call")
        assert (order["tool_name"], order["parameters"]) == ("order", {"kind": "Margherita", "count": 1})
        talk.send(type="client_tool_result", tool_call_id=order["tool_call_id"], result="yes", is_error=False)
        assert talk.response() == "One Margherita, and the kitchen says yes"
        talk.send_text("overload")
        assert talk.end() == (1002, "The model took too long.")


def test_the_documented_example_in_the_list(pizza: str) -> None:
    api = Api(pizza, "x")
    assert [agent["agent_id"] for agent in api.get("/v1/convai/agents").json()["agents"]][:3] == [
        "agent_pizza",
        "agent_bakery",
        "agent_sandbox_chat",
    ]
    agent = api.get("/v1/convai/agents/agent_pizza").json()
    config = agent["conversation_config"]
    assert agent["tags"] == ["food"]
    assert config["tts"]["agent_output_audio_format"] == "pcm_24000"
    assert "vad_score" in config["conversation"]["client_events"]
    assert config["agent"]["dynamic_variables"]["dynamic_variable_placeholders"] == {"user_name": "Ana"}
    assert agent["platform_settings"]["auth"]["enable_auth"] is True
    api.close()


def test_a_minimal_agent_and_the_built_in_ones(tmp_path: Path) -> None:
    path = written(tmp_path, MINIMAL + 'default_reply = "Yes."')
    with (
        running(agents=path) as base,
        text_call(base, "agent_mine") as mine,
        text_call(base, "agent_sandbox_echo") as echo,
    ):
        assert mine.ask("Well?") == "Yes."
        assert echo.ask("Well?") == "Well?"


def test_taking_the_place_of_a_built_in_agent(tmp_path: Path) -> None:
    path = written(tmp_path, '[[agents]]\nid = "agent_sandbox_echo"\nname = "Not an echo"\ndefault_reply = "No."')
    with running(agents=path) as base, text_call(base, "agent_sandbox_echo") as talk:
        assert talk.ask("Well?") == "No."


def test_patterns_are_tried_in_order(tmp_path: Path) -> None:
    replies = """
    [[agents.replies]]
    pattern = '^a'
    reply = "first"
    [[agents.replies]]
    pattern = 'b$'
    reply = "second"
    [[agents.replies]]
    pattern = 'drop it'
    fail = "4300:queue:Too many callers."
    [[agents.replies]]
    pattern = 'tool'
    tool = "plain"
    [[agents.replies]]
    pattern = 'bye'
    end = true
    """
    with running(agents=written(tmp_path, MINIMAL + replies)) as base:
        with text_call(base, "agent_mine") as talk:
            assert [talk.ask("A and b"), talk.ask("c, then B")] == ["first", "second"]
            talk.send_text("tool")
            asked = talk.until("client_tool_call")
            assert asked["parameters"] == {}
            talk.send(
                type="client_tool_result", tool_call_id=asked["tool_call_id"], result="its result", is_error=False
            )
            assert talk.response() == "its result"
            talk.send_text("drop it")
            assert talk.end() == (4300, "Too many callers.")
        with text_call(base, "agent_mine") as talk:
            talk.send_text("bye")
            assert talk.end()[0] == 1000


WRONG = {
    "x = ": "line 1",
    MINIMAL + "name = 'again'": "line 4",
    MINIMAL + "first_message = 'unclosed": "line 4",
    "": "agents is missing",
    "[agents]": "agents must be written as [[agents]]",
    "agents = [1]": "agents[1] must be a table",
    "[[agent]]": "agent is not known",
    '[[agents]]\nname = "Mine"': "agents[1].id is missing",
    '[[agents]]\nid = "agent_mine"': "agents[1].name is missing",
    '[[agents]]\nid = "a b"\nname = "x"': "agents[1].id must be made of letters",
    '[[agents]]\nid = 5\nname = "x"': "agents[1].id must be a string",
    '[[agents]]\nid = "a"\nname = ""': "agents[1].name must be",
    MINIMAL + MINIMAL: "agents[2].id 'agent_mine' is taken",
    MINIMAL + "colour = 'red'": "agents[1].colour is not known",
    MINIMAL + "voice = 'Nobody'": "agents[1].voice must be one of Harper",
    MINIMAL + "language = 'tlh'": "agents[1].language must be one of en",
    MINIMAL + "output_format = 'mp3_44100'": "agents[1].output_format must be one of pcm_8000",
    MINIMAL + "input_format = 'pcm_12345'": "agents[1].input_format must be one of pcm_8000",
    MINIMAL + "private = 'yes'": "agents[1].private must be true or false",
    MINIMAL + "private = 1": "agents[1].private must be true or false",
    MINIMAL + "overrides = 'all'": "agents[1].overrides must be a list of strings",
    MINIMAL + "overrides = ['mood']": "agents[1].overrides has 'mood'",
    MINIMAL + "variables = 'x'": "agents[1].variables must be a table",
    MINIMAL + "events = ['ping_pong']": "agents[1].events has 'ping_pong'",
    MINIMAL + "tags = [1]": "agents[1].tags must be a list of strings",
    MINIMAL + "idle_s = 0": "agents[1].idle_s must be a positive number",
    MINIMAL + "idle_s = true": "agents[1].idle_s must be a positive number",
    MINIMAL + "max_duration_s = nan": "agents[1].max_duration_s must be a positive number",
    MINIMAL + "chunk_s = inf": "agents[1].chunk_s must be a positive number",
    MINIMAL + "replies = 5": "agents[1].replies must be written as [[agents[1].replies]]",
}
REPLY = MINIMAL + "[[agents.replies]]\n"
WRONG_REPLIES = {
    "reply = 'x'": "pattern is missing",
    "pattern = 'x'": "reply is missing",
    "pattern = '('\nreply = 'x'": "pattern is no regular expression",
    "pattern = 'a{99999999999}'\nreply = 'x'": "pattern is no regular expression: the repetition number is too large",
    f"pattern = '{'(' * 5000}{')' * 5000}'\nreply = 'x'": "pattern is no regular expression: maximum recursion depth",
    "pattern = 5\nreply = 'x'": "pattern must be a string",
    "pattern = 'x'\nreply = ['x']": "reply must be a string",
    "pattern = 'x'\nreply = 'x'\nends = true": "ends is not known",
    "pattern = 'x'\nend = 'yes'": "end must be true or false",
    "pattern = 'x'\ntool = 'y'\nparameters = 'z'": "parameters must be a table",
    "pattern = 'x'\ntool = 'y'\nparameters = { at = 2026-01-01 }": "parameters has a value that JSON",
    "pattern = 'x'\nfail = 'explode'": "fail must be",
    "pattern = 'x'\nfail = '999:a:b'": "fail must be",
    "pattern = 'x'\nfail = '1006:a:b'": "fail must be",
    f"pattern = 'x'\nfail = '1002:a:{'b' * 124}'": "fail has a message longer",
}


DEEP = ["a = " + "[" * 20_000, "a = " + "{b=" * 20_000, "a = " + "9" * 5_000, "agents = " + "[" * 150 + "]" * 150]


@pytest.mark.parametrize("text", DEEP, ids=range(len(DEEP)))
def test_what_no_reader_can_follow_is_named_with_its_file(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ValueError, match=re.escape(f"{path}: ")):
        read_agents(path)


def test_a_byte_order_mark(tmp_path: Path) -> None:
    path = written(tmp_path, "\ufeff" + MINIMAL)
    assert len(read_agents(path)) == 1


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_file(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match=r"^.") as error:
        read_agents(written(tmp_path, text))
    assert "agents.toml" in str(error.value)
    assert WRONG[text] in str(error.value)


@pytest.mark.parametrize("text", WRONG_REPLIES, ids=range(len(WRONG_REPLIES)))
def test_a_wrong_reply(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match=r"^.") as error:
        read_agents(written(tmp_path, REPLY + text))
    assert f"agents[1].replies[1].{WRONG_REPLIES[text]}" in str(error.value)


@pytest.mark.filterwarnings("error")
def test_a_pattern_that_a_later_python_may_read_in_another_way_is_taken_without_a_word(tmp_path: Path) -> None:
    (agent,) = read_agents(written(tmp_path, REPLY + "pattern = '[[a]'\nreply = 'x'"))
    assert agent.replies[0].pattern.search("[")


LINES = {  # a faulty file; its key; its line
    MINIMAL + "colour = 'red'": ("agents[1].colour", 4),
    "# mine\n\n" + MINIMAL + "\n\nlanguage = 'tlh' # Klingon": ("agents[1].language", 8),
    MINIMAL.replace("\n", "\r\n") + "private = 1\r\n": ("agents[1].private", 4),
    "\ufeff" + MINIMAL + "idle_s = 0": ("agents[1].idle_s", 4),
    MINIMAL + MINIMAL: ("agents[2].id", 5),
    "# none\n[[agents]]\nname = 'x'": ("agents[1].id is missing", 2),
    "\n[agents]": ("agents must be written", 2),
    "\nagents = [\n  1,\n]": ("agents[1]", 3),
    "x.y = 1": ("x is not known", 1),
    MINIMAL + 'prompt = """\nidle_s = 0\n\\""" and [[agents]]"""\nidle_s = 0': ("agents[1].idle_s", 7),
    MINIMAL + "prompt = '''\nidle_s = 0\n'''\nidle_s = 0": ("agents[1].idle_s", 7),
    MINIMAL + "tags = [ # two\n  'a', # ]\n  'b',\n]\nidle_s = 0": ("agents[1].idle_s", 8),
    MINIMAL + "webhook.url = 'nowhere'": ("agents[1].webhook.url", 4),
    MINIMAL + "[agents.webhook]\nsecret = 's'\nurl = 'nowhere'": ("agents[1].webhook.url", 6),
    MINIMAL + "\n[ agents . 'custom_llm' ]\nmodel_id = 'm'": ("agents[1].custom_llm.url is missing", 5),
    MINIMAL + "webhook = { secret = '}', url = 'nowhere' }": ("agents[1].webhook.url", 4),
    MINIMAL + "'it. is' = 1": ("agents[1].it. is", 4),
    MINIMAL + "replies = [\n  { pattern = 'a', reply = 'b' },\n\n  { pattern = '(', reply = 'b' },\n]": (
        "agents[1].replies[2].pattern",
        7,
    ),
    MINIMAL + "[[agents.replies]]\npattern = '['\nreply = 'x'": ("agents[1].replies[1].pattern", 5),
    MINIMAL + MINIMAL.replace("mine", "other") + "[[agents.tools]]\nname = 't'\ncolour = 1": (
        "agents[2].tools[1].colour",
        9,
    ),
    MINIMAL + "[[agents.tools]]\nname = 't'\n[agents.tools.api_schema]\nurl = 'http://127.0.0.1/'\nmethod = 'LOOK'": (
        "agents[1].tools[1].api_schema.method",
        8,
    ),
    MINIMAL + "\nidle_s = " + "9" * 5_000: ("a number has too many digits", 5),
}


@pytest.mark.parametrize("text", LINES, ids=range(len(LINES)))
def test_a_fault_is_named_with_its_file_its_key_and_its_line(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text)
    key, line = LINES[text]
    with pytest.raises(ValueError, match=r"^.") as error:
        read_agents(path)
    assert str(error.value).startswith(f"{path}: {key}")
    assert str(error.value).endswith(f" (at line {line})")


def test_a_file_without_agents_has_no_line_to_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"agents is missing: describe each agent in a table \[\[agents\]\]$"):
        read_agents(written(tmp_path, "# nothing yet"))


def test_the_server_does_not_start_with_a_wrong_file(tmp_path: Path) -> None:
    path = written(tmp_path, b"\xff\xfe")
    with pytest.raises(ValueError, match="UTF-8"), running(agents=path):
        pass
    with pytest.raises(ValueError, match="UTF-8"):
        serve(0, agents=path, ready=lambda url: None)


def test_the_server_does_not_start_without_its_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), running(agents=tmp_path / "nothing.toml"):
        pass
    with pytest.raises(IsADirectoryError), running(agents=tmp_path):
        pass
