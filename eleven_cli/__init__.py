"""The command line for ElevenLabs' voice AI."""

__version__ = "0.1.0"
DEFAULT_BASE_URL = "https://api.elevenlabs.io"
