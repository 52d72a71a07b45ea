"""What came in by mail, read so that nothing in it can harm: bounded in size, parts and depth, and never believed.

Who wrote a mail is what it says of itself; nothing here or above takes it for an authority. Attachments are named,
not kept: the service is no place for files of unknown content.
"""

import email
import email.header
import email.policy
import html
import re
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import Message

from npn.errors import InvalidInputError, codes
from npn.mail.model import Thread, address, one_line
from npn.wording import visible

LARGEST = 5_000_000  # bytes
LONGEST_TEXT = 20_000  # characters kept
_LONGEST_HEADER = 2_000
_HEADER_BYTES = 65_536
_MOST_PARTS = 100  # declared parts, however deeply they are nested
_MOST_LINES = 200_000
_MOST_ATTACHMENTS = 20
_LONGEST_PART_HEADER = 2_000
_PART = re.compile(
    rb"^content-(?:type|disposition|transfer-encoding):[^\n]*(?:\n[ \t][^\n]*)*", re.IGNORECASE | re.MULTILINE
)
_MARKUP = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)[^<>]*>|<![^<>]*>|[^<]+|<")
_TEXTS = frozenset({"text/plain", "text/html", "text/enriched"})
_ANGLED = re.compile(r"<([^<>]*)>\s*\Z")
_BLANKS = re.compile(r"[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")


@dataclass(frozen=True, slots=True)
class Attachment:
    """What was attached: its name and kind as the mail says, its size in bytes."""

    name: str
    kind: str
    size: int


@dataclass(frozen=True, slots=True)
class IncomingEmail:
    """A mail that came in. `sender` is empty where the mail names none; `automatic`: a machine wrote it.

    `cut`: there was more text than is kept, or parts that could not be read.
    """

    sender: str
    sender_name: str
    subject: str
    text: str
    message_id: str
    thread: Thread | None
    automatic: bool
    cut: bool
    attachments: tuple[Attachment, ...] = ()


def read(raw: bytes, *, largest: int = LARGEST) -> IncomingEmail:
    """Read a mail as a mail server hands it over. Raises InvalidInputError `mail_too_large`, `not_a_mail`."""
    if len(raw) > largest:
        raise InvalidInputError(f"the mail is larger than {largest} bytes", code=codes.MAIL_TOO_LARGE, field="mail")
    head, body = _parted(raw)
    headers = email.message_from_string(_as_text(head) + "\n\n", policy=email.policy.compat32)
    if not headers.keys():
        raise InvalidInputError("not a mail: it has no headers", code=codes.NOT_A_MAIL, field="mail")
    name, sender = _sender(headers)
    text, attachments, cut = _content(head, body)
    return IncomingEmail(
        sender=sender,
        sender_name=name,
        subject=_header(headers, "Subject"),
        text=text,
        message_id=one_line(_raw(headers, "Message-ID"), 250),
        thread=_thread(headers),
        automatic=_is_automatic(headers),
        cut=cut,
        attachments=attachments,
    )


def _parted(raw: bytes) -> tuple[bytes, bytes]:
    """Part headers and body; more headers than anybody writes are left out, folded ones count as one."""
    lines = raw.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n").lstrip(b"\n")
    if lines.startswith(b"From "):  # the envelope line that mailboxes and some pipes put before
        lines = lines.partition(b"\n")[2]
    head, _, body = lines.partition(b"\n\n")
    return head[:_HEADER_BYTES], body


def _as_text(head: bytes) -> str:
    """Read headers that are written in more than ASCII as what they most likely are."""
    try:
        return head.decode("utf-8")
    except UnicodeDecodeError:
        return head.decode("latin-1")


def _raw(headers: Message, name: str) -> str:
    value = headers.get(name, "")
    return str(value)[:_LONGEST_HEADER]


def _header(headers: Message, name: str) -> str:
    """Decode a header; what is not decodable stays as it was written."""
    raw = _raw(headers, name)
    try:
        parts = email.header.decode_header(raw)
        text = "".join(
            part.decode(charset or "ascii", "replace") if isinstance(part, bytes) else part for part, charset in parts
        )
    except (ValueError, LookupError, email.errors.MessageError):
        text = raw
    return one_line(text.encode("utf-8", "replace").decode("utf-8"))


def _sender(headers: Message) -> tuple[str, str]:
    """Return the name and the address the mail says it is from, the address empty where it is invalid."""
    raw = _raw(headers, "From")
    angled = _ANGLED.search(raw)
    name = _ANGLED.sub("", _header(headers, "From")).strip(' "')
    try:
        return one_line(name if angled else "", 100), address(angled[1] if angled else raw)
    except InvalidInputError:
        return one_line(name, 100), ""


def _thread(headers: Message) -> Thread | None:
    """Find the case's mark: in the address written to, else the subject, else what the mail answers."""
    for name in ("Delivered-To", "X-Original-To", "To", "Cc"):
        thread = Thread.find(_raw(headers, name))
        if thread is not None:
            return thread
    return (
        Thread.find(_header(headers, "Subject"))
        or Thread.find(_raw(headers, "In-Reply-To"))
        or Thread.find(_raw(headers, "References"))
    )


