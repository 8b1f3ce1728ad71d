"""How often something may be tried: counters in the database, shared by every process, kept across restarts.

A counter is changed in a short transaction of its own, before the transaction of the request. Whose tries are counted is
stored as a hash, for at most a day.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from limits import RateLimitItem, parse_many
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy import CursorResult, Integer, String, bindparam, delete, or_, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from eventapp.lib.db import Base, Database, Unavailable, Utc

LONGEST = timedelta(days=1)


class LimitCounter(Base):
    """The tries of one kind by one person, place or device in the window that ends at `expires_at`."""

    __tablename__ = "limit_counter"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int] = mapped_column(Integer)
    expires_at: Mapped[datetime] = mapped_column(Utc, index=True)


@dataclass(frozen=True)
class Limit:
    """So many tries in so much time; several windows make the wait grow without ever locking anybody out for good.

    `passes_when_unsure`: what happens while the counters cannot be reached. Mail and sign-in refuse, reading and the door go on.
    """

    name: str
    windows: tuple[RateLimitItem, ...]
    passes_when_unsure: bool = False


@dataclass(frozen=True)
class Verdict:
    """Whether this try may go on; if not, after how many seconds the next may."""

    ok: bool
    retry_after: int


def limit(name: str, windows: str, *, passes_when_unsure: bool = False) -> Limit:
    """A limit as one reads it aloud: `limit("sign-in.account", "5 per minute; 20 per 10 minutes")`. No window is longer than a day."""
    return Limit(name, tuple(parse_many(windows)), passes_when_unsure)


# Source of the numbers: trust.md RATE-2 and RATE-3. The longer windows are the growing wait.
SIGN_IN_ACCOUNT = limit("sign-in.account", "5 per minute; 20 per 10 minutes; 40 per hour")
SIGN_IN_PREFIX = limit("sign-in.prefix", "30 per minute")
RESEND_ADDRESS = limit("resend.address", "3 per hour")
RESEND_PREFIX = limit("resend.prefix", "20 per hour")
UNKNOWN_CODES = limit("unknown-codes.device", "30 per minute", passes_when_unsure=True)
UNCONFIRMED_MAILS = limit("unconfirmed-mails.address", "5 per day")


def registrations(number: int) -> Limit:
    """So many registrations for one event from one network; who comes after them proves an address. Source: trust.md RATE-4."""
    return limit("registrations.prefix", f"{number} per 10 minutes", passes_when_unsure=True)


def hit(database: Database, limit: Limit, *keys: str, now: datetime) -> Verdict:
    """Count one try of `keys` and say whether it may go on. Every try counts, refused ones too.

    Raises Unavailable: the counters cannot be reached and the limit does not pass when unsure. RuntimeError: inside `writing()`.
    """
    try:
        with database.writing() as session:
            counters = SqlStorage(session, now)
            limiter = FixedWindowRateLimiter(counters)
            # Each window is counted, whatever the one before it said.
            passed = {window: limiter.hit(window, limit.name, *keys) for window in limit.windows}
            ends = [counters.get_expiry(window.key_for(limit.name, *keys)) for window, ok in passed.items() if not ok]
    except Unavailable:
        if limit.passes_when_unsure:
            return Verdict(True, 0)
        raise
    return Verdict(not ends, max((max(1, round(end - now.timestamp())) for end in ends), default=0))


def forgive(database: Database, limit: Limit, *keys: str, now: datetime) -> None:
    """Start these keys again at zero: a sign-in that succeeded does not count as guessing."""
    with database.writing() as session:
        for window in limit.windows:
            SqlStorage(session, now).clear(window.key_for(limit.name, *keys))


def sweep(database: Database, *, now: datetime) -> int:
    """Delete the counters whose window is over, and those that a clock gone wrong has put out of reach. Gives their number."""
    over = or_(LimitCounter.expires_at <= now, LimitCounter.expires_at > now + LONGEST)
    with database.writing() as session:
        result = session.execute(delete(LimitCounter).where(over))
        return result.rowcount if isinstance(result, CursorResult) else 0


def prefix(address: str | None) -> str:
    """The network a request comes from, as a key: /24 of IPv4, /64 of IPv6; one key for all whose address is unknown."""
    try:
        parsed = ip_address((address or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if parsed.version == 6 and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return str(ip_network((parsed, 24 if parsed.version == 4 else 64), strict=False))


_UPSERT = (
    text(
        "INSERT INTO limit_counter AS counter (key, count, expires_at) VALUES (:key, :amount, :expires_at) "
        "ON CONFLICT (key) DO UPDATE SET "
        # A window that ends later than a whole window from now was opened by a clock that has since stepped back.
        "count = CASE WHEN counter.expires_at <= :now OR counter.expires_at > excluded.expires_at THEN excluded.count "
        "ELSE counter.count + excluded.count END, "
        "expires_at = CASE WHEN counter.expires_at <= :now OR counter.expires_at > excluded.expires_at THEN excluded.expires_at "
        "ELSE counter.expires_at END "
        "RETURNING count"
    )
    .bindparams(bindparam("now", type_=Utc), bindparam("expires_at", type_=Utc))
    .columns(count=Integer)
)


class SqlStorage(Storage):
    """The counters as the `limits` library wants them, for one transaction and one `now`. One atomic statement a count."""

    STORAGE_SCHEME = ["eventapp+sql"]  # noqa: RUF012 - read by the library's registry

    def __init__(self, session: Session, now: datetime) -> None:
        super().__init__()
        self.session = session
        self.now = now

    @property
    def base_exceptions(self) -> type[Exception] | tuple[type[Exception], ...]:
        """What `Database` translates or what is a bug: nothing to be wrapped."""
        return ()

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count, opening a new window of `expiry` seconds when the last one is over. Gives the new count."""
        values = {"key": _hashed(key), "amount": amount, "now": self.now, "expires_at": self.now + timedelta(seconds=expiry)}
        return int(self.session.execute(_UPSERT, values).scalar_one())

    def get(self, key: str) -> int:
        """The count of the open window."""
        counter = self._counter(key)
        return counter.count if counter and counter.expires_at > self.now else 0

    def get_expiry(self, key: str) -> float:
        """When the window ends, as a timestamp."""
        counter = self._counter(key)
        return (counter.expires_at if counter else self.now).timestamp()

    def check(self) -> bool:
        """Whether the counters can be reached."""
        return self.session.scalar(select(1)) == 1

    def reset(self) -> int | None:
        """Forget everything."""
        self.session.execute(delete(LimitCounter))
        return None

    def clear(self, key: str) -> None:
        """Forget one counter."""
        self.session.execute(delete(LimitCounter).where(LimitCounter.key == _hashed(key)))

    def _counter(self, key: str) -> LimitCounter | None:
        return self.session.get(LimitCounter, _hashed(key), populate_existing=True)


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
