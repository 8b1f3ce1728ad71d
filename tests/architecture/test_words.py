"""What each word of a room may do, read from the syntax: transactions, locks, writing, signatures, names."""

import ast
import subprocess
from collections.abc import Callable

import pytest

from tests.architecture.tree import ROOT, Trees, called, enclosing_function, found, parsed, room_of, trees, word_of

FORBIDDEN_NAMES = frozenset(
    "util utils helper helpers common misc base manager managers service services shared tools handlers processors".split()  # noqa: SIM905
)
EDGES = ("pages", "backoffice")
TOP_EDGES = ("api", "cli", "worker", "site", "backoffice")


def transaction_faults(path: str, node: ast.AST) -> str | None:
    if path == "eventapp/lib/db.py":
        return None
    if called(node) in {"commit", "rollback", "begin_nested", "begin_twophase", "sessionmaker", "scoped_session"}:
        return f"{called(node)}() belongs to lib/db.py"
    if called(node) == "begin" and owner_of(node) in {"session", "connection", "engine"}:
        return "begin() belongs to lib/db.py"
    if called(node) == "Session":
        return "a session is opened by database().writing() or .reading()"
    if called(node) in {"writing", "together"} and not is_edge(path) and path not in {"eventapp/lib/limits.py", "eventapp/lib/together.py"}:
        return f"{called(node)}() belongs to edges"
    return None


