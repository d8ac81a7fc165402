"""What an address, a database name and a token turn into on the way to a server."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest

from tests.library.conftest import make_database
from tests.library.encoders import CountingEncoder
from zhclip.errors import LibraryError, StoreError
from zhclip.library import Catalogue


class Refusing(grpc.GenericRpcHandler):
    """A service that refuses everybody, and remembers what it was sent."""

    def __init__(self) -> None:
        self.tokens: list[str | None] = []

    def service(self, handler_call_details: Any) -> Any:
        sent = dict(handler_call_details.invocation_metadata).get("authorization")
        self.tokens.append(base64.b64decode(sent).decode() if sent else None)

        def refuse(_: bytes, context: grpc.ServicerContext) -> None:
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "auth check failure")

        return grpc.unary_unary_rpc_method_handler(refuse)


@pytest.fixture
def refusing() -> Iterator[tuple[str, Refusing]]:
    """Its address."""
    service = Refusing()
    server = grpc.server(ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers((service,))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"http://127.0.0.1:{port}", service
    server.stop(0).wait()


@pytest.mark.parametrize("token", [None, "root:wrong"])
def test_a_token_is_sent_and_its_refusal_is_one_line(refusing: tuple[str, Refusing], token: str | None) -> None:
    address, service = refusing
    with pytest.raises(LibraryError, match=r"no Milvus server answers at .*the token") as caught:
        Catalogue(address, token=token).require()
    assert "\n" not in str(caught.value)
    assert set(service.tokens) == {token}


@pytest.mark.parametrize(("scheme", "start"), [("https", b"\x16\x03"), ("http", b"PR")])
def test_https_speaks_tls(scheme: str, start: bytes) -> None:
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def listen() -> None:
            connection, _ = listener.accept()
            heard.append(connection.recv(2))
            connection.close()

        thread = threading.Thread(target=listen)
        thread.start()
        with pytest.raises(LibraryError, match=rf"no Milvus server answers at {scheme}://"):
            Catalogue(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}").require()
        thread.join(30)
    assert heard == [start]


def test_databases_are_libraries_of_their_own(server: str, photos: Path, encoder: CountingEncoder) -> None:
    one, two = make_database(server), make_database(server)
    with Catalogue(one, model=encoder) as first, Catalogue(two, model=encoder) as second:
        first.add(photos)
        assert (len(first), len(second), second.exists()) == (6, 0, False)
        second.add(photos / "sea")
        assert (len(first), len(second)) == (6, 3)
    with pytest.raises(StoreError, match="database not found"):
        Catalogue(f"{server}/nowhere").require()
