"""The use cases of change proposals: propose, draft again, comment, say what a system needs, decide."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import cast

from npn.agreements import store as agreements_store
from npn.agreements.documents import check_notice, check_number, fingerprint, new_id, published
from npn.agreements.events import (
    AgreementChangeCommented,
    AgreementChangeDecided,
    AgreementChangeNeedSaid,
    AgreementChangeProposed,
    Outcome,
)
from npn.agreements.model import CONNECTION, Language, Version, VersionNumber, checked_slug, checked_words
from npn.agreements.proposals import store
from npn.agreements.proposals.changes import Change, changed_sections
from npn.agreements.proposals.model import Comment, Consequence, Draft, Need, Proposal, ProposalState, ProposalSubject
from npn.agreements.requirements import Verdict
from npn.agreements.service import required
from npn.agreements.status import Status
from npn.agreements.text import digest, read, read_pair
from npn.db import Database
from npn.errors import ConflictError, InvalidInputError, NotFoundError, check_all, codes, details
from npn.instants import danish_day, iso_day
from npn.ledger.canonical import Json
from npn.ledger.service import Ledger, Transaction
from npn.wording import checked_name


@dataclass(frozen=True, slots=True)
class Proposals:
    """Everything that is done to change proposals."""

    database: Database
    ledger: Ledger
    status: Status

    def all(self, agreement: str | None = None) -> list[Proposal]:
        """Return every proposal, newest first."""
        with self.database.read() as connection:
            return store.proposals(connection, agreement)

    def get(self, proposal_id: str) -> Proposal:
        """Return one proposal. Raises NotFoundError."""
        with self.database.read() as connection:
            return _found(store.proposal(connection, proposal_id))

    def drafts(self, proposal_id: str) -> list[Draft]:
        """Return a proposal's drafts, the first first."""
        with self.database.read() as connection:
            return store.drafts(connection, proposal_id)

    def comments(self, proposal_id: str) -> list[Comment]:
        """Return the comments on a proposal, oldest first."""
        with self.database.read() as connection:
            return store.comments(connection, proposal_id)

    def propose(
        self,
        number: VersionNumber,
        texts: Mapping[Language, str],
        *,
        subject: ProposalSubject,
        by: str,
        comments_until: date | None = None,
        agreement: str = CONNECTION,
    ) -> Proposal:
        """Put a change forward. Its id is the year and a running number, as it is named in minutes.

        Raises InvalidInputError `agreement_text` or `texts_differ`, ConflictError `version_exists`.
        """
        checked_texts = read_pair(texts)
        with self.ledger.transaction() as tx:
            base = _base(tx, checked_slug(agreement), number)
            proposal = Proposal(
                id=_next_id(tx),
                agreement=agreement,
                base=None if base is None else base.number,
                number=number,
                forum=subject.forum,
                title=checked_name(subject.title, "title"),
                reason=checked_words(subject.reason, "reason", most=4000),
                state=ProposalState.OPEN,
                revision=1,
                comments_until=comments_until,
                proposed_at=tx.at,
                proposed_by=by,
            )
            store.add_proposal(tx.connection, proposal)
            _add_draft(tx, proposal, checked_texts, by=by)
        return proposal

    def revise(
        self,
        proposal_id: str,
        texts: Mapping[Language, str],
        *,
        by: str,
        number: VersionNumber | None = None,
        comments_until: date | None = None,
    ) -> Proposal:
        """Put a further draft forward, of the newest version; earlier comments stay. Raises as `propose` does."""
        checked_texts = read_pair(texts)
        with self.ledger.transaction() as tx:
            before = _open(tx, proposal_id)
            base = _base(tx, before.agreement, number or before.number)
            changed = replace(
                before,
                base=None if base is None else base.number,
                number=number or before.number,
                revision=before.revision + 1,
                comments_until=comments_until or before.comments_until,
            )
            store.set_proposal(tx.connection, changed)
            _add_draft(tx, changed, checked_texts, by=by)
        return changed

    def comment(self, proposal_id: str, *, section: str, text: str, said_by: str, by: str) -> Comment:
        """Comment on a section of the newest draft. Raises NotFoundError, InvalidInputError, ConflictError."""
        words, who = checked_words(text, "text", most=4000), checked_name(said_by, "said_by")
        with self.ledger.transaction() as tx:
            proposal = _open(tx, proposal_id)
            draft = store.drafts(tx.connection, proposal_id)[-1]
            if read(draft.texts[Language.DANISH]).section(section) is None:
                raise InvalidInputError(
                    f"the draft has no section {section[:20]}", code=codes.UNKNOWN_SECTION, field="section"
                )
            if proposal.comments_until is not None and proposal.comments_until < danish_day(tx.at):
                raise ConflictError(
                    f"comments were taken until {iso_day(proposal.comments_until)}",
                    code=codes.COMMENTS_CLOSED,
                    field="proposal",
                )
            comment = Comment(new_id("c"), proposal_id, draft.revision, section, words, who, tx.at)
            store.add_comment(tx.connection, comment)
            members: dict[str, Json] = {"id": comment.id, "section": section, "text": words, "by": who}
            tx.append(
                AgreementChangeCommented(proposal=proposal_id, section=section, statement=fingerprint(members), by=by)
            )
        return comment

    def say_need(
        self, proposal_id: str, system_id: str, *, needs: str, said_by: str, by: str, ready_on: date | None = None
    ) -> Need:
        """Record what a system needs before it meets the proposal; it replaces what was said before."""
        words, who = checked_words(needs, "needs", most=2000), checked_name(said_by, "said_by")
        with self.ledger.transaction() as tx:
            _open(tx, proposal_id)
            required(tx, system_id)
            need = Need(proposal_id, system_id, words, ready_on, who, tx.at)
            store.set_need(tx.connection, need)
            statement: dict[str, Json] = {
                "needs": words,
                "ready_on": None if ready_on is None else iso_day(ready_on),
                "said_by": who,
            }
            tx.append(
                AgreementChangeNeedSaid(proposal=proposal_id, system=system_id, statement=fingerprint(statement), by=by)
            )
        return need

    def need(self, proposal_id: str, system_id: str) -> Need | None:
        """Return what was said of a system's needs, or None."""
        with self.database.read() as connection:
            return store.needs(connection, proposal_id).get(system_id)

    def check_decision(self, proposal_id: str, *, decided_on: date | None, effective_from: date | None) -> None:
        """Hold the days of a decision, as far as they are known, to the proposal and the notice; None: not known.

        Raises InvalidInputError `invalid_decision`, RefusedError `notice_too_short`, both at once.
        """
        today = danish_day(self.ledger.clock())
        with self.database.read() as connection:
            proposal = _found(store.proposal(connection, proposal_id))
            versions = agreements_store.versions(connection, proposal.agreement)
        checks: list[Callable[[], None]] = []
        if decided_on is not None:
            checks.append(partial(_check_day, proposal, decided_on, today=today))
        if effective_from is not None:
            checks.append(partial(check_notice, versions, effective_from, today=today))
        check_all(*checks)

    def decide(
        self,
        proposal_id: str,
        outcome: ProposalState,
        *,
        decided_on: date,
        minutes: str,
        by: str,
        effective_from: date | None = None,
    ) -> tuple[Proposal, Version | None]:
        """Record the group's decision; an adopted change is published at once, to take effect after the notice.

        Raises RefusedError `notice_too_short`, InvalidInputError `invalid_decision`, ConflictError `proposal_decided`,
        or `base_superseded` where a version was published since the draft was made: adopting it would take that back.
        """
        with self.ledger.transaction() as tx:
            proposal = _open(tx, proposal_id)
            check_all(
                partial(_check_outcome, outcome, effective_from),
                partial(_check_day, proposal, decided_on, today=danish_day(tx.at)),
                partial(checked_words, minutes, "minutes", most=200),
            )
            where = checked_words(minutes, "minutes", most=200)
            decided = replace(
                proposal, state=outcome, decided_on=decided_on, minutes=where, effective_from=effective_from
            )
            store.set_proposal(tx.connection, decided)
            end = cast("Outcome", outcome.value)
            day, effect = iso_day(decided_on), _day(effective_from)
            event = AgreementChangeDecided(
                proposal=decided.id, outcome=end, decided_on=day, minutes=where, effective_from=effect, by=by
            )
            tx.append(event)
            if effective_from is None:
                return decided, None
            _check_base(tx, proposal)
            draft = store.drafts(tx.connection, proposal_id)[-1]
            version = published(
                tx,
                proposal.agreement,
                proposal.number,
                texts=draft.texts,
                by=by,
                effective_from=effective_from,
                proposal=proposal_id,
            )
        return decided, version

    def consequences(self, proposal_id: str) -> list[Consequence]:
        """Hold every system against the newest draft, by vendor: what it lacks, and what was said of it."""
        with self.database.read() as connection:
            proposal = _found(store.proposal(connection, proposal_id))
            draft = store.drafts(connection, proposal_id)[-1]
            needs = store.needs(connection, proposal_id)
            base = _version(agreements_store.versions(connection, proposal.agreement), proposal.base)
        results = self.status.of_all(read(draft.texts[Language.DANISH]))
        now = [] if base is None else self.status.of_all(read(base.texts[Language.DANISH]))
        lacking = {
            system.id: frozenset(check.requirement for check in checks if check.verdict is Verdict.NOT_MET)
            for system, checks in now
        }
        return [
            Consequence(system, tuple(checks), needs.get(system.id), lacking.get(system.id, frozenset()))
            for system, checks in results
        ]

    def compare(
        self, texts: Mapping[Language, str], language: Language, *, agreement: str = CONNECTION
    ) -> list[Change]:
        """Return what texts would change of the newest version, before they are proposed. Raises as `propose` does."""
        checked_texts = read_pair(texts)
        with self.database.read() as connection:
            versions = agreements_store.versions(connection, checked_slug(agreement))
        before = read(versions[-1].texts[language]) if versions else None
        return changed_sections(before, read(checked_texts[language]))

    def changes(self, proposal_id: str, language: Language) -> list[Change]:
        """Return what the newest draft changes of its base, section by section, in the order of the text."""
        with self.database.read() as connection:
            proposal = _found(store.proposal(connection, proposal_id))
            draft = store.drafts(connection, proposal_id)[-1]
            versions = agreements_store.versions(connection, proposal.agreement)
        base = _version(versions, proposal.base)
        before = None if base is None else read(base.texts[language])
        return changed_sections(before, read(draft.texts[language]))


