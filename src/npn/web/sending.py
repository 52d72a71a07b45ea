"""What a browser sends: a form of ours from a page of ours, at most so large, and for whom its page was made."""

from dataclasses import dataclass

from npn.errors import RefusedError, codes
from npn.http.requests import read_body
from npn.web import forms, uploads
from npn.web.routes import Route
from npn.web.visit import Visit
from npn.wire.problems import RequestError

KEPT = "kept"  # names a kept form: in the address that shows it, and in the form that is then sent
_TIMES_SHOWN_AGAIN = 4  # of what a form may have: that much is read, to be shown again
_MORE_SHOWN_AGAIN = 1_048_576  # bytes, and no more than that beyond


@dataclass(frozen=True, slots=True)
class SentForm:
    """A form as it came: its fields, its bytes, and for whom its page was made.

    `owner`: an account's id, empty for nobody; None where it can't be known. `sound`: the token is this session's.
    """

    fields: dict[str, str]
    size: int
    owner: str | None
    sound: bool


class FormTooLargeError(RefusedError):
    """A form with more than may be read at all. `sent` in bytes; 0 where nobody said."""

    def __init__(self, *, sent: int, most: int) -> None:
        """`most`: the bytes that the form may have."""
        super().__init__(f"the form is larger than {most} bytes", code=codes.FORM_TOO_LARGE)
        self.sent = sent
        self.most = most


async def read_form(visit: Visit, route: Route, *, admitted: bool) -> SentForm:
    """Read a form; of whom the rule admits, more than it may have, so that it can be shown again.

    Raises RefusedError `form_expired` where no page of ours sent it; FormTooLargeError.
    """
    kind = visit.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    has_files = route.files and kind == uploads.MULTIPART
    if not _is_ours(visit) or not (has_files or kind == "application/x-www-form-urlencoded"):
        raise expired()
    body = await _body(visit, route.largest, admitted=admitted)
    fields = await _with_files(visit, body) if has_files else forms.decoded(body)
    if fields is None:
        raise expired()
    token = fields.get(forms.TOKEN, "")
    mark = token.partition(".")[2]
    return SentForm(
        fields=fields,
        size=len(body),
        owner=visit.services.kept_forms.owner(mark) if mark else None,
        sound=visit.cookies.is_token(token, visit.session_digest),
    )


def without_secrets(fields: dict[str, str]) -> dict[str, str]:
    """Return what was typed, without passwords and codes and without what the service put into the form."""
    left_out = {*forms.SECRET_NAMES, forms.TOKEN, KEPT}
    return {name: value for name, value in fields.items() if name not in left_out}


def expired() -> RefusedError:
    """Make the error for a form that is too old, or not from a page of ours."""
    return RefusedError("the form was too old, or came from elsewhere", code=codes.FORM_EXPIRED)


def _is_ours(visit: Visit) -> bool:
    """Whether the browser does not say that another site sent it.

    Our pages send no referrer, so browsers name no origin for their forms either.
    """
    headers = visit.request.headers
    origin, host = headers.get("origin", ""), headers.get("host", "")
    from_here = headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
    named = origin in ("", "null") or origin.partition("://")[2] == host
    return from_here and (named or "sec-fetch-site" in headers)


async def _with_files(visit: Visit, body: bytes) -> forms.SentFields | None:
    """Read a form with files, which the visit gets."""
    content = await visit.read(uploads.read_multipart, body, visit.request.headers.get("content-type", ""))
    if content is None:
        return None
    visit.uploads = content.files
    return forms.SentFields(content.values)


async def _body(visit: Visit, largest: int, *, admitted: bool) -> bytes:
    most = min(largest * _TIMES_SHOWN_AGAIN, largest + _MORE_SHOWN_AGAIN) if admitted else largest
    try:
        return await read_body(visit.request, largest=most)
    except RequestError as error:
        if error.code == codes.BODY_TOO_LARGE:
            declared = visit.request.headers.get("content-length", "")
            raise FormTooLargeError(sent=int(declared) if declared.isdecimal() else 0, most=largest) from error
        raise expired() from error
