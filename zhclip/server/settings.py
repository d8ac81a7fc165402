"""What a service is told when it is started."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a service behaves.

    Args:
        token: What clients must send as ``Authorization: Bearer TOKEN``; None lets everybody in.
        auth: ``(user, password)`` that browsers must give, for the page and everything else.
        hostnames: Names that requests may be made under, beside ``localhost`` and plain IP addresses, with the
            port where a proxy shows them under one of its own (``photos.example:8443``); ``*`` for all.
            Others are refused, so that no web site can reach the service through a name of its own.
        root_path: Under which a proxy shows the service, as ``/photos``: with or without it in the addresses
            that it asks for.
        allow_urls: Fetch pictures from addresses that clients name.
        batching: Embed the texts of concurrent queries together.
        text_workers: How many queries of words are worked on at once.
        picture_workers: How many requests that decode a picture are worked on at once.
        queue: How many more requests may wait, of each of the two kinds; further ones are answered 429.
        max_body: Bytes of a request's body.
        max_upload: Bytes of a body that is sent to the page.
        max_bodies: Bytes of all bodies that are held at once.
        client_bodies: How many bodies of one client may be on their way at once.
        max_pixels: Pixels of a picture that is sent.
        body_seconds: How long a client may take to send its body, beside a second for each ``least_rate`` bytes.
        least_rate: Bytes a second.
        request_seconds: How long a client may take to begin its request, or its next one.
        url_seconds: How long a picture may take to fetch.
        drain_seconds: How long to go on listening after SIGTERM, while ``/readyz`` says 503.
        end_seconds: How long requests may take to end after that.
    """

    token: str | None = None
    auth: tuple[str, str] | None = None
    hostnames: tuple[str, ...] = ()
    root_path: str = ""
    allow_urls: bool = False
    batching: bool = True
    text_workers: int = 16
    picture_workers: int = max(2, min(os.cpu_count() or 2, 8))
    queue: int = 64
    max_body: int = 20_000_000
    max_upload: int = 50_000_000
    max_bodies: int = 200_000_000
    client_bodies: int = 64
    max_pixels: int = 64_000_000
    body_seconds: float = 20.0
    least_rate: int = 200_000
    request_seconds: float = 15.0
    url_seconds: float = 10.0
    drain_seconds: float = 1.0
    end_seconds: float = 30.0
