"""A party says that it still comes, with one button. The other one, beside it, gives its seat back as ever."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from eventapp.lib import web
from eventapp.lib.db import Session
from eventapp.registration import actions
from eventapp.registration.forms.attendee import AnswerForm
from eventapp.registration.models import Registration
from eventapp.registration.pages.offers import answered

bp = Blueprint("reconfirmations", __name__)


@bp.post("/registrations/<token>/reconfirmation")
@web.access("link")
def create(token: str) -> web.Answer:
    """Note that they come. Sent twice, it changes nothing more."""

    def act(session: Session, _registration: Registration, command: dict[str, Any]) -> None:
        actions.reconfirm(session, **command)

    return answered(token, AnswerForm(), act)