def owner_of(node: ast.AST) -> str:
    """The last name of what a method is called on: `database.engine.begin()` → `engine`."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return ""
    owner = node.func.value
    return owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else called(owner)


def is_edge(path: str) -> bool:
    return word_of(path) in EDGES or room_of(path) in ("api", "cli", "worker") or (room_of(path) in TOP_EDGES and word_of(path) == "pages")


def lock_faults(path: str, node: ast.AST) -> str | None:
    ours = called(node) in {"hold", "hold_rows"} and owner_of(node) in {"", "db"}
    if not (ours or called(node) == "with_for_update") or path == "eventapp/lib/db.py":
        return None
    assert isinstance(node, ast.Call)
    claims = any(keyword.arg == "skip_locked" for keyword in node.keywords) and room_of(path) == "messages"
    if claims or (word_of(path) == "queries" and enclosing_function(node).startswith("locked_")):
        return None
    return f"{called(node)}() belongs to queries called locked_…, or, with skip_locked, to the claim of the outbox"


def raw_lock_faults(path: str, node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and "FOR UPDATE" in node.value and path != "eventapp/lib/db.py":
        return None if isinstance(getattr(node, "parent", None), ast.Expr) else "a lock is taken by lib.db.hold"
    return None


WRITES = {
    "insert_row",
    "insert_later",
    "add",
    "add_all",
    "delete",
    "flush",
    "merge",
    "insert",
    "update",
    "bulk_save_objects",
    "bulk_insert_mappings",
}


def writing_faults(path: str, node: ast.AST) -> str | None:
    if word_of(path) != "queries" or called(node) not in WRITES:
        return None
    assert isinstance(node, ast.Call)
    if isinstance(node.func, ast.Name):
        return f"{called(node)}() writes; queries only ask"
    owner = node.func.value if isinstance(node.func, ast.Attribute) else None
    # Sets and dictionaries have verbs of the same names.
    return f"session.{called(node)}() writes; queries only ask" if isinstance(owner, ast.Name) and owner.id == "session" else None


def signature_faults(path: str, node: ast.AST) -> str | None:
    if word_of(path) != "actions" or not isinstance(node, ast.FunctionDef) or not isinstance(getattr(node, "parent", None), ast.Module):
        return None
    positional = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
    keywords = [argument.arg for argument in node.args.kwonlyargs]
    if node.name.startswith("_") or "session" not in positional + keywords:
        return None
    if "now" in positional or "actor" in positional:
        return f"{node.name}: actor and now are keywords"
    if positional != ["session"] or node.args.vararg is not None:
        return f"{node.name}: session comes first, everything else by keyword"
    # In rooms below people an actor is a fact like any other: a plain string.
    last = ["actor", "now"] if actor_is_an_actor(node) else ["now"]
    named = [name for name in last if name in keywords]
    if named and keywords[-len(named) :] != named:
        return f"{node.name}: {' and '.join(named)} come last"
    return None


def actor_is_an_actor(node: ast.FunctionDef) -> bool:
    return any(argument.arg == "actor" and ast.unparse(argument.annotation or argument) == "Actor" for argument in node.args.kwonlyargs)


def clock_faults(path: str, node: ast.AST) -> str | None:
    if called(node) in {"now", "utcnow", "today", "monotonic", "perf_counter"} and word_of(path) in {
        "rules",
        "models",
        "queries",
        "actions",
        "exports",
    }:
        return f"{called(node)}(): the clock is an argument"
    return None


def counter_faults(path: str, node: ast.AST) -> str | None:
    """`Quota.used` moves with its ledger or not at all."""
    # Its statements are prepared once, at the top of its module.
    here = path == "eventapp/registration/actions/seats.py" and enclosing_function(node) in ("move_seats", "")
    if here or not path.startswith("eventapp/"):
        return None
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AugAssign | ast.AnnAssign) and isinstance(node.target, ast.Attribute):
        targets = [node.target]
    if any(isinstance(target, ast.Attribute) and target.attr == "used" for target in targets):
        return "Quota.used is changed by move_seats alone"
    if called(node) == "values" and isinstance(node, ast.Call) and any(keyword.arg == "used" for keyword in node.keywords):
        return "Quota.used is changed by move_seats alone"
    if (
        called(node) == "Quota"
        and isinstance(node, ast.Call)
        and any(keyword.arg == "used" and not is_zero(keyword.value) for keyword in node.keywords)
    ):
        return "a new Quota uses nothing"
    return None


def is_zero(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == 0


def foreign_rows(path: str, tree: ast.Module) -> set[str]:
    """The models of other rooms that a module imports by name."""
    return {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        and node.module
        and node.module.endswith(".models")
        and node.module.split(".")[1] != room_of(path)
        for alias in node.names
    }


def foreign_row_faults(files: Trees) -> list[str]:
    return [
        f"{path}:{node.lineno}: rows of {called(node)} are made by actions of its own room"
        for path, tree in files.items()
        if word_of(path)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in foreign_rows(path, tree)
    ]


def shape_faults(path: str, node: ast.AST) -> str | None:
    if isinstance(node, ast.ImportFrom) and node.level:
        return "relative import"
    inside = isinstance(node, ast.Import | ast.ImportFrom) and enclosing_function(node) != ""
    # The decoder of pictures limits itself before the library that it guards against is loaded.
    if inside and path != "eventapp/lib/pictures/decoding.py":
        return "import inside of a function"
    if (
        called(node) in {"__import__", "import_module", "eval", "exec", "compile"}
        and isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
    ):
        return f"{called(node)}()"
    return None


def secret_faults(path: str, node: ast.AST) -> str | None:
    """Trust HOST-2: absolute links come from configuration."""
    if isinstance(node, ast.keyword) and node.arg == "_external":
        return "_external"
    if isinstance(node, ast.Attribute) and node.attr in {"url_root", "host_url", "base_url", "root_url"} and is_request(node.value):
        return f"request.{node.attr}"
    if isinstance(node, ast.Attribute) and node.attr == "host" and is_request(node.value):
        return "request.host"
    return None


def is_request(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "request"


Judge = Callable[[str, ast.AST], str | None]
JUDGES: tuple[Judge, ...] = (
    transaction_faults,
    lock_faults,
    raw_lock_faults,
    writing_faults,
    signature_faults,
    clock_faults,
    counter_faults,
    shape_faults,
    secret_faults,
)


@pytest.mark.parametrize("judge", JUDGES, ids=lambda judge: judge.__name__.removesuffix("_faults"))
def test_the_tree_has_no_fault(judge: Judge) -> None:
    assert found(judge, trees()) == []


def test_rows_are_made_by_their_own_room() -> None:
    assert foreign_row_faults(trees()) == []


def test_no_file_has_a_name_that_says_nothing() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "eventapp", "static/js"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()

    assert [path for path in tracked if names_nothing(path)] == []


def names_nothing(path: str) -> bool:
    return bool(FORBIDDEN_NAMES & {part.removesuffix(".py").removesuffix(".js") for part in path.split("/")})


PLANTED: list[tuple[Judge, str, str]] = [
    (transaction_faults, "eventapp/registration/actions/seats.py", "session.commit()"),
    (transaction_faults, "eventapp/registration/pages.py", "session.rollback()"),
    (transaction_faults, "eventapp/lib/limits.py", "with engine.begin() as c: pass"),
    (transaction_faults, "eventapp/registration/actions/seats.py", "with database.writing() as session: pass"),
    (transaction_faults, "eventapp/registration/queries.py", "s = Session(engine)"),
    (transaction_faults, "eventapp/lib/web/__init__.py", "database().writing()"),
    (lock_faults, "eventapp/events/queries.py", "def event(session): return hold(session, Event, 1)"),
    (lock_faults, "eventapp/events/actions.py", "def locked_event(session): return hold(session, Event, 1)"),
    (lock_faults, "eventapp/events/queries.py", "def event(): return select(Event).with_for_update()"),
    (lock_faults, "eventapp/door/queries/tickets.py", "def lines(session): return hold_rows(session, Ticket, LINES, {})"),
    (lock_faults, "eventapp/door/queries/tickets.py", "def claim(): return select(Event).with_for_update(skip_locked=True)"),
    (raw_lock_faults, "eventapp/door/queries/tickets.py", "q = text('SELECT 1 FOR UPDATE')"),
    (writing_faults, "eventapp/events/queries.py", "def f(session): session.add(x)"),
    (writing_faults, "eventapp/events/queries.py", "def f(session): session.flush()"),
    (writing_faults, "eventapp/events/queries.py", "def f(session): insert_row(session, Event)"),
    (writing_faults, "eventapp/events/queries.py", "def f(session): session.execute(update(Event))"),
    (signature_faults, "eventapp/events/actions.py", "def f(session, event): pass"),
    (signature_faults, "eventapp/events/actions.py", "def f(session, *, now: datetime, actor: Actor): pass"),
    (signature_faults, "eventapp/events/actions.py", "def f(session, *, actor: Actor, event: Event, now: datetime): pass"),
    (signature_faults, "eventapp/events/actions.py", "def f(event, *, session, now): pass"),
    (signature_faults, "eventapp/events/actions/a.py", "def f(session, event, now): pass"),
    (clock_faults, "eventapp/events/actions.py", "x = datetime.now(UTC)"),
    (clock_faults, "eventapp/events/rules.py", "x = web.now()"),
    (counter_faults, "eventapp/registration/actions/quotas.py", "def f(): quota.used += 1"),
    (counter_faults, "eventapp/registration/actions/seats.py", "def g(): quota.used = 1"),
    (counter_faults, "eventapp/registration/actions/quotas.py", "update(Quota).values(used=3)"),
    (counter_faults, "eventapp/registration/actions/quotas.py", "Quota(limit=3, used=3)"),
    (shape_faults, "eventapp/events/rules.py", "from . import models"),
    (shape_faults, "eventapp/events/rules.py", "def f():\n    import json"),
    (shape_faults, "eventapp/events/rules.py", "eval(x)"),
    (secret_faults, "eventapp/events/pages.py", "url_for('x', _external=True)"),
    (secret_faults, "eventapp/events/pages.py", "request.url_root"),
    (secret_faults, "eventapp/events/pages.py", "request.host"),
]


@pytest.mark.trust("HOST-2")
@pytest.mark.trust("P-9")
@pytest.mark.parametrize(("judge", "path", "source"), PLANTED)
def test_a_planted_fault_is_noticed(judge: Judge, path: str, source: str) -> None:
    assert len(found(judge, {path: parsed(source)})) == 1


INNOCENT: list[tuple[Judge, str, str]] = [
    (transaction_faults, "eventapp/registration/pages/offers.py", "with database().writing() as session: pass"),
    (transaction_faults, "eventapp/site/pages.py", "with database().writing() as session: pass"),
    (lock_faults, "eventapp/events/queries.py", "def locked_event(session): return hold(session, Event, 1)"),
    (transaction_faults, "eventapp/people/actions/accounts.py", "sign_ins.begin(session, user=user)"),
    (lock_faults, "eventapp/cli/backup.py", "messages.hold(session, now=now)"),
    (signature_faults, "eventapp/people/actions.py", "def _mine(session, now): pass"),
    (lock_faults, "eventapp/messages/actions.py", "def claim(): return select(M).with_for_update(skip_locked=True)"),
    (writing_faults, "eventapp/events/queries.py", "def f(): seen.add(x); found.update(y)"),
    (signature_faults, "eventapp/events/actions.py", "def f(session, *, event: Event, actor: Actor, now: datetime): pass"),
    (signature_faults, "eventapp/journal/actions.py", "def note(session, *, actor: str, reason: str, now: datetime): pass"),
    (signature_faults, "eventapp/events/actions.py", "def letter(event): pass"),
    (counter_faults, "eventapp/registration/actions/seats.py", "def move_seats():\n    update(Quota).values(used=1)"),
    (counter_faults, "eventapp/registration/actions/quotas.py", "Quota(limit=3, used=0)"),
    (counter_faults, "eventapp/registration/rules/line.py", "House(used=3)"),
]


@pytest.mark.parametrize(("judge", "path", "source"), INNOCENT)
def test_what_is_right_passes(judge: Judge, path: str, source: str) -> None:
    assert found(judge, {path: parsed(source)}) == []


def test_a_planted_foreign_row_is_noticed() -> None:
    source = "from eventapp.people.models import Person\ndef f(session, *, now): session.add(Person())"

    assert len(foreign_row_faults({"eventapp/registration/actions/a.py": parsed(source)})) == 1
    assert foreign_row_faults({"eventapp/people/actions.py": parsed(source)}) == []


@pytest.mark.parametrize("path", ["eventapp/events/utils.py", "eventapp/services/__init__.py", "static/js/door/helpers.js"])
def test_a_planted_name_is_noticed(path: str) -> None:
    assert names_nothing(path)
