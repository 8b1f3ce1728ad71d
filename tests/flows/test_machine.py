"""Any commands, in any order, at any time: the invariants hold on paper, and both databases come to what paper comes to."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from eventapp.cli.state import faults
from eventapp.events.models import Event
from eventapp.lib.db import Database
from eventapp.lib.refusal import Refused
from eventapp.people.rules import OPERATOR
from eventapp.registration import actions, queries, rules
from eventapp.registration.models import Registration
from eventapp.registration.rules import SEATED, TERMINAL, AutoUntil, State
from tests.cast import Character
from tests.factories import KEYS
from tests.registration.agreement import agree, built, parties
from tests.registration.machine import Hall, Member, Paper, by_hand, shared

DOORS = datetime.fromisoformat("2027-09-23T16:00:00+00:00")
HOUR = timedelta(hours=1)
BEFORE_DOORS = [timedelta(days=20), timedelta(days=8), timedelta(days=7, hours=1), timedelta(days=4), timedelta(hours=26), 6 * HOUR]
STEPS = [timedelta(seconds=1), timedelta(minutes=10), HOUR, 3 * HOUR, 11 * HOUR, timedelta(days=1), timedelta(days=3)]
WISHES = st.sampled_from([None, *AutoUntil])
HALL, OWN, ALLOTMENT = 1, 2, 3
CHARGED = {1: [HALL], 2: [HALL, OWN], 3: [HALL, ALLOTMENT]}
TIMES = int(os.environ.get("MACHINE", "1"))
"""The length of a run: 1 in the suite, more by `make soak PART=machine`."""
serial = count()
QUIET = {"close", "started", "tell"}
"""Commands that seat nobody."""


class Line(RuleBasedStateMachine):
    """Commands on paper, with the invariants of the line after each."""

    reached: ClassVar[Counter[str]] = Counter()

    @initialize(
        start=st.sampled_from(BEFORE_DOORS),
        limits=st.tuples(st.integers(0, 14), st.integers(0, 6), st.integers(0, 5)),
        guard=st.sampled_from([timedelta(days=10), timedelta(days=7), timedelta(days=2), 5 * HOUR]),
    )
    def opens(self, start: timedelta, limits: tuple[int, int, int], guard: timedelta) -> None:
        self.now = DOORS - start
        self.harmed = False
        hall, own, allotment = limits
        halls = {HALL: Hall(HALL, hall), OWN: Hall(OWN, own), ALLOTMENT: Hall(ALLOTMENT, allotment, HALL, DOORS - guard)}
        self.paper = Paper(halls, CHARGED, rules.calendar_of(DOORS, "Europe/Paris"), self.now)
        self.prepare()

    def prepare(self) -> None:
        """Make ready what paper is compared with."""

    def real(self, verb: str, *about: Any) -> str | None:
        """Do the same elsewhere; the code of a refusal, or nothing. None: there is no elsewhere."""
        return None

    def compare(self) -> None:
        """What came of it there is what came of it on paper."""

    # -- commands ------------------------------------------------------------------------------------------------------

    @rule(kind=st.sampled_from([1, 1, 2, 3]), size=st.sampled_from([1, 1, 1, 2, 3, 4]), wish=WISHES, partial=st.booleans())
    def register(self, kind: int, size: int, wish: str | None, partial: bool) -> None:
        self.do("register", kind, size, wish, partial and size > 1)

    @rule(kind=st.sampled_from([1, 2, 3]), size=st.integers(1, 3))
    def registers_again(self, kind: int, size: int) -> None:
        self.do("register", kind, size, None, False)

    @rule(kind=st.sampled_from([1, 1, 2, 3]), size=st.sampled_from([1, 1, 2, 3]), wish=WISHES, partial=st.booleans())
    def registers_unproved(self, kind: int, size: int, wish: str | None, partial: bool) -> None:
        self.do("register_unproved", kind, size, wish, partial and size > 1)

    @rule(pick=st.integers(0, 99))
    def verifies(self, pick: int) -> None:
        self.about("verify", pick, [State.HELD])
        self.about("verify", pick, [State.WAITLISTED])

    @rule(size=st.integers(1, 2), then=st.sampled_from(["verify", "extend", "give_back", "revoke", "silence", "silence"]))
    def is_held(self, size: int, then: str) -> None:
        """Somebody comes where there is room, and has an address to prove."""
        self.do("set_limit", HALL, min(14, self.paper.halls[HALL].used + self.guarded() + size))
        self.do("register_unproved", 1, size, None, False)
        for member in self.paper.of(State.HELD)[-1:]:
            if then == "silence":
                self.proofs_end(2)
            elif then == "extend":
                self.do("extend", member, False)
                self.do("started", member)
                self.do("extend", member, True)
            elif then == "give_back":
                self.do("give_back", member, size)
            else:
                self.harmed = self.harmed or then == "revoke"
                self.do(then, member)

    @rule(times=st.integers(1, 3))
    def proofs_end(self, times: int) -> None:
        """Mails leave, and the clock comes to the next end of the wait for a proof."""
        for _ in range(times):
            owing = [member for member in self.paper.of(State.HELD, State.WAITLISTED) if not member.proved]
            for member in owing:
                if member.started_at is None:
                    self.do("started", member)
            ends = [member.expires_at for member in owing]
            self.now = max(self.now, min((end for end in ends if end is not None), default=self.now))
            self.worker_comes_by()

    @rule(pick=st.integers(0, 99), persons=st.sampled_from([1, 4, 4]))
    def gives_back(self, pick: int, persons: int) -> None:
        self.about("give_back", pick, [State.CONFIRMED, State.OFFERED, State.WAITLISTED], persons)

    @rule(pick=st.integers(0, 99), persons=st.sampled_from([1, 4]))
    def gives_an_offer_back(self, pick: int, persons: int) -> None:
        self.about("give_back", pick, [State.OFFERED], persons)

    @rule(pick=st.integers(0, 99))
    def accepts(self, pick: int) -> None:
        self.about("accept", pick, [State.OFFERED])

    @rule(pick=st.integers(0, 99))
    def declines(self, pick: int) -> None:
        self.about("decline", pick, [State.OFFERED])

    @rule(pick=st.integers(0, 99), by_organiser=st.booleans())
    def asks_for_time(self, pick: int, by_organiser: bool) -> None:
        self.about("extend", pick, [State.OFFERED], by_organiser)
        self.about("extend", pick, [State.OFFERED], False)
        self.about("extend", pick, [State.HELD], by_organiser)

    @rule(pick=st.integers(0, 99), wish=st.sampled_from(AutoUntil), partial=st.booleans())
    def wishes(self, pick: int, wish: AutoUntil, partial: bool) -> None:
        self.about("wish", pick, [State.WAITLISTED, State.OFFERED], str(wish), partial)

    @rule(pick=st.integers(0, 99), size=st.integers(1, 5))
    def is_of_another_size(self, pick: int, size: int) -> None:
        self.about("resize", pick, [State.WAITLISTED], size)

    @rule(pick=st.integers(0, 99), by=st.integers(1, 3))
    def brings_more(self, pick: int, by: int) -> None:
        self.about("enlarge", pick, [State.CONFIRMED], by)

    @rule(pick=st.integers(0, 99), kind=st.sampled_from([1, 2, 3]))
    def takes_another_type(self, pick: int, kind: int) -> None:
        self.about("change_type", pick, [State.CONFIRMED, State.WAITLISTED], kind)
        self.about("change_type", pick + 1, [State.CONFIRMED], kind % 3 + 1)

    @rule(pick=st.integers(0, 99))
    def passes_a_place_on(self, pick: int) -> None:
        self.about("transfer", pick, [State.CONFIRMED])

    @rule(pick=st.integers(0, 99))
    def is_revoked(self, pick: int) -> None:
        self.harmed = True
        self.about("revoke", pick, [State.CONFIRMED, State.OFFERED, State.HELD])

    @rule(hall=st.sampled_from([HALL, HALL, OWN, ALLOTMENT]), limit=st.integers(0, 14))
    def has_another_limit(self, hall: int, limit: int) -> None:
        self.do("set_limit", hall, limit)

    @rule(pick=st.integers(0, 99))
    def mail_leaves(self, pick: int) -> None:
        self.about("started", pick, [State.OFFERED])
        self.about("started", pick, [State.HELD, State.WAITLISTED])

    @rule()
    def is_tended(self) -> None:
        self.worker_comes_by()

    @rule()
    def is_told(self) -> None:
        self.do("tell")

    @precondition(lambda self: self.now >= DOORS)
    @rule(late=st.sampled_from([timedelta(0), timedelta(0), timedelta(days=2)]))
    def is_closed(self, late: timedelta) -> None:
        """The event ends, and the worker comes by in time or days later."""
        self.now = max(self.now, self.paper.closes_at + late)
        self.do("close")

    @rule(size=st.sampled_from([1, 1, 2]), seats=st.integers(1, 2), told=st.booleans())
    def is_asked(self, size: int, seats: int, told: bool) -> None:
        """Somebody joins who wishes to be asked, and a seat comes free."""
        self.do("register", 1, size, str(AutoUntil.NEVER), False)
        self.do("set_limit", HALL, min(14, self.paper.halls[HALL].used + self.guarded() + seats))
        for member in self.paper.of(State.OFFERED) if told else []:
            if member.started_at is None:
                self.do("started", member)

    @rule(
        size=st.sampled_from([1, 2]), answer=st.sampled_from(["accept", "decline", "extend", "extend", "give_back", "silence", "silence"])
    )
    def is_asked_and_answers(self, size: int, answer: str) -> None:
        self.is_asked(size, 2, True)
        for member in self.paper.of(State.OFFERED)[-1:]:
            if answer == "silence":
                self.offers_end(2)
            elif answer == "extend":
                self.do("extend", member, False)
                self.do("extend", member, False)
            elif answer == "give_back":
                self.do("give_back", member, 1)
            else:
                self.do(answer, member)

    @rule(pick=st.integers(0, 99))
    def loses_a_seat(self, pick: int) -> None:
        """There are fewer seats than were given: one is taken back."""
        seated = [member for member in self.paper.of(State.CONFIRMED, State.OFFERED) if HALL in CHARGED[member.ticket_type_id]]
        if seated:
            self.harmed = True
            self.do("set_limit", HALL, self.paper.halls[HALL].used - 1)
            self.do("revoke", seated[pick % len(seated)])

    def guarded(self) -> int:
        allotment = self.paper.halls[ALLOTMENT]
        free = allotment.limit - allotment.used
        return max(0, free) if allotment.protected_until is not None and self.now < allotment.protected_until else 0

    @rule(step=st.sampled_from(STEPS))
    def time_passes(self, step: timedelta) -> None:
        self.now += step

    @rule(times=st.integers(1, 4))
    def offers_end(self, times: int) -> None:
        """Mails leave, and the clock comes to the next end of an offer."""
        for _ in range(times):
            for member in self.paper.of(State.OFFERED):
                if member.started_at is None:
                    self.do("started", member)
            ends = [member.expires_at for member in self.paper.of(State.OFFERED)]
            self.now = max(self.now, min((end for end in ends if end is not None), default=self.now))
            self.worker_comes_by()

    def about(self, verb: str, pick: int, usual: list[State], *more: Any) -> None:
        """A command about a party: mostly one of those it is usual for, sometimes any."""
        members = self.paper.of(*usual) if pick % 7 else self.paper.members
        if members:
            self.do(verb, members[pick % len(members)], *more)

    def worker_comes_by(self) -> None:
        """What is due is done; then nothing can be found that does not add up."""
        self.do("tend")
        self.do("close")
        self.verified()

    def verified(self) -> None:
        """Paper has nothing to verify."""

    def do(self, verb: str, *about: Any) -> None:
        """The command on paper and elsewhere; then everything must be right."""
        paper = self.paper
        before = [(member, member.state, member.seq, self.position(member)) for member in paper.members]
        used = {hall.id: (hall.used, hall.limit) for hall in paper.halls.values()}
        refused, granted, kept = "", len(paper.grants), self.memory()
        try:
            getattr(paper, verb)(*about, self.now)
        except Refused as no:
            refused = no.code
            self.forget(kept)
        assert self.real(verb, *about) in {None, refused}
        self.reached[f"{verb}: {refused or 'done'}"] += 1
        for member, state, _seq, _position in before:
            if member.state != state:
                self.reached[f"{state} → {member.state}"] += 1
        self.check(before, used, paper.grants[granted:])
        if not refused and verb not in QUIET:
            assert by_hand(paper, self.now) == [], "somebody waits beside a free seat"
        self.compare()

    def memory(self) -> dict[str, Any]:
        """Everything on paper, to go back to."""
        paper = self.paper
        halls = {hall.id: vars(hall).copy() for hall in paper.halls.values()}
        members = [(member, vars(member).copy()) for member in paper.members]
        return {"halls": halls, "members": members, "rest": (len(paper.mails), len(paper.grants), paper.next_seq, paper.settled_at)}

    def forget(self, kept: dict[str, Any]) -> None:
        """A refusal leaves no trace: what the clock had brought comes again with the next command."""
        paper = self.paper
        for hall_id, values in kept["halls"].items():
            vars(paper.halls[hall_id]).update(values)
        paper.members = [member for member, _values in kept["members"]]
        for member, values in kept["members"]:
            vars(member).update(values)
        mails, grants, paper.next_seq, paper.settled_at = kept["rest"]
        del paper.mails[mails:], paper.grants[grants:]

    # -- what is always true -------------------------------------------------------------------------------------------

    def position(self, member: Member) -> int | None:
        """The place of one who waits among those who share a quota with it."""
        if member.state != State.WAITLISTED:
            return None
        line = self.paper.waiting()
        return sum(1 for other in line[: line.index(member)] if shared(self.paper, member, other))

    def check(self, before: list[tuple[Member, str, int | None, int | None]], used: dict[int, tuple[int, int]], grants: list[Any]) -> None:
        paper = self.paper
        for hall in paper.halls.values():
            taken = sum(member.size for member in paper.members if member.state in SEATED and hall.id in CHARGED[member.ticket_type_id])
            assert hall.used == taken, "conservation"
            assert hall.used <= max(hall.limit, *used[hall.id]), "oversold"  # the clock's work came before another limit
        for member, state, seq, position in before:
            assert state not in TERMINAL or member.state == state, "alive again"
            now = self.position(member)
            if position is not None and now is not None and member.seq == seq and not self.harmed:
                assert now <= position, "a place got worse"
        for at, member in grants:
            assert at < paper.calendar.freeze_at, "granted after the freeze"
            assert member.proved, "granted without a proof"


def length(examples: int, steps: int) -> settings:
    """So many runs of so many steps, or more. MACHINE_SHRINK=no says at once that something is wrong, and does not look for the shortest way there."""
    phases = [Phase.generate] if os.environ.get("MACHINE_SHRINK") == "no" else list(Phase)
    return settings(
        max_examples=examples * TIMES,
        stateful_step_count=steps,
        phases=phases,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


EACH = (
    *("confirmed → cancelled", "waitlisted → cancelled", "offered → cancelled", "confirmed → revoked", "confirmed → waitlisted"),
    *("waitlisted → confirmed", "waitlisted → offered", "offered → confirmed", "offered → declined", "offered → waitlisted"),
    *("offered → expired", "register: done", "register: registration.closed", "accept: offer.over", "extend: done", "wish: done"),
    *("extend: offer.extended_already", "set_limit: done", "started: done", "tell: done"),
    *("close: done", "set_limit: event.closed", "register: event.closed"),
    *(
        "held → confirmed",
        "held → cancelled",
        "held → expired",
        "held → revoked",
        "waitlisted → expired",
        "verify: done",
        "verify: proof.over",
    ),
    *("resize: done", "enlarge: done", "change_type: done", "change_type: registration.quota_full"),
    *("transfer: done", "transfer: transfer.waiting", "transfer: transfer.rest"),
)


@pytest.mark.trust("P-9")
def test_on_paper_whatever_is_commanded_every_promise_is_kept() -> None:
    class Counted(Line):
        reached: ClassVar[Counter[str]] = Counter()

    for _ in range(12):  # until each has been reached often enough to mean something
        run_state_machine_as_test(Counted, settings=length(250, 100))
        seldom = {transition: Counted.reached[transition] for transition in EACH if Counted.reached[transition] < 50}
        if not seldom:
            break

    assert seldom == {}


class Real(Line):
    """The same commands on a database, compared with paper after each."""

    database: Database

    def prepare(self) -> None:
        self.house, self.kinds, self.halls = built(self.database, self.paper, slug=f"ligne-{next(serial)}")
        self.event_id = self.house.event.id
        self.rows: list[Registration] = []

    def real(self, verb: str, *about: Any) -> str:
        try:
            getattr(self, f"_{verb}")(*about)
        except Refused as refused:
            return refused.code
        return ""

    def _about(self, action: Callable[..., Any], member: Member, **more: Any) -> None:
        with self.database.writing() as session:
            registration_id = self.rows[member.number].id
            action(session, event_id=self.event_id, registration_id=registration_id, actor=OPERATOR, now=self.now, **more)

    def _register(self, kind: int, size: int, wish: str | None, partial: bool) -> None:
        character = Character(f"P{next(serial)}", "Démo")
        wished = {"auto_until": wish, "accept_partial": partial, "ticket_type_id": self.kinds[kind]}
        self.house.register(character, size=size, now=self.now, **wished)

    def _register_unproved(self, kind: int, size: int, wish: str | None, partial: bool) -> None:
        wished = {"auto_until": wish, "accept_partial": partial, "ticket_type_id": self.kinds[kind], "hasty": True}
        self.house.register(Character(f"P{next(serial)}", "Démo"), size=size, now=self.now, **wished)

    def _verify(self, member: Member) -> None:
        self._about(actions.verify, member)

    def _give_back(self, member: Member, persons: int) -> None:
        with self.database.reading() as session:
            pairs = queries.attendees_of(session, [self.rows[member.number].id])[self.rows[member.number].id]
        leaving = None if persons >= len(pairs) else [attendee.id for attendee, _ticket in pairs[-persons:]]
        self._about(actions.give_back, member, attendee_ids=leaving, by_organiser=False)

    def _accept(self, member: Member) -> None:
        self._about(actions.accept, member)

    def _decline(self, member: Member) -> None:
        self._about(actions.decline, member)

    def _extend(self, member: Member, by_organiser: bool) -> None:
        self._about(actions.extend, member, version=self.rows[member.number].version, by_organiser=by_organiser)

    def _wish(self, member: Member, auto_until: str, partial: bool) -> None:
        self._about(actions.wish, member, auto_until=auto_until, accept_partial=partial)

    def _resize(self, member: Member, size: int) -> None:
        self._about(actions.resize, member, size=size, version=None, by_organiser=False, keys=KEYS)

    def _enlarge(self, member: Member, by: int) -> None:
        self._about(actions.enlarge, member, by=by, version=None, by_organiser=False, keys=KEYS)

    def _change_type(self, member: Member, kind: int) -> None:
        self._about(actions.change_type, member, ticket_type_id=self.kinds[kind], version=None, by_organiser=False)

    def _transfer(self, member: Member) -> None:
        number, row = next(serial), self.rows[member.number]
        with self.database.writing() as session:
            pairs = queries.attendees_of(session, [row.id])[row.id]
            position = pairs[-1][0].position if pairs else 1
            wanted = actions.Transfer(
                key=f"machine-{number}",
                public_id=row.public_id,
                position=position,
                first_name=f"P{number}",
                last_name="Démo",
                email=f"p{number}@demo.test",
            )
            actions.transfer(session, event_id=self.event_id, transfer=wanted, keys=KEYS, actor=OPERATOR, now=self.now)

    def _revoke(self, member: Member) -> None:
        self._about(actions.revoke, member, reason="Essai.")

    def _set_limit(self, hall: int, limit: int) -> None:
        with self.database.writing() as session:
            actions.set_limit(session, event_id=self.event_id, quota_id=self.halls[hall], limit=limit, actor=OPERATOR, now=self.now)

    def _started(self, member: Member) -> None:
        with self.database.writing() as session:
            actions.started(session, event_id=self.event_id, public_id=self.rows[member.number].public_id, now=self.now)

    def _tend(self) -> None:
        with self.database.writing() as session:
            actions.tend(session, event_id=self.event_id, now=self.now)

    def _tell(self) -> None:
        with self.database.writing() as session:
            actions.tell_the_line(session, event_id=self.event_id, now=self.now)

    def _close(self) -> None:
        with self.database.writing() as session:
            actions.close(session, event_id=self.event_id, now=self.now)

    def teardown(self) -> None:
        if hasattr(self, "paper"):
            self.worker_comes_by()

    def verified(self) -> None:
        self.reached["verified"] += 1
        with self.database.reading() as session:
            assert list(faults(session, session.get_one(Event, self.event_id), self.now)) == []

    def compare(self) -> None:
        with self.database.reading() as session:
            self.rows = parties(session, self.event_id)
            agree(session, self.event_id, self.paper, kinds=self.kinds, halls=self.halls)


@pytest.fixture
def machine(database: Database) -> type[Real]:
    class OnDatabase(Real):
        reached: ClassVar[Counter[str]] = Counter()

    OnDatabase.database = database
    return OnDatabase


@pytest.mark.slow
def test_a_database_comes_to_what_paper_comes_to(machine: type[Real]) -> None:
    run_state_machine_as_test(machine, settings=length(40, 40))

    assert sum(machine.reached.values()) > 1_000 * TIMES
    assert machine.reached["verified"] >= 100, "states in which nothing was wrong, and nothing was found"
