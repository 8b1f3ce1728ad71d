"""A small HTTP/1.1 load client for this machine: keep-alive connections, prepared requests, every answer timed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlencode


@dataclass
class Result:
    """What came back: status, seconds, headers of interest and body of each request, and how long all took."""

    seconds: float = 0.0
    answers: list[tuple[int, float, str, bytes]] = field(default_factory=list)
    faults: int = 0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.answers) / self.seconds if self.seconds else 0.0

    def statuses(self) -> dict[int, int]:
        """Number of answers of each status."""
        found: dict[int, int] = {}
        for status, *_ in self.answers:
            found[status] = found.get(status, 0) + 1
        return found

    def percentile(self, share: float) -> float:
        """Milliseconds within which this share of answers came."""
        times = sorted(seconds for _s, seconds, *_ in self.answers)
        return 1000 * times[min(len(times) - 1, int(share * len(times)))] if times else 0.0


def form(path: str, host: str, values: dict[str, str]) -> bytes:
    """A browser's POST of a form."""
    body = urlencode(values).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nSec-Fetch-Site: same-origin\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def json_post(path: str, host: str, body: bytes, *, bearer: str = "") -> bytes:
    """A program's POST of JSON."""
    token = f"Authorization: Bearer {bearer}\r\n" if bearer else ""
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\n{token}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def get(path: str, host: str, **headers: str) -> bytes:
    """A GET."""
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n".encode()


async def _client(host: str, port: int, requests: Iterable[bytes], result: Result) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    for request in requests:
        started = time.perf_counter()
        for attempt in range(2):
            try:
                writer.write(request)
                answer = await _answer(reader)
            except (OSError, asyncio.IncompleteReadError):
                writer.close()
                if attempt:
                    result.faults += 1
                    return
                reader, writer = await asyncio.open_connection(host, port)
            else:
                result.answers.append((answer[0], time.perf_counter() - started, answer[1], answer[2]))
                break
    writer.close()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, str, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    lines = head.split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:] if line)}
    if headers.get("transfer-encoding") == "chunked":
        body = b""
        while size := int((await reader.readline()).strip(), 16):
            body += await reader.readexactly(size)
            await reader.readexactly(2)
        await reader.readline()
    else:
        body = await reader.readexactly(int(headers.get("content-length", "0")))
    return int(lines[0].split()[1]), headers.get("location", ""), body


async def _all(host: str, port: int, shares: Sequence[Sequence[bytes]], result: Result) -> None:
    await asyncio.gather(*(_client(host, port, share, result) for share in shares))


def run(host: str, port: int, requests: Sequence[bytes], *, clients: int) -> Result:
    """Send all requests over so many connections at once, each one after the other."""
    shares = [requests[number::clients] for number in range(min(clients, len(requests)))]
    result = Result()
    started = time.perf_counter()
    # A thread of its own: whoever calls may have an event loop already, as a browser's driver does.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, _all(host, port, shares, result)).result()
    result.seconds = time.perf_counter() - started
    return result
