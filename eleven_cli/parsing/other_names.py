"""What commands and options are called elsewhere: in the service's API, and by programs of the same kind."""

from eleven_cli.parsing.command_line import Line

OTHER_COMMANDS = {
    "agent": "talk", "call": "talk", "chat": "talk", "check": "doctor", "clean": "isolate", "clone": "voices clone",
    "convert": "sts",
    "denoise": "isolate", "design": "voices design", "diagnose": "doctor",
    "library": "voices library",
    "login": "auth login", "logout": "auth logout", "play": "tts", "quota": "usage", "read": "tts", "say": "tts",
    "set": "config set", "settings": "config", "speak": "tts", "subscription": "usage", "transcribe": "stt",
    "whoami": "auth status",
}  # fmt: skip
_OPTIONS = {
    "--output-format": "--format", "--output-type": "--format", "--response-format": "--format", "--codec": "--format",
    "--output-file": "--output", "--outfile": "--output", "--save": "--output", "--write": "--output",
    "--rate": "--speed", "--speed-factor": "--speed", "--similarity-boost": "--similarity",
    "--silent": "--quiet", "--verbose": "--debug", "--force": "--yes",
    "--speaker-labels": "--diarize", "--num-speakers": "--speakers", "--keyword": "--keyterm",
    "--keywords": "--keyterm", "--text-file": "--file",
    "--duration-seconds": "--duration", "--seconds": "--duration", "--length": "--duration",
    "-l": "--language", "--key-terms": "--keyterm", "--srt": "--subtitles",
    "--vtt": "--subtitles", "--captions": "--subtitles", "--cost": "--dry-run", "--estimate": "--dry-run",
}  # fmt: skip
OTHER_SHELLS = ("ash", "csh", "dash", "elvish", "ksh", "mksh", "nu", "nushell", "sh", "tcsh", "xonsh")  # no slips
_OF_FILES = ("--file", "-f", "--audio", "--audio-file", "--recording")
_TEXTS = ("--srt", "--vtt")


def meant_option(name: str, line: Line) -> list[str]:
    """The words to put in the place of an option that another program has; none where there are none."""
    known = _OPTIONS.get(name, "")
    if known in line.options:
        return [known]
    if name in _TEXTS and "--format" in line.options:
        has_file = any(word.text.lower().endswith(f".{name[2:]}") for word in line.arguments)
        return ["--output"] if has_file else ["--format", name[2:]]
    return []


def needs_no_option(name: str, line: Line) -> bool:
    """Whether it would name a file that the command takes as an argument."""
    files = [param for param in line.command.params if str(param.metavar).strip("[").startswith("FILE")]
    return name in _OF_FILES and any(param.param_type_name == "argument" for param in files)
