"""A call by the official Python SDK as its documentation shows it: `talk_sdk.py`, and Ctrl+C hangs up."""

import os
import signal

from elevenlabs import ElevenLabs
from elevenlabs.conversational_ai.conversation import Conversation
from elevenlabs.conversational_ai.default_audio_interface import DefaultAudioInterface

client = ElevenLabs(base_url=os.environ["ELEVENLABS_BASE_URL"])
conversation = Conversation(client, "agent", requires_auth=False, audio_interface=DefaultAudioInterface())
signal.signal(signal.SIGINT, lambda *_: conversation.end_session())
conversation.start_session()
conversation.wait_for_session_end()
