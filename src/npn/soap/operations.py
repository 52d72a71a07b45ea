"""The body, read: which operation is asked for, with what. Names come from the mapping, rules from the registry."""

import hashlib
import json
import re
from dataclasses import dataclass

from lxml import etree

from npn.errors import ConflictError, FaultCode, InvalidInputError, NpnError, RefusedError, codes
from npn.soap.envelope import MessageFacts, elements, text_of
from npn.soap.faults import DgwsError
from npn.soap.mapping import Mapping, SoapOperation
from npn.soap.names import split

_INTEGER = re.compile(r"[+-]?[0-9]{1,40}\Z", re.ASCII)
_FIGURES = 10**18


@dataclass(frozen=True, slots=True)
class OperationCall:
    """An operation (`draw`, `release` or `look_up`) and its values by our names for them."""

    operation: str
    names: SoapOperation
    values: dict[str, str]

    @property
    def digest(self) -> str:
        """Return a digest that tells this request from another under the same MessageID, as both are understood."""
        text = json.dumps([self.operation, sorted(self._compared().items())])
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    def _compared(self) -> dict[str, str]:
        if self.operation == "draw":
            return {**self.values, "count": str(int(self.values["count"]))}
        return self.values

    @property
    def count(self) -> int:
        """Return how many numbers are asked for. Raises RefusedError where no space holds that many."""
        count = int(self.values["count"])
        if abs(count) > _FIGURES:
            code = codes.COUNT_TOO_LARGE if count > 0 else codes.COUNT_TOO_SMALL
            raise RefusedError("no space holds that many numbers", code=code, field=self.names.inside["count"])
        return count

    @property
    def purpose(self) -> str | None:
        """Return what the numbers are for, where it was said."""
        return self.values.get("purpose") or None


def read_operation(
    content: etree._Element, action: str | None, mapping: Mapping, *, seen: MessageFacts
) -> OperationCall:
    """Read the body's element. `action` is the SOAPAction, None where there was none. Raises DgwsError."""
    key = _key_of(content, mapping)
    names = mapping.operations[key]
    seen.operation = names.operation
    if action and action not in (names.action, names.operation, names.request):
        raise _wrong("the SOAPAction names another operation than the Body", f"send {names.action}", "SOAPAction")
    values = _values_in(content, names, mapping)
    for ours, name in names.inside.items():
        if ours != "purpose" and not values.get(ours):
            raise _wrong(f"{name} is missing", field=name)
    if "count" in values and not _INTEGER.match(values["count"]):
        raise _wrong(f"{names.inside['count']} is a whole number", field=names.inside["count"])
    return OperationCall(key, names, values)


def _key_of(content: etree._Element, mapping: Mapping) -> str:
    """Return our name of the operation that the body's element asks for. Raises DgwsError."""
    namespace, local = split(content.tag)
    key = next((k for k, o in mapping.operations.items() if o.request == local), None)
    if key is None or namespace != mapping.namespace:
        requests = ", ".join(o.request for o in mapping.operations.values())
        raise _wrong("the Body asks for no operation of this service", f"there are {requests} in {mapping.namespace}")
    return key


def _values_in(content: etree._Element, names: SoapOperation, mapping: Mapping) -> dict[str, str]:
    """Return the texts of the body's elements, by our names of them. Raises DgwsError."""
    values: dict[str, str] = {}
    by_tag = {mapping.tag(name): ours for ours, name in names.inside.items()}
    for child in elements(content):
        ours = by_tag.get(child.tag)
        if ours is None:
            names_inside = ", ".join(names.inside.values())
            where = mapping.namespace if mapping.qualified else "no namespace"
            name = split(child.tag)[1]
            raise _wrong(
                f"{names.request} knows no such element {name[:60]}", f"there are {names_inside} in {where}", name
            )
        if ours in values:
            raise _wrong(f"{names.inside[ours]} stands twice", field=names.inside[ours])
        values[ours] = text_of(child)
    return values


def in_their_words(error: NpnError, asked: OperationCall) -> NpnError:
    """Return an error of the registry's in the words of this wire: elements by their names, a request id MessageID."""
    if isinstance(error, ConflictError) and error.code == codes.IDEMPOTENCY_CONFLICT:
        return ConflictError(
            "this MessageID was used for another request",
            code=error.code,
            field="MessageID",
            hint="repeat a message with its own body; a new request needs a new MessageID",
        )
    if isinstance(error, InvalidInputError):
        field = asked.names.inside.get(error.field, error.field)
        return InvalidInputError(_in_names(error.message, asked.names), code=error.code, field=field, hint=error.hint)
    if isinstance(error, RefusedError) and error.field in asked.names.inside:
        field, wait = asked.names.inside[error.field], error.retry_after
        message = _in_names(error.message, asked.names)
        return RefusedError(message, code=error.code, field=field, hint=error.hint, retry_after=wait)
    return error


def _in_names(message: str, names: SoapOperation) -> str:
    """Return a message in the element names that the caller knows: it begins with the member to blame, in our words."""
    word, blank, rest = message.partition(" ")
    return f"{names.inside.get(word, word)}{blank}{rest}"


def _wrong(message: str, hint: str = "", field: str = "") -> DgwsError:
    return DgwsError(message, FaultCode.SYNTAX_ERROR, hint=hint, field=field[:100])
