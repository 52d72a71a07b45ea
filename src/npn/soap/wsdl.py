"""The WSDL and its schemas, made of the mapping and the address that the caller used."""

from collections.abc import Iterator
from pathlib import Path
from string import Template
from xml.sax.saxutils import escape

from npn.soap.mapping import Mapping, SoapOperation
from npn.soap.names import DGWS_1_0, DGWS_1_0_1, PROBLEM, SOAP_1_1, SOAP_1_2, WSSE, Soap

_SCHEMAS = Path(__file__).with_name("schemas")
_DGWS = {"dgws-1.0": DGWS_1_0, "dgws-1.0.1": DGWS_1_0_1}
_FILES = ("wsse", "wsu", "saml", "problem")
_BINDINGS = {SOAP_1_1: "http://schemas.xmlsoap.org/wsdl/soap/", SOAP_1_2: "http://schemas.xmlsoap.org/wsdl/soap12/"}
_TYPES = {
    "count": "xs:long",
    "purpose": "b:PurposeType",
    "first": "b:IdentifierType",
    "last": "b:IdentifierType",
    "number": "b:IdentifierType",
    "series": "xs:string",
    "state": "xs:string",
    "usable": "xs:boolean",
    "system": "xs:string",
    "drawn_at": "xs:dateTime",
}
# What stands in a fault's detail, side by side: the code of DGWS, and our own.
_FAULTS = {"DgwsFault": "medcom:FaultCode", "ProblemFault": "problem:Problem"}
_WHERE_KNOWN = ("series", "first", "last", "system", "drawn_at")  # of a look-up's answer


def schema(name: str, mapping: Mapping, address: str) -> str | None:
    """Return one schema document; None where there is none of that name."""
    if name == "body":
        return _body(mapping)
    if name in _DGWS:
        return Template((_SCHEMAS / "dgws.xsd").read_text("utf-8")).substitute(dgws=_DGWS[name])
    if name in _FILES:
        return Template((_SCHEMAS / f"{name}.xsd").read_text("utf-8")).substitute(address=_quoted(address))
    return None


def wsdl(mapping: Mapping, address: str, *, dgws: str = "dgws-1.0.1") -> str:
    """Return the WSDL 1.1 document. `dgws`: which of the two header namespaces it names; both are accepted."""
    place, service = _quoted(address), mapping.service
    imports = "".join(
        f'<xs:schema><xs:import namespace="{_quoted(space)}" schemaLocation="{place}?xsd={name}"/></xs:schema>'
        for name, space in (
            ("body", mapping.namespace),
            (dgws, _DGWS[dgws]),
            ("wsse", WSSE),
            ("problem", PROBLEM),
        )
    )
    parts = "\n".join(
        (
            *_messages(mapping),
            f'<wsdl:portType name="{service}PortType">',
            *(_abstract(operation) for operation in mapping.operations.values()),
            "</wsdl:portType>",
            *(_binding(mapping, soap) for soap in _BINDINGS),
            f'<wsdl:service name="{service}">',
            *(_port(service, soap, place) for soap in _BINDINGS),
            "</wsdl:service>",
        )
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<wsdl:definitions name="{service}" targetNamespace="{_quoted(mapping.namespace)}"'
        f' xmlns:tns="{_quoted(mapping.namespace)}" xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/"'
        f' xmlns:soap="{_BINDINGS[SOAP_1_1]}" xmlns:soap12="{_BINDINGS[SOAP_1_2]}"'
        f' xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:medcom="{_DGWS[dgws]}" xmlns:wsse="{WSSE}"'
        f' xmlns:problem="{PROBLEM}">\n'
        f"<wsdl:types>{imports}</wsdl:types>\n{parts}\n</wsdl:definitions>\n"
    )


