"""Passwords as argon2id hashes (19 MiB, two passes, one lane): slow on purpose, so never inside a transaction and at most four at once.

Source: trust.md PASS-1; the parameters are OWASP's for argon2id.
"""

import threading
import unicodedata
from functools import lru_cache

from pwdlib.hashers.argon2 import Argon2Hasher

from eventapp.lib.db import forbid_inside_writing

MEMORY_KIB = 19 * 1024
PASSES = 2
LANES = 1
AT_ONCE = 4

_hasher = Argon2Hasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)
# Two hundred people signing in together must cost 4 × 19 MiB, not 200 ×.
_turn = threading.BoundedSemaphore(AT_ONCE)


def hashed(password: str) -> str:
    """The hash to keep.

    Raises RuntimeError: inside a writing transaction.
    """
    forbid_inside_writing("argon2")
    with _turn:
        return str(_hasher.hash(_bytes(password)))


def matches(password: str, kept: str | None) -> bool:
    """Whether the password is that of the kept hash. For an account that does not exist (None) it takes as long, and is not.

    Raises RuntimeError: inside a writing transaction.
    """
    forbid_inside_writing("argon2")
    dummy = _dummy()
    with _turn:
        return bool(_hasher.verify(_bytes(password), kept or dummy)) and bool(kept)


def is_outdated(kept: str) -> bool:
    """Whether a hash was made with other parameters than today's, so that the next sign-in should renew it."""
    return bool(_hasher.check_needs_rehash(kept))


@lru_cache(maxsize=1)
def _dummy() -> str:
    """The hash of a password that nobody has; made once, outside of the turn that `matches` then takes."""
    with _turn:
        return str(_hasher.hash("a password that nobody has"))


def _bytes(password: str) -> bytes:
    """One spelling of an accent for all keyboards."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
