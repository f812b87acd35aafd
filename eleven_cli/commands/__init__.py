"""The commands: each is a module or package of its name; options, input, output and lookup are what they share."""

from collections.abc import Callable
from itertools import chain

SECTIONS = {
    "Speak": {
        "tts": "Turn text into speech",
        "sfx": "Make a sound effect from its description",
        "sts": "Change the voice of a recording",
        "isolate": "Remove background noise from a recording",
    },
    "Listen": {
        "stt": "Transcribe audio, or live with --live",
        "align": "Time each word of a text in its recording",
    },
    "Talk": {
        "talk": "Talk with an agent by voice, by text, or with files",
        "agents": "List the agents of your account, or show one",
        "conversations": "List the conversations with your agents, or show one",
    },
    "Account": {
        "voices": "List the voices of your account; make, change or play one",
        "models": "List the models you can use, or show one",
        "dictionaries": "List your account's pronunciation dictionaries, or add one",
        "effects": "List the audio effects of speech: filters, rooms, backgrounds",
        "history": "List the speech you generated; play, write or delete it",
        "usage": "Show the plan, and the credits used and left",
        "auth": "Store, show and remove the API key",
        "config": "Show and change the settings",
    },
    "Tools": {
        "api": "Call any endpoint of the service",
        "doctor": "Check installation, settings, key, network, voices and sound",
        "devices": "List the microphones and speakers, or try them",
        "cache": "Show and clear cached audio",
        "sandbox": "Serve a local imitation of the service",
        "completion": "Print a shell's completion script, or install it",
        "help": "Show a help page, or list them",
    },
}
"""The sections of the help page; each command with the first line of its docstring."""
COMMAND_NAMES = tuple(chain(*SECTIONS.values()))
LOCAL = frozenset(["auth", "config", "devices", "sandbox", "completion", "help"])
"""Those about which --sandbox changes nothing."""
WITHOUT_EARLY_CONNECTION = LOCAL | {"cache", "effects", "doctor"}
"""Those that do not begin by asking the service: they remember, or examine the connection itself."""


def completed_by(name: str, *words: str) -> Callable[[], list[str]]:
    """For `autocompletion`: a function of `lookup/completion.py` by its name, and the words it is called with. The tree
    that ships for completion holds both; other words in their place are themselves what is offered."""
    return lambda: [name, *words]
