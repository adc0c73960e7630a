"""Crawl a running server from its home page: every address that it shows, in pages and in Link headers.

Needs nothing but Python, so that any installation can be crawled: ``python crawl.py URL [OF_A_KIND]`` prints
each address that failed and how many there were.
"""

from __future__ import annotations

import random
import re
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import parse_qsl, urldefrag, urlencode, urljoin, urlsplit

_LINKS = re.compile(r"""\s(?:href|src|action)=["']([^"']*)["']""")
_FORMS = re.compile(r"<form[^>]*method=[\"']post[\"'][^>]*>", re.IGNORECASE)
_HEADER = re.compile(r"<([^>]*)>")
_LOCATIONS = re.compile(r"<loc>([^<]*)</loc>")
_CHOICES = {"lang", "theme"}
"""What a reader chooses for every page alike: one page in each of them is enough."""


@dataclass
class Found:
    """What a crawl found: each address with its status, and where it was first seen."""

    statuses: dict[str, int] = field(default_factory=dict)
    seen_on: dict[str, str] = field(default_factory=dict)
    waited: set[str] = field(default_factory=set)
    """What was not ready at first and said when to ask again."""

    def failed(self) -> list[str]:
        """Return what was shown and doesn't work, with where it was seen."""
        return [
            f"{status} {address} (seen on {self.seen_on[address]})"
            for address, status in sorted(self.statuses.items())
            if status >= 400 or not status
        ]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect(), urllib.request.ProxyHandler({}))


def get(address: str, timeout: float) -> tuple[int, Iterable[tuple[str, str]], str]:
    """Return status, headers and text of an address as a browser gets it; 0 when nothing came in time."""
    headers = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    try:
        with _OPENER.open(urllib.request.Request(address, headers=headers), timeout=timeout) as reply:
            body = reply.read()
            status, found = reply.status, reply.headers.items()
    except urllib.error.HTTPError as error:
        with error:
            body, status, found = error.read(), error.code, error.headers.items()
    except OSError as error:
        return 0, [], str(error)
    return status, found, body.decode("utf-8", "replace")


def links(headers: Iterable[tuple[str, str]], text: str) -> set[str]:
    """Return what a reply leads to, as it says it."""
    found: set[str] = set()
    kind = ""
    for name, value in headers:
        if name.lower() == "content-type":
            kind = value
        elif name.lower() == "link":
            found.update(target for target in _HEADER.findall(value))
        elif name.lower() == "location":
            found.add(value)
    if kind.startswith("text/html"):
        posts = {target for form in _FORMS.findall(text) for target in _LINKS.findall(form)}
        found |= {unescape(target) for target in _LINKS.findall(text) if target not in posts}
    elif "xml" in kind:
        found |= {unescape(target) for target in _LOCATIONS.findall(text)}
    return found


def crawl(
    root: str,
    *,
    seed: int = 1,
    at_once: int = 16,
    timeout: float = 30.0,
    of_a_kind: int = 1_000_000,
    again: int = 0,
    starts: Iterable[str] = ("/",),
) -> Found:
    """Ask for every address under ``root`` that can be found, in random order and many at once.

    ``of_a_kind`` bounds how many addresses that differ in their values alone are followed; ``again`` how
    often one is asked again that isn't ready and says when it will be (503 with Retry-After).
    """
    chance, found, lock = random.Random(seed), Found(), threading.Lock()  # noqa: S311 - an order, no secret
    todo = list(starts)
    found.seen_on.update(dict.fromkeys(todo, "the start"))
    kinds: Counter[str] = Counter()

    def ask(path: str) -> None:
        address = root + path
        status, headers, text = get(address, timeout)
        for _ in range(again):
            seconds = next((value for name, value in headers if name.lower() == "retry-after"), "")
            if status != 503 or not seconds.isdigit():
                break
            found.waited.add(path)
            time.sleep(int(seconds))
            status, headers, text = get(address, timeout)
        new = {there for one in links(headers, text) if (there := _here(root, urljoin(address, one)))}
        with lock:
            found.statuses[path] = status
            for one in sorted(new - found.seen_on.keys()):
                found.seen_on[one] = path
                kinds[kind_of(one)] += 1
                if kinds[kind_of(one)] <= of_a_kind:
                    todo.append(one)

    with ThreadPoolExecutor(at_once) as threads:
        running: set[Future[None]] = set()
        while todo or running:
            with lock:
                while todo and len(running) < at_once:
                    running.add(threads.submit(ask, todo.pop(chance.randrange(len(todo)))))
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for one in done:
                one.result()
    return found


def kind_of(path: str) -> str:
    """Return what an address shares with those that differ in their values alone."""
    parts = urlsplit(path)
    first, _, rest = parts.path.lstrip("/").partition("/")
    depth, extension = rest.count("/"), parts.path.rpartition("/")[2].partition(".")[2]
    names = {"*" if ":" in name else name for name, _ in parse_qsl(parts.query)}
    return f"{first} {depth} {extension} {sorted(names)}"


def _here(root: str, address: str) -> str | None:
    """Return an address as a path on this server; None when elsewhere, or when every page offers it alike."""
    parts = urlsplit(urldefrag(address).url)
    if f"{parts.scheme}://{parts.netloc}" != root:
        return None
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True)]
    if any(name in _CHOICES for name, _ in query) and parts.path != "/":
        return None
    return parts.path + (f"?{urlencode(query)}" if query else "")


if __name__ == "__main__":
    result = crawl(sys.argv[1].rstrip("/"), of_a_kind=int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000)
    for line in result.failed():
        print(line)
    print(f"{len(result.statuses)} addresses, {len(result.failed())} failed", file=sys.stderr)
    sys.exit(1 if result.failed() else 0)
