"""Serving ASGI apps on loopback: several apps, one event loop, one thread."""

import asyncio
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

import uvicorn
from starlette.types import ASGIApp


def _bind(port: int) -> socket.socket:
    # Named as TCP, or else asyncio leaves Nagle's algorithm on and every answer waits 40 ms for an acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        raise OSError(error.errno, f"Port {port} can't be used: {error.strerror}") from error
    return listener


def bind(ports: Sequence[int]) -> list[socket.socket]:
    """Loopback sockets, one per port (0 = any free one). Raises OSError, naming the port, when one is taken."""
    with ExitStack() as bound:
        listeners = [bound.enter_context(_bind(port)) for port in ports]
        bound.pop_all()
    return listeners


def origin(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


def _server(app: ASGIApp) -> uvicorn.Server:
    config = uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off")
    return uvicorn.Server(config)


async def _serve(servers: Sequence[uvicorn.Server], listeners: Sequence[socket.socket]) -> None:
    await asyncio.gather(*(s._serve([sock]) for s, sock in zip(servers, listeners, strict=True)))


@contextmanager
def listening(apps: Sequence[ASGIApp], listeners: Sequence[socket.socket]) -> Iterator[list[str]]:
    """Serve each app on its socket from one background thread until the block ends; gives the origins."""
    for listener in listeners:
        listener.listen()  # whoever connects from here on is answered, in whatever order the servers start
    servers = [_server(app) for app in apps]
    thread = threading.Thread(target=lambda: asyncio.run(_serve(servers, listeners)), daemon=True)
    thread.start()
    try:
        while thread.is_alive() and not all(s.started for s in servers):
            threading.Event().wait(0.005)
        yield [origin(sock) for sock in listeners]
    finally:
        for server in servers:
            server.should_exit = server.force_exit = True  # whoever still waits for an answer waits in vain
        thread.join(timeout=5)
