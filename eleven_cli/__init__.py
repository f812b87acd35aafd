"""The command line for ElevenLabs' voice AI."""

__version__ = "0.1.0"
