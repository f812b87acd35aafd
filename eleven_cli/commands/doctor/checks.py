"""All checks, in the order of the report: what others stand on comes first, so that its error decides the exit code."""

from eleven_cli.commands.doctor.account import account, key_in_force, questions
from eleven_cli.commands.doctor.cache_folder import cache
from eleven_cli.commands.doctor.completions import completions
from eleven_cli.commands.doctor.diagnosis import Diagnosis, guarded, joined, together
from eleven_cli.commands.doctor.installation import installation
from eleven_cli.commands.doctor.network import reached, reaching, server_in_force
from eleven_cli.commands.doctor.settings_file import settings_file
from eleven_cli.commands.doctor.sound import sound, sound_devices
from eleven_cli.context import Context

REACH_S, ASK_S = 5.0, 5.0
SOUND_S = 11.0  # a process that leaves while JACK opens may lock it for all others; PortAudio's room waits for 10 s


def diagnose(context: Context, *, fix: bool) -> Diagnosis:
    """Look at everything. Never raises, and takes a few seconds at most where nothing answers."""
    context.config.warn = lambda line: None  # what it would say is in the report
    installed = guarded("the installation", lambda: installation(context))
    settings = guarded("the settings", lambda: settings_file(context, fix=fix))
    kept = guarded("the cache", cache)
    key, about_key = key_in_force(context)
    server, about_server = server_in_force(context, key)
    with context.terminal.progress() as progress:
        progress.update("reaching the server …")
        answer = together({"server": reaching(server)}, REACH_S)["server"]  # alone, for the sake of its times
        about_network = guarded("the network", lambda: reached(server, answer))
        progress.update("checking the account and the sound devices …")
        asked = {"sound": sound_devices, "account": lambda: together(questions(server), ASK_S)}
        answers = together(asked, max(SOUND_S, ASK_S))
        about_account = guarded("the account", lambda: account(context, server, answers["account"]))
    heard = guarded("the sound devices", lambda: sound(answers["sound"]))
    shell = guarded("the completion", lambda: completions(context.environ))
    return joined([installed, settings, kept, about_key, about_server, about_network, about_account, heard, shell])
