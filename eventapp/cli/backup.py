"""`eventapp backup` and `restore`: a consistent copy while serving, with uploads and keys, read back before success is said."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
import zlib
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import click
from pysqlite3 import dbapi2

from eventapp.lib import web
from eventapp.lib.schema import RESTORED, current_revision, head_revision
from eventapp.messages import actions as messages

KEYS = ("secret_key", "ticket_key", "link_key")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@click.command(help="A consistent copy of database, uploads and keys into FILE (.tar.gz), read back before success is said.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> None:
    """Write the copy."""
    if file.exists():
        raise click.ClickException(f"{file} exists already: name another file")
    settings = web.settings()
    with tempfile.TemporaryDirectory(dir=file.resolve().parent) as folder:
        staging = Path(folder)
        name = _dump(staging)
        for key in KEYS:
            if (settings.instance_dir / key).exists():
                shutil.copy2(settings.instance_dir / key, staging / key)
        if (settings.instance_dir / "media").exists():
            shutil.copytree(settings.instance_dir / "media", staging / "media")
        manifest: dict[str, Any] = {
            "database": name,
            "revision": current_revision(web.database()),
            "taken_at": web.now().isoformat(),
            "files": {str(path.relative_to(staging)): _digest(path) for path in sorted(staging.rglob("*")) if path.is_file()},
        }
        partial = staging / "backup.partial"
        _write(partial, staging, manifest)
        read_back(partial)
        partial.chmod(0o600)
        partial.replace(file)
    click.echo(f"{file}: {len(manifest['files'])} files, read back; it holds the keys of tickets and links, so keep it as safe as them")


def _dump(staging: Path) -> str:
    settings = web.settings()
    if web.database().dialect == "sqlite":
        source = dbapi2.connect(settings.database_url.removeprefix("sqlite:///"))
        target = dbapi2.connect(str(staging / "database.sqlite"))
        with target:
            source.backup(target, pages=1000)
        source.close()
        target.close()
        return "database.sqlite"
    if shutil.which("pg_dump") is None:
        raise click.ClickException("pg_dump is needed to back up PostgreSQL: install the postgresql-client package")
    url, environ = _server(settings.database_url)
    dump = ["pg_dump", "--format=custom", f"--file={staging / 'database.pgdump'}", url]
    done = subprocess.run(dump, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise click.ClickException(f"pg_dump failed: {done.stderr.strip()[:300]}")
    return "database.pgdump"


def _server(url: str) -> tuple[str, dict[str, str]]:
    """Where PostgreSQL's own tools find it, and their environment: it carries the password, since anyone may read a list of processes."""
    parts = urlsplit(url.replace("postgresql+psycopg://", "postgresql://"))
    if not parts.password:
        return parts.geturl(), dict(os.environ)
    plain = parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", "@", 1))
    return plain.geturl(), os.environ | {"PGPASSWORD": unquote(parts.password)}


def _write(target: Path, staging: Path, manifest: dict[str, Any]) -> None:
    with tarfile.open(target, "w:gz", compresslevel=3) as archive:
        text = json.dumps(manifest, indent=1).encode()
        entry = tarfile.TarInfo("manifest.json")
        entry.size = len(text)
        archive.addfile(entry, io.BytesIO(text))
        for name in manifest["files"]:
            archive.add(staging / name, arcname=name)


def read_back(file: Path) -> dict[str, Any]:
    """The manifest of a backup, each of its files compared with it.

    Raises ClickException: a file is missing or damaged.
    """
    try:
        return _compared(file)
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, KeyError) as error:
        raise click.ClickException(f"{file} is damaged or is not a backup ({error}): use another") from error


def _compared(file: Path) -> dict[str, Any]:
    with tarfile.open(file) as archive:
        member = archive.extractfile("manifest.json")
        if member is None:
            raise click.ClickException(f"{file} is not a backup")
        manifest: dict[str, Any] = json.load(member)
        for name, digest in manifest["files"].items():
            content = archive.extractfile(name)
            if content is None or hashlib.file_digest(content, "sha256").hexdigest() != digest:  # type: ignore[arg-type]
                raise click.ClickException(f"{name} is damaged in the backup")
    return manifest


@click.command(help="Bring a backup back into an empty instance. Mails and promotions are held until `eventapp resume`.")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def restore(file: Path) -> None:
    """Bring a backup back."""
    settings, database = web.settings(), web.database()
    manifest = read_back(file)
    if current_revision(database) is not None:
        raise click.ClickException("this database is not empty: restore into a new INSTANCE_DIR or an empty PostgreSQL database")
    with tempfile.TemporaryDirectory(dir=settings.instance_dir) as folder:
        staging = Path(folder)
        _unpack(file, manifest, staging)
        _load(staging, manifest)
        for key in KEYS:
            if (staging / key).exists():
                (settings.instance_dir / key).unlink(missing_ok=True)
                shutil.copy2(staging / key, settings.instance_dir / key)
        if (staging / "media").exists():
            shutil.copytree(staging / "media", settings.instance_dir / "media", dirs_exist_ok=True)
    if manifest["revision"] != head_revision(database):
        click.echo(f"the backup's schema is {manifest['revision']}: run `eventapp db upgrade` before serving")
    with database.writing() as session:
        held = messages.hold_all(session, now=web.now())
    (settings.instance_dir / RESTORED).touch()
    click.echo(f"restored the state of {manifest['taken_at']}; {held} mails are held: run `eventapp verify`, then `eventapp resume`")


def _unpack(file: Path, manifest: dict[str, Any], folder: Path) -> None:
    """The files that the manifest names, and no other; one by one, since the extraction filters came with Python 3.11.4.

    Raises ClickException: a name leads out of the folder.
    """
    with tarfile.open(file) as archive:
        for name in manifest["files"]:
            target = folder / name
            if not target.resolve().is_relative_to(folder.resolve()):
                raise click.ClickException(f"{name} leads out of the backup: use another")
            content = archive.extractfile(name)
            if content is None:
                raise click.ClickException(f"{name} is no file in the backup: use another")
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as copy:
                shutil.copyfileobj(content, copy)
            target.chmod(archive.getmember(name).mode & 0o755)


def _load(staging: Path, manifest: dict[str, Any]) -> None:
    settings, database = web.settings(), web.database()
    source = staging / manifest["database"]
    if (database.dialect == "sqlite") != (manifest["database"] == "database.sqlite"):
        raise click.ClickException("the backup is of the other kind of database")
    database.close()
    if database.dialect == "sqlite":
        target = Path(settings.database_url.removeprefix("sqlite:///"))
        for suffix in ("", "-wal", "-shm"):
            Path(f"{target}{suffix}").unlink(missing_ok=True)
        shutil.copy2(source, target)
        return
    url, environ = _server(settings.database_url)
    load = ["pg_restore", "--no-owner", f"--dbname={url}", str(source)]
    done = subprocess.run(load, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise click.ClickException(f"pg_restore failed: {done.stderr.strip()[:300]}")


def mount(group: Any) -> None:
    """Add these commands."""
    group.add_command(backup)
    group.add_command(restore)
