"""A far server on this machine: `net_link.py DELAY_MS` makes a link over which every packet takes so long, each way.

It needs a network namespace of its own (`unshare --net --map-root-user`). What is sent to FAR arrives, later, at
whoever listens at HERE: the link swaps the two addresses of each packet, which leaves its checksums right. Prints a
line when it is up, and serves until its stdin is closed.
"""

import fcntl
import os
import select
import struct
import subprocess
import sys
import time
from collections import deque

HERE, FAR = "10.9.0.1", "10.9.0.2"
MOST_BYTES = 65536
_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 0x0001, 0x1000  # linux/if_tun.h


def main() -> None:
    """Make the link and carry packets until stdin ends."""
    tunnel = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tunnel, _TUNSETIFF, struct.pack("16sH", b"far0", _IFF_TUN | _IFF_NO_PI))
    for words in (f"addr add {HERE}/24 dev far0", "link set far0 up", "link set lo up"):
        subprocess.run(["ip", *words.split()], check=True)
    print("up", flush=True)
    _carry(tunnel, float(sys.argv[1]) / 1000)


def _carry(tunnel: int, delay_s: float) -> None:
    on_the_way: deque[tuple[float, bytes]] = deque()
    while True:
        wait_s = max(on_the_way[0][0] - time.monotonic(), 0) if on_the_way else None
        readable, _, _ = select.select([tunnel, sys.stdin], [], [], wait_s)
        if sys.stdin in readable:
            return
        if tunnel in readable:
            on_the_way.append((time.monotonic() + delay_s, _swapped(os.read(tunnel, MOST_BYTES))))
        while on_the_way and on_the_way[0][0] <= time.monotonic():
            os.write(tunnel, on_the_way.popleft()[1])


def _swapped(packet: bytes) -> bytes:
    """An IPv4 packet with its source (bytes 12 to 15) and destination (16 to 19) exchanged. Source: RFC 791."""
    return packet[:12] + packet[16:20] + packet[12:16] + packet[20:]


if __name__ == "__main__":
    main()
