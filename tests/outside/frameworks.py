"""Runs what one framework does with ElevenLabs' speech: `frameworks.py NAME`; prints what each call gave, as JSON.

Each is used as its documentation shows, apart from the address.
"""

import asyncio
import base64
import json
import os
import sys
import traceback
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

SENTENCE = "The quick brown fox jumps over the lazy dog."
URL, KEY = os.environ["ELEVENLABS_BASE_URL"], os.environ["ELEVENLABS_API_KEY"]
Calls = dict[str, Callable[[], Awaitable[Any]]]
RATE = 16000
VOICE = "21m00Tcm4TlvDq8ikWAM"  # of the documentation


def livekit_calls() -> Calls:
    import aiohttp
    from livekit import rtc
    from livekit.plugins import elevenlabs

    where = {"api_key": KEY, "base_url": f"{URL}/v1"}

    async def spoken(stream: Any) -> bytes:
        return b"".join([bytes(audio.frame.data) async for audio in stream])

    async def speech(whole: bool) -> Any:
        async with aiohttp.ClientSession() as session:
            tts = elevenlabs.TTS(**where, encoding="pcm_16000", http_session=session)
            if whole:
                return await spoken(tts.synthesize(SENTENCE))
            stream = tts.stream()
            for word in SENTENCE.split():
                stream.push_text(f"{word} ")
            stream.end_input()
            return await spoken(stream)

    async def stream() -> str:
        return base64.b64encode(await speech(False)).decode()

    async def synthesize() -> str:
        return base64.b64encode(await speech(True)).decode()

    def frame(pcm: bytes) -> Any:
        return rtc.AudioFrame(pcm, RATE, 1, len(pcm) // 2)

    async def recognize() -> str:
        pcm = await speech(True)
        async with aiohttp.ClientSession() as session:
            stt = elevenlabs.STT(**where, model="scribe_v2", http_session=session)
            return str((await stt.recognize(frame(pcm))).alternatives[0].text)

    async def recognize_live() -> str:
        pcm = await speech(True) + bytes(2 * RATE)
        async with aiohttp.ClientSession() as session:
            vad = {"vad_silence_threshold_secs": 0.5}
            stt = elevenlabs.STT(**where, model="scribe_v2_realtime", server_vad=vad, http_session=session)
            async with stt.stream() as stream:
                for start in range(0, len(pcm), 3200):
                    stream.push_frame(frame(pcm[start : start + 3200]))
                async for event in stream:
                    if event.type.value == "final_transcript":
                        return str(event.alternatives[0].text)
        return ""

    return {"stream": stream, "synthesize": synthesize, "recognize": recognize, "recognize live": recognize_live}


def pipecat_calls() -> Calls:
    import aiohttp
    from pipecat.frames import frames
    from pipecat.pipeline.pipeline import Pipeline
    from pipecat.pipeline.worker import PipelineParams, PipelineWorker
    from pipecat.processors.frame_processor import FrameProcessor
    from pipecat.services.elevenlabs.stt import ElevenLabsRealtimeSTTService
    from pipecat.services.elevenlabs.tts import ElevenLabsHttpTTSService, ElevenLabsTTSService
    from pipecat.workers.runner import WorkerRunner

    class Sink(FrameProcessor):  # type: ignore[misc]
        """Keeps what arrives, and ends the pipeline with the last that is waited for."""

        def __init__(self, last: type) -> None:
            super().__init__()
            self.last, self.kept, self.done = last, [], asyncio.Event()

        async def process_frame(self, frame: Any, direction: Any) -> None:
            await super().process_frame(frame, direction)
            self.kept.append(frame)
            if isinstance(frame, self.last | frames.ErrorFrame):
                self.done.set()
            await self.push_frame(frame, direction)

    async def passed(service: Any, sent: Sequence[Any], last: type) -> list[Any]:
        """What a service gives for frames, up to the last that is waited for."""
        sink, errors = Sink(last), Sink(frames.ErrorFrame)
        params = PipelineParams(audio_in_sample_rate=RATE, audio_out_sample_rate=RATE)
        worker = PipelineWorker(Pipeline([errors, service, sink]), params=params, cancel_on_idle_timeout=False)

        async def drive() -> None:
            await worker.queue_frames(sent)
            waits = [asyncio.ensure_future(one.done.wait()) for one in (sink, errors)]
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            await worker.queue_frame(frames.EndFrame())

        runner = WorkerRunner(handle_sigint=False)
        await runner.add_workers(worker)
        await asyncio.gather(runner.run(), drive())
        failed = [frame.error for frame in (*errors.kept, *sink.kept) if isinstance(frame, frames.ErrorFrame)]
        assert not failed, failed
        return sink.kept

    async def pcm(service: Any) -> bytes:
        kept = await passed(service, [frames.TTSSpeakFrame(SENTENCE)], frames.TTSStoppedFrame)
        return b"".join(frame.audio for frame in kept if isinstance(frame, frames.TTSAudioRawFrame))

    def speaking() -> Any:
        settings = ElevenLabsTTSService.Settings(voice=VOICE)
        return ElevenLabsTTSService(api_key=KEY, url=URL.replace("http", "ws", 1), settings=settings)

    async def stream() -> str:
        return base64.b64encode(await pcm(speaking())).decode()

    async def over_http() -> str:
        settings = ElevenLabsHttpTTSService.Settings(voice=VOICE)
        async with aiohttp.ClientSession() as session:
            service = ElevenLabsHttpTTSService(api_key=KEY, base_url=URL, aiohttp_session=session, settings=settings)
            return base64.b64encode(await pcm(service)).decode()

    async def recognize_live() -> str:
        said = await pcm(speaking()) + bytes(2 * RATE)
        service = ElevenLabsRealtimeSTTService(api_key=KEY, base_url=URL.partition("//")[2], sample_rate=RATE)
        parts = [said[start : start + 3200] for start in range(0, len(said), 3200)]
        heard = [frames.InputAudioRawFrame(audio=part, sample_rate=RATE, num_channels=1) for part in parts]
        spoken = [frames.VADUserStartedSpeakingFrame(), *heard, frames.VADUserStoppedSpeakingFrame()]
        kept = await passed(service, spoken, frames.TranscriptionFrame)
        return next(frame.text for frame in kept if isinstance(frame, frames.TranscriptionFrame))

    return {"stream": stream, "over HTTP": over_http, "recognize live": recognize_live}


def langchain_calls() -> Calls:
    import elevenlabs.client  # which the tool takes for granted
    from langchain_community.tools import ElevenLabsText2SpeechTool

    elevenlabs.client.ElevenLabs = partial(elevenlabs.client.ElevenLabs, base_url=URL)  # it asks nobody for an address

    async def run() -> str:
        path = await asyncio.to_thread(ElevenLabsText2SpeechTool().run, SENTENCE)
        with open(path, "rb") as made:
            return base64.b64encode(made.read()).decode()

    return {"run": run}


async def main(calls: Calls) -> dict[str, Any]:
    results: dict[str, Any] = {}
    for name, call in calls.items():
        try:
            results[name] = {"value": await asyncio.wait_for(call(), 60)}
        except Exception:
            results[name] = {"error": traceback.format_exc()}
    return results


FRAMEWORKS = {"livekit": livekit_calls, "pipecat": pipecat_calls, "langchain": langchain_calls}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(main(FRAMEWORKS[sys.argv[1]]()))))
