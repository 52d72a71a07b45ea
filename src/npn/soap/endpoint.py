"""One request in, one response out: the legacy web service as a function of bytes.

Nothing here knows of HTTP servers: the body, the headers that matter and the client certificate's fingerprint come in,
a status, a media type and bytes go out. Whatever happens, the answer is a SOAP message.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import structlog
from lxml import etree

from npn.errors import FaultCode, NpnError
from npn.http.context import Context
from npn.registry.draws import GrantedSeries
from npn.registry.lookup import NumberLookup
from npn.registry.model import AnswerWriter, Draw, Series, StoredAnswer
from npn.soap.answers import (
    Response,
    found_values,
    media_type,
    released_values,
    series_values,
    write_answer,
    write_fault,
)
from npn.soap.envelope import MessageFacts, open_envelope
from npn.soap.explain import ExplainedValue, Explanation, asked_rows, card_rows, linking_rows, security_rows
from npn.soap.faults import DgwsError, fault_of
from npn.soap.header import read_linking, read_security
from npn.soap.mapping import Mapping
from npn.soap.names import SOAP_1_2, split
from npn.soap.operations import OperationCall, in_their_words, read_operation
from npn.soap.reading import read_xml
from npn.soap.security import Arrival, HeadedMessage, SoapAuthenticator, SoapCaller
from npn.soap.services import SoapServices
from npn.systems.model import Caller

CHANNEL = "soap"
_T = TypeVar("_T")
_log = structlog.get_logger("npn.soap")
_MEDIA = ("text/xml", "application/soap+xml", "application/xml")
_ACTION = re.compile(r";\s*action\s*=\s*\"?([^\";]{1,200})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SoapRequest:
    """A request as HTTP brought it. `action`: the SOAPAction header, None where there was none."""

    body: bytes
    content_type: str
    action: str | None
    arrival: Arrival
    content_encoding: str = ""


@dataclass(frozen=True, slots=True)
class ParsedMessage:
    """A message read whole, before anybody asked who sent it."""

    headed: HeadedMessage
    asked: OperationCall


@dataclass(slots=True)
class Endpoint:
    """The service behind SOAP."""

    mapping: Mapping
    context: Context
    services: SoapServices
    authenticator: SoapAuthenticator

    @classmethod
    def of(cls, mapping: Mapping, context: Context, services: SoapServices) -> "Endpoint":
        """Make one of an application and the services behind it."""
        return cls(mapping, context, services, SoapAuthenticator(context, services))

    @property
    def clock(self) -> Callable[[], datetime]:
        """Return the service's clock."""
        return self.services.ledger.clock

    async def answer(self, request: SoapRequest) -> Response:
        """Answer a request: with what was asked for, the stored answer of a repeat, or a fault."""
        reading, began, started = MessageFacts(), self.clock(), time.perf_counter()
        try:
            understood = self.understand(request, reading)
            caller = await self.who(understood, request, reading)
            stored = await self.perform(understood.asked, caller.caller, reading)
            warnings = (
                await self.context.warning(caller.caller.system or "") if understood.asked.operation == "draw" else {}
            )
            response = Response(200, stored.media_type, stored.body, warnings, caller=reading.caller)
            result = "ok"
        except Exception as error:  # noqa: BLE001  # every error becomes a fault; one that is not ours is logged whole
            fault = fault_of(error)
            if not isinstance(error, NpnError):
                _log.error("failure", message_id=reading.message_id, exc_info=error)
            response, result = write_fault(self.mapping, reading, fault, at=self.clock()), fault.code.value
            if fault.problem != result:
                result = f"{result} {fault.problem}"
        self._note(reading, result, began, seconds=time.perf_counter() - started)
        return response

    async def explain(self, request: SoapRequest) -> Explanation:
        """Return how a message is understood, and the answer it would get; nothing is kept of it."""
        reading, rows = MessageFacts(), list[ExplainedValue]()
        try:
            understood = self.understand(request, reading, rows=rows)
            caller = await self.who(understood, request, reading)
            rows += card_rows(caller.card) if caller.card is not None else ()
            rows.append(ExplainedValue("caller", caller.caller.name, f"level {caller.level}"))
            stored = await self.perform(understood.asked, caller.caller, reading, trial=True)
            return Explanation(rows, 200, _shown(stored.body), "")
        except Exception as error:  # noqa: BLE001  # as in `answer`
            fault = fault_of(error)
            if not isinstance(error, NpnError):
                _log.error("failure", message_id=reading.message_id, exc_info=error)
            response = write_fault(self.mapping, reading, fault, at=self.clock())
            text = f"{fault.code.value}: {fault.text}" + (f" ({fault.hint})" if fault.hint else "")
            return Explanation(rows, response.status, _shown(response.body), text)

    def understand(
        self, request: SoapRequest, seen: MessageFacts, rows: list[ExplainedValue] | None = None
    ) -> ParsedMessage:
        """Read a message. Raises DgwsError; `seen` then holds how far it was read, `rows` what was found."""
        rows = [] if rows is None else rows
        media = request.content_type.partition(";")[0].strip(" \t").lower()
        if media == SOAP_1_2.media_type:
            seen.soap = SOAP_1_2
        if media not in _MEDIA:
            raise DgwsError(
                "the Content-Type is not one of SOAP's",
                FaultCode.SYNTAX_ERROR,
                field="Content-Type",
                hint="send text/xml (SOAP 1.1) or application/soap+xml (SOAP 1.2); attachments are not supported",
                status=415,
            )
        if request.content_encoding.lower() not in ("", "identity"):
            raise DgwsError(
                "the message is compressed, which is not supported",
                FaultCode.SYNTAX_ERROR,
                field="Content-Encoding",
                hint="send it as it is; it is small",
                status=415,
            )
        envelope = open_envelope(read_xml(request.body, request.content_type), seen)
        rows.append(ExplainedValue("SOAP", seen.soap.namespace, f"version {seen.soap.version}"))
        rows.append(ExplainedValue("DGWS header", seen.dgws, "the answer is in the same namespace"))
        rows += [
            ExplainedValue(split(tag)[1], split(tag)[0], "is not known here, and passed over") for tag in seen.ignored
        ]
        linking = read_linking(envelope, seen)
        rows += linking_rows(linking)
        security = read_security(envelope)
        rows += security_rows(security)
        operation = read_operation(envelope.content, _action(request), self.mapping, seen=seen)
        rows += asked_rows(operation)
        return ParsedMessage(HeadedMessage(envelope, linking, security), operation)

    async def who(self, understood: ParsedMessage, request: SoapRequest, seen: MessageFacts) -> SoapCaller:
        """Find out who sent a message. Raises DgwsError, RefusedError."""
        drawing = understood.asked.operation == "draw"
        return await self.authenticator.who(understood.headed, request.arrival, seen, at=self.clock(), drawing=drawing)

    async def perform(
        self, asked: OperationCall, caller: Caller, seen: MessageFacts, *, trial: bool = False
    ) -> StoredAnswer:
        """Do what was asked and give the stored answer. `trial`: give the answer, and undo it all."""
        drawing = asked.operation == "draw"
        if not seen.secure:
            await self.context.authenticator.refuse_plain(caller.system or "", drawing=drawing and not trial)
        try:
            if drawing:
                return await self._draw(asked, caller, seen, trial=trial)
            if asked.operation == "release":
                return await self._release(asked, caller, seen, trial=trial)
            looked = self._keep(asked, seen, self._found)
            look_up = self.services.registry.look_up
            return await self.context.threads.write(
                look_up, asked.values["number"], by=caller, keep=looked, trial=trial
            )
        except NpnError as error:
            raise in_their_words(error, asked) from error

    async def _draw(self, asked: OperationCall, caller: Caller, seen: MessageFacts, *, trial: bool) -> StoredAnswer:
        keep = self._keep(asked, seen, series_values)
        draw = Draw(
            system=caller.system or "",
            key=caller.key,
            request_id=seen.message_id,
            count=asked.count,
            usable=None,
            space=None,
            purpose=asked.purpose,
            channel=CHANNEL,
            keep=keep,
            secure=seen.secure,
        )
        if trial:
            outcome = await self.context.threads.write(self.services.registry.try_draw, draw)
            if not isinstance(outcome, GrantedSeries):
                raise outcome
            granted = outcome
        else:
            granted = await self.context.draw(draw)
        # A series that a recovery put back from its receipt has no stored answer: it is written again.
        return granted.stored or keep.answer(granted.series, system=draw.system, at=self.clock())

    async def _release(self, asked: OperationCall, caller: Caller, seen: MessageFacts, *, trial: bool) -> StoredAnswer:
        def values(series: Series) -> dict[str, str]:
            return released_values(series, asked)

        keep = self._keep(asked, seen, values)
        release, first, last = self.services.registry.release_tail, asked.values["first"], asked.values["last"]
        return await self.context.threads.write(release, first, last, by=caller, keep=keep, trial=trial)

    def _keep(
        self, asked: OperationCall, seen: MessageFacts, values: Callable[[_T], dict[str, str]]
    ) -> AnswerWriter[_T]:
        def write(done: _T) -> tuple[str, bytes]:
            return media_type(seen.soap), write_answer(self.mapping, seen, asked, values=values(done), at=self.clock())

        return AnswerWriter(CHANNEL, seen.message_id, asked.digest, write)

    def _found(self, looked_up: NumberLookup) -> dict[str, str]:
        match, series = looked_up
        name = None if match.system is None else self.services.systems.get(match.system).name
        return found_values(match, series, name)

    def _note(self, seen: MessageFacts, result: str, began: datetime, *, seconds: float) -> None:
        """What the logging appendix of DGWS asks for; never a password, never a number."""
        _log.info(
            "dgws",
            message_id=seen.message_id,
            flow_id=seen.flow_id,
            system="" if seen.caller is None else str(seen.caller),
            operation=seen.operation,
            security_level=seen.level,
            result=result,
            received_at=began.isoformat(),
            ms=round(seconds * 1000, 2),
        )


def _shown(body: bytes) -> str:
    """Write XML with indentation, for people."""
    tree = etree.fromstring(body)
    etree.indent(tree)
    return etree.tostring(tree, encoding="unicode")


def _action(request: SoapRequest) -> str | None:
    """Return the action named: SOAP 1.1 in a header, SOAP 1.2 in the media type."""
    if request.action is not None:
        return request.action.strip(" \t").strip('"')
    match = _ACTION.search(request.content_type)
    return match[1] if match else None