def _messages(mapping: Mapping) -> Iterator[str]:
    for operation in mapping.operations.values():
        for name in (operation.request, operation.response):
            yield (f'<wsdl:message name="{name}"><wsdl:part name="parameters" element="tns:{name}"/></wsdl:message>')
    yield '<wsdl:message name="MedcomHeader"><wsdl:part name="medcom" element="medcom:Header"/></wsdl:message>'
    yield '<wsdl:message name="SecurityHeader"><wsdl:part name="security" element="wsse:Security"/></wsdl:message>'
    for name, element in _FAULTS.items():
        yield f'<wsdl:message name="{name}"><wsdl:part name="fault" element="{element}"/></wsdl:message>'


def _abstract(operation: SoapOperation) -> str:
    return (
        f'<wsdl:operation name="{operation.operation}"><wsdl:input message="tns:{operation.request}"/>'
        f'<wsdl:output message="tns:{operation.response}"/>'
        + "".join(f'<wsdl:fault name="{name}" message="tns:{name}"/>' for name in _FAULTS)
        + "</wsdl:operation>"
    )


def _binding(mapping: Mapping, soap: Soap) -> str:
    prefix, service = _prefix(soap), mapping.service
    headers = "".join(
        f'<{prefix}:header message="tns:{name}Header" part="{name.lower()}" use="literal"/>'
        for name in ("Security", "Medcom")
    )
    faults = "".join(
        f'<wsdl:fault name="{name}"><{prefix}:fault name="{name}" use="literal"/></wsdl:fault>' for name in _FAULTS
    )
    operations = "".join(
        f'<wsdl:operation name="{operation.operation}">'
        f'<{prefix}:operation soapAction="{_quoted(operation.action)}" style="document"/>'
        f'<wsdl:input>{headers}<{prefix}:body use="literal"/></wsdl:input>'
        f'<wsdl:output>{headers}<{prefix}:body use="literal"/></wsdl:output>{faults}</wsdl:operation>'
        for operation in mapping.operations.values()
    )
    return (
        f'<wsdl:binding name="{service}{_number(soap)}" type="tns:{service}PortType">'
        f'<{prefix}:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>'
        f"{operations}</wsdl:binding>"
    )


def _port(service: str, soap: Soap, place: str) -> str:
    name = f"{service}{_number(soap)}"
    return f'<wsdl:port name="{name}" binding="tns:{name}"><{_prefix(soap)}:address location="{place}"/></wsdl:port>'


def _prefix(soap: Soap) -> str:
    return "soap" if soap is SOAP_1_1 else "soap12"


def _number(soap: Soap) -> str:
    return f"Soap{soap.version.replace('.', '')}"


def _body(mapping: Mapping) -> str:
    space = _quoted(mapping.namespace)
    form = "qualified" if mapping.qualified else "unqualified"
    elements = "".join(
        f'<xs:element name="{name}"><xs:complexType><xs:sequence>{"".join(_members(children, element))}'
        "</xs:sequence></xs:complexType></xs:element>\n"
        for operation in mapping.operations.values()
        for name, children, element in (
            (operation.request, operation.inside, ("purpose",)),
            (operation.response, operation.answered, _WHERE_KNOWN if operation is mapping.look_up else ()),
        )
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:b="{space}" targetNamespace="{space}"'
        f' elementFormDefault="{form}">\n{elements}'
        '<xs:simpleType name="IdentifierType"><xs:restriction base="xs:string">'
        '<xs:pattern value="[0-9]{6,18}"/></xs:restriction></xs:simpleType>\n'
        '<xs:simpleType name="PurposeType"><xs:restriction base="xs:string">'
        '<xs:maxLength value="200"/></xs:restriction></xs:simpleType>\n</xs:schema>\n'
    )


def _members(children: dict[str, str], optional: tuple[str, ...]) -> Iterator[str]:
    for ours, name in children.items():
        least = ' minOccurs="0"' if ours in optional else ""
        yield f'<xs:element name="{name}" type="{_TYPES[ours]}"{least}/>'


def _quoted(text: str) -> str:
    return escape(text, {'"': "&quot;"})
