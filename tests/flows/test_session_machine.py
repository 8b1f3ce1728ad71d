"""Any commands about sessions, in any order, at any time: both databases come to what paper comes to, and `verify` finds nothing.

On paper there is no index, no ledger and no lock: whole lists are walked by hand.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from eventapp.cli.state import faults
from eventapp.events.models import Event
from eventapp.lib.db import Database
from eventapp.lib.refusal import Refused
from eventapp.people.rules import ANONYMOUS, OPERATOR
from eventapp.registration import actions, queries, rules
from eventapp.registration.rules import DEFAULTS
from tests.cast import Character
from tests.factories import NOW, House
from tests.registration.programme import DAY, EIGHT, NINE, SEVEN, When

TIMES = int(os.environ.get("MACHINE", "1"))
"""The length of a run: 1 in the suite, more by `make soak PART=sessions`."""
STEPS = [timedelta(seconds=1), timedelta(minutes=10), timedelta(hours=2), timedelta(hours=9), timedelta(days=1)]
SPANS = [(SEVEN, EIGHT), (SEVEN, NINE), (EIGHT, NINE), (SEVEN + timedelta(minutes=30), EIGHT + timedelta(minutes=30))]
PEOPLE = 6
LIVE, HAS = ("waitlisted", "offered", "confirmed"), ("offered", "confirmed")
serial = count()


@dataclass
class Slip:
    """One enrolment on paper."""

    person: int
    slot: int
    seq: int
    swap: bool
    state: str = "waitlisted"
    lapses: int = 0
    started: bool = False
    answer_by: datetime | None = None
    expires_at: datetime | None = None


@dataclass
class Paper:
    """Sessions, each with its span and its places, and every slip there ever was."""

    spans: dict[int, When]
    places: dict[int, int]
    slips: list[Slip] = field(default_factory=list)
    gone: set[int] = field(default_factory=set)
    seqs: count[int] = field(default_factory=lambda: count(1))

    def begin(self, now: datetime) -> None:
        """Offers end, each at its own instant."""
        while due := sorted({slip.expires_at for slip in self.slips if slip.expires_at is not None and slip.expires_at <= now}):
            for slip in [one for one in self.slips if one.expires_at == due[0]]:
                over = due[0] >= self.closes(slip.slot) or slip.lapses + 1 >= DEFAULTS.lapses
                slip.lapses += 1
                self.become(slip, "expired" if over else "waitlisted")
                if not over:
                    slip.seq = next(self.seqs)
            self.walk(due[0])

    def closes(self, slot: int) -> datetime:
        return self.spans[slot].starts_at - timedelta(minutes=15)

    def become(self, slip: Slip, state: str) -> None:
        slip.state = state
        if state != "offered":
            slip.started, slip.answer_by, slip.expires_at = False, None, None

    def at_that_time(self, slip: Slip, state: str) -> list[Slip]:
        """What the same person has in this state while that session lasts."""
        span = self.spans[slip.slot]
        return [
            one
            for one in self.slips
            if one.person == slip.person
            and one is not slip
            and one.state == state
            and self.spans[one.slot].starts_at < span.ends_at
            and span.starts_at < self.spans[one.slot].ends_at
        ]

    def walk(self, now: datetime) -> None:
        """Each free place to the first whose turn it is, again and again until nothing moves."""
        moved = True
        while moved:
            moved = False
            for slot in sorted(self.spans, key=lambda slot: (self.spans[slot].starts_at, slot)):
                for slip in sorted((one for one in self.slips if one.slot == slot and one.state == "waitlisted"), key=lambda one: one.seq):
                    taken = sum(one.slot == slot and one.state in HAS for one in self.slips)
                    if taken >= self.places[slot] or now >= self.closes(slot):
                        break
                    if self.at_that_time(slip, "offered"):
                        continue
                    moved = True
                    old = self.at_that_time(slip, "confirmed")
                    if old and not slip.swap:
                        slip.state = "offered"
                        slip.answer_by = rules.swap_by(self.spans[slot], "Europe/Paris", DEFAULTS, offered_at=now)
                        slip.expires_at = self.closes(slot)
                    else:
                        self.become(slip, "confirmed")
                        for one in old:
                            self.become(one, "cancelled")

    def live(self, person: int, slot: int) -> Slip | None:
        return next((one for one in self.slips if (one.person, one.slot) == (person, slot) and one.state in LIVE), None)

    # -- commands ------------------------------------------------------------------------------------------------------

    def enrol(self, person: int, slot: int, swap: bool, now: datetime) -> None:
        self.begin(now)
        if self.live(person, slot):
            return
        if person in self.gone:
            raise Refused("enrolment.not_seated")
        if now >= self.closes(slot):
            raise Refused("enrolment.too_late")
        self.slips.append(Slip(person, slot, next(self.seqs), swap))
        self.walk(now)

    def leave_session(self, slip: Slip, now: datetime) -> None:
        self.begin(now)
        if slip.state in LIVE:
            self.become(slip, "cancelled")
            self.walk(now)

    def accept_swap(self, slip: Slip, now: datetime) -> None:
        self._answer(slip, "confirmed", now)

    def decline_swap(self, slip: Slip, now: datetime) -> None:
        self._answer(slip, "declined", now)

    def _answer(self, slip: Slip, state: str, now: datetime) -> None:
        self.begin(now)
        if slip.state == state:
            return
        if slip.state != "offered":
            raise Refused("offer.over")
        self.become(slip, state)
        for one in self.at_that_time(slip, "confirmed") if state == "confirmed" else ():
            self.become(one, "cancelled")
        self.walk(now)

    def set_swap(self, slip: Slip, swap: bool, now: datetime) -> None:
        self.begin(now)
        if slip.state != "waitlisted":
            raise Refused("enrolment.not_waiting")
        slip.swap = swap
        self.walk(now)

    def mailed(self, person: int, now: datetime) -> None:
        self.begin(now)
        for slip in self.slips:
            if slip.person == person and slip.state == "offered" and not slip.started:
                counted = rules.swap_by(self.spans[slip.slot], "Europe/Paris", DEFAULTS, offered_at=now)
                slip.started = True
                slip.answer_by = slip.expires_at = max(slip.answer_by or counted, counted)

    def give_back(self, person: int, now: datetime) -> None:
        self.begin(now)
        self.gone.add(person)
        for slip in self.slips:
            if slip.person == person and slip.state in LIVE:
                self.become(slip, "cancelled")
        self.walk(now)

    def change(self, slot: int, places: int, span: When, now: datetime) -> None:
        self.begin(now)
        self.places[slot], self.spans[slot] = places, span
        self.walk(now)

    def tend(self, now: datetime) -> None:
        self.begin(now)
        self.walk(now)


def somebody(number: int) -> Character:
    return Character(f"Personne{number}", "Exemple")


class Sessions(RuleBasedStateMachine):
    """The same commands on paper and on a database."""

    reached: ClassVar[Counter[str]] = Counter()
    database: ClassVar[Database]

    @initialize(spans=st.lists(st.sampled_from(SPANS), min_size=2, max_size=4), places=st.lists(st.integers(0, 2), min_size=4, max_size=4))
    def opens(self, spans: list[tuple[datetime, datetime]], places: list[int]) -> None:
        self.now = DAY - timedelta(days=3)
        self.house = House(self.database, limit=PEOPLE, slug=f"sessions-{next(serial)}")
        self.event_id = self.house.event.id
        self.people = [self.house.register(somebody(number), now=NOW).registration for number in range(PEOPLE)]
        self.paper = Paper({}, {})
        self.slots = {}
        for number, (span, most) in enumerate(zip(spans, places, strict=False)):
            with self.database.writing() as session:
                self.slots[number] = actions.open_slot(
                    session,
                    event_id=self.event_id,
                    title={"fr": f"{number}"},
                    starts_at=span[0],
                    ends_at=span[1],
                    places=most,
                    actor=OPERATOR,
                    now=self.now,
                )
            self.paper.spans[number], self.paper.places[number] = When(*span), most

    @rule(person=st.integers(0, PEOPLE - 1), slot=st.integers(0, 3), swap=st.booleans())
    def enrols(self, person: int, slot: int, swap: bool) -> None:
        slot %= len(self.slots)
        more = {"registration_id": self.people[person].id, "position": 1, "slot_public_id": self.slots[slot].public_id, "swap": swap}
        self.do("enrol", (person, slot, swap), actions.enrol, actor=ANONYMOUS, **more)

    @rule(person=st.integers(0, PEOPLE - 1))
    def enrols_for_all(self, person: int) -> None:
        for slot in self.slots:
            self.enrols(person, slot, False)

    @rule(pick=st.integers(0, 99), verb=st.sampled_from(["leave_session", "leave_session", "accept_swap", "decline_swap"]))
    def answers(self, pick: int, verb: str) -> None:
        self.about(pick, verb)

    @rule(pick=st.integers(0, 99), verb=st.sampled_from(["accept_swap", "decline_swap"]))
    def chooses(self, pick: int, verb: str) -> None:
        self.about(pick, verb, only="offered")

    @rule(person=st.integers(0, PEOPLE - 1), then=st.sampled_from(["accept_swap", "decline_swap", "silence"]))
    def has_to_choose(self, person: int, then: str) -> None:
        """Somebody has a place, is given another at the same time, and answers or does not."""
        for slot, span in ((0, SPANS[0]), (1, SPANS[3])):
            taken = sum(one.slot == slot and one.state in HAS for one in self.paper.slips)
            waiting = sum(one.slot == slot and one.state == "waitlisted" for one in self.paper.slips)
            self.is_changed(slot, taken + waiting + 1, span)
            self.enrols(person, slot, False)
        for slip in [one for one in self.paper.slips if one.person == person and one.state == "offered"][-1:]:
            if then == "silence":
                self.mails_leave(person)
                self.now = min(max(self.now, slip.expires_at or self.now), NINE)
                self.do("tend", (), actions.tend)
            else:
                self.about(self.paper.slips.index(slip), then)

    @rule(pick=st.integers(0, 99), swap=st.booleans())
    def wishes(self, pick: int, swap: bool) -> None:
        self.about(pick, "set_swap", swap, only="waitlisted", swap=swap)

    @rule(person=st.integers(0, PEOPLE - 1))
    def mails_leave(self, person: int) -> None:
        self.do("mailed", (person,), actions.started, public_id=self.people[person].public_id)

    @rule(person=st.integers(2, PEOPLE - 1))
    def leaves_the_event(self, person: int) -> None:
        if len(self.paper.slips) > PEOPLE:
            more = {"registration_id": self.people[person].id, "by_organiser": False, "actor": ANONYMOUS}
            self.do("give_back", (person,), actions.give_back, **more)

    @rule(slot=st.integers(0, 3), places=st.integers(0, 3), span=st.one_of(st.none(), st.sampled_from(SPANS)))
    def is_changed(self, slot: int, places: int, span: tuple[datetime, datetime] | None) -> None:
        slot %= len(self.slots)
        when = When(*span) if span else self.paper.spans[slot]
        more = {"slot_id": self.slots[slot].id, "title": {"fr": f"{slot}"}, "starts_at": when.starts_at, "ends_at": when.ends_at}
        self.do("change", (slot, places, when), actions.change_slot, places=places, actor=OPERATOR, **more)

    @rule(step=st.sampled_from(STEPS))
    def time_goes_by(self, step: timedelta) -> None:
        self.now = min(self.now + step, NINE)

    @rule(step=st.sampled_from(STEPS))
    def the_worker_comes_by(self, step: timedelta) -> None:
        self.now = min(self.now + step, NINE)
        self.do("tend", (), actions.tend)

    def about(self, pick: int, verb: str, *on_paper: object, only: str = "", **more: object) -> None:
        """A command about one of the slips, if there is any."""
        slips = [slip for slip in self.paper.slips if not only or slip.state == only]
        if not slips:
            return
        slip = slips[pick % len(slips)]
        with self.database.reading() as session:
            row = queries.all_enrolments(session, self.event_id)[self.paper.slips.index(slip)]
        about = {"registration_id": self.people[slip.person].id, "public_id": row.public_id, "actor": ANONYMOUS}
        self.do(verb, (slip, *on_paper), getattr(actions, verb), **about, **more)

    def do(self, verb: str, on_paper: tuple[object, ...], action: Any, **more: object) -> None:
        """The same here and there: the same refusal, or the same outcome."""
        said: list[str] = []
        try:
            getattr(self.paper, verb)(*on_paper, self.now)
            said.append("done")
        except Refused as refused:
            said.append(refused.code)
        try:
            with self.database.writing() as session:
                action(session, event_id=self.event_id, now=self.now, **more)
            said.append("done")
        except Refused as refused:
            said.append(refused.code)
            with self.database.writing() as session:  # what the clock has brought was rolled back with the refusal
                actions.tend(session, event_id=self.event_id, now=self.now)
        assert said[0] == said[1], (verb, said)
        self.reached[f"{verb}: {said[0]}"] += 1
        self.compare()

    def compare(self) -> None:
        with self.database.reading() as session:
            rows = queries.all_enrolments(session, self.event_id)
            numbers = {slot.id: number for number, slot in self.slots.items()}
            people = {registration.id: number for number, registration in enumerate(self.people)}
            there = [
                (people[row.attendee.registration_id], numbers[row.slot_id], row.state, row.swap, row.lapses, row.answer_by, row.expires_at)
                for row in rows
            ]
            taken = {numbers[slot.id]: slot.quota.used for slot in queries.slots(session, self.event_id)}
            assert list(faults(session, session.get_one(Event, self.event_id), self.now)) == []
        here = [(one.person, one.slot, one.state, one.swap, one.lapses, one.answer_by, one.expires_at) for one in self.paper.slips]
        assert there == here
        assert taken == {slot: sum(one.slot == slot and one.state in HAS for one in self.paper.slips) for slot in self.slots}
        for one in here:
            self.reached[one[2]] += 1


@pytest.fixture
def machine(database: Database) -> type[Sessions]:
    class OnDatabase(Sessions):
        reached: ClassVar[Counter[str]] = Counter()

    OnDatabase.database = database
    return OnDatabase


@pytest.mark.slow
def test_a_database_comes_to_what_paper_comes_to(machine: type[Sessions]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25 * TIMES,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.generate],
        ),
    )

    reached = machine.reached
    wanted = (
        "enrol: done",
        "accept_swap: done",
        "accept_swap: offer.over",
        "decline_swap: done",
        "set_swap: done",
    )
    assert [
        one
        for one in (*wanted, "give_back: done", "change: done", "mailed: done", "declined", "expired", "cancelled", "offered")
        if not reached[one]
    ] == []
