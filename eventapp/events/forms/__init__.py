"""What organisers type about series, editions, places and events; and the words for what is refused."""

from eventapp.events.forms.events import EventForm, NewEventForm, typed_event
from eventapp.events.forms.places import EditSpaceForm, GateForm, NewGateForm, NewSpaceForm, lines
from eventapp.events.forms.sentences import blame, sentence
from eventapp.events.forms.series import EditionForm, NewEditionForm, NewSeriesForm, SeriesForm

__all__ = [
    "EditSpaceForm",
    "EditionForm",
    "EventForm",
    "GateForm",
    "NewEditionForm",
    "NewEventForm",
    "NewGateForm",
    "NewSeriesForm",
    "NewSpaceForm",
    "SeriesForm",
    "blame",
    "lines",
    "sentence",
    "typed_event",
]
