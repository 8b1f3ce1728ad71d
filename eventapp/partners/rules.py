"""Who carries an event, in the order of protocol: each type of partnership is a heading of its own, never a soup of logos."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

MAX_ORGANISATION = 160
MAX_WEBSITE = 300
MAX_TIER = 60
MAX_TIER_ORDER = 20
MAX_ALT = 300
MAX_CREDIT = 120
MAX_PARTNERSHIPS = 300


class PartnershipType(StrEnum):
    """What a body is to an edition or an event. The order of the members is that of protocol."""

    ORGANISER = "organiser"
    CO_ORGANISER = "co_organiser"
    CARRIER = "carrier"
    GOVERNANCE = "governance"
    PARTNER = "partner"
    SUPPORT = "support"
    MEDIA = "media"
    LABEL = "label"
    HOST = "host"


PROTOCOL: Mapping[PartnershipType, int] = {type_: place for place, type_ in enumerate(PartnershipType)}

HEADINGS: Mapping[PartnershipType, Mapping[str, str]] = {
    PartnershipType.ORGANISER: {"fr": "Organisé par", "en": "Organised by"},
    PartnershipType.CO_ORGANISER: {"fr": "Co-organisé par", "en": "Co-organised by"},
    PartnershipType.CARRIER: {"fr": "Porté par", "en": "Carried by"},
    PartnershipType.GOVERNANCE: {"fr": "Gouvernance", "en": "Governance"},
    PartnershipType.PARTNER: {"fr": "En partenariat avec", "en": "In partnership with"},
    PartnershipType.SUPPORT: {"fr": "Avec le soutien de", "en": "With the support of"},
    PartnershipType.MEDIA: {"fr": "Partenaires médias", "en": "Media partners"},
    PartnershipType.LABEL: {"fr": "Label", "en": "Label"},
    PartnershipType.HOST: {"fr": "Accueilli par", "en": "Hosted by"},
}


class Direction(StrEnum):
    """Which way a partner moves under its heading."""

    UP = "up"
    DOWN = "down"


class LogoSize(StrEnum):
    """How large a logo is shown beside the others of its heading."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


LOGO_SIZE_WORDS: Mapping[LogoSize, Mapping[str, str]] = {
    LogoSize.SMALL: {"fr": "Petit", "en": "Small"},
    LogoSize.MEDIUM: {"fr": "Moyen", "en": "Medium"},
    LogoSize.LARGE: {"fr": "Grand", "en": "Large"},
}


@dataclass(frozen=True, kw_only=True)
class PartnerValues:
    """A body and what it is here. Name, website and logo are the body's, everywhere; type and tier belong to this partnership.

    `logo` holds file, width, height, alt and credit of a stored picture; None leaves the one there is.
    """

    organisation: str
    type: str
    website: str = ""
    tier: Mapping[str, str] = field(default_factory=dict)
    tier_order: int = 0
    logo_size: str = LogoSize.MEDIUM
    logo: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Owner:
    """What a body carries: an edition or an event of an organiser, exactly one of the two."""

    organiser_id: int
    edition_id: int | None = None
    event_id: int | None = None

    def __post_init__(self) -> None:
        """Raises ValueError: both or neither."""
        if (self.edition_id is None) == (self.event_id is None):
            raise ValueError("a partnership belongs to an edition or to an event")
