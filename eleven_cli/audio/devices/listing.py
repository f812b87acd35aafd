"""Lists sound devices, finds one by name or index, and opens it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from eleven_cli.audio.devices.portaudio import DEVICE_RATES, Callback, DeviceStream, library
from eleven_cli.errors import AudioError


@dataclass(frozen=True)
class Device:
    """One device. `inputs` and `outputs` are numbers of channels, `rate` is its default in Hz."""

    index: int
    name: str
    inputs: int
    outputs: int
    rate: int
    default_input: bool = False
    default_output: bool = False

    def is_a(self, kind: str) -> bool:
        """Whether it can be a "microphone" or a "speaker"."""
        return bool(self.inputs if kind == "microphone" else self.outputs)

    def is_default(self, kind: str) -> bool:
        return self.default_input if kind == "microphone" else self.default_output


def devices() -> list[Device]:
    """List all devices by index. Raises AudioError if PyAudio is missing or broken."""
    pyaudio = library()
    default_input = _default(pyaudio.get_default_input_device_info)
    default_output = _default(pyaudio.get_default_output_device_info)
    infos = map(pyaudio.get_device_info_by_index, range(pyaudio.get_device_count()))
    return [_device(info, default_input, default_output) for info in infos]


def find(kind: str, wanted: str | None, among: list[Device], *, hint: str = "") -> Device:
    """Find the "microphone" or "speaker" with this index, or with `wanted` in its name; None is the default.

    Ignores case. A whole name wins over a part; of equal names (one device in several sound systems) the first wins.
    Raises AudioError that lists the candidates, or with `hint` if there are none.
    """
    able = [device for device in among if device.is_a(kind)]
    if not able:
        raise AudioError(f"there is no {kind}", hint=hint)
    if wanted is None:
        return next((device for device in able if device.is_default(kind)), able[0])
    found = _matching(wanted, able)
    if not found:
        raise AudioError(f"no {kind} is called {wanted}", hint=f"one of: {_listed(able)}")
    if len({device.name for device in found}) > 1:
        raise AudioError(f"several {kind}s are called {wanted}", hint=f"one of: {_listed(found)}")
    return found[0]


def open_stream(
    kind: str, wanted: str | None, rate: int, callback: Callback, *, channels: int = 1, hint: str = ""
) -> DeviceStream:
    """Open the device that `find` gives: at `rate`, or else at one that it supports. Raises AudioError as both do."""
    device = find(kind, wanted, devices(), hint=hint)
    rates = (rate, device.rate, *DEVICE_RATES)
    return DeviceStream(kind, device.index, rates, callback, channels=channels, hint=hint)


def _matching(wanted: str, able: list[Device]) -> list[Device]:
    word = wanted.strip().casefold()
    return (
        [device for device in able if word == str(device.index)]
        or [device for device in able if device.name.casefold() == word]
        or [device for device in able if word and word in device.name.casefold()]
    )


def _listed(some: list[Device]) -> str:
    return ", ".join(f"{device.index} {device.name}" for device in some)


def _device(info: dict[str, Any], default_input: int | None, default_output: int | None) -> Device:
    index = int(info["index"])
    channels = int(info["maxInputChannels"]), int(info["maxOutputChannels"])
    name, rate = str(info["name"]), int(info["defaultSampleRate"])
    return Device(index, name, *channels, rate, index == default_input, index == default_output)


def _default(ask: Callable[[], dict[str, Any]]) -> int | None:
    try:
        return int(ask()["index"])
    except OSError:  # there is none
        return None
