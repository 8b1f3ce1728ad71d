"""argon2id as promised: its parameters, one spelling of accents, nobody's password, four at once."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from eventapp.lib import passwords


@pytest.mark.trust("PASS-1")
def test_a_hash_names_its_parameters_and_matches_its_password_alone() -> None:
    kept = passwords.hashed("fenêtre à douze carreaux")

    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.matches("fene\u0302tre a\u0300 douze carreaux", kept)
    assert not passwords.matches("fenetre a douze carreaux", kept)
    assert not passwords.is_outdated(kept)
    assert passwords.is_outdated(kept.replace("t=2", "t=1"))


@pytest.mark.parametrize("kept", [None, "", "not a hash"])
def test_nobody_has_the_password_of_no_account(kept: str | None) -> None:
    assert not passwords.matches("a password that nobody has", kept)


@pytest.mark.trust("PASS-1")
def test_four_are_hashed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    running, most, guard = [0], [0], threading.Lock()

    class Slow:
        def hash(self, _password: bytes) -> str:
            with guard:
                running[0] += 1
                most[0] = max(most[0], running[0])
            time.sleep(0.02)
            with guard:
                running[0] -= 1
            return ""

    monkeypatch.setattr(passwords, "_hasher", Slow())
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda _n: passwords.hashed("x"), range(24)))

    assert most == [4]
