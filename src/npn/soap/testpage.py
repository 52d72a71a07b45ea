"""The vendors' test page: paste or upload a message, see how it is understood. No script; nothing is granted."""

import base64
import hashlib
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path
from urllib.parse import parse_qs

import jinja2
from markupsafe import Markup

from npn.soap.explain import Explanation

_TEMPLATE = Path(__file__).with_name("test.html").read_text("utf-8")
_STYLE = Path(__file__).with_name("test.css").read_text("utf-8")
_page = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(_TEMPLATE)


def _hash(style: str) -> str:
    return base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")


CONTENT_SECURITY = (
    f"default-src 'none'; style-src 'sha256-{_hash(_STYLE)}'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def page(explanation: Explanation | None) -> bytes:
    """Write the page, with an explanation where there is one. The message itself is not shown again."""
    return _page.render(style=Markup(_STYLE), explanation=explanation).encode("utf-8")  # noqa: S704  # our own file


def pasted(form: bytes, content_type: str) -> bytes:
    """Take the message out of a form: what was uploaded, else what was pasted; nothing where there is neither."""
    if content_type.partition(";")[0].strip().lower() != "multipart/form-data":
        values = parse_qs(form.decode("utf-8", "replace"), max_num_fields=10).get("message", [""])
        return values[0].encode("utf-8")
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    parts = {
        str(part.get_param("name", header="content-disposition")): part.get_payload(decode=True)
        for part in BytesParser(policy=HTTP).parsebytes(head + form).iter_parts()
    }
    content = parts.get("file") or parts.get("message") or b""
    return content if isinstance(content, bytes) else b""
