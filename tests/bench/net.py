"""How soon the first byte comes from a server that is far away: TLS, and so many milliseconds each way.

Run by `run net` in a network namespace of its own. Programs take turns; figures are medians, and a target is a ratio.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import bench
from net_link import FAR, HERE
from server import SHORT
from table import Row, table

EACH_WAY_MS = 25.0
FIRST_BYTE_LIMIT = 1.4  # × curl
CURL = "curl"


def main() -> None:
    """Measure; the table on stdout."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder, _link(options.each_way_ms):
        authority, certificate = _certificates(Path(folder))
        with bench.server(HERE, certificate) as port:
            environ = bench.environ_for(f"https://{FAR}:{port}", folder) | {
                "SSL_CERT_FILE": str(authority),  # of Python, and of the official command line
                "CURL_CA_BUNDLE": str(authority),
                "REQUESTS_CA_BUNDLE": str(authority),
            }
            runs = 10 if options.quick else 30
            measured = bench.Bench(environ, runs, runs, options.sdk)
            row = _first_byte(measured, options)
    programs = list(row.values)
    print(f"TLS, {options.each_way_ms:g} ms each way · medians of {runs} runs in turn\n")
    print(table([row], programs))


def _first_byte(measured: bench.Bench, options: argparse.Namespace) -> Row:
    commands = {name: argv for name, argv in measured.speaking(SHORT).items() if name != "python"}
    if options.old:
        commands["old"] = [options.old, *commands["eleven"][1:]]
    if options.sdk:
        commands["sdk"] = [options.sdk, str(bench.HERE / "sdk.py"), SHORT]
    if options.cli:
        spoken = ["--voice-id", SHORT, "--text", "hi", "--output-format", "mp3_44100_128"]
        commands["cli"] = [options.cli, "text-to-speech", "stream", *spoken]
    first = bench.medians(measured.turns(commands, measured.short_runs), lambda run: run.first_byte_ms)
    return Row("tts, first byte", "ms", first, CURL, FIRST_BYTE_LIMIT)


def _certificates(folder: Path) -> tuple[Path, Path]:
    """The authority to trust, and a certificate for FAR with its key: two files."""
    import trustme

    authority = trustme.CA()
    names = folder / "authority.pem", folder / "server.pem"
    authority.cert_pem.write_to_path(names[0])
    authority.issue_cert(FAR).private_key_and_cert_chain_pem.write_to_path(names[1])
    return names


@contextmanager
def _link(each_way_ms: float) -> Iterator[None]:
    command = [sys.executable, str(bench.HERE / "net_link.py"), str(each_way_ms)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as link:
        assert link.stdin is not None
        assert link.stdout is not None
        if not link.stdout.readline():
            raise SystemExit("this machine allows no link of our own: it needs /dev/net/tun and ip")
        try:
            yield
        finally:
            link.stdin.close()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run net", description=__doc__, allow_abbrev=False)
    parser.add_argument("--quick", action="store_true", help="10 runs")
    parser.add_argument("--each-way-ms", type=float, default=EACH_WAY_MS, help=f"the link's delay ({EACH_WAY_MS:g})")
    parser.add_argument("--old", metavar="ELEVEN", help="another version, measured beside this one")
    parser.add_argument("--sdk", metavar="PYTHON", help="an interpreter that has the official SDK (run: --rivals)")
    parser.add_argument("--cli", metavar="PROGRAM", help="the official command line (run: --rivals)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
