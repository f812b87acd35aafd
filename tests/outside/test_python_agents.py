"""The official Python SDK writes agents, tools and documents, and reads what it wrote."""

from typing import Any

import pytest

from tests.outside.conftest import HARPER, Sandbox

elevenlabs = pytest.importorskip("elevenlabs", reason="the official Python SDK is not installed")
from elevenlabs import (  # noqa: E402
    AgentConfig,
    ConversationalConfig,
    PromptAgentApiModelOutput,
    TtsConversationalConfigOutput,
)
from elevenlabs.core.api_error import ApiError  # noqa: E402
from elevenlabs.types import ToolRequestModel, ToolRequestModelToolConfig_Client  # noqa: E402


@pytest.fixture
def workspace(sandbox: Sandbox) -> Any:
    return elevenlabs.ElevenLabs(api_key=sandbox.key("writer"), base_url=sandbox.url, timeout=30).conversational_ai


def test_an_agent(workspace: Any) -> None:
    config = ConversationalConfig(
        agent=AgentConfig(
            first_message="Which pizza?", language="en", prompt=PromptAgentApiModelOutput(prompt="You sell pizza.")
        ),
        tts=TtsConversationalConfigOutput(voice_id=HARPER, stability=0.7),
    )
    agents = workspace.agents
    agent_id = agents.create(name="Pizza line", tags=["food"], conversation_config=config).agent_id
    agent = agents.get(agent_id)
    assert (agent.name, agent.tags) == ("Pizza line", ["food"])
    assert agent.conversation_config.agent.first_message == "Which pizza?"
    assert agent.conversation_config.agent.prompt.prompt == "You sell pizza."
    assert (agent.conversation_config.tts.voice_id, agent.conversation_config.tts.stability) == (HARPER, 0.7)
    assert agents.list(search="pizza").agents[0].agent_id == agent_id
    assert agents.update(agent_id, name="Evening line").name == "Evening line"
    copy = agents.duplicate(agent_id, name="Copy").agent_id
    assert agents.get(copy).conversation_config == agents.get(agent_id).conversation_config
    for each in (agent_id, copy):
        agents.delete(each)
    with pytest.raises(ApiError) as missing:
        agents.get(agent_id)
    assert missing.value.status_code == 404


def test_a_tool(workspace: Any) -> None:
    config = ToolRequestModelToolConfig_Client(name="get_time", description="Tells the time.", expects_response=True)
    tool = workspace.tools.create(request=ToolRequestModel(tool_config=config))
    assert workspace.tools.get(tool.id) == tool
    assert (tool.tool_config.type, tool.tool_config.name) == ("client", "get_time")
    assert tool.id in [each.id for each in workspace.tools.list().tools]
    assert workspace.tools.get_dependent_agents(tool.id).agents == []
    workspace.tools.delete(tool.id)


def test_documents(workspace: Any) -> None:
    documents = workspace.knowledge_base.documents
    text = documents.create_from_text(text="We open at nine.", name="Hours")
    file = documents.create_from_file(file=("menu.txt", b"Pizza"))
    url = documents.create_from_url(url="https://example.com/menu")
    assert [documents.get(each.id).type for each in (text, file, url)] == ["text", "file", "url"]
    assert "nine" in documents.get(text.id).extracted_inner_html
    assert "nine" in documents.get_content(text.id)
    assert documents.update(text.id, name="New hours").name == "New hours"
    listed = {document.id: document.name for document in workspace.knowledge_base.list().documents}
    assert {text.id: "New hours", file.id: "menu.txt"}.items() <= listed.items()
    for each in (text, file, url):
        documents.delete(each.id)


def test_phone_numbers(workspace: Any) -> None:
    assert workspace.phone_numbers.list() == []


def test_what_is_told_beside_their_settings(workspace: Any) -> None:
    document = workspace.knowledge_base.documents.create_from_text(text="x" * 3000, name="Notes")
    found = workspace.knowledge_base.documents.summaries.get(document_ids=[document.id])
    assert found[document.id].data.name == "Notes"
    agents = workspace.agents
    told = agents.summaries.get(agent_ids=["agent_sandbox_goodbye", "nobody"])
    assert (told["agent_sandbox_goodbye"].data.agent_id, told["nobody"].error_code) == ("agent_sandbox_goodbye", 404)
    assert agents.link.get("agent_sandbox_goodbye").agent_id == "agent_sandbox_goodbye"
    assert agents.knowledge_base.size("agent_sandbox_goodbye").number_of_pages == 0
    assert workspace.analytics.live_count.get(agent_id="agent_of_nobody").count == 0
