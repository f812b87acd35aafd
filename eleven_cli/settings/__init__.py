"""The settings, from the settings file and the environment: which there are, and what they may be."""

from eleven_cli.processes import BASE_URL_VARIABLE, KEY_VARIABLES

REGIONS = {
    "us": "https://api.us.elevenlabs.io",
    "eu": "https://api.eu.residency.elevenlabs.io",
    "in": "https://api.in.residency.elevenlabs.io",
    "sg": "https://api.sg.residency.elevenlabs.io",
}
ENVIRONMENT = {
    "api_key": KEY_VARIABLES,
    "base_url": (BASE_URL_VARIABLE,),
    "region": (),
    "voice": ("ELEVENLABS_VOICE_ID",),
    "model": ("ELEVENLABS_MODEL_ID",),
    "agent_id": ("ELEVENLABS_AGENT_ID", "AGENT_ID"),
    "retries": ("ELEVEN_RETRIES",),
    "timeout": ("ELEVEN_TIMEOUT",),
    "max_credits": ("ELEVEN_MAX_CREDITS",),
}
RANGES = {"retries": (0, 100), "timeout": (0.1, 86_400), "max_credits": (0, 1_000_000_000)}  # the second in seconds
KEYS = tuple(ENVIRONMENT)
OF_AN_ACCOUNT = ("api_key", "base_url", "region", "voice", "agent_id")  # the sandbox is another account
PROFILES = "profiles"
LEXICON = "lexicon"  # a table at each level: words, and what is said instead
LONGEST_KEY = 1000  # characters of an API key