def _version(versions: Sequence[Version], number: VersionNumber | None) -> Version | None:
    return next((version for version in versions if version.number == number), None)


def _base(tx: Transaction, agreement: str, number: VersionNumber) -> Version | None:
    versions = agreements_store.versions(tx.connection, agreement)
    check_number(versions, number)
    return versions[-1] if versions else None


def _check_outcome(outcome: ProposalState, effective_from: date | None) -> None:
    code = codes.INVALID_DECISION
    if outcome is ProposalState.OPEN:
        raise InvalidInputError("a decision is adopted, rejected or withdrawn", code=code, field="outcome")
    if (outcome is ProposalState.ADOPTED) != (effective_from is not None):
        raise InvalidInputError(details.EFFECT_OF_ADOPTED, code=code, field="effective_from")


def _check_day(proposal: Proposal, decided_on: date, *, today: date) -> None:
    if not danish_day(proposal.proposed_at) <= decided_on <= today:
        raise InvalidInputError(details.DECIDED_WHEN, code=codes.INVALID_DECISION, field="decided_on")


def _check_base(tx: Transaction, found: Proposal) -> None:
    versions = agreements_store.versions(tx.connection, found.agreement)
    latest = versions[-1].number if versions else None
    if latest != found.base:
        raise ConflictError(
            f"version {latest} was published since the draft was made: adopting it would take that back",
            code=codes.BASE_SUPERSEDED,
            field="proposal",
            hint="put a draft forward that changes the newest version",
        )


