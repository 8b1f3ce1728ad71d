"""The phones' own resources: enrolment, the phone itself, scans, people. Every answer says that it is ours and repeats the echo."""

from eventapp.api.door import devices, people, scans
from eventapp.api.door.envelope import door

__all__ = ["devices", "door", "people", "scans"]