def _is_automatic(headers: Message) -> bool:
    """Whether a machine wrote it: an absence note, a mailing list, a message that could not be delivered (RFC 3834)."""
    value = _raw(headers, "Auto-Submitted").strip().lower()
    bulk = _raw(headers, "Precedence").strip().lower() in ("bulk", "junk", "list", "auto_reply")
    returned = _raw(headers, "Return-Path").strip() == "<>" or "report" in _raw(headers, "Content-Type").lower()
    return bulk or returned or (bool(value) and value != "no") or "List-Id" in headers


def _content(head: bytes, body: bytes) -> tuple[str, tuple[Attachment, ...], bool]:
    """Return the text, what was attached, and whether something was left out."""
    whole = head + b"\n\n" + body
    sizes = [len(match[0]) for match in _PART.finditer(whole)]
    if len(sizes) > _MOST_PARTS or max(sizes, default=0) > _LONGEST_PART_HEADER or whole.count(b"\n") > _MOST_LINES:
        return "(The mail has too many parts or lines to be shown.)", (), True
    try:
        mail = email.message_from_bytes(whole, policy=email.policy.compat32)
        pieces = _Pieces()
        pieces.take(mail)
        text = "\n\n".join(piece for piece in map(_clean, pieces.texts) if piece)
    except (ValueError, LookupError, RecursionError, TypeError, AttributeError, email.errors.MessageError):
        # The library's parser has faults on mail that was made to break it.
        return "(The mail can't be read.)", (), True
    cut = len(text) > LONGEST_TEXT or len(pieces.attached) > _MOST_ATTACHMENTS
    return text[:LONGEST_TEXT], tuple(pieces.attached[:_MOST_ATTACHMENTS]), cut


@dataclass
class _Pieces:
    """What a mail consists of, in its order: every text that a reader would see, and what was attached, by name."""

    texts: list[str] = field(default_factory=list)
    attached: list[Attachment] = field(default_factory=list)

    def take(self, part: Message) -> None:
        """Take a part and what it holds; of alternatives the plain one, where it says anything."""
        kind = part.get_content_type()
        if kind == "message/rfc822":
            self._forwarded(part)
        elif kind == "multipart/alternative":
            self._alternative(part)
        elif part.is_multipart():
            for inner in _inner(part):
                self.take(inner)
        elif kind in _TEXTS and part.get_content_disposition() != "attachment":
            self.texts.append(_words(part))
        else:
            self.attached.append(_attachment(part))

    def _forwarded(self, part: Message) -> None:
        """Name a mail that was forwarded as a whole, by its topic, and take what it says."""
        for mail in _inner(part):
            topic = _header(mail, "Subject") or "?"
            self.attached.append(Attachment(one_line(f"{topic}.eml", 100), "message/rfc822", len(mail.as_bytes())))
            self.texts.append(f"[Videresendt / Forwarded: {topic}]")
            self.take(mail)

    def _alternative(self, part: Message) -> None:
        parts = []
        for inner in _inner(part):
            pieces = _Pieces()
            pieces.take(inner)
            plain = inner.get_content_type() == "text/plain"
            parts.append((bool("".join(pieces.texts).strip()), plain, pieces))
        self.attached += [attachment for _, _, pieces in parts for attachment in pieces.attached]
        if parts:
            self.texts += max(parts, key=lambda each: each[:2])[2].texts


def _inner(part: Message) -> list[Message]:
    payload = part.get_payload()
    return (
        [payload_part for payload_part in payload if isinstance(payload_part, Message)]
        if isinstance(payload, list)
        else []
    )


def _words(part: Message) -> str:
    text = _text(part)
    return _without_markup(text) if part.get_content_type() == "text/html" else text


def _bytes(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _text(part: Message) -> str:
    """Decode a text as it says it is written, else as what it most likely is: UTF-8, or what Windows wrote."""
    raw, charset = _bytes(part), part.get_content_charset() or "utf-8"
    for likely in (charset, "utf-8"):
        with suppress(LookupError, ValueError):
            return raw.decode(likely)
    whole = raw.decode("utf-8", "replace")
    letters = sum(1 for c in whole if c > "\x7f" and c != "\ufffd")
    return whole if letters > whole.count("\ufffd") else raw.decode("cp1252", "replace")


def _attachment(part: Message) -> Attachment:
    return Attachment(
        one_line(part.get_filename() or "?", 100), one_line(part.get_content_type(), 80), len(_bytes(part))
    )


def _clean(text: str) -> str:
    """Keep what a page can show: nothing that can't be seen, nothing that turns the direction of writing."""
    lines = visible(_BLANKS.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))).split("\n")
    return re.sub(r"\n{4,}", "\n\n\n", "\n".join(line.rstrip() for line in lines)).strip()


def _without_markup(page: str) -> str:
    """Return the words of a page that came as mail, without its markup, scripts and styles; one pass, no way back."""
    words, hidden = [], 0
    for match in _MARKUP.finditer(page[: 10 * LONGEST_TEXT]):
        name = (match[2] or "").lower()
        if name in ("script", "style", "head", "title"):
            hidden = max(0, hidden - 1) if match[1] else hidden + 1
        elif name in ("br", "p", "div", "tr", "li") and not match[1]:
            words.append("\n")
        elif not name and not hidden and not match[0].startswith("<!"):
            words.append(match[0])
    return html.unescape("".join(words))
