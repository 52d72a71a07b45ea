"""Draw, repeat, look up, release and be refused, with zeep (pip install zeep).

NPN_SOAP_URL, NPN_SYSTEM and NPN_SECRET say where and who; over TLS also NPN_CA, NPN_CERT, NPN_CERT_KEY (PEM files).
Without NPN_SECRET the client certificate alone says who calls (level 1).
A fault is told on standard error, and the exit status is 1.
"""

import os
import sys
import uuid
from datetime import UTC, datetime, timedelta

import requests
import zeep
from lxml import etree
from zeep.transports import Transport

URL = os.environ["NPN_SOAP_URL"]
SYSTEM, SECRET = os.environ.get("NPN_SYSTEM", ""), os.environ.get("NPN_SECRET", "")
MEDCOM = "http://svn.medcom.dk/svn/releases/Standarder/DGWS/Schemas/medcom-1.0.1.xsd"
WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity"
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"


def zulu(at: datetime) -> str:
    """Write a time as DGWS wants it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def card() -> str:
    """Write an ID card of level 2: the system's id and its key's secret."""
    begins = datetime.now(UTC) - timedelta(minutes=1)
    values = {
        "sosi:IDCardID": str(uuid.uuid4()),
        "sosi:IDCardVersion": "1.0.1",
        "sosi:IDCardType": "system",
        "sosi:AuthenticationLevel": "2",
    }
    attributes = "".join(
        f'<saml:Attribute Name="{name}"><saml:AttributeValue>{value}</saml:AttributeValue></saml:Attribute>'
        for name, value in values.items()
    )
    return f"""<saml:Assertion xmlns:saml="{SAML}" IssueInstant="{zulu(begins)}" Version="2.0" id="IDCard">
    <saml:Issuer>{SYSTEM}</saml:Issuer><saml:Subject><saml:NameID Format="medcom:itsystemname">{SYSTEM}</saml:NameID>
    <saml:SubjectConfirmation>
    <saml:ConfirmationMethod>urn:oasis:names:tc:SAML:2.0:cm:holder-of-key</saml:ConfirmationMethod>
    <saml:SubjectConfirmationData><wsse:UsernameToken><wsse:Username>{SYSTEM}</wsse:Username>
    <wsse:Password>{SECRET}</wsse:Password></wsse:UsernameToken></saml:SubjectConfirmationData>
    </saml:SubjectConfirmation></saml:Subject>
    <saml:Conditions NotBefore="{zulu(begins)}" NotOnOrAfter="{zulu(begins + timedelta(hours=24))}"/>
    <saml:AttributeStatement id="IDCardData">{attributes}</saml:AttributeStatement></saml:Assertion>"""


def headers(message_id: str) -> list[etree._Element]:
    """Write the two header blocks."""
    security = f"""<wsse:Security xmlns:wsse="{WSS}-secext-1.0.xsd"><wsu:Timestamp
    xmlns:wsu="{WSS}-utility-1.0.xsd"><wsu:Created>{zulu(datetime.now(UTC))}</wsu:Created></wsu:Timestamp>
    {card() if SECRET else ""}</wsse:Security>"""
    medcom = f"""<medcom:Header xmlns:medcom="{MEDCOM}">
    <medcom:SecurityLevel>{2 if SECRET else 1}</medcom:SecurityLevel>
    <medcom:Linking><medcom:FlowID>{uuid.uuid4()}</medcom:FlowID><medcom:MessageID>{message_id}</medcom:MessageID>
    </medcom:Linking></medcom:Header>"""
    return [etree.fromstring(security), etree.fromstring(medcom)]


def main() -> None:
    """Go through everything once."""
    session = requests.Session()
    session.trust_env = False
    if "NPN_CA" in os.environ:
        session.verify = os.environ["NPN_CA"]
        session.cert = (os.environ["NPN_CERT"], os.environ["NPN_CERT_KEY"])
    with session:
        service = zeep.Client(f"{URL}?wsdl", transport=Transport(session=session)).service
        message_id = str(uuid.uuid4())  # keep it with the request: the same one again gives the same series
        draw = {"NumberOfIdentifiers": 10, "Purpose": "zeep"}
        drawn = service.GetAnalysisIdentifiers(**draw, _soapheaders=headers(message_id)).body
        print("drawn", drawn.FirstIdentifier, drawn.LastIdentifier)
        again = service.GetAnalysisIdentifiers(**draw, _soapheaders=headers(message_id)).body
        print("repeated", again.FirstIdentifier, again.LastIdentifier)
        asked = {"Identifier": drawn.FirstIdentifier, "_soapheaders": headers(str(uuid.uuid4()))}
        found = service.GetAnalysisIdentifierInformation(**asked).body
        print("found", found.State, found.SystemName)
        series = {"FirstIdentifier": drawn.FirstIdentifier, "LastIdentifier": drawn.LastIdentifier}
        released = service.SetAnalysisIdentifiersFree(**series, _soapheaders=headers(str(uuid.uuid4()))).body
        print("released", released.State)
        try:
            service.GetAnalysisIdentifiers(NumberOfIdentifiers=0, _soapheaders=headers(str(uuid.uuid4())))
        except zeep.exceptions.Fault as fault:
            print("refused", *codes(fault))


def codes(fault: zeep.exceptions.Fault) -> tuple[str, str]:
    """Read a fault's detail: the code of DGWS, and the service's own, which says more."""
    if fault.detail is None:
        return fault.code or "", ""
    return fault.detail.findtext(f"{{{MEDCOM}}}FaultCode") or "", fault.detail.findtext(".//{*}Code") or ""


if __name__ == "__main__":
    try:
        main()
    except zeep.exceptions.Fault as fault:
        print("refused:", *codes(fault), fault.message, file=sys.stderr)
        sys.exit(1)
