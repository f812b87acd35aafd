# ruff: noqa: F403, F405
"""Talks to the service: returns values and iterators; never prints, never exits.

The names in `__all__` are the library, for programs: `from eleven_cli.api import Client`. They need nothing of the
command line, and cost it nothing: they are loaded when one is first asked for. `eleven help python` shows them at work.
"""

TYPE_CHECKING = False  # that of typing would be loaded at every start
if TYPE_CHECKING:
    from eleven_cli.api.library import *

__all__ = [
    "AgentComplete", "AgentCorrected", "AgentPart", "AgentSaid", "AgentTyping", "Alignment", "Audio", "AudioChunk",
    "AudioError", "AuthError", "Client", "Close", "Committed", "ContextUsed", "Conversation", "ElevenError",
    "ErrorEvent", "Event", "GuardrailTriggered", "Interrupted", "LimitError", "LiveTranscription", "McpConnected",
    "McpToolCalled", "NetworkError", "NotConnected", "NotFound", "OutputClosed", "PackageMissing", "Partial",
    "PermissionMissing", "Ping", "QueueStatus", "RawEvent", "RealtimeEntity", "RealtimeOptions", "RealtimeWord",
    "SpeechRequest", "SpeechResponse", "SpeechStream", "Started", "Stream", "ToolAnswered", "ToolAnsweredInFull",
    "ToolCalled", "ToolRequested", "UnknownEvent", "UnreadableEvent", "UsageError", "UserSaid", "UserSaying",
    "VoiceActivity", "synthesize",
]  # fmt: skip

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {__name__} has no attribute {name}")
        from eleven_cli.api import library

        return getattr(library, name)

    def __dir__() -> list[str]:
        return [*globals(), *__all__]
