"""Derived secrets: stable, apart from one another, and of no use without the key."""

import hashlib

import pytest

from eventapp.lib.signing import Keys, derived, link_token, same, sha256

KEYS = Keys(ticket=b"t" * 64, link=b"l" * 64)
IDENTITY = b"i" * 16


def test_text_and_bytes_have_one_hash() -> None:
    assert sha256("é") == sha256("é".encode()) == hashlib.sha256("é".encode()).digest()


@pytest.mark.trust("TOK-7")
def test_equality_of_secrets() -> None:
    assert same("abc", b"abc")
    assert not same("abc", "abd")
    assert not same("abc", "abcd")


@pytest.mark.trust("TOK-2")
def test_a_link_is_renewed_by_its_serial_and_hangs_on_key_and_identity() -> None:
    tokens = {
        link_token(KEYS, IDENTITY, 0),
        link_token(KEYS, IDENTITY, 1),
        link_token(KEYS, b"j" * 16, 0),
        link_token(Keys(ticket=b"t" * 64, link=b"m" * 64), IDENTITY, 0),
    }

    assert len(tokens) == 4
    assert {len(token) for token in tokens} == {22}
    assert link_token(KEYS, IDENTITY, 1) == link_token(Keys(ticket=b"other", link=b"l" * 64), IDENTITY, 1)


def test_labels_keep_purposes_apart() -> None:
    assert derived(b"k", "ticket-1", IDENTITY) != derived(b"k", "link-1", IDENTITY)
