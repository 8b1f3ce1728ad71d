"""The rule of the line: properties over many houses, and the examples that explain it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventapp.lib.refusal import Refused
from eventapp.registration import rules
from eventapp.registration.rules import House, Opening, State

TICK = timedelta(microseconds=1)
NOW = datetime(2027, 9, 1, 10, 0, tzinfo=UTC)
KEEP = NOW + timedelta(days=14)
LAST_DAY = NOW + timedelta(days=19, hours=3)
FREEZE = NOW + timedelta(days=20)
CALENDAR = rules.Calendar(
    doors_at=FREEZE + timedelta(hours=3),
    offers_from=KEEP,
    last_day_from=LAST_DAY,
    freeze_at=FREEZE,
    keep_until=KEEP,
    zone="UTC",
)


@dataclass(frozen=True)
class Hall:
    id: int
    limit: int
    used: int = 0
    protects_id: int | None = None
    protected_until: datetime | None = None


@dataclass(frozen=True)
class Waiting:
    seq: int
    size: int = 1
    ticket_type_id: int = 1
    line_class: int = 5
    auto_until: str = "offers"
    accept_partial: bool = False


@dataclass(frozen=True)
class Kind:
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    max_party: int = 4
    waitlist_limit: int | None = None
    public: bool = True


def a_house(*halls: Hall, charged: dict[int, list[int]] | None = None, keep_until: datetime | None = KEEP) -> House:
    return House(
        quotas={hall.id: hall for hall in halls},
        charged=charged or {1: [hall.id for hall in halls[:1]]},
        calendar=replace(CALENDAR, keep_until=keep_until),
    )


def a_line(parties: Sequence[Waiting]) -> dict[rules.Shape, Iterator[Waiting]]:
    shapes: dict[rules.Shape, list[Waiting]] = defaultdict(list)
    for party in sorted(parties, key=lambda party: party.seq):
        shapes[rules.shape_of(party)].append(party)
    return {shape: iter(members) for shape, members in shapes.items()}


def granted(parties: Sequence[Waiting], house: House, now: datetime = NOW, newcomer: Waiting | None = None) -> list[Waiting]:
    """The parties granted something, in order; each of them its whole size, unless it takes a part."""
    given = rules.grants(a_line(parties), house, now, newcomer=newcomer).granted
    assert all(grant.seats == grant.party.size or grant.party.accept_partial for grant in given)
    return [grant.party for grant in given]


# -- examples --------------------------------------------------------------------------------------------------------


def test_the_first_in_line_gets_the_seat() -> None:
    lucie, marc = Waiting(1), Waiting(2)

    assert granted([marc, lucie], a_house(Hall(1, limit=1))) == [lucie]


def test_a_seat_is_taken_in_every_quota_of_its_type() -> None:
    lucie, marc = Waiting(1), Waiting(2)

    assert granted([lucie, marc], a_house(Hall(1, limit=5), Hall(2, limit=1), charged={1: [1, 2]})) == [lucie]


def test_a_newcomer_does_not_overtake_the_line() -> None:
    lucie, newcomer = Waiting(1), Waiting(2)

    result = rules.grants(a_line([lucie]), a_house(Hall(1, limit=1)), NOW, newcomer=newcomer)

    assert (result.granted, result.newcomer) == ([(lucie, State.CONFIRMED, 1)], None)


def test_a_newcomer_is_seated_where_nobody_waits() -> None:
    newcomer = Waiting(1)

    result = rules.grants(a_line([]), a_house(Hall(1, limit=1)), NOW, newcomer=newcomer)

    assert (result.granted, result.newcomer) == ([(newcomer, State.CONFIRMED, 1)], (newcomer, State.CONFIRMED, 1))


@pytest.mark.parametrize(
    ("wish", "before", "in_b", "in_c"),
    [
        ("never", "offered", "offered", None),
        ("offers", "confirmed", "offered", None),
        ("last_day", "confirmed", "confirmed", None),
        ("freeze", "confirmed", "confirmed", "confirmed"),
    ],
)
def test_what_a_free_seat_means_follows_the_phase_and_the_wish(wish: str, before: str, in_b: str, in_c: str | None) -> None:
    lucie = Waiting(1, auto_until=wish)

    def given(now: datetime) -> str | None:
        decided = rules.grants(a_line([lucie]), a_house(Hall(1, limit=1)), now).granted
        return decided[0].state if decided else None

    assert [given(now) for now in (KEEP - TICK, KEEP, LAST_DAY - TICK, LAST_DAY, FREEZE - TICK, FREEZE)] == [
        *(before, in_b, in_b, in_c, in_c, None)
    ]


def test_on_the_last_day_those_who_cannot_come_at_short_notice_are_passed_over_and_block_nobody() -> None:
    lucie, marc, newcomer = Waiting(1), Waiting(2, auto_until="freeze"), Waiting(3)

    assert granted([lucie, marc], a_house(Hall(1, limit=1)), now=LAST_DAY) == [marc]
    assert granted([lucie], a_house(Hall(1, limit=1)), now=LAST_DAY, newcomer=newcomer) == [newcomer]


def test_a_party_that_takes_a_part_is_given_what_is_free_and_keeps_nothing() -> None:
    four, single = Waiting(1, size=4, accept_partial=True), Waiting(2)

    assert rules.grants(a_line([four, single]), a_house(Hall(1, limit=3)), NOW).granted == [(four, State.CONFIRMED, 3)]
    assert rules.grants(a_line([four, single]), a_house(Hall(1, limit=0)), NOW).granted == []
    assert rules.grants(a_line([]), a_house(Hall(1, limit=3)), NOW, newcomer=four).newcomer == (four, State.CONFIRMED, 3)


def test_where_no_seats_are_kept_a_pair_keeps_none() -> None:
    pair, single = Waiting(1, size=2), Waiting(2)

    assert granted([pair, single], a_house(Hall(1, limit=10, used=9), keep_until=None)) == [single]


def test_the_harmed_come_before_everyone() -> None:
    lucie, harmed = Waiting(1), Waiting(9, line_class=0)

    assert granted([lucie, harmed], a_house(Hall(1, limit=1))) == [harmed]


def test_nothing_is_kept_for_a_pair_in_a_hall_that_can_never_hold_it() -> None:
    pair, single = Waiting(1, size=2), Waiting(2)

    assert granted([pair, single], a_house(Hall(1, limit=1))) == [single]


def test_a_pair_keeps_a_seat_only_in_a_hall_that_can_hold_it() -> None:
    pair, single = Waiting(1, size=2), Waiting(2)
    before = a_house(Hall(1, limit=10, used=9))
    after = a_house(Hall(1, limit=10, used=9), keep_until=NOW)

    assert granted([pair, single], before) == []
    assert granted([pair, single], after) == [single]


def test_a_group_keeps_nothing_where_there_is_room() -> None:
    """Three pairs waiting for a full workshop must not freeze seats of the hall."""
    hall, workshop = Hall(1, limit=100), Hall(2, limit=2, used=2)
    house = a_house(hall, workshop, charged={1: [1], 2: [1, 2]})
    pairs = [Waiting(n, size=2, ticket_type_id=2) for n in (1, 2, 3)]
    single = Waiting(4)

    assert granted([*pairs, single], house) == [single]


def test_protected_seats_are_kept_from_others_until_their_date() -> None:
    hall = Hall(1, limit=3)
    guard = Hall(2, limit=2, protects_id=1, protected_until=NOW + timedelta(hours=1))
    house = a_house(hall, guard, charged={1: [1], 2: [1, 2]})
    everyone = [Waiting(1), Waiting(2), Waiting(3, ticket_type_id=2)]

    assert granted(everyone, house) == [everyone[0], everyone[2]]
    assert granted(everyone, house, now=NOW + timedelta(hours=1)) == everyone


def test_nobody_who_waits_is_seated_after_the_freeze() -> None:
    lucie = Waiting(1, auto_until="freeze")

    assert granted([lucie], a_house(Hall(1, limit=5)), now=FREEZE) == []
    assert granted([lucie], a_house(Hall(1, limit=5)), now=FREEZE - timedelta(microseconds=1)) == [lucie]


def test_a_newcomer_after_the_freeze_is_seated_only_where_nobody_waits() -> None:
    newcomer = Waiting(2)

    assert granted([], a_house(Hall(1, limit=5)), now=FREEZE, newcomer=newcomer) == [newcomer]
    assert granted([Waiting(1)], a_house(Hall(1, limit=5)), now=FREEZE, newcomer=newcomer) == []


def test_a_quota_in_deficit_grants_nothing() -> None:
    assert granted([Waiting(1)], a_house(Hall(1, limit=3, used=5))) == []


@pytest.mark.parametrize(
    ("kind", "room", "limit", "waiting", "now", "expected"),
    [
        (Kind(opens_at=NOW + timedelta(hours=1)), 5, 10, 0, NOW, Opening.NOT_YET),
        (Kind(), 5, 10, 0, NOW, Opening.OPEN),
        (Kind(), 1, 10, 0, NOW, Opening.LAST_SEATS),
        (Kind(), 0, 10, 3, NOW, Opening.WAITLIST),
        (Kind(waitlist_limit=3), 0, 10, 3, NOW, Opening.FULL),
        (Kind(waitlist_limit=0), 0, 10, 0, NOW, Opening.FULL),
        (Kind(), 5, 10, 0, FREEZE, Opening.CLOSED),
        (Kind(closes_at=NOW), 5, 10, 0, NOW, Opening.CLOSED),
        (Kind(closes_at=FREEZE + timedelta(hours=1)), 5, 10, 0, FREEZE, Opening.OPEN),
        (Kind(closes_at=FREEZE + timedelta(hours=1)), 0, 10, 1, FREEZE, Opening.FULL),
    ],
)
def test_one_button_says_what_one_can_do(kind: Kind, room: int, limit: int, waiting: int, now: datetime, expected: Opening) -> None:
    assert rules.opening(kind, a_house(Hall(1, limit=limit)), room=room, limit=limit, waiting_parties=waiting, now=now) == expected


@pytest.mark.parametrize(
    ("kind", "size", "state", "by_organiser", "now", "code"),
    [
        (Kind(), 1, "draft", False, NOW, "event.not_open"),
        (Kind(public=False), 1, "published", False, NOW, "registration.not_public"),
        (Kind(opens_at=NOW + timedelta(seconds=1)), 1, "published", False, NOW, "registration.not_open_yet"),
        (Kind(), 1, "published", False, FREEZE, "registration.closed"),
        (Kind(max_party=2), 3, "published", False, NOW, "registration.party_too_large"),
        (Kind(), 0, "published", False, NOW, "registration.party_too_large"),
        (Kind(), 51, "published", True, NOW, "registration.party_too_large"),
    ],
)
def test_who_may_not_ask_is_told_why(kind: Kind, size: int, state: str, by_organiser: bool, now: datetime, code: str) -> None:
    with pytest.raises(Refused) as refused:
        rules.check_party(kind, a_house(Hall(1, limit=1)), size=size, event_state=state, by_organiser=by_organiser, now=now)

    assert refused.value.code == code


# -- properties ------------------------------------------------------------------------------------------------------


@dataclass
class Evening:
    halls: list[Hall]
    charged: dict[int, list[int]]
    line: list[Waiting]
    newcomer: Waiting | None
    now: datetime
    house: House = field(init=False)

    def __post_init__(self) -> None:
        self.house = House({hall.id: hall for hall in self.halls}, self.charged, CALENDAR)


@st.composite
def evenings(draw: st.DrawFn) -> Evening:
    shared = Hall(1, limit=draw(st.integers(0, 14)), used=draw(st.integers(0, 14)))
    own = Hall(2, limit=draw(st.integers(0, 6)), used=draw(st.integers(0, 6)))
    until = draw(st.sampled_from([NOW - timedelta(days=1), NOW + timedelta(days=3), NOW + timedelta(days=30)]))
    guard = Hall(3, limit=draw(st.integers(0, 6)), used=draw(st.integers(0, 4)), protects_id=1, protected_until=until)
    charged = {1: [1], 2: [1, 2], 3: [1, 3], 4: [2]}
    wishes = st.sampled_from(["offers", "offers", "never", "last_day", "freeze", "freeze"])
    partial = st.sampled_from([False, False, True])
    parties = st.tuples(st.integers(1, 4), st.integers(1, 4), st.sampled_from([0, 5, 5, 5]), wishes, partial)
    line = [Waiting(seq, *values) for seq, values in enumerate(draw(st.lists(parties, max_size=12)), 1)]
    newcomer = draw(
        st.none() | st.builds(Waiting, st.just(len(line) + 1), st.integers(1, 4), st.integers(1, 4), st.just(5), wishes, partial)
    )
    now = draw(st.sampled_from([NOW, KEEP, LAST_DAY, FREEZE - timedelta(seconds=1), FREEZE]))
    return Evening([shared, own, guard], charged, line, newcomer, now)


def free(evening: Evening, taken: dict[int, int], quota_id: int) -> int:
    hall = evening.house.quotas[quota_id]
    return hall.limit - hall.used - taken[quota_id]


def available(evening: Evening, taken: dict[int, int], kept: dict[int, int], party: Waiting) -> dict[int, int]:
    """Written from the specification, not from the rule: room in each quota, net of guards and of what is kept."""
    own = evening.charged[party.ticket_type_id]
    rooms = {}
    for quota_id in own:
        guarded = sum(
            max(0, free(evening, taken, hall.id))
            for hall in evening.halls
            if hall.protects_id == quota_id and hall.id not in own and hall.protected_until and evening.now < hall.protected_until
        )
        rooms[quota_id] = max(0, free(evening, taken, quota_id) - guarded - kept[quota_id])
    return rooms


def wanted(evening: Evening, party: Waiting) -> State | None:
    """What a party may be given at this time, written from the calendar's table."""
    if party is evening.newcomer:
        return State.CONFIRMED
    phase = sum(evening.now >= begin for begin in (KEEP, LAST_DAY, FREEZE))  # 0 A, 1 B, 2 C, 3 D
    reach = {"never": -1, "offers": 0, "last_day": 1, "freeze": 2}[party.auto_until]
    if phase <= reach:
        return State.CONFIRMED
    return State.OFFERED if phase <= 1 else None


