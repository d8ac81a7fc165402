"""Pictures from addresses that clients name: from the public internet alone, and only so large and so slow."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from zhclip.server.errors import Refusal

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

    import httpx

    from zhclip.server.settings import Settings

_PORTS = {"http": 80, "https": 443}
_MOST_REDIRECTS = 3
_AT_ONCE = 8
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_DOCUMENTATION = ipaddress.IPv6Network("3fff::/20")


class Fetcher:
    """Fetches pictures.

    Args:
        settings: Whether, how large and how slow.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def fetch(self, address: str) -> bytes:
        """The bytes of a picture.

        Every address on the way is looked up once, and the connection made to what was looked up: a name
        that means another machine a moment later leads nowhere else.

        Args:
            address: Begins with ``http://`` or ``https://``.

        Raises:
            Refusal: The address is not allowed, or gives no picture in time.
        """
        if not self.settings.allow_urls:
            raise _refusal("the service fetches no pictures (it does with zhclip serve --allow-urls); send the file")
        import httpx

        try:
            # No proxy and no credentials of this machine are used.
            client = httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=self.settings.url_seconds)
            async with asyncio.timeout(self.settings.url_seconds), self._places, client:
                return await self._follow(client, address)
        except TimeoutError:
            raise _refusal("the picture did not come in time") from None
        except (httpx.HTTPError, OSError) as error:
            raise _refusal("the picture cannot be fetched: {error}", error=type(error).__name__) from None

    async def _follow(self, client: httpx.AsyncClient, address: str) -> bytes:
        for _ in range(_MOST_REDIRECTS + 1):
            request = await _request(client, address)
            response = await client.send(request, stream=True)
            try:
                if response.has_redirect_location:
                    address = urljoin(address, response.headers["location"])
                    continue
                if response.status_code != 200:
                    raise _refusal(
                        "the picture cannot be fetched: its server answers {status}", status=response.status_code
                    )
                return await self._read(response)
            finally:
                await response.aclose()
        raise _refusal("the picture's address leads to too many others")

    async def _read(self, response: httpx.Response) -> bytes:
        if response.headers.get("content-encoding", "identity") != "identity":
            raise _refusal("the picture's server sends it compressed")
        content = bytearray()
        async for chunk in response.aiter_raw():
            content += chunk
            if len(content) > self.settings.max_body:
                raise _refusal("the picture is over the limit of {most:,} bytes", most=self.settings.max_body)
        return bytes(content)


async def _request(client: httpx.AsyncClient, address: str) -> httpx.Request:
    """A request that connects to what an address means now, if that is a public one."""
    import httpx

    try:
        url = httpx.URL(address)
    except (httpx.InvalidURL, ValueError):
        raise _refusal("the picture's address is not valid") from None
    if url.scheme not in _PORTS or not url.host:
        raise _refusal("the picture's address must begin with http:// or https://")
    if url.userinfo or url.port not in (None, *_PORTS.values()):
        raise _refusal("the picture's address may hold no password, and no port but 80 and 443")
    found = await look_up(url.host, url.port or _PORTS[url.scheme])
    if not all(map(is_public, found)):
        raise _refusal("the picture's address is not on the public internet")
    host = found[0]
    headers = {"Host": url.netloc.decode("ascii"), "Accept": "image/*", "Accept-Encoding": "identity"}
    # The certificate is still checked against the name.
    return client.build_request(
        "GET", url.copy_with(host=str(host)), headers=headers, extensions={"sni_hostname": url.raw_host.decode("ascii")}
    )


async def look_up(host: str, port: int) -> list[IPv4Address | IPv6Address]:
    """What a name means, at least one address.

    Raises:
        Refusal: It means nothing.
    """
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise _refusal("the name in the picture's address means no machine") from None
    return [ipaddress.ip_address(str(address[0]).partition("%")[0]) for *_, address in found]


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is one of the internet's, and not of a machine or network of our own."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address not in _GLOBAL_UNICAST or address in _DOCUMENTATION:
            return False  # fec0::/10 among them, which once were sites' own
    return address.is_global and not address.is_multicast and not address.is_reserved


def _refusal(message: str, /, **values: object) -> Refusal:
    return Refusal(422, "invalid_url", message, None, **values)
