"""What child processes get to know: everything but the API key."""

import os
from collections.abc import Mapping

KEY_VARIABLES = ("ELEVENLABS_API_KEY", "ELEVEN_API_KEY", "XI_API_KEY")


def environment_for_children(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment of players, tools and whatever else is started: without the variables that hold the key."""
    return {name: value for name, value in environ.items() if name.upper() not in KEY_VARIABLES}
