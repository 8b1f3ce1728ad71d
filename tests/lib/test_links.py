"""Absolute links stand on the configured origin and nowhere else."""

import pytest

from eventapp.lib.links import absolute, ticket_link


@pytest.mark.trust("HOST-2")
@pytest.mark.parametrize("base", ["https://forum.example", "https://forum.example/"])
def test_a_path_is_put_on_the_origin(base: str) -> None:
    assert absolute(base, "/fr/events/forum") == "https://forum.example/fr/events/forum"


@pytest.mark.trust("HOST-2")
@pytest.mark.parametrize("path", ["", "fr", "//other.example", "https://other.example"])
def test_what_is_no_path_of_ours_is_a_bug(path: str) -> None:
    with pytest.raises(ValueError, match="path of ours"):
        absolute("https://forum.example", path)


def test_a_ticket_link_fits_the_alphanumeric_mode_of_a_qr() -> None:
    link = ticket_link("https://forum.example", "abc234")

    assert link == "HTTPS://FORUM.EXAMPLE/T/ABC234"
    assert set(link) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
