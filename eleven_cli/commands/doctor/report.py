"""The report: shown on a terminal, in a pipe or as JSON, without what should not be pasted."""

import os
import re
from collections.abc import Mapping
from typing import Any

from eleven_cli.commands.doctor.diagnosis import Diagnosis
from eleven_cli.errors import ElevenError
from eleven_cli.terminal import Terminal
from eleven_cli.terminal.text import error_reference, error_value, plain_value

REFERENCE = "request_id"
HEALTHY = "no faults found"
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+@")
_KEYS = re.compile(r"\bsk_\w{8,}|\b[0-9a-f]{32}\b")  # typed where it does not belong


def show(terminal: Terminal, found: Diagnosis, environ: Mapping[str, str], *, as_json: bool) -> None:
    """Write the facts, then a sentence for each fault with its way out."""
    home = environ.get("HOME") or os.path.expanduser("~")
    if as_json:
        terminal.json(_masked({**found.value, **_outcome(found)}, home))
        return
    terminal.facts((name, masked(value, home)) for name, value in found.facts)
    if terminal.stdout_is_terminal:
        terminal.print("")
    for label, faults in (("error", found.errors), ("warning", found.warnings)):
        for fault in faults:
            terminal.print(f"{label}: {_sentence(fault, home)}")
            if fault.hint:
                terminal.print(f"hint: {masked(fault.hint, home)}")
    if not (found.errors or found.warnings):
        terminal.print(HEALTHY)


def masked(text: str, home: str) -> str:
    """The text as it may be pasted: without keys, names and passwords in addresses, and the name of the home folder.

    ~ in a command still runs: where the shell needs quotes, it stands before them.
    """
    text = _KEYS.sub("****", _CREDENTIALS.sub("****@", text))
    if len(home.rstrip("/")) < 2:
        return text
    folder = re.escape(home.rstrip("/"))
    text = re.sub(rf"(?<![\w/.~-])'{folder}/", "~/'", text)
    return re.sub(rf"(?<![\w/.~-]){folder}(?![\w.-])", "~", text)


def _outcome(found: Diagnosis) -> dict[str, Any]:
    errors = [{"severity": "error", **error_value(error)} for error in found.errors]
    warnings = [{"severity": "warning", **error_value(warning), "exit_code": 0} for warning in found.warnings]
    return {"faults": errors + warnings, "can_work": not found.errors, "exit_code": found.exit_code}


def _sentence(fault: ElevenError, home: str) -> str:
    """With what support asks for, which may look like a key."""
    sentence, reference = masked(fault.sentence, home), error_reference(fault)
    return f"{sentence} ({reference})" if reference else sentence


def _masked(value: Any, home: str) -> Any:
    if isinstance(value, str):
        return masked(value, home)
    if isinstance(value, Mapping):
        return {name: entry if name == REFERENCE else _masked(entry, home) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(entry, home) for entry in value]
    return value if value is None or isinstance(value, bool | int | float) else _masked(plain_value(value), home)
