"""Text as people type it: what is accepted, how long it is, how it is compared, and which addresses may be followed.

Pure, and of the standard library alone: rules, fields, imports and the API all judge by the same functions.
"""

import re
import unicodedata
from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

CODE_POINTS_EACH = 4
"""A column that holds `n` graphemes is `String(n * CODE_POINTS_EACH)`: PostgreSQL counts code points."""

EMAIL_MAX = 254
"""Characters of a whole address. Source: RFC 5321 §4.5.3.1.3, less its two brackets."""

LOCAL_MAX = 64
MARKS_IN_A_ROW = 30
"""Source: UAX #15, Stream-Safe Text Format. Longer runs make normalisation quadratic."""

URL_MAX = 2_000

_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Letters and marks that draw nothing, although Unicode files them under letters or symbols.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_BLANKS = " \n\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_EMAIL_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+")
_DOMAIN_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_APOSTROPHES = frozenset("'’‘ʼʹ′`´ꞌ＇")
# Letters that decomposition leaves whole, as a French or English keyboard would write them.
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ı": "i", "þ": "th", "ħ": "h"})


class Unclean(ValueError):
    """Text that cannot be kept as it is.

    Codes: text.surrogate, text.control, text.newline, text.marks, text.bidi, text.link.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def clean(value: str, *, multiline: bool = False, title: bool = False, name: bool = False) -> str:
    """The text in its one stored form: NFC, trimmed, lines ending in LF; "" when nothing of it can be seen.

    `title` also refuses marks that turn the direction of writing; `name`, for persons, also links.
    Idempotent. Raises Unclean. Source: trust.md IN-1.
    """
    _refuse_unstorable(value)
    normal = unicodedata.normalize("NFC", _with_plain_line_ends(value)).strip(_BLANKS)
    _refuse_controls(normal, multiline=multiline)
    if title or name:
        _refuse_bidi(normal)
    if name:
        _refuse_links(normal)
    return normal if any(_is_visible(character) for character in normal) else ""


def graphemes(value: str) -> int:
    """How long the text is to its reader: one for each grapheme of up to 4 code points, one more for each 4 beyond.

    So a letter with its accents counts one, a family emoji two, and `n` graphemes never exceed 4n code points.
    Source: trust.md IN-2; UAX #29, without the conjuncts of Indic scripts.
    """
    return sum(-(-size // CODE_POINTS_EACH) for size in _clusters(value))


def email_problem(address: str) -> str | None:
    """Why nobody could be written to at this address, or None.

    One of email.too_long, email.list, email.quoted, email.address_literal, email.local_not_ascii, email.malformed.
    Nothing is looked up. Source: trust.md IN-3; RFC 5321 §4.1.2, without what no provider has issued for years.
    """
    local, at, domain = address.rpartition("@")
    if len(address) > EMAIL_MAX or len(local) > LOCAL_MAX:
        return "email.too_long"
    if any(separator in address for separator in ",;") or (address.count("@") > 1 and '"' not in address):
        return "email.list"
    if '"' in address:
        return "email.quoted"
    if _is_address_literal(domain):
        return "email.address_literal"
    if not at or not all(_is_graphic(character) for character in address):
        return "email.malformed"
    if not local.isascii():
        return "email.local_not_ascii"
    if not all(_EMAIL_ATOM.fullmatch(atom) for atom in local.split(".")):
        return "email.malformed"
    ascii_domain = _ascii_domain(domain)
    if ascii_domain is None or not _is_domain(ascii_domain):
        return "email.malformed"
    return "email.too_long" if len(local) + 1 + len(ascii_domain) > EMAIL_MAX else None


def canonical_email(address: str) -> str:
    """The address by which two writings of one mailbox are compared; never written to.

    NFC, case folded, "+tag" dropped, an international domain in its ASCII form.
    """
    folded_address = unicodedata.normalize("NFC", address.strip()[: 2 * EMAIL_MAX]).casefold()
    local, at, domain = folded_address.rpartition("@")
    if not at:
        return folded_address
    mailbox = local.partition("+")[0] or local
    return f"{mailbox}@{_ascii_domain(domain) or domain}"


def wire_email(address: str) -> str:
    """The same address for envelopes and headers: the domain in ASCII, the rest untouched."""
    local, at, domain = address.rpartition("@")
    return f"{local}@{_ascii_domain(domain) or domain}" if at else address


def folded(text: str) -> str:
    """Text for searching: small letters without accents, apostrophes dropped, anything else between words one space.

    "O'Neil, Inès" becomes "oneil ines". Search by `words`, so that order does not matter.
    """
    return " ".join(_plain_words("".join(character for character in text if character not in _APOSTROPHES)))


def words(query: str) -> list[str]:
    """What each must be found somewhere in a `folded` text for the text to match: "ines o'neil" → ["ines", "oneil"]."""
    return folded(query).split()


def slug(text: str, *, limit: int = 80) -> str:
    """The text as one segment of a URL: [a-z0-9-], whole words as far as they fit; "" when no letter of it is Latin."""
    result = ""
    for word in _plain_words(text):
        latin = "".join(letter for letter in word if letter.isascii())
        longer = f"{result}-{latin}" if result else latin[:limit]
        if len(longer) > limit:
            break
        result = longer if latin else result
    return result


def safe_next(path: str | None) -> str:
    """Where a form may send its reader afterwards: one path of this site, else the home page.

    Source: trust.md HOST-4.
    """
    decoded = unquote(path or "")
    if not decoded.startswith("/") or any(mark in decoded for mark in ("//", "\\", "@")):
        return "/"
    if not all(character == " " or _is_graphic(character) for character in decoded):
        return "/"
    return path or "/"


def safe_url(url: str, *, schemes: tuple[str, ...] = ("http", "https", "mailto", "tel")) -> str | None:
    """The URL if a page may link to it, else None: one of these schemes, a host where there must be one, no user.

    Source: trust.md OUT-1.
    """
    if len(url) > URL_MAX or not all(_is_graphic(character) and character not in '\\<>"' for character in url):
        return None
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in schemes:
        return None
    if parts.scheme in ("http", "https"):
        return url if host and "@" not in parts.netloc else None
    return url if parts.path and not parts.netloc else None


def _with_plain_line_ends(value: str) -> str:
    return re.sub("\r\n|[\r\u2028\u2029]", "\n", value)


def _refuse_unstorable(value: str) -> None:
    marks = 0
    for character in value:
        if "\ud800" <= character <= "\udfff":
            raise Unclean("text.surrogate")
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks > MARKS_IN_A_ROW:
            raise Unclean("text.marks")


def _refuse_controls(value: str, *, multiline: bool) -> None:
    for character in value:
        if character == "\n" and not multiline:
            raise Unclean("text.newline")
        if character != "\n" and _is_control(character):
            raise Unclean("text.control")


def _refuse_bidi(value: str) -> None:
    if not _BIDI.isdisjoint(value):
        raise Unclean("text.bidi")


def _refuse_links(value: str) -> None:
    if "/" in value or "www." in value.casefold():
        raise Unclean("text.link")


def _is_control(character: str) -> bool:
    # U+FFFE and U+FFFF cannot be written in XML, hence not in a spreadsheet.
    return unicodedata.category(character) == "Cc" or character in "\ufffe\uffff"


def _is_visible(character: str) -> bool:
    return (
        unicodedata.category(character) not in ("Cc", "Cf", "Zs", "Zl", "Zp")
        and character not in _BLANK
        and not _is_variation_selector(character)
    )


def _is_variation_selector(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\u180b" <= character <= "\u180f" or "\U000e0100" <= character <= "\U000e01ef"


def _is_graphic(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zs", "Zl", "Zp")


def _is_address_literal(domain: str) -> bool:
    if domain.startswith("["):
        return True
    try:
        ip_address(domain)
    except ValueError:
        return False
    return True


def _ascii_domain(domain: str) -> str | None:
    try:
        return unicodedata.normalize("NFC", domain).casefold().encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None


def _is_domain(domain: str) -> bool:
    labels = domain.split(".")
    return len(labels) > 1 and not labels[-1].isdigit() and all(_DOMAIN_LABEL.fullmatch(label) for label in labels)


def _plain_words(text: str) -> list[str]:
    # Marks are dropped before decomposition too: sorting a long pile of them would take quadratic time.
    decomposed = unicodedata.normalize("NFKD", _without_marks(text.casefold().translate(_LETTERS)))
    bare = _without_marks(decomposed.casefold())
    return "".join(character if character.isalnum() else " " for character in bare).split()


def _without_marks(text: str) -> str:
    # Formatting characters go like accents do: a soft hyphen inside a word does not end it.
    return "".join(character for character in text if unicodedata.category(character) not in ("Mn", "Me", "Cf"))


def _clusters(value: str) -> Iterator[int]:
    """The number of code points of each extended grapheme cluster."""
    size = 0
    flags = 0
    before = ""
    for character in value:
        flags = flags + 1 if _is_regional(before) else 0
        if size and not _joins(before, character, pairs=flags % 2 == 1):
            yield size
            size = 0
        size += 1
        before = character
    if size:
        yield size


def _joins(before: str, character: str, *, pairs: bool) -> bool:
    if before == "\r" and character == "\n":
        return True
    if _is_control(before) or _is_control(character):
        return False
    if _is_regional(before) and _is_regional(character):
        return pairs
    if before == "\u200d" and unicodedata.category(character) in ("So", "Sk"):
        return True
    return _extends(character) or _is_hangul_tail(before, character)


def _extends(character: str) -> bool:
    return (
        character in "\u200c\u200d"
        or unicodedata.category(character) in ("Mn", "Me", "Mc")
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or "\U000e0020" <= character <= "\U000e007f"
    )


def _is_regional(character: str) -> bool:
    return bool(character) and "\U0001f1e6" <= character <= "\U0001f1ff"


def _is_hangul_tail(before: str, character: str) -> bool:
    if "\u1160" <= character <= "\u11ff":
        return "\u1100" <= before <= "\u11ff" or "\uac00" <= before <= "\ud7a3"
    return "\u1100" <= character <= "\u115f" and "\u1100" <= before <= "\u115f"
