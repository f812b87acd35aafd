"""TLS within TLS: to a server, through a proxy that is spoken to over TLS itself."""

import ssl
import threading
from typing import Any

from urllib3.util.ssltransport import SSLTransport

_BLOCK_BYTES = 65536


class NestedTLS(SSLTransport):
    """urllib3's, for one thread that reads and others that send, and with what `select` cannot see (`pending`)."""

    def __init__(self, outer: ssl.SSLSocket, context: ssl.SSLContext, server_hostname: str) -> None:
        self._state, self._plain = threading.Lock(), b""
        super().__init__(outer, context, server_hostname)

    def send(self, data: Any, flags: int = 0) -> int:
        with self._state:
            count = self.sslobj.write(data)
            self.socket.sendall(self.outgoing.read())
        return count

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        while not self._decrypted():
            if self._is_ended:
                return b""
            self._take(self.socket.recv(_BLOCK_BYTES))
        data, self._plain = self._plain[:buflen], self._plain[buflen:]
        return data

    def read(self, len: int = 1024, buffer: Any = None) -> Any:
        data = self.recv(len)
        if buffer is None:
            return data
        size = memoryview(data).nbytes
        memoryview(buffer).cast("B")[:size] = data
        return size

    def pending(self) -> int:
        """Bytes that have come and that the system does not know of any more."""
        outer: Any = self.socket
        return len(self._decrypted()) + int(outer.pending())

    def shutdown(self, how: int) -> None:
        self.socket.shutdown(how)

    _is_ended = False

    def _take(self, data: bytes) -> None:
        with self._state:
            self.incoming.write(data) if data else self.incoming.write_eof()

    def _decrypted(self) -> bytes:
        """What is there without reading from the network."""
        if self._plain or self._is_ended:
            return self._plain
        with self._state:
            try:
                self._plain = self.sslobj.read(_BLOCK_BYTES)
                self._is_ended = not self._plain
            except ssl.SSLWantReadError:
                self.socket.sendall(self.outgoing.read())  # an answer of TLS's own
            except ssl.SSLEOFError:
                self._is_ended = True  # hung up without TLS's good-bye, as many do
        return self._plain
