"""Codes: the pinned examples of the design, and what must hold for every token."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventapp.tickets import rules
from eventapp.tickets.rules import Kind

TOKEN = bytes(range(16))
TOKENS = st.binary(min_size=16, max_size=16)
KEY = b"k" * 64


def test_pinned_token() -> None:
    assert rules.text(TOKEN) == "T1AAAQEAYEAUDAOCAJBIFQYDIOB4"
    assert rules.display_human(rules.human(TOKEN)) == "B44X-N3GJ"
    assert rules.short_hash(b"\x11" * 16, TOKEN) == "EA81dzqhKEc"


def test_a_token_is_derived_from_key_identity_and_serial() -> None:
    tokens = {
        rules.token(KEY, b"a" * 16, 0),
        rules.token(KEY, b"a" * 16, 1),
        rules.token(KEY, b"b" * 16, 0),
        rules.token(b"other", b"a" * 16, 0),
    }

    assert len(tokens) == 4
    assert rules.token(KEY, b"a" * 16, 0).hex() == "066f0fe464d1ef840a8d2ef5f8c5949b"
    with pytest.raises(ValueError, match="16 bytes"):
        rules.token(KEY, b"short", 0)


def test_the_address_in_the_qr_is_in_capitals() -> None:
    assert rules.qr_text("https://forum.example/", rules.text(TOKEN)) == "HTTPS://FORUM.EXAMPLE/T/T1AAAQEAYEAUDAOCAJBIFQYDIOB4"
    assert rules.qr_text("https://forum.example", rules.text(TOKEN, Kind.STANDBY)).endswith("/S/S1AAAQEAYEAUDAOCAJBIFQYDIOB4")


@given(TOKENS, st.sampled_from([Kind.TICKET, Kind.STANDBY, Kind.REHEARSAL]))
def test_what_is_written_is_read_back(token: bytes, kind: Kind) -> None:
    assert rules.read(rules.text(token, kind)) == rules.Code(kind, token=token)
    assert rules.read("https://anywhere.example/T/" + rules.text(token, kind)).token == token


@given(TOKENS)
def test_a_human_code_is_read_back_however_it_is_typed(token: bytes) -> None:
    human = rules.human(token)
    typed = rules.display_human(human).lower().replace("0", "o").replace("1", "l").replace("-", " - ")

    assert rules.read(typed) == rules.Code(Kind.HUMAN, human=human)


@given(TOKENS, st.integers(0, 7), st.sampled_from(rules.HUMAN_ALPHABET))
def test_every_single_slip_in_a_human_code_is_found(token: bytes, place: int, other: str) -> None:
    human = rules.human(token)
    slipped = human[:place] + other + human[place + 1 :]

    assert (rules.read(slipped).kind is Kind.HUMAN) == (slipped == human)


@given(TOKENS, st.integers(0, 27), st.sampled_from(string.printable))
def test_no_other_text_reads_as_the_same_token(token: bytes, place: int, other: str) -> None:
    text = rules.text(token)
    altered = text[:place] + other + text[place + 1 :]

    assert (rules.read(altered).token == token) == (altered == text)


@given(st.text(max_size=600))
def test_no_text_makes_reading_fail(text: str) -> None:
    assert isinstance(rules.read(text), rules.Code)
