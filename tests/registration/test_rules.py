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
from eventapp.registration.rules import House, Opening

NOW = datetime(2027, 9, 1, 10, 0, tzinfo=UTC)
FREEZE = NOW + timedelta(days=20)
KEEP = NOW + timedelta(days=14)


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


@dataclass(frozen=True)
class Kind:
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    max_party: int = 4
    waitlist_limit: int | None = None
    public: bool = True


def a_house(*halls: Hall, charged: dict[int, list[int]] | None = None, keep_until: datetime = KEEP) -> House:
    return House(
        quotas={hall.id: hall for hall in halls},
        charged=charged or {1: [hall.id for hall in halls[:1]]},
        freeze_at=FREEZE,
        keep_until=keep_until,
    )


def a_line(parties: Sequence[Waiting]) -> dict[rules.Shape, Iterator[Waiting]]:
    shapes: dict[rules.Shape, list[Waiting]] = defaultdict(list)
    for party in sorted(parties, key=lambda party: party.seq):
        shapes[party.ticket_type_id, party.size, party.line_class].append(party)
    return {shape: iter(members) for shape, members in shapes.items()}


def granted(parties: Sequence[Waiting], house: House, now: datetime = NOW, newcomer: Waiting | None = None) -> list[Waiting]:
    return rules.grants(a_line(parties), house, now, newcomer=newcomer).granted


# -- examples --------------------------------------------------------------------------------------------------------


def test_the_first_in_line_gets_the_seat() -> None:
    lucie, marc = Waiting(1), Waiting(2)

    assert granted([marc, lucie], a_house(Hall(1, limit=1))) == [lucie]


def test_a_newcomer_does_not_overtake_the_line() -> None:
    lucie, newcomer = Waiting(1), Waiting(2)

    result = rules.grants(a_line([lucie]), a_house(Hall(1, limit=1)), NOW, newcomer=newcomer)

    assert (result.granted, result.newcomer_seated) == ([lucie], False)


def test_a_newcomer_is_seated_where_nobody_waits() -> None:
    newcomer = Waiting(1)

    result = rules.grants(a_line([]), a_house(Hall(1, limit=1)), NOW, newcomer=newcomer)

    assert (result.granted, result.newcomer_seated) == ([newcomer], True)


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
    lucie = Waiting(1)

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
        self.house = House({hall.id: hall for hall in self.halls}, self.charged, FREEZE, KEEP)


@st.composite
def evenings(draw: st.DrawFn) -> Evening:
    shared = Hall(1, limit=draw(st.integers(0, 14)), used=draw(st.integers(0, 14)))
    own = Hall(2, limit=draw(st.integers(0, 6)), used=draw(st.integers(0, 6)))
    until = draw(st.sampled_from([NOW - timedelta(days=1), NOW + timedelta(days=3), NOW + timedelta(days=30)]))
    guard = Hall(3, limit=draw(st.integers(0, 6)), used=draw(st.integers(0, 4)), protects_id=1, protected_until=until)
    charged = {1: [1], 2: [1, 2], 3: [1, 3], 4: [2]}
    parties = st.tuples(st.integers(1, 4), st.integers(1, 4), st.sampled_from([0, 5, 5, 5]))
    line = [Waiting(seq, size, kind, rank) for seq, (size, kind, rank) in enumerate(draw(st.lists(parties, max_size=12)), 1)]
    newcomer = draw(st.none() | st.builds(Waiting, st.just(len(line) + 1), st.integers(1, 4), st.integers(1, 4), st.just(5)))
    now = draw(st.sampled_from([NOW, KEEP, FREEZE - timedelta(seconds=1), FREEZE]))
    return Evening([shared, own, guard], charged, line, newcomer, now)


def free(evening: Evening, taken: dict[int, int], quota_id: int) -> int:
    hall = evening.house.quotas[quota_id]
    return hall.limit - hall.used - taken[quota_id]


def fits(evening: Evening, taken: dict[int, int], kept: dict[int, int], party: Waiting) -> bool:
    """Written from the specification, not from the rule: room in each quota, net of guards and of what is kept."""
    own = evening.charged[party.ticket_type_id]
    for quota_id in own:
        guarded = sum(
            max(0, free(evening, taken, hall.id))
            for hall in evening.halls
            if hall.protects_id == quota_id and hall.id not in own and hall.protected_until and evening.now < hall.protected_until
        )
        if free(evening, taken, quota_id) - guarded - kept[quota_id] < party.size:
            return False
    return True


@settings(max_examples=400, deadline=None)
@given(evenings())
def test_never_oversold_nobody_overtaken_no_idle_seat(evening: Evening) -> None:
    result = rules.grants(a_line(evening.line), evening.house, evening.now, newcomer=evening.newcomer)
    taken: dict[int, int] = defaultdict(int)
    for party in result.granted:
        for quota_id in evening.charged[party.ticket_type_id]:
            taken[quota_id] += party.size
    everyone = sorted([*evening.line, *([evening.newcomer] if evening.newcomer else [])], key=lambda p: (p.line_class, p.seq))
    seated = set(result.granted)

    for hall in evening.halls:  # I1: a counter that grew is within its limit
        assert taken[hall.id] == 0 or hall.used + taken[hall.id] <= hall.limit
    if evening.now >= FREEZE:  # I16
        assert not seated & set(evening.line)
        return
    running: dict[int, int] = defaultdict(int)
    kept: dict[int, int] = defaultdict(int)
    shut: set[tuple[int, int, int]] = set()
    for party in everyone:  # I3, I4, I5: walking the line once, each is seated exactly if it fits
        assert (party in seated) == fits(evening, running, kept, party)
        own = evening.charged[party.ticket_type_id]
        shape = party.ticket_type_id, party.size, party.line_class
        if party in seated:
            for quota_id in own:
                running[quota_id] += party.size
        elif shape in shut:
            continue  # only the first party of a shape keeps seats
        elif evening.now < KEEP and 2 <= party.size <= 4 and all(evening.house.quotas[q].limit >= party.size for q in own):
            shares = {}
            for quota_id in own:
                guarded = sum(
                    max(0, free(evening, running, hall.id))
                    for hall in evening.halls
                    if hall.protects_id == quota_id and hall.id not in own and hall.protected_until and evening.now < hall.protected_until
                )
                available = max(0, free(evening, running, quota_id) - guarded - kept[quota_id])
                if available < party.size:
                    shares[quota_id] = available
            shut.add(shape)
            for quota_id, share in shares.items():
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

            assert rules.grants(a_line(evening.line), evening.house, evening.now, newcomer=newcomer).newcomer_seated


@settings(max_examples=200, deadline=None)
@given(evenings())
def test_a_second_pass_grants_nothing(evening: Evening) -> None:
    first = rules.grants(a_line(evening.line), evening.house, evening.now)
    taken: dict[int, int] = defaultdict(int)
    for party in first.granted:
        for quota_id in evening.charged[party.ticket_type_id]:
            taken[quota_id] += party.size
    halls = {hall.id: replace(hall, used=hall.used + taken[hall.id]) for hall in evening.halls}
    rest = [party for party in evening.line if party not in set(first.granted)]

    again = rules.grants(a_line(rest), replace(evening.house, quotas=halls), evening.now)

    assert again.granted == []