@settings(max_examples=400, deadline=None)
@given(evenings())
def test_never_oversold_nobody_overtaken_no_idle_seat(evening: Evening) -> None:
    result = rules.grants(a_line(evening.line), evening.house, evening.now, newcomer=evening.newcomer)
    given = {grant.party: grant for grant in result.granted}
    taken: dict[int, int] = defaultdict(int)
    for grant in result.granted:
        for quota_id in evening.charged[grant.party.ticket_type_id]:
            taken[quota_id] += grant.seats
    everyone = sorted([*evening.line, *([evening.newcomer] if evening.newcomer else [])], key=lambda p: (p.line_class, p.seq))

    for hall in evening.halls:  # I1: a counter that grew is within its limit
        assert taken[hall.id] == 0 or hall.used + taken[hall.id] <= hall.limit
    if evening.now >= FREEZE:  # I16
        assert not given.keys() & set(evening.line)
        return
    running: dict[int, int] = defaultdict(int)
    kept: dict[int, int] = defaultdict(int)
    shut: set[object] = set()
    for party in everyone:  # I3, I4, I5: walking the line once, each is given exactly what fits
        state = wanted(evening, party)
        shape = party if party is evening.newcomer else rules.shape_of(party)
        rooms = available(evening, running, kept, party)
        room = min(rooms.values())
        fitting = party.size if room >= party.size else room if party.accept_partial and shape not in shut else 0
        assert (given[party].seats if party in given else 0) == (fitting if state else 0)
        if party in given:
            assert given[party].state == state
            for quota_id in rooms:
                running[quota_id] += given[party].seats
            if given[party].seats < party.size:
                shut.add(shape)
        elif state is None or shape in shut:
            continue  # only the first party of a shape keeps seats
        elif (
            evening.now < KEEP
            and 2 <= party.size <= 4
            and not party.accept_partial
            and all(evening.house.quotas[quota_id].limit >= party.size for quota_id in rooms)
        ):
            shut.add(shape)
            for quota_id, share in rooms.items():
                if share < party.size:
                    kept[quota_id] += share


