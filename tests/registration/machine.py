"""The line on paper: the commands of an event settled in plain Python over the rules, without database, lock or mail.

`Paper` says what `registration.actions` must come to. It shares the rules with them and nothing else: who is next is asked of
`rules.grants`, and checked against `by_hand`, which walks the whole line one party after the other.
A new command of the house gets one method here, one in `tests/flows/test_machine.py`'s `Real`, and one rule of its machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from eventapp.lib.refusal import Refused
from eventapp.registration import rules
from eventapp.registration.rules import EVERYONE, HARMED, LIVE, SEATED, TERMINAL, State

HALF_AN_HOUR, TWO_DAYS = timedelta(minutes=30), timedelta(days=2)


@dataclass
class Hall:
    """A quota."""

    id: int
    limit: int
    protects_id: int | None = None
    protected_until: datetime | None = None
    used: int = 0
    ceiling: int = 0


@dataclass(eq=False)
class Member:
    """A party; `origin` is the number of the party that it is a part of."""

    ticket_type_id: int
    size: int
    seq: int | None
    auto_until: str
    accept_partial: bool
    line_class: int = EVERYONE
    number: int = -1
    origin: int | None = None
    state: str = State.WAITLISTED
    lapses: int = 0
    extensions: int = 0
    notice: str = ""
    asked_at: datetime | None = None
    started_at: datetime | None = None
    answer_by: datetime | None = None
    expires_at: datetime | None = None
    remind_at: datetime | None = None
    proved: bool = True
    closed: bool = False
    unasked: bool = False  # somebody new, who has a seat: nothing of theirs waits for a proof

    @property
    def told(self) -> tuple[object, ...]:
        """What a database must agree with."""
        return (
            *(str(self.state), self.size, self.line_class, self.seq, self.auto_until, self.accept_partial, self.lapses, self.extensions),
            *(self.asked_at, self.started_at, self.answer_by, self.expires_at, self.remind_at, self.notice),
        )


@dataclass(frozen=True)
class Kind:
    """A ticket type that is open from the beginning to the freeze."""

    opens_at: None = None
    closes_at: None = None
    max_party: int = 4
    waitlist_limit: None = None
    public: bool = True
    transferable: bool = True
    approval: bool = False


@dataclass
class Paper:
    """An event on paper."""

    halls: dict[int, Hall]
    charged: Mapping[int, list[int]]
    calendar: rules.Calendar
    settled_at: datetime
    members: list[Member] = field(default_factory=list)
    mails: list[tuple[int, str]] = field(default_factory=list)
    grants: list[tuple[datetime, Member]] = field(default_factory=list)
    next_seq: int = 1

    def __post_init__(self) -> None:
        for hall in self.halls.values():
            hall.ceiling = hall.limit

    @property
    def house(self) -> rules.House:
        """What the rule is told."""
        return rules.House(self.halls, self.charged, self.calendar)

    def of(self, *states: State) -> list[Member]:
        """The parties in these states."""
        return [member for member in self.members if member.state in states]

    def waiting(self) -> list[Member]:
        """Who waits, first to last; parts of one party, which have one place, by their shape."""
        return sorted(self.of(State.WAITLISTED), key=lambda one: (one.line_class, one.seq or 0, rules.shape_of(one), one.number))

    # -- commands ------------------------------------------------------------------------------------------------------

    def register(self, ticket_type_id: int, size: int, auto_until: str | None, accept_partial: bool, now: datetime) -> None:
        """A party asks."""
        self._register(ticket_type_id, size, auto_until, accept_partial, True, now)

    def register_unproved(self, ticket_type_id: int, size: int, auto_until: str | None, accept_partial: bool, now: datetime) -> None:
        """A party asks that has to prove its address, unless the doors are open."""
        self._register(ticket_type_id, size, auto_until, accept_partial, now >= self.calendar.doors_at, now)

    def _register(self, ticket_type_id: int, size: int, auto_until: str | None, accept_partial: bool, proved: bool, now: datetime) -> None:
        self.begin(now)
        rules.check_party(Kind(), self.house, size=size, event_state="published", by_organiser=False, now=now)
        newcomer = Member(ticket_type_id, size, self._place(), auto_until or self.calendar.usual_wish(now), accept_partial, proved=proved)
        seats = self.allocate(now, newcomer=newcomer)
        if 0 < seats < size:
            self._rest(newcomer, size - seats)
        self.mails.append((newcomer.number, "verify" if not proved else "confirmed" if seats else "waitlisted"))

    def verify(self, member: Member, now: datetime) -> None:
        """The address is proved, for the whole party."""
        self.begin(now)
        party = [one for one in self.members if self._origin(one) == self._origin(member)]
        if party[0].proved and not party[0].unasked:
            return
        owing = [one for one in party if not one.proved and one.state in LIVE]
        if not owing:
            raise Refused("proof.over")
        for one in owing:
            one.proved = True
            if one.state == State.HELD:
                self._become(one, State.CONFIRMED)
                self.mails.append((one.number, "confirmed"))
            else:
                self._become(one, one.state)
        self.allocate(now)

    def _ask_for_proof(self, member: Member, window: timedelta, now: datetime) -> None:
        member.asked_at, member.started_at = now, None
        member.answer_by, member.expires_at = min(now + window, self.calendar.doors_at), self.calendar.doors_at

    def _follow(self, member: Member) -> None:
        """The parts that owe a proof end with their party."""
        for part in self.members:
            if part.origin == member.number and not part.proved and part.state == State.WAITLISTED:
                part.asked_at, part.started_at = member.asked_at, member.started_at
                part.answer_by, part.expires_at = member.answer_by, member.expires_at

    def give_back(self, member: Member, persons: int, now: datetime) -> None:
        """A party leaves, or so many of it."""
        self.begin(now)
        if member.state in TERMINAL:
            return
        if persons >= member.size:
            self._become(member, State.CANCELLED)
            for part in self.members:
                if part.origin == member.number and part.state == State.WAITLISTED:
                    self._become(part, State.CANCELLED)
            self._allocate_and_tell({member.number: "cancelled"}, now)
        else:
            self._shrink(member, persons)
            self._allocate_and_tell({member.number: "resized"}, now)

    def resize(self, member: Member, size: int, now: datetime) -> None:
        """A party that waits becomes smaller, or larger."""
        self.begin(now)
        rules.check_change(rules.Change.SIZE, member.state)
        if size == member.size:
            return
        if size > member.size:
            self._check_party(size - member.size + self._persons(member), now)
            rules.check_line(Kind(), self.house, waiting_parties=0, now=now)
            member.seq = self._place()
        member.size = size
        self._allocate_and_tell({member.number: "resized"}, now)

    def enlarge(self, member: Member, by: int, now: datetime) -> None:
        """Persons come beside those who have seats."""
        self.begin(now)
        rules.check_change(rules.Change.MORE, member.state)
        self._check_party(by + self._persons(member), now)
        wish, partial = self.calendar.usual_wish(now), member.accept_partial and by > 1
        part = Member(member.ticket_type_id, by, self._place(), wish, partial, origin=self._origin(member))
        bag: dict[int, str] = {}
        seats = self.allocate(now, newcomer=part, bag=bag)
        if not seats:
            rules.check_line(Kind(), self.house, waiting_parties=0, now=now)
        if 0 < seats < by:
            self._rest(part, by - seats)
        self.mails.extend((bag | {part.number: "confirmed" if seats else "waitlisted"}).items())

    def change_type(self, member: Member, ticket_type_id: int, now: datetime) -> None:
        """A whole party takes another ticket type."""
        self.begin(now)
        if member.ticket_type_id == ticket_type_id:
            return
        bag: dict[int, str] = {}
        self.allocate(now, bag=bag)
        party = self._live_parts(member)
        for one in (member, *party):
            rules.check_change(rules.Change.TYPE, one.state)
        self._check_party(self._persons(member), now)
        old, new = self.charged[member.ticket_type_id], self.charged[ticket_type_id]
        seats = sum(one.size for one in party if one.state == State.CONFIRMED)
        if seats and rules.full_for_change(
            self._line(), self.house, now, size=seats, from_type_id=member.ticket_type_id, to_type_id=ticket_type_id
        ):
            raise Refused("registration.quota_full")
        self._take([hall for hall in new if hall not in old], seats)
        self._take([hall for hall in old if hall not in new], -seats)
        if any(one.state == State.WAITLISTED for one in party):
            rules.check_line(Kind(), self.house, waiting_parties=0, now=now)
        for one in party:
            one.ticket_type_id = ticket_type_id
            if one.state == State.WAITLISTED:
                one.seq = self._place()
        self._allocate_and_tell(bag | {party[0].number: "resized"}, now)

    def transfer(self, member: Member, now: datetime) -> None:
        """Somebody who is new here comes in the last place of a party: no hall is touched."""
        self.begin(now)
        rules.check_transfer(
            Kind(), event_state="published", state=member.state, doors_at=self.calendar.doors_at, by_organiser=True, now=now
        )
        taker = member
        if member.size > 1:
            member.size -= 1
            taker = Member(member.ticket_type_id, 1, None, member.auto_until, False, state=State.CONFIRMED, number=len(self.members))
            self.members.append(taker)
        elif any(part.origin == member.number and part.state in LIVE for part in self.members):
            raise Refused("transfer.rest")
        elif member.origin is not None:
            member.origin = member.seq = None
        taker.unasked = True
        self.mails += [(member.number, "transferred"), (taker.number, "transferred")]
        self.allocate(now)

    def _origin(self, member: Member) -> int:
        return member.number if member.origin is None else member.origin

    def _live_parts(self, member: Member) -> list[Member]:
        return [one for one in self.members if self._origin(one) == self._origin(member) and one.state in LIVE]

    def _persons(self, member: Member) -> int:
        return sum(one.size for one in self._live_parts(member))

    def _check_party(self, size: int, now: datetime) -> None:
        rules.check_party(Kind(), self.house, size=size, event_state="published", by_organiser=False, now=now)

    def _allocate_and_tell(self, bag: dict[int, str], now: datetime) -> None:
        self.allocate(now, bag=bag)
        self.mails.extend(bag.items())

    def accept(self, member: Member, now: datetime) -> None:
        """The seat is taken."""
        self._answer(member, State.CONFIRMED, "confirmed", now)

    def decline(self, member: Member, now: datetime) -> None:
        """The seat is left to the next."""
        self._answer(member, State.DECLINED, "declined", now)

    def _answer(self, member: Member, state: State, mail: str, now: datetime) -> None:
        self.begin(now)
        if member.state == state:
            return
        if member.state != State.OFFERED:
            raise Refused("offer.over")
        member.unasked = False  # whoever answers has the link
        self._become(member, state)
        self.mails.append((member.number, mail))
        self.allocate(now)

    def extend(self, member: Member, by_organiser: bool, now: datetime) -> None:
        """More time to answer."""
        self.begin(now)
        held = member.state == State.HELD
        if not (held or member.state == State.OFFERED) or member.answer_by is None:
            raise Refused("offer.over")
        own = [self.halls[hall] for hall in self.charged[member.ticket_type_id]]
        rules.check_extension(
            extensions=member.extensions,
            by_organiser=by_organiser and not held,
            in_deficit=rules.in_deficit(own),
            answer_by=member.answer_by,
            latest=self.calendar.doors_at if held else self.calendar.freeze_at,
        )
        longer = min(member.answer_by + HALF_AN_HOUR, self.calendar.doors_at)
        member.answer_by = longer if held else self.calendar.extended(member.answer_by)
        if member.started_at is not None:
            member.expires_at = member.answer_by
        member.extensions += 1
        if held:
            self._follow(member)
        self.mails.append((member.number, "verify" if held else "extended"))
        self.allocate(now)

    def wish(self, member: Member, auto_until: str, accept_partial: bool, now: datetime) -> None:
        """How to be seated."""
        self.begin(now)
        if member.state not in {State.WAITLISTED, State.OFFERED}:
            raise Refused("registration.not_waiting")
        member.auto_until, member.accept_partial = auto_until, accept_partial and member.size > 1
        self.allocate(now)

    def revoke(self, member: Member, now: datetime) -> None:
        """A seat is taken back."""
        self.begin(now)
        if member.state not in SEATED:
            raise Refused("registration.not_seated")
        deficit = rules.in_deficit(self.halls[hall] for hall in self.charged[member.ticket_type_id])
        if deficit:
            member.line_class = HARMED
            if member.seq is None:  # a new place, of which nothing has been told
                member.seq, member.notice = self._place(), ""
        held = member.state == State.HELD
        self._become(member, State.WAITLISTED if deficit else State.REVOKED)
        if deficit and held:
            self._ask_for_proof(member, TWO_DAYS, now)
            member.started_at, member.expires_at = now, member.answer_by
            self._follow(member)
        self.mails.append((member.number, "revoked"))
        self.allocate(now)

    def set_limit(self, hall_id: int, limit: int, now: datetime) -> None:
        """More seats, or fewer."""
        self.begin(now)
        hall = self.halls[hall_id]
        hall.limit, hall.ceiling = limit, max(limit, hall.used)
        self.allocate(now)

    def started(self, member: Member, now: datetime) -> None:
        """The mail of an offer has left."""
        self.settle(now)
        if member.started_at is not None or member.asked_at is None or member.answer_by is None:
            return
        member.started_at = now
        if member.state != State.OFFERED:
            member.answer_by = min(member.answer_by + (now - member.asked_at), self.calendar.doors_at)
            member.expires_at = member.answer_by
            self._follow(member)
            return
        member.answer_by = max(member.answer_by, self.calendar.answer_by(member.asked_at, counted_from=now))
        member.expires_at = member.answer_by
        member.remind_at = rules.remind_at(now, member.answer_by)

    def tend(self, now: datetime) -> None:
        """The worker's minute."""
        self.settle(now)
        self.allocate(now)
        for member in self.of(State.OFFERED) if now < self.closes_at else []:
            if member.remind_at is not None and member.remind_at <= now:
                member.remind_at = None
                self.mails.append((member.number, "reminder"))

    def tell(self, now: datetime) -> None:
        """All who wait are told once what the phase means for them."""
        notice = rules.notice(self.calendar, now)
        for member in self.waiting() if notice else []:
            if member.proved and member.notice != notice:
                member.notice = notice or ""
                if not (notice == "last_day" and member.auto_until == rules.AutoUntil.FREEZE):
                    self.mails.append((member.number, notice or ""))

    def close(self, now: datetime) -> None:
        """An hour after the end what still waits ends; a party is told once, and nobody days later."""
        for member in self.of(*rules.UNANSWERED) if now >= self.closes_at else []:
            self._become(member, State.EXPIRED)
            first = not any(one.closed for one in self.members if self._origin(one) == self._origin(member))
            member.closed = True
            if first and now <= self.closes_at + timedelta(hours=23):
                self.mails.append((member.number, "expired"))

    # -- the clock and the pass ----------------------------------------------------------------------------------------

    @property
    def closes_at(self) -> datetime:
        """An hour after the end, which is five hours after doors."""
        return self.calendar.doors_at + timedelta(hours=6)

    def begin(self, now: datetime) -> None:
        """How every command begins that may change a seat."""
        if now >= self.closes_at:
            raise Refused("event.closed")
        self.settle(now)

    def settle(self, now: datetime) -> None:
        """What the clock has brought, each at its own instant; nothing once all is closed."""
        if now >= self.closes_at:
            return
        bag: dict[int, str] = {}
        while True:
            ends = [member.expires_at for member in self.members if member.expires_at is not None]
            at = rules.next_instant(min(ends, default=None), self.house, since=self.settled_at, now=now)
            if at is None:
                break
            over = [member for member in self.members if member.expires_at is not None and member.expires_at <= at]
            for member in sorted(over, key=lambda one: (one.expires_at, one.number)):
                if not member.proved:
                    self._become(member, State.EXPIRED)
                    if member.origin is None:
                        bag[member.number] = "expired"
                    continue
                state = rules.after_lapse(seq=member.seq, lapses=member.lapses, settings=self.calendar.settings)
                member.lapses += 1
                if state == State.WAITLISTED:
                    member.seq = self._place()
                self._become(member, state)
                bag[member.number] = "lapsed" if state == State.WAITLISTED else "expired"
            if at in rules.turns(self.house):
                self.settled_at = at
            self.allocate(at, bag=bag)
        self.mails.extend(bag.items())

    def allocate(self, now: datetime, *, newcomer: Member | None = None, bag: dict[int, str] | None = None) -> int:
        """Every free seat to the first it is enough for; the newcomer's seats."""
        own = {} if bag is None else bag
        decided: rules.Pass[Member] = rules.grants(self._line(), self.house, now, newcomer=newcomer, newcomer_state=first_state(newcomer))
        expected = by_hand(self, now, newcomer)
        assert [(grant.party, grant.state, grant.seats) for grant in decided.granted] == expected, "order or fit"
        for member, state, seats in expected:
            if member is newcomer:
                member.size = seats
                self._store(member, state)
                if not member.proved:
                    self._ask_for_proof(member, HALF_AN_HOUR, now)
                continue
            self.grants.append((now, member))
            if seats < member.size:
                rest = member.size - seats
                self._shrink(member, rest)
                self._rest(member, rest)
            if state == State.OFFERED:
                member.asked_at, member.started_at = now, None
                member.answer_by, member.expires_at = self.calendar.answer_by(now), self.calendar.freeze_at
            self._become(member, state)
            own[member.number] = "offered" if state == State.OFFERED else "promoted"
        if newcomer is not None and decided.newcomer is None:
            self._store(newcomer, State.WAITLISTED)
            if not newcomer.proved:
                self._ask_for_proof(newcomer, TWO_DAYS, now)
        if bag is None:
            self.mails.extend(own.items())
        return decided.newcomer.seats if decided.newcomer else 0

    def _line(self) -> dict[rules.Shape, Iterator[Member]]:
        shapes: dict[rules.Shape, list[Member]] = {}
        for member in self.waiting():
            if not member.proved:
                continue
            shapes.setdefault(rules.shape_of(member), []).append(member)
        return {shape: iter(shapes[shape]) for shape in sorted(shapes)}

    # -- books ---------------------------------------------------------------------------------------------------------

    def _place(self) -> int:
        self.next_seq += 1
        return self.next_seq - 1

    def _store(self, member: Member, state: str) -> None:
        member.number = len(self.members)
        self.members.append(member)
        member.state = State.WAITLISTED
        self._become(member, state)

    def _rest(self, member: Member, size: int) -> None:
        rest = replace(member, size=size, origin=self._origin(member), extensions=0, number=-1, asked_at=None, started_at=None)
        rest.answer_by = rest.expires_at = rest.remind_at = None
        self._store(rest, State.WAITLISTED)
        if not member.proved:
            self._follow(member)

    def _shrink(self, member: Member, by: int) -> None:
        if member.state in SEATED:
            self._move(member, -by)
        member.size -= by

    def _become(self, member: Member, state: str) -> None:
        had, has = member.state in SEATED, state in SEATED
        member.state = state
        if state not in {State.HELD, State.OFFERED}:
            member.asked_at = member.started_at = member.answer_by = member.expires_at = member.remind_at = None
        if had != has:
            self._move(member, member.size if has else -member.size)

    def _move(self, member: Member, delta: int) -> None:
        self._take(self.charged[member.ticket_type_id], delta)

    def _take(self, hall_ids: Iterable[int], delta: int) -> None:
        for hall_id in hall_ids:
            hall = self.halls[hall_id]
            hall.used += delta
            if delta < 0:
                hall.ceiling = max(hall.limit, hall.used)
            assert 0 <= hall.used <= hall.ceiling, "out of its bounds"


