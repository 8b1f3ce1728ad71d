"""What holds of the verdict for all inputs, and what each role may do. Single answers are in cases.json."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from eventapp.door import rules
from eventapp.door.rules import Direction, EntryState, Role, Task, Verdict
from eventapp.door.rules.rights import entry_state, shown_name
from eventapp.registration.rules import State
from eventapp.tickets.rules import Code, Kind, Signed


@dataclass(frozen=True)
class Name:
    """Somebody."""

    first_name: str
    last_name: str


NOW = 1_821_803_400_000
INSTANTS = st.integers(NOW - 90_000_000, NOW + 90_000_000)
PASSAGES = st.builds(
    rules.Passage,
    dir=st.sampled_from(Direction),
    at=INSTANTS,
    gate=st.just("A"),
    device=st.just("d"),
)
CODES = st.builds(
    Code,
    kind=st.sampled_from(Kind),
    signed=st.sampled_from(Signed),
    issued_at=st.none() | INSTANTS,
    type=st.none() | st.integers(1, 3),
    notes=st.integers(0, 63),
)
ENTRIES = st.builds(
    rules.Entry,
    event=st.sampled_from(["one", "other"]),
    type=st.none() | st.integers(1, 3),
    state=st.sampled_from(EntryState),
    since_at=INSTANTS,
    rank=st.none() | st.integers(1, 400),
    call_until_at=st.none() | INSTANTS,
    notes=st.integers(0, 63),
    sessions=st.lists(st.sampled_from(["s", "t"]), max_size=2).map(tuple),
    passages=st.lists(PASSAGES, max_size=4).map(tuple),
)
DEVICES = st.builds(
    rules.Device,
    event=st.just("one"),
    gate=st.sampled_from(["A", "B"]),
    dir=st.sampled_from(Direction),
    state=st.sampled_from(rules.DeviceState),
    until_at=INSTANTS,
    session=st.sampled_from([None, "s"]),
    table_at=st.none() | INSTANTS,
)
TYPES = st.builds(
    rules.TypeFacts,
    windows=st.lists(
        st.builds(
            rules.Window,
            from_at=INSTANTS,
            to_at=INSTANTS,
            day=st.sampled_from(["1", "2"]),
        ),
        max_size=3,
    ).map(tuple),
    gates=st.sampled_from([None, ("A",), ()]),
    releasable=st.booleans(),
)
FACTS = st.builds(
    rules.Facts,
    now=st.just(NOW),
    days=st.just((rules.Day("1", NOW - 40_000_000, NOW + 40_000_000),)),
    types=st.dictionaries(st.integers(1, 2), TYPES, max_size=2),
    release_at=st.none() | INSTANTS,
    gauge=st.none() | st.integers(0, 3),
    occupancy=st.integers(0, 3),
    leased=st.integers(0, 2),
    guarded=st.booleans(),
    free_seats=st.integers(0, 1),
    lease_bodies=st.integers(0, 1),
    lease_seats=st.integers(0, 1),
    online=st.booleans(),
)
ADMITTING = {Verdict.OK, Verdict.OK_RETURN, Verdict.OK_NOTE, Verdict.NOT_SYNCED}


@given(CODES, st.none() | ENTRIES, DEVICES, FACTS)
def test_bodies_move_in_by_a_green_and_out_by_an_exit_and_by_nothing_else(
    code: Code, entry: rules.Entry | None, device: rules.Device, facts: rules.Facts
) -> None:
    for judge in (rules.verdict, rules.overruled):
        ruling = judge(code, entry, device, facts)

        assert (ruling.moves is Direction.IN) == (ruling.verdict in ADMITTING)
        assert (ruling.moves is Direction.OUT) == (ruling.verdict is Verdict.OK_OUT)


@given(CODES, st.none() | ENTRIES, DEVICES, FACTS)
def test_nobody_passes_the_gauge_online(code: Code, entry: rules.Entry | None, device: rules.Device, facts: rules.Facts) -> None:
    full = replace(facts, online=True, gauge=2, occupancy=2)

    assert rules.verdict(code, entry, device, full).moves is not Direction.IN
    assert rules.overruled(code, entry, device, full).moves is not Direction.IN


@given(CODES, st.none() | ENTRIES, DEVICES, FACTS)
def test_overruling_changes_the_lines_9_to_12_only(code: Code, entry: rules.Entry | None, device: rules.Device, facts: rules.Facts) -> None:
    before = rules.verdict(code, entry, device, facts)
    after = rules.overruled(code, entry, device, facts)

    assert (after == before) or before.verdict in rules.OVERRIDABLE
    assert after.verdict not in rules.OVERRIDABLE


@given(CODES, ENTRIES, DEVICES, FACTS, st.randoms(use_true_random=False))
def test_passages_count_by_their_time_whatever_their_order_and_those_of_other_days_not_at_all(
    code: Code, entry: rules.Entry, device: rules.Device, facts: rules.Facts, chance: Random
) -> None:
    distinct = {passage.at: passage for passage in entry.passages}
    today = [passage for passage in distinct.values() if facts.days[0].from_at <= passage.at < facts.days[0].to_at]
    shuffled = list(distinct.values())
    chance.shuffle(shuffled)

    rulings = [
        rules.verdict(code, replace(entry, passages=tuple(passages)), device, facts) for passages in (distinct.values(), shuffled, today)
    ]

    assert rulings == [rulings[0]] * 3


@given(CODES, ENTRIES, DEVICES, FACTS)
def test_who_is_inside_is_waved_in_again_by_nobody_but_a_supervisor(
    code: Code, entry: rules.Entry, device: rules.Device, facts: rules.Facts
) -> None:
    inside = replace(entry, passages=(rules.Passage(Direction.IN, facts.now - 1, "A", "d"),))

    assert rules.verdict(code, inside, device, facts).moves is not Direction.IN


@given(st.sampled_from(State), st.booleans(), st.booleans())
def test_every_state_of_a_registration_is_one_of_an_entry(party: State, left: bool, replaced: bool) -> None:
    state = entry_state(party, left=left, replaced=replaced)

    assert (state is EntryState.REPLACED) == replaced
    assert (state is EntryState.CONFIRMED) == (party is State.CONFIRMED and not left and not replaced)


NAMES = st.builds(Name, first_name=st.sampled_from(["", "Inès"]), last_name=st.sampled_from(["", "O'Neil"]))


@given(NAMES, NAMES)
def test_a_companion_without_a_name_goes_by_that_of_the_party(attendee: Name, party: Name) -> None:
    own, theirs = (" ".join(part for part in (one.first_name, one.last_name) if part) for one in (attendee, party))

    assert shown_name(attendee, party) == (own or theirs)


@given(st.integers(0, 4_000_000_000_000))
def test_an_instant_comes_back_to_the_millisecond(at: int) -> None:
    assert rules.milliseconds(rules.instant(at)) == at


def test_an_instant_is_written_in_utc_with_milliseconds() -> None:
    assert rules.stamp(rules.instant(1_821_803_400_007)) == "2027-09-24T16:30:00.007Z"


def test_roles() -> None:
    assert {role: {task for task in Task if rules.role_may(role, task)} for role in Role} == {
        Role.SCAN: {Task.SCAN, Task.CLICK, Task.TURN_AWAY, Task.UNDO_OWN},
        Role.DESK: {
            Task.SCAN,
            Task.CLICK,
            Task.TURN_AWAY,
            Task.UNDO_OWN,
            Task.SEARCH,
            Task.GIVE_NUMBER,
            Task.MARK_NUMBER,
            Task.REISSUE,
        },
        Role.SUPERVISOR: set(Task) - {Task.BOARD},
        Role.SCREEN: {Task.BOARD},
    }
