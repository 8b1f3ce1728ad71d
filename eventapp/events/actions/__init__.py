"""Making and changing series, editions, venues, spaces, gates and events. Every change is noted in the journal.

What belongs to an organiser is changed under the organiser's lock, an event under its own.
"""

from eventapp.events.actions.events import create_event, update_event
from eventapp.events.actions.facts import justify_overbooking, next_place, record_counts
from eventapp.events.actions.gates import create_gate, delete_gate, update_gate
from eventapp.events.actions.places import create_space, create_venue, update_space, update_venue
from eventapp.events.actions.series import create_edition, create_series, create_track, update_edition, update_series

__all__ = [
    "create_edition",
    "create_event",
    "create_gate",
    "create_series",
    "create_space",
    "create_track",
    "create_venue",
    "delete_gate",
    "justify_overbooking",
    "next_place",
    "record_counts",
    "update_edition",
    "update_event",
    "update_gate",
    "update_series",
    "update_space",
    "update_venue",
]
