"""A partner has a name and one of the headings; a whole edition is offered only where there is one."""

from flask import Flask
from werkzeug.datastructures import MultiDict

from eventapp.partners.forms import PartnerForm

TYPED = {"organisation": "La Ville", "type": "carrier", "scope": "event", "logo_size": "medium", "tier_order": "0"}


def form(**typed: str) -> PartnerForm:
    return PartnerForm(MultiDict(TYPED | typed)).offer(has_edition=False)


def test_a_partner_has_a_name_a_heading_and_something_to_carry(app: Flask) -> None:
    with app.test_request_context("/"):
        assert form().validate()
        assert not form(organisation="").validate()
        assert not form(type="friend").validate()
        assert not form(scope="edition").validate()
