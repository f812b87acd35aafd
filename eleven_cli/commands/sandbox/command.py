"""The `sandbox` command: its flags."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

EXAMPLES = """eleven sandbox --port 8311
eleven sandbox --tls --tls-cert-out ca.pem --log requests.jsonl
eleven sandbox --agents agents.toml
eleven sandbox --plan free --no-stock-voices
eleven sandbox --state sandbox-state --seed 7
eleven sandbox --fault 429:0.2 --latency 150
eleven sandbox --strict
eleven sandbox replay conv_1234 --url http://127.0.0.1:9000/hook
eleven help sandbox"""

GROUPS = {
    "Account": ("require_key", "plan", "credits", "stock_voices"),
    "State": ("state", "seed"),
    "Voices and agents": ("agents", "voices", "strict"),
    "Connection": ("port", "tls", "tls_cert_out", "host", "cors", "allow_network", "log"),
    "Faults": ("faults", "latency"),
}


class SandboxPlan(StrEnum):
    FREE = "free"
    STARTER = "starter"
    CREATOR = "creator"
    PRO = "pro"


Port = Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")]
RequireKey = Annotated[
    str | None, typer.Option(metavar="KEY", help="Refuse every key but this one, as the service would.")
]
Plan = Annotated[
    SandboxPlan | None,
    typer.Option(case_sensitive=False, help="The plan of accounts whose key names none. Default: pro."),
]
StockVoices = Annotated[
    bool | None,
    typer.Option(
        "--stock-voices/--no-stock-voices",
        help="Give new accounts premade voices. Default: yes.",
        show_default=False,
    ),
]
Credits = Annotated[
    int | None,
    typer.Option(min=0, metavar="N", help="How many credits accounts have. Default: those of the plan."),
]
State = Annotated[
    Path | None,
    typer.Option(metavar="FOLDER", help="Keep there what clients make, for the next start. Default: forget it."),
]
Seed = Annotated[int | None, typer.Option(metavar="N", help="Make ids, times and chances the same in each run.")]
Agents = Annotated[
    Path | None, typer.Option(metavar="FILE.toml", help="Your own agents, in addition to the built-in ones.")
]
Voices = Annotated[
    list[str] | None,
    typer.Option(
        "--voice", metavar="ID=NAME", help="Give a voice id of your account the sandbox's voice NAME. Repeatable."
    ),
]
Strict = Annotated[
    bool, typer.Option("--strict", help="Answer 404 to ids of voices and agents that the sandbox does not know.")
]
Log = Annotated[
    Path | None, typer.Option(metavar="FILE.jsonl", help="Append each request and each socket message, keys masked.")
]
TLS = Annotated[bool, typer.Option("--tls", help="Speak https:// and wss://, with a new certificate.")]
TLSCertOut = Annotated[
    Path | None, typer.Option(metavar="FILE.pem", help="Write the CA certificate that clients have to trust.")
]
Host = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="Listen on another address, such as 0.0.0.0. Default: this machine only."),
]
CORS = Annotated[
    list[str] | None, typer.Option(metavar="ORIGIN", help="Answer web pages of this origin, too; repeatable.")
]
AllowNetwork = Annotated[
    bool, typer.Option("--allow-network", help="Download recordings that requests give as a URL on other machines.")
]
Faults = Annotated[
    list[str] | None,
    typer.Option(
        "--fault",
        metavar="NAME[:RATE]",
        help="Fail on purpose, for this share of requests: 429:0.1, drop, close=1008@3. Repeatable.",
    ),
]
Latency = Annotated[
    int | None,
    typer.Option(min=0, max=600_000, metavar="MS", help="Delay every answer and message by this much."),
]


def sandbox(
    ctx: typer.Context,
    port: Port = 8311,
    require_key: RequireKey = None,
    plan: Plan = None,
    credits: Credits = None,
    stock_voices: StockVoices = None,
    state: State = None,
    seed: Seed = None,
    agents: Agents = None,
    voices: Voices = None,
    strict: Strict = False,
    log: Log = None,
    tls: TLS = False,
    tls_cert_out: TLSCertOut = None,
    host: Host = None,
    cors: CORS = None,
    allow_network: AllowNetwork = False,
    faults: Faults = None,
    latency: Latency = None,
) -> None:
    """Serve a local imitation of the service.

    It answers programs on this machine until Ctrl+C.

    It speaks the service's API for models, voices, the account, text to speech, the voice changer, isolation, speech to
    text (recordings and live), alignment, and conversations with agents: agent_sandbox_chat (small talk), _echo
    (repeats), _tools (get_time, get_weather), _goodbye (hangs up), _private (needs a key), _error (say "fail 1002",
    "drop" or "silence"), _long (can be interrupted), _greeter (has a variable).

    It recognises what its own voices say, also after the voice changer; in other speech it recognises no words.

    What clients make and say is forgotten when it ends, unless --state names a folder for it. Commands with --sandbox
    remember what earlier ones said and which voices they made: `eleven cache info` names the folder, and
    `eleven cache clear --sandbox` empties it.

    Its voices are a real but robotic synthesiser, so it does not imitate: the sound of the service's voices,
    emotion and audio tags, style and speaker boost (checked, without effect). The voice changer moves pitch and
    formants. Stitching and seeds are checked and change nothing.

    Ids of another account work as well: a voice of 20 letters and digits gets a voice that is always the same, an agent
    agent_… talks like agent_sandbox_chat, and each is reported once. With --strict they are unknown.

    With --fault and --latency the service and the network misbehave: `eleven help testing` has the names.

    Any key will do, or none. Keys that contain certain words let a program meet failures: "wrong" is unknown,
    "restricted" may only speak, "free" is on the free plan, "broke" has 12 credits left, "newcomer" has no stock
    voices.

    ELEVEN_SANDBOX_PLAN=free and ELEVEN_SANDBOX_STOCK_VOICES=0 do the same, also for --sandbox.
    """
    if ctx.invoked_subcommand is not None:
        return
    from eleven_cli.commands.sandbox.exposure import ExposureOptions
    from eleven_cli.commands.sandbox.run import SandboxOptions, run

    options = SandboxOptions(
        port=port,
        require_key=require_key,
        plan=plan.value if plan else None,
        credits=credits,
        stock_voices=stock_voices,
        state=state,
        seed=seed,
        agents=agents,
        voices=voices or [],
        strict=strict,
        log=log,
        exposure=ExposureOptions(tls=tls, cert_out=tls_cert_out, host=host, pages=cors or []),
        allow_network=allow_network,
        faults=faults or [],
        latency_ms=latency,
    )
    run(ctx.obj, options)
