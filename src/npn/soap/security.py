"""Who is calling, by DGWS: levels 1 to 4, and which of them the system may use.

1  no credentials: a TLS client certificate bound to the system says who it is
2  user name (the system's id) and password (its key, whole or the secret alone), in an ID card or plain
3  an ID card signed with a certificate bound to the system
4  the same; the card says that a person, not only the system, signed it
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from npn.errors import FaultCode, RefusedError, UnauthenticatedError, codes
from npn.http.context import Context
from npn.soap.envelope import Envelope, MessageFacts
from npn.soap.faults import DgwsError
from npn.soap.header import Linking, Password, Security
from npn.soap.idcard import HOLDER_OF_KEY, IdCard, check_age, read_card
from npn.soap.services import SoapServices
from npn.soap.signature import verify
from npn.systems.clients import PresentedCertificate, presented
from npn.systems.model import ApiKey, Caller, Certificate, Role

_REMEMBERED = 1.0  # seconds that a system's levels and certificates may be used without asking
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Arrival:
    """What the connection says: the client's certificate, the peer's address, whether it is TLS."""

    shown: PresentedCertificate | None
    address: str
    secure: bool = False


@dataclass(frozen=True, slots=True)
class HeadedMessage:
    """A message with its two header blocks read."""

    envelope: Envelope
    linking: Linking
    security: Security


@dataclass(frozen=True, slots=True)
class SoapCaller:
    """Who calls, on which level, by which card where there is one."""

    caller: Caller
    level: int
    card: IdCard | None


@dataclass(slots=True)
class SoapAuthenticator:
    """Finds out who calls."""

    context: Context
    services: SoapServices
    clock: Callable[[], float] = time.monotonic
    _levels: dict[str, tuple[float, tuple[int, ...]]] = field(default_factory=dict)

    @property
    def _skew(self) -> timedelta:
        return timedelta(seconds=self.services.settings.soap_clock_skew_seconds)

    async def who(
        self, message: HeadedMessage, arrival: Arrival, seen: MessageFacts, *, at: datetime, drawing: bool
    ) -> SoapCaller:
        """Return who calls. Raises DgwsError, UnauthenticatedError, RefusedError.

        `drawing`: the key is asked for again in the draw's transaction, so that it may be remembered until then.
        """
        seen.secure = arrival.secure
        caller = await self._known(message, arrival, seen, at=at, drawing=drawing)
        linking = message.linking
        seen.caller, system = caller.caller.called, caller.caller.system
        if system is None:
            raise RefusedError("only a connected system may call this service", code=codes.NOT_A_SYSTEM)
        seen.level = caller.level
        if linking.level is not None and linking.level != caller.level:
            raise _level_failed(f"SecurityLevel is {linking.level}, but the credentials are of level {caller.level}")
        if arrival.shown is not None and await self._stands_for_another(arrival.shown, system):
            raise DgwsError("the TLS client certificate is another system's", FaultCode.NOT_AUTHORIZED)
        if caller.level not in await self._allowed(system):
            raise _level_failed(f"system {system} may not use security level {caller.level}")
        return caller

    async def _stands_for_another(self, shown: PresentedCertificate, system: str) -> bool:
        """Whether the connection's certificate is another system's; one that stands for nobody now says nothing."""
        try:
            return (await self.context.threads.read(self.services.clients.who, shown)).system != system
        except UnauthenticatedError:
            return False

    async def _known(
        self, message: HeadedMessage, arrival: Arrival, seen: MessageFacts, *, at: datetime, drawing: bool
    ) -> SoapCaller:
        security = message.security
        if security.token is not None:
            return SoapCaller(await self._by_password(security.token, arrival, drawing=drawing), 2, None)
        if security.assertion is None:
            return SoapCaller(await self._by_certificate(arrival), 1, None)
        if security.assertion.find("{http://www.w3.org/2000/09/xmldsig#}Signature") is not None:
            signed = await self.context.threads.read(
                verify,
                message.envelope.root,
                seen.soap,
                bound=self.services.certificates.bound,
                at=at,
                sha1=self.services.settings.soap_sha1,
            )
            check_age(signed.card, at, self._skew)
            await self._in_force(signed.certificate)
            level = signed.card.level
            if level not in (3, 4):
                raise _level_failed("a signed ID card's AuthenticationLevel is 3 or 4")
            signer = signed.certificate
            caller = Caller(Role.SYSTEM, signer.system, signer.system, signer.fingerprint)
            self.context.authenticator.admit(caller)
            return SoapCaller(caller, level, signed.card)
        return await self._by_plain_card(read_card(security.assertion), arrival, at=at, drawing=drawing)

    async def _by_plain_card(self, card: IdCard, arrival: Arrival, *, at: datetime, drawing: bool) -> SoapCaller:
        """An ID card without a signature: level 2 with a password, level 1 without."""
        check_age(card, at, self._skew)
        if card.method == HOLDER_OF_KEY and card.key_name is not None and card.password is None:
            raise DgwsError("the ID card is not signed", FaultCode.INVALID_SIGNATURE, field="Signature")
        if card.password is None:
            if card.level in (None, 1):
                return SoapCaller(await self._by_certificate(arrival), 1, card)
            raise _level_failed("the ID card brings neither a signature nor a user name and password")
        if card.level not in (None, 2):
            raise _level_failed(f"the ID card's AuthenticationLevel is {card.level}, but it brings a password (2)")
        return SoapCaller(await self._by_password(card.password, arrival, drawing=drawing), 2, card)

    async def _by_password(self, token: Password, arrival: Arrival, *, drawing: bool) -> Caller:
        """Level 2: the key whole, or its secret alone; either way it must be the named system's."""
        whole = ApiKey.parse(token.password)
        key = whole if whole is not None and whole.holder == token.username else None
        text = str(key) if key is not None else f"npn_{token.username}_{token.password}"
        try:
            caller = await self.context.authenticator.holder(text, address=arrival.address, may_be_remembered=drawing)
        except UnauthenticatedError as error:
            raise DgwsError(
                "the user name or the password is wrong",
                FaultCode.INVALID_USERNAME_PASSWORD,
                hint="the user name is the system's id, the password its API key",
            ) from error
        if caller.system is not None and caller.system != token.username:
            raise DgwsError("the user name or the password is wrong", FaultCode.INVALID_USERNAME_PASSWORD)
        return caller

    async def _by_certificate(self, arrival: Arrival) -> Caller:
        """Level 1: who the TLS client certificate stands for."""
        if arrival.shown is None:
            raise _level_failed("level 1 needs a TLS client certificate that is bound to a system")
        try:
            caller = await self.context.threads.read(self.services.clients.who, arrival.shown)
        except UnauthenticatedError as error:
            if error.code == codes.CERTIFICATE_UNKNOWN:
                raise _level_failed(f"level 1 needs a bound certificate: {error.message}") from error
            raise DgwsError(error.message, FaultCode.INVALID_CERTIFICATE) from error
        self.context.authenticator.admit(caller, arrival.shown)
        return caller

    async def _in_force(self, signer: Certificate) -> None:
        """Refuse an ID card signed with a certificate that its authority has revoked."""
        try:
            await self.context.threads.read(self.services.clients.check, presented(signer.der).certificate)
        except UnauthenticatedError as error:
            raise DgwsError(error.message, FaultCode.INVALID_CERTIFICATE) from error

    async def _allowed(self, system: str) -> tuple[int, ...]:
        asked_at, levels = self._levels.get(system, (0.0, ()))
        if not levels or self.clock() - asked_at > _REMEMBERED:
            levels = await self.context.threads.read(self.services.certificates.levels, system)
            if len(self._levels) >= _MOST:
                self._levels.clear()
            self._levels[system] = (self.clock(), levels)
        return levels


def _level_failed(message: str) -> DgwsError:
    return DgwsError(message, FaultCode.SECURITY_LEVEL_FAILED, field="SecurityLevel")
