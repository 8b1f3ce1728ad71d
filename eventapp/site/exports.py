"""The public side for machines: schema.org, calendar feeds, sitemap. Bytes and plain values, no questions asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

from icalendar import Calendar

from eventapp.events.models import Event, Space
from eventapp.lib.languages import LANGUAGES, chosen
from eventapp.tickets import exports as tickets

STATUS = {
    "published": "https://schema.org/EventScheduled",
    "archived": "https://schema.org/EventScheduled",
    "postponed": "https://schema.org/EventPostponed",
    "called_off": "https://schema.org/EventCancelled",
}
ONLINE = "online"


def place_words(event: Event) -> str:
    """Where it happens, on one line; "" when nobody knows yet."""
    space = event.space
    return ", ".join(part for part in (space.venue.name, space.name, space.venue.city) if part) if space else ""


def calendar_face(event: Event, *, language: str, host: str, url: str, stamp: datetime) -> tickets.CalendarFace:
    """The public date of an event: its UID never changes, its sequence grows with every announced change."""
    return tickets.CalendarFace(
        uid=f"{event.public_id}@{host}",
        sequence=event.sequence,
        title=chosen(event.title, language)[0],
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        stamp_at=stamp,
        zone=event.zone,
        place=place_words(event),
        description=chosen(event.summary, language)[0],
        url=url,
        cancelled=event.state == "called_off",
    )


def feed(faces: Iterable[tickets.CalendarFace], *, name: str) -> bytes:
    """Several dates as one calendar that can be subscribed to."""
    whole = Calendar()
    whole.add("prodid", "-//eventapp//site//EN")
    whole.add("version", "2.0")
    whole.add("name", name)
    whole.add("x-wr-calname", name)
    zones: set[str] = set()
    for face in faces:
        for part in Calendar.from_ical(tickets.calendar(face)).subcomponents:
            if part.name == "VTIMEZONE":
                if str(part["TZID"]) in zones:
                    continue
                zones.add(str(part["TZID"]))
            whole.add_component(part)
    return bytes(whole.to_ical())


def schema_event(event: Event, *, language: str, url: str, open_seats: bool | None, image: str | None = None) -> dict[str, Any]:
    """The event for search engines (schema.org Event). `open_seats`: True in stock, False sold out, None nothing offered."""
    zone = ZoneInfo(event.zone)
    described: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Event",
        "@id": url,
        "name": chosen(event.title, language)[0],
        "url": url,
        "startDate": event.starts_at.astimezone(zone).isoformat(timespec="minutes"),
        "endDate": event.ends_at.astimezone(zone).isoformat(timespec="minutes"),
        "doorTime": event.doors_at.astimezone(zone).isoformat(timespec="minutes"),
        "eventStatus": STATUS[event.state],
        "eventAttendanceMode": f"https://schema.org/{'OnlineEventAttendanceMode' if event.kind == ONLINE else 'OfflineEventAttendanceMode'}",
        "organizer": {"@type": "Organization", "name": event.organiser.name},
        "isAccessibleForFree": True,
        "inLanguage": list(event.spoken) or ["fr"],
    }
    summary = chosen(event.summary, language)[0]
    if summary:
        described["description"] = summary
    if image:
        described["image"] = [image]
    if event.space is not None:
        described["location"] = _place(event.kind, event.space)
    if event.edition is not None:
        described["superEvent"] = {"@type": "EventSeries", "name": chosen(event.edition.series.name, language)[0]}
    if open_seats is not None:
        available = "https://schema.org/InStock" if open_seats else "https://schema.org/SoldOut"
        described["offers"] = {"@type": "Offer", "url": url, "price": 0, "priceCurrency": "EUR", "availability": available}
    return described


def _place(kind: str, space: Space) -> dict[str, Any]:
    if kind == ONLINE:
        return {"@type": "VirtualLocation", "name": space.venue.name}
    address = {"@type": "PostalAddress", "streetAddress": space.venue.address, "addressLocality": space.venue.city}
    return {
        "@type": "Place",
        "name": ", ".join(part for part in (space.venue.name, space.name) if part),
        "address": {name: value for name, value in address.items() if value},
    }


def sitemap(pages: Iterable[Mapping[str, str]], absolute: Callable[[str], str]) -> bytes:
    """Each page in each language, every one naming its twins. `pages` are {language: path}."""
    ElementTree.register_namespace("", "http://www.sitemaps.org/schemas/sitemap/0.9")
    ElementTree.register_namespace("xhtml", "http://www.w3.org/1999/xhtml")
    root = ElementTree.Element("{http://www.sitemaps.org/schemas/sitemap/0.9}urlset")
    for twins in pages:
        for language in LANGUAGES:
            url = ElementTree.SubElement(root, "{http://www.sitemaps.org/schemas/sitemap/0.9}url")
            ElementTree.SubElement(url, "{http://www.sitemaps.org/schemas/sitemap/0.9}loc").text = absolute(twins[language])
            for other in LANGUAGES:
                link = ElementTree.SubElement(url, "{http://www.w3.org/1999/xhtml}link")
                link.attrib.update({"rel": "alternate", "hreflang": other, "href": absolute(twins[other])})
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))
