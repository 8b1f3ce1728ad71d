"""The schema points the way imports do: downward; and every row below an event can only belong to that one event."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from functools import cache

import pytest
from flask import Flask
from flask_babel import Babel
from sqlalchemy import (
    CheckConstraint,
    Column,
    Constraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, RelationshipProperty, mapped_column, relationship

from eventapp.lib.db import Base, Utc, Wall
from eventapp.lib.fields import CleanText, EmailField, Form, UrlField
from eventapp.lib.text import CODE_POINTS_EACH
from tests.architecture.tree import PACKAGE, heights, rooms

LOOKS_PERSONAL = {"email", "canonical_email", "first_name", "last_name", "phone", "birth_on", "birthday", "portrait", "biography", "diet"}
# What a body must publish about itself by law is not about a person.
PUBLISHED = {("organiser", "email"), ("organiser", "phone")}
POSTGRES_NAME_MAX = 63

Rooms = dict[str, str]


@cache
def complete() -> MetaData:
    """The metadata once every room has told its tables."""
    for room in rooms():
        if (PACKAGE / room / "models.py").exists() or (PACKAGE / room / "models").is_dir():
            importlib.import_module(f"eventapp.{room}.models")
    importlib.import_module("eventapp.lib.limits")
    return Base.metadata


@cache
def owners() -> Rooms:
    """The room of every table."""
    complete()
    return {mapper.local_table.name: mapper.class_.__module__.split(".")[1] for mapper in Base.registry.mappers}  # type: ignore[attr-defined]


def upward_keys(metadata: MetaData, owner: Rooms) -> list[str]:
    return [
        f"{table.name} ({owner[table.name]}) → {key.elements[0].column.table.name} ({owner[key.elements[0].column.table.name]})"
        for table, key in keys(metadata)
        if not points_down(owner[table.name], owner[key.elements[0].column.table.name])
    ]


def keys(metadata: MetaData) -> Iterator[tuple[Table, ForeignKeyConstraint]]:
    for table in metadata.sorted_tables:
        for key in sorted(table.foreign_key_constraints, key=str):
            yield table, key


def points_down(source: str, target: str) -> bool:
    # Rows of journal and messages outlive what they tell of: they name it by plain values.
    return source not in ("journal", "messages", "lib") and (source == target or heights()[source] > heights()[target])


def loose_keys(metadata: MetaData, _owner: Rooms) -> list[str]:
    """Keys by which a row of one event could point at a row of another."""
    return [
        f"{table.name}.{'+'.join(key.column_keys)} → {key.referred_table.name}"
        for table, key in keys(metadata)
        if below_an_event(key.referred_table) and "event_id" not in key.column_keys
    ]


def below_an_event(table: Table) -> bool:
    return any(key.column.table.name == "event" for column in table.columns for key in column.foreign_keys) or any(
        "event_id" in key.column_keys for key in table.foreign_key_constraints
    )


def rootless_tables(metadata: MetaData, _owner: Rooms) -> list[str]:
    """Tables that point at a row below an event and do not say which event they belong to."""
    return [
        table.name
        for table in metadata.sorted_tables
        if any(below_an_event(key.referred_table) for key in table.foreign_key_constraints)
        and ("event_id" not in table.columns or table.columns["event_id"].nullable)
    ]


def nameless_constraints(metadata: MetaData, _owner: Rooms) -> list[str]:
    named: list[tuple[Table, Constraint]] = [(table, constraint) for table in metadata.sorted_tables for constraint in table.constraints]
    return [
        f"{table.name}: {type(constraint).__name__} {constraint.name}"
        for table, constraint in named
        if not isinstance(constraint.name, str) or len(constraint.name) > POSTGRES_NAME_MAX
    ] + [
        f"{table.name}: {index.name}"
        for table in metadata.sorted_tables
        for index in table.indexes
        if len(index.name or "x" * 99) > POSTGRES_NAME_MAX
    ]


def doubled_names(metadata: MetaData, _owner: Rooms) -> list[str]:
    names = [str(constraint.name) for table in metadata.sorted_tables for constraint in (*table.constraints, *table.indexes)]
    return sorted({name for name in names if names.count(name) > 1})


def vague_times(metadata: MetaData, _owner: Rooms) -> list[str]:
    """Times that are neither an instant nor a wall time, and names that promise another kind."""
    return [f"{table.name}.{column.name}" for table in metadata.sorted_tables for column in table.columns if is_vague(column)]


PHASES = {"auto_until"}  # until which phase, by its name: not an instant


def is_vague(column: Column[object]) -> bool:
    if column.name in PHASES:
        return not isinstance(column.type, String)
    if column.name == "at" or column.name.endswith(("_at", "_until")):
        return not isinstance(column.type, Utc)
    return isinstance(column.type, DateTime) or (isinstance(column.type, Wall) and not column.name.endswith("_wall"))


def unmarked_people(metadata: MetaData, _owner: Rooms) -> list[str]:
    return [
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if column.name in LOOKS_PERSONAL and not column.info.get("personal") and (table.name, column.name) not in PUBLISHED
    ]


JUDGES: list[Callable[[MetaData, Rooms], list[str]]] = [
    upward_keys,
    loose_keys,
    rootless_tables,
    nameless_constraints,
    doubled_names,
    vague_times,
    unmarked_people,
]


@pytest.mark.trust("ACL-4")
@pytest.mark.parametrize("judge", JUDGES, ids=lambda judge: judge.__name__)
def test_the_schema_has_no_fault(judge: Callable[[MetaData, Rooms], list[str]]) -> None:
    assert judge(complete(), owners()) == []


def test_every_table_belongs_to_a_room_that_stands_in_the_contract() -> None:
    assert set(owners()) == set(complete().tables)
    assert set(owners().values()) <= set(heights())


def sideways_relationships(base: type[DeclarativeBase], owner: Rooms) -> list[str]:
    return [str(bond) for mapper in base.registry.mappers for bond in mapper.relationships if not is_downward_and_chosen(bond, owner)]


def is_downward_and_chosen(bond: RelationshipProperty[object], owner: Rooms) -> bool:
    down = points_down(owner[bond.parent.local_table.name], owner[bond.mapper.local_table.name])  # type: ignore[attr-defined]
    return down and bond.direction.name == "MANYTOONE" and bond.lazy in ("raise", "noload")


def test_relationships_point_downward_and_load_nothing_by_themselves() -> None:
    complete()

    assert sideways_relationships(Base, owners()) == []


@pytest.mark.trust("G6")
def test_every_room_with_personal_columns_is_visited_by_privacy_once_it_is_built() -> None:
    personal = {owners()[table.name] for table in complete().sorted_tables for column in table.columns if column.info.get("personal")}
    expected = personal if (PACKAGE / "privacy").exists() else set()

    assert personal
    assert {room for room in expected if not is_visited(room)} == set()


def is_visited(room: str) -> bool:
    queries = importlib.import_module(f"eventapp.{room}.queries")
    actions = importlib.import_module(f"eventapp.{room}.actions")
    return hasattr(queries, "personal") and hasattr(actions, "forget")


Fields = dict[str, dict[str, int]]


def typed() -> Fields:
    """For each room, what its forms let into a field of this name, in code points: the shortest where several forms have one."""
    longest: Fields = {}
    application = Flask("fields")
    application.config["SECRET_KEY"] = "s" * 32
    Babel(application)
    with application.test_request_context():
        for room, form in [(name, form) for name in rooms() for form in forms(name)]:
            for field in form(formdata=None):
                if isinstance(field, CleanText):
                    # Addresses, of mail or of a page, and slugs, which are ASCII, are counted in code points already.
                    counted = isinstance(field, EmailField | UrlField) or field.name == "slug"
                    points = field.limit if counted else field.limit * CODE_POINTS_EACH
                    known = longest.setdefault(room, {})
                    known[field.name] = min(known.get(field.name, points), points)
    return longest


def forms(room: str) -> Iterator[type[Form]]:
    if not any((PACKAGE / room).glob("forms*")):
        return
    front = importlib.import_module(f"eventapp.{room}.forms")
    inner = [importlib.import_module(f"{front.__name__}.{found.name}") for found in pkgutil.iter_modules(getattr(front, "__path__", []))]
    for module in (front, *inner):
        yield from (
            one for one in vars(module).values() if isinstance(one, type) and issubclass(one, Form) and one.__module__ == module.__name__
        )


def narrow_columns(metadata: MetaData, owner: Rooms, fields: Fields) -> list[str]:
    """Columns that PostgreSQL would find too short for a text that the form of the same name has let in."""
    return [
        f"{table.name}.{column.name}: {column.type.length} < {fields[owner[table.name]][column.name]}"
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, String) and (column.type.length or 10**9) < fields.get(owner[table.name], {}).get(column.name, 0)
    ]


@pytest.mark.trust("F-25")
def test_every_column_takes_what_its_form_lets_in() -> None:
    assert narrow_columns(complete(), owners(), typed()) == []
    assert typed()


def test_a_planted_narrow_column_is_noticed() -> None:
    metadata = MetaData()
    Table("guest", metadata, Column("name", String(80)), Column("email", String(254)), Column("story", String))

    faults = narrow_columns(metadata, {"guest": "registration"}, {"registration": {"name": 320, "email": 254, "story": 20_000}})

    assert faults == ["guest.name: 80 < 320"]


def planted() -> tuple[MetaData, Rooms]:
    """A small schema with one fault for each judge."""
    metadata = MetaData()
    Table("event", metadata, Column("id", Integer), Column("guest_id", ForeignKey("guest.id")), PrimaryKeyConstraint("id", name="pk_event"))
    Table(
        "guest",
        metadata,
        Column("id", Integer),
        Column("event_id", ForeignKey("event.id", name="fk_guest", use_alter=True)),
        Column("email", String),
        Column("asked_at", DateTime),
        PrimaryKeyConstraint("id", name="pk_guest"),
        UniqueConstraint("email", name="pk_event"),
        CheckConstraint("id > 0"),
    )
    Table("answer", metadata, Column("guest_id", ForeignKey("guest.id", name="fk_answer")), PrimaryKeyConstraint(name="pk_answer"))
    return metadata, {"event": "events", "guest": "registration", "answer": "registration"}


@pytest.mark.trust("P-9")
@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
@pytest.mark.parametrize("judge", JUDGES, ids=lambda judge: judge.__name__)
def test_a_planted_fault_is_noticed(judge: Callable[[MetaData, Rooms], list[str]]) -> None:
    assert judge(*planted()) != []


def test_a_planted_relationship_is_noticed() -> None:
    class Scratch(DeclarativeBase):
        pass

    class Venue(Scratch):
        __tablename__ = "planted_venue"
        id: Mapped[int] = mapped_column(primary_key=True)
        halls: Mapped[list["Hall"]] = relationship(lazy="raise")

    class Hall(Scratch):
        __tablename__ = "planted_hall"
        id: Mapped[int] = mapped_column(primary_key=True)
        venue_id: Mapped[int] = mapped_column(ForeignKey("planted_venue.id"))
        venue: Mapped[Venue] = relationship(overlaps="halls")

    Scratch.registry.configure()

    assert sorted(sideways_relationships(Scratch, {"planted_venue": "events", "planted_hall": "events"})) == ["Hall.venue", "Venue.halls"]
