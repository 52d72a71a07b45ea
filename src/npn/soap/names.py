"""The XML namespaces of the legacy web service, and the two versions of SOAP."""

from dataclasses import dataclass

DGWS_1_0 = "http://www.medcom.dk/dgws/2006/04/dgws-1.0.xsd"
DGWS_1_0_1 = "http://svn.medcom.dk/svn/releases/Standarder/DGWS/Schemas/medcom-1.0.1.xsd"
DGWS = (DGWS_1_0, DGWS_1_0_1)  # both are in use; an answer is in the caller's
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
DS = "http://www.w3.org/2000/09/xmldsig#"
XINCLUDE = ("http://www.w3.org/2001/XInclude", "http://www.w3.org/2003/XInclude")
PROBLEM = "urn:npn:problem:1"  # ours: what a fault's detail says beside the DGWS code


@dataclass(frozen=True, slots=True)
class Soap:
    """One version of SOAP: its envelope's namespace, its media type, and how a header block says whom it is for.

    `whom` is the attribute's name; `ours` are its values that mean the one who answers.
    """

    version: str
    namespace: str
    media_type: str
    whom: str
    ours: tuple[str, ...]


SOAP_1_1 = Soap(
    "1.1",
    "http://schemas.xmlsoap.org/soap/envelope/",
    "text/xml",
    "actor",
    ("http://schemas.xmlsoap.org/soap/actor/next",),
)
SOAP_1_2 = Soap(
    "1.2",
    "http://www.w3.org/2003/05/soap-envelope",
    "application/soap+xml",
    "role",
    (
        "http://www.w3.org/2003/05/soap-envelope/role/next",
        "http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver",
    ),
)
SOAPS = (SOAP_1_1, SOAP_1_2)


def split(tag: str) -> tuple[str, str]:
    """Return the namespace (empty where there is none) and the local name of an lxml tag."""
    if tag.startswith("{"):
        namespace, _, local = tag[1:].partition("}")
        return namespace, local
    return "", tag
