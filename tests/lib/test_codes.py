"""Random codes are as long as they promise; keys are made once, kept private and never half written."""

import stat
import threading
from pathlib import Path

import pytest

from eventapp.lib import codes


def test_public_ids_can_be_read_aloud_and_do_not_repeat() -> None:
    made = {codes.public_id() for _ in range(2_000)}

    assert len(made) == 2_000
    assert {len(one) for one in made} == {16}
    assert set("".join(made)) == set(codes.ALPHABET)
    assert set(codes.ALPHABET).isdisjoint("lo01")


@pytest.mark.trust("TOK-3")
@pytest.mark.parametrize(("make", "length"), [(codes.key, 22), (codes.secret, 43), (codes.identity, 16)])
def test_secrets_have_their_bits_and_do_not_repeat(make: object, length: int) -> None:
    made = {make() for _ in range(500)}  # type: ignore[operator]  # each of them takes nothing

    assert len(made) == 500
    assert {len(one) for one in made} == {length}


@pytest.mark.trust("BOOT-4")
def test_a_key_is_made_once_private_and_silent(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "instance" / "ticket_key"

    key = codes.kept_key(path)

    assert len(key) == 64
    assert codes.kept_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert capfd.readouterr() == ("", "")


@pytest.mark.trust("BOOT-4")
def test_processes_that_start_together_share_one_key(tmp_path: Path) -> None:
    keys: list[bytes] = []
    threads = [threading.Thread(target=lambda: keys.append(codes.kept_key(tmp_path / "key"))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(keys) == 12
    assert len(set(keys)) == 1


def test_a_damaged_key_is_never_replaced_by_another(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("abc")

    with pytest.raises(RuntimeError, match="damaged"):
        codes.kept_key(tmp_path / "key")

    assert (tmp_path / "key").read_text() == "abc"
