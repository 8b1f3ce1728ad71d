"""Absolute links: made from the configured origin, never from a request."""

from __future__ import annotations


def absolute(base: str, path: str) -> str:
    """`path` (beginning with one slash) on the public origin `base`."""
    if not path.startswith("/") or path.startswith("//"):
        raise ValueError("an absolute link is made from a path of ours")
    return base.rstrip("/") + path


def ticket_link(base: str, text: str) -> str:
    """What a ticket's QR holds: upper case throughout, so that it fits the alphanumeric mode."""
    return absolute(base, "/T/" + text).upper()