@settings(max_examples=200, deadline=None)
@given(evenings())
def test_what_is_offered_to_the_public_is_given(evening: Evening) -> None:
    """Public availability of n for a type: a party of n that registers now is seated."""
    evening.newcomer = None
    rooms = rules.room_for_newcomers(a_line(evening.line), evening.house, evening.now)
    for type_id, room in rooms.items():
        if room > 0:
            newcomer = Waiting(len(evening.line) + 1, min(room, 4), type_id)

            outcome = rules.grants(a_line(evening.line), evening.house, evening.now, newcomer=newcomer).newcomer

            assert outcome == (newcomer, State.CONFIRMED, newcomer.size)


@settings(max_examples=200, deadline=None)
@given(evenings())
def test_a_second_pass_grants_nothing(evening: Evening) -> None:
    first = rules.grants(a_line(evening.line), evening.house, evening.now)
    taken: dict[int, int] = defaultdict(int)
    rest = {party.seq: party for party in evening.line}
    for grant in first.granted:
        waiting = grant.party.size - grant.seats
        rest[grant.party.seq] = replace(grant.party, size=waiting)
        if not waiting:
            del rest[grant.party.seq]
        for quota_id in evening.charged[grant.party.ticket_type_id]:
            taken[quota_id] += grant.seats
    halls = {hall.id: replace(hall, used=hall.used + taken[hall.id]) for hall in evening.halls}

    again = rules.grants(a_line([*rest.values()]), replace(evening.house, quotas=halls), evening.now)

    assert again.granted == []