def _next_id(tx: Transaction) -> str:
    year = tx.at.year
    ids = [p.id for p in store.proposals(tx.connection) if p.id.startswith(f"{year}-")]
    return f"{year}-{max((int(one_id.partition('-')[2]) for one_id in ids), default=0) + 1}"


def _add_draft(tx: Transaction, proposal: Proposal, texts: Mapping[Language, str], *, by: str) -> None:
    store.add_draft(tx.connection, Draft(proposal.id, proposal.revision, texts, tx.at, by))
    tx.append(
        AgreementChangeProposed(
            proposal=proposal.id,
            agreement=proposal.agreement,
            version=str(proposal.number),
            revision=proposal.revision,
            forum=proposal.forum.value,
            digest_da=digest(texts[Language.DANISH]),
            digest_en=digest(texts[Language.ENGLISH]),
            by=by,
        )
    )


def _day(day: date | None) -> str | None:
    return None if day is None else iso_day(day)


def _found(proposal: Proposal | None) -> Proposal:
    if proposal is None:
        raise NotFoundError("there is no such proposal", field="proposal", hint="the pages list them")
    return proposal


def _open(tx: Transaction, proposal_id: str) -> Proposal:
    proposal = _found(store.proposal(tx.connection, proposal_id))
    if proposal.state is not ProposalState.OPEN:
        raise ConflictError(f"the proposal is {proposal.state}", code=codes.PROPOSAL_DECIDED, field="proposal")
    return proposal
