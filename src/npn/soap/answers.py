"""Answers and faults, written: the caller's SOAP version and DGWS namespace, a new MessageID, the FlowID repeated."""

import uuid
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape

from npn.registry.lookup import NumberStatus
from npn.registry.model import Series
from npn.soap.dates import write_time
from npn.soap.envelope import MessageFacts
from npn.soap.faults import Fault
from npn.soap.mapping import Mapping
from npn.soap.names import PROBLEM, SOAP_1_1, WSSE, WSU, Soap
from npn.soap.operations import OperationCall
from npn.systems.model import CallerName

_MOST_RETRY = 10**9


@dataclass(frozen=True, slots=True)
class Response:
    """What goes back over HTTP."""

    status: int
    media_type: str
    body: bytes
    headers: MappingOf[str, str]
    code: str = ""
    caller: CallerName | None = None


def media_type(soap: Soap) -> str:
    """Return a version's media type with its charset."""
    return f"{soap.media_type}; charset=utf-8"


def series_values(series: Series) -> dict[str, str]:
    """Return the values that answer a draw."""
    return {
        "series": series.id,
        "first": series.text(series.first),
        "last": series.text(series.last),
        "count": str(series.size),
        "drawn_at": write_time(series.drawn_at),
    }


def released_values(series: Series, asked: OperationCall) -> dict[str, str]:
    """Return the values that answer a release: the range that was asked for, and the series' state."""
    return {"series": series.id, "state": series.state, "first": asked.values["first"], "last": asked.values["last"]}


def found_values(found: NumberStatus, series: Series | None, system_name: str | None) -> dict[str, str]:
    """Return the values that answer a look-up; what is not known is left out."""
    values = {"number": found.number, "state": found.state, "usable": "true" if found.usable else "false"}
    if series is not None:
        values |= {"first": series.text(series.first), "last": series.text(series.last)}
    if found.series is not None:
        values["series"] = found.series
    if system_name is not None:
        values["system"] = system_name
    if found.drawn_at is not None:
        values["drawn_at"] = write_time(found.drawn_at)
    return values


def write_answer(
    mapping: Mapping, seen: MessageFacts, asked: OperationCall, *, values: MappingOf[str, str], at: datetime
) -> bytes:
    """Write an answer. Elements come in the mapping's order."""
    names = asked.names
    prefix = "npn:" if mapping.qualified else ""
    inner = "".join(
        f"<{prefix}{name}>{escape(_plain(values[ours]))}</{prefix}{name}>"
        for ours, name in names.answered.items()
        if ours in values
    )
    namespace = escape(mapping.namespace, {'"': "&quot;"})
    body = f'<npn:{names.response} xmlns:npn="{namespace}">{inner}</npn:{names.response}>'
    return _envelope(seen, body, at, finished=True)


def write_fault(mapping: Mapping, seen: MessageFacts, fault: Fault, *, at: datetime) -> Response:
    """Write a fault, with the status that its SOAP version gives it."""
    spelt = {"illegal_http_method": mapping.faults.illegal_http_method}
    code = spelt.get(fault.code.value, fault.code.value)
    detail = f'<medcom:FaultCode xmlns:medcom="{seen.dgws}">{escape(code)}</medcom:FaultCode>{_problem(fault)}'
    text = escape(_plain(f"{fault.text}; {fault.hint}" if fault.hint else fault.text))
    if seen.soap is SOAP_1_1:
        name = fault.reason or ("Server" if fault.server else "Client")
        body = (
            f"<soap:Fault><faultcode>soap:{name}</faultcode><faultstring>{text}</faultstring>"
            f"<detail>{detail}</detail></soap:Fault>"
        )
    else:
        name = fault.reason or ("Receiver" if fault.server else "Sender")
        body = (
            f"<soap:Fault><soap:Code><soap:Value>soap:{name}</soap:Value></soap:Code>"
            f'<soap:Reason><soap:Text xml:lang="en">{text}</soap:Text></soap:Reason>'
            f"<soap:Detail>{detail}</soap:Detail></soap:Fault>"
        )
    headers = {} if fault.retry_after is None else {"Retry-After": str(min(fault.retry_after, _MOST_RETRY))}
    if fault.status == 405:
        headers["Allow"] = "GET, POST"
    status, content = fault.status or _status(seen.soap, fault), _envelope(seen, body, at)
    return Response(status, media_type(seen.soap), content, headers, fault.problem, seen.caller)


def _status(soap: Soap, fault: Fault) -> int:
    sender = soap is not SOAP_1_1 and not fault.server and fault.reason in ("", "Sender")
    return 400 if sender else 500


def _problem(fault: Fault) -> str:
    parts = [("Code", fault.problem), ("Field", fault.field), ("Hint", fault.hint)]
    if fault.retry_after is not None:
        parts.append(("RetryAfterSeconds", str(fault.retry_after)))
    inner = "".join(f"<p:{name}>{escape(_plain(value))}</p:{name}>" for name, value in parts if value)
    return f'<p:Problem xmlns:p="{PROBLEM}">{inner}</p:Problem>'


def _plain(text: str) -> str:
    """Leave out what XML can't hold."""
    return "".join(c for c in text if c in "\t\n" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff")


def _envelope(seen: MessageFacts, body: str, at: datetime, *, finished: bool = False) -> bytes:
    """Put the envelope around a body. Without a MessageID of the caller's there is nothing to link to."""
    flow = f"<medcom:FlowID>{escape(seen.flow_id)}</medcom:FlowID>" if seen.flow_id else ""
    answered = (
        f"<medcom:InResponseToMessageID>{escape(seen.message_id)}</medcom:InResponseToMessageID>"
        if seen.message_id
        else ""
    )
    status = "<medcom:FlowStatus>flow_finalized_succesfully</medcom:FlowStatus>" if finished else ""
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<soap:Envelope xmlns:soap="{seen.soap.namespace}"><soap:Header>'
        f'<wsse:Security xmlns:wsse="{WSSE}"><wsu:Timestamp xmlns:wsu="{WSU}">'
        f"<wsu:Created>{write_time(at)}</wsu:Created></wsu:Timestamp></wsse:Security>"
        f'<medcom:Header xmlns:medcom="{seen.dgws}"><medcom:Linking>{flow}'
        f"<medcom:MessageID>{uuid.uuid4()}</medcom:MessageID>{answered}</medcom:Linking>{status}</medcom:Header>"
        f"</soap:Header><soap:Body>{body}</soap:Body></soap:Envelope>\n"
    )
    return text.encode("utf-8")