def by_hand(paper: Paper, now: datetime, newcomer: Member | None = None) -> list[tuple[Member, State, int]]:
    """Who must be given what now, in order, by walking the whole line: slow, and without the shortcuts of `rules.grants`."""
    calendar, line = paper.calendar, [member for member in paper.waiting() if member.proved]
    free = {hall.id: hall.limit - hall.used for hall in paper.halls.values()}
    kept = dict.fromkeys(free, 0)
    result: list[tuple[Member, State, int]] = []
    late = now >= calendar.freeze_at
    if newcomer is not None and not (late and any(shared(paper, newcomer, member) for member in line)):
        line = [*line, newcomer]
    for member in line:
        state = first_state(newcomer) if member is newcomer else given_state(calendar, member.auto_until, now)
        own = paper.charged[member.ticket_type_id]
        if state is None:
            continue

        def room(hall_id: int, own: Iterable[int] = own) -> int:
            guards = (
                max(0, free[other.id])
                for other in paper.halls.values()
                if other.protects_id == hall_id
                and other.id not in own
                and other.protected_until is not None
                and now < other.protected_until
            )
            return max(0, free[hall_id] - sum(guards) - kept[hall_id])

        seats = min(room(hall_id) for hall_id in own)
        seats = member.size if seats >= member.size else seats if member.accept_partial else 0
        if seats:
            result.append((member, state, seats))
            for hall_id in own:
                free[hall_id] -= seats
        elif (
            calendar.keep_until is not None
            and now < calendar.keep_until
            and 2 <= member.size <= calendar.settings.keep_max_party
            and not member.accept_partial
            and all(paper.halls[hall_id].limit >= member.size for hall_id in own)
        ):
            short = {hall_id: room(hall_id) for hall_id in own if room(hall_id) < member.size}
            for hall_id, seats_kept in short.items():
                kept[hall_id] += seats_kept
    return result


def first_state(newcomer: Member | None) -> State:
    """What a newcomer comes to where there is room."""
    return State.CONFIRMED if newcomer is None or newcomer.proved else State.HELD


def given_state(calendar: rules.Calendar, auto_until: str, now: datetime) -> State | None:
    """Confirmed, offered, or nothing, by the phase's own words."""
    confirmed = {
        rules.Phase.CONFIRMING: {"offers", "last_day", "freeze"},
        rules.Phase.OFFERING: {"last_day", "freeze"},
        rules.Phase.LAST_DAY: {"freeze"},
    }
    phase = calendar.phase(now)
    if auto_until in confirmed.get(phase, set()):
        return State.CONFIRMED
    return State.OFFERED if phase in {rules.Phase.CONFIRMING, rules.Phase.OFFERING} else None


def shared(paper: Paper, one: Member, other: Member) -> bool:
    """Whether two parties need a seat of the same quota."""
    return not set(paper.charged[one.ticket_type_id]).isdisjoint(paper.charged[other.ticket_type_id])
