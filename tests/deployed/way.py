"""A way to a server that can be cut: for whoever goes by it the server is gone, as if it had been killed."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

BLOCK = 65536


@dataclass
class Way:
    """From a port of loopback to another."""

    target: int
    entrance: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    _under_way: list[socket.socket] = field(default_factory=list)

    def lead(self) -> None:
        """Take whoever comes to the other end and back, until it is cut."""
        with suppress(OSError):
            while True:
                came, _ = self.entrance.accept()
                there = socket.create_connection(("127.0.0.1", self.target))
                self._under_way += [came, there]
                for one, other in ((came, there), (there, came)):
                    threading.Thread(target=_carry, args=(one, other), daemon=True).start()

    def cut(self) -> None:
        """Nobody gets through any more, and those on the way are cut off."""
        for each in (self.entrance, *self._under_way):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


def _carry(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(BLOCK):
            other.sendall(data)
        other.shutdown(socket.SHUT_WR)


@contextmanager
def way_to(url: str) -> Iterator[tuple[str, Way]]:
    """Such a way to the server of that URL, and the URL by which one goes it."""
    parts = urlsplit(url)
    way = Way(parts.port or 80)
    threading.Thread(target=way.lead, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{way.entrance.getsockname()[1]}{parts.path}", way
    finally:
        way.cut()
