"""The conversation of the service's own introduction, with a silent microphone in place of a sound card."""

import os
import signal
import threading

from elevenlabs.client import ElevenLabs
from elevenlabs.conversational_ai.conversation import AudioInterface, Conversation


class SilentMicrophone(AudioInterface):
    def start(self, input_callback):
        self.stopped = threading.Event()

        def feed():
            while not self.stopped.wait(0.25):
                input_callback(bytes(8000))

        threading.Thread(target=feed, daemon=True).start()

    def stop(self):
        self.stopped.set()

    def output(self, audio):
        pass

    def interrupt(self):
        pass


def say(text):
    print(text, flush=True)


client = ElevenLabs(api_key=os.environ["ELEVENLABS_API_KEY"], base_url=os.environ["ELEVENLABS_BASE_URL"])
conversation = Conversation(
    client,
    os.environ["AGENT_ID"],
    requires_auth=bool(os.environ["ELEVENLABS_API_KEY"]),
    audio_interface=SilentMicrophone(),
    callback_agent_response=lambda response: say(f"Agent: {response}"),
    callback_agent_response_correction=lambda original, corrected: say(f"Agent: {original} -> {corrected}"),
    callback_user_transcript=lambda transcript: say(f"User: {transcript}"),
    callback_latency_measurement=lambda latency: say(f"Latency: {latency}ms"),
)
signal.signal(signal.SIGINT, lambda signum, frame: conversation.end_session())
conversation.start_session()
say(f"Conversation ID: {conversation.wait_for_session_end()}")
