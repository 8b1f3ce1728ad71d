"""A backup taken while people register, brought back elsewhere: the same truth, and no mail until somebody says so."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tools.stage import ROOT, Stage, stage


def refused(it: Stage, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", "from eventapp.app import command; command()", *arguments],
        cwd=ROOT,
        env=it.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.slow
@pytest.mark.trust("OPS-4", "OPS-5", "F-17")
def test_a_backup_is_brought_back_elsewhere(tmp_path: Path) -> None:
    file = tmp_path / "backup.tar.gz"
    with stage() as here:
        slug = json.loads(here.command("demo", "load", "--json", "--attendees", "20"))["open_event"]
        here.start_web(workers=1)
        before = json.loads(here.command("state", "--event", slug, "--json"))
        here.command("backup", str(file))
        keys = [(here.folder / name).read_bytes() for name in ("ticket_key", "link_key")]
        assert "exists already" in refused(here, "backup", str(file))
        assert "not empty" in refused(here, "restore", str(file))
    assert file.stat().st_mode & 0o077 == 0
    there = Stage(tmp_path / "there")
    there.folder.mkdir()

    there.command("restore", str(file))

    after = json.loads(there.command("state", "--event", slug, "--json"))
    waiting = before["messages"]["queued"] + before["messages"]["leased"]
    assert {**after, "messages": None} == {**before, "messages": None}
    assert (after["messages"]["queued"], after["messages"]["held"]) == (0, before["messages"]["held"] + waiting)
    assert [(there.folder / name).read_bytes() for name in ("ticket_key", "link_key")] == keys
    assert "0 faults" in there.command("verify")
    assert "eventapp resume" in refused(there, "worker", "--once")
    there.command("resume")
    assert "mails handled" in there.command("worker", "--once")


def test_a_damaged_backup_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "backup.tar.gz"
    with stage() as here:
        here.command("backup", str(file))
    whole = file.read_bytes()
    there = Stage(tmp_path / "there")
    there.folder.mkdir()

    for damaged in (whole[: len(whole) // 2], b"no backup at all", whole[:-400] + bytes(200) + whole[-200:]):
        file.write_bytes(damaged)
        refused(there, "restore", str(file))

    file.write_bytes(whole)
    assert "restored the state" in there.command("restore", str(file))
