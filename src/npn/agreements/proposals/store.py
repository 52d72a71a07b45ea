"""The SQL of change proposals, all of it."""

import sqlalchemy as sa

from npn.agreements.model import Language, VersionNumber
from npn.agreements.proposals.model import Comment, Draft, Forum, Need, Proposal, ProposalState
from npn.agreements.tables import agreement_comment, agreement_draft, agreement_need, agreement_proposal


def proposals(connection: sa.Connection, agreement: str | None = None) -> list[Proposal]:
    """Return every proposal, newest first."""
    query = sa.select(agreement_proposal).order_by(
        agreement_proposal.c.proposed_at.desc(), agreement_proposal.c.id.desc()
    )
    if agreement is not None:
        query = query.where(agreement_proposal.c.agreement == agreement)
    return [_proposal(row) for row in connection.execute(query)]


def proposal(connection: sa.Connection, proposal_id: str) -> Proposal | None:
    """Return one proposal."""
    row = connection.execute(sa.select(agreement_proposal).where(agreement_proposal.c.id == proposal_id)).one_or_none()
    return None if row is None else _proposal(row)


def _proposal(row: sa.Row[tuple[object, ...]]) -> Proposal:
    m = row._mapping  # noqa: SLF001  # SQLAlchemy's public name for a row as a mapping
    return Proposal(
        id=m["id"],
        agreement=m["agreement"],
        base=None if m["base"] is None else VersionNumber.parse(m["base"]),
        number=VersionNumber.parse(m["version"]),
        forum=Forum(m["forum"]),
        title=m["title"],
        reason=m["reason"],
        state=ProposalState(m["state"]),
        revision=m["revision"],
        comments_until=m["comments_until"],
        proposed_at=m["proposed_at"],
        proposed_by=m["proposed_by"],
        decided_on=m["decided_on"],
        minutes=m["minutes"],
        effective_from=m["effective_from"],
    )


def add_proposal(connection: sa.Connection, made: Proposal) -> None:
    """Insert a proposal that is open."""
    connection.execute(
        sa.insert(agreement_proposal).values(
            id=made.id,
            agreement=made.agreement,
            base=None if made.base is None else str(made.base),
            version=str(made.number),
            forum=made.forum.value,
            title=made.title,
            reason=made.reason,
            state=made.state.value,
            revision=made.revision,
            comments_until=made.comments_until,
            proposed_at=made.proposed_at,
            proposed_by=made.proposed_by,
        )
    )


def set_proposal(connection: sa.Connection, changed: Proposal) -> None:
    """Write what may change of a proposal."""
    connection.execute(
        sa.update(agreement_proposal)
        .where(agreement_proposal.c.id == changed.id)
        .values(
            base=None if changed.base is None else str(changed.base),
            version=str(changed.number),
            revision=changed.revision,
            comments_until=changed.comments_until,
            state=changed.state.value,
            decided_on=changed.decided_on,
            minutes=changed.minutes,
            effective_from=changed.effective_from,
        )
    )


def drafts(connection: sa.Connection, proposal_id: str) -> list[Draft]:
    """Return a proposal's drafts, the first first."""
    query = sa.select(agreement_draft).where(agreement_draft.c.proposal == proposal_id)
    return [
        Draft(r.proposal, r.revision, {Language.DANISH: r.text_da, Language.ENGLISH: r.text_en}, r.at, r.by)
        for r in connection.execute(query.order_by(agreement_draft.c.revision))
    ]


def add_draft(connection: sa.Connection, made: Draft) -> None:
    """Insert a draft."""
    connection.execute(
        sa.insert(agreement_draft).values(
            proposal=made.proposal,
            revision=made.revision,
            text_da=made.texts[Language.DANISH],
            text_en=made.texts[Language.ENGLISH],
            at=made.at,
            by=made.by,
        )
    )


def comments(connection: sa.Connection, proposal_id: str) -> list[Comment]:
    """Return the comments on a proposal, oldest first."""
    query = sa.select(agreement_comment).where(agreement_comment.c.proposal == proposal_id)
    return [
        Comment(r.id, r.proposal, r.revision, r.section, r.text, r.by, r.at)
        for r in connection.execute(query.order_by(agreement_comment.c.at, agreement_comment.c.id))
    ]


def add_comment(connection: sa.Connection, made: Comment) -> None:
    """Insert a comment."""
    names = ("id", "proposal", "revision", "section", "text", "by", "at")
    connection.execute(sa.insert(agreement_comment).values({name: getattr(made, name) for name in names}))


def needs(connection: sa.Connection, proposal_id: str) -> dict[str, Need]:
    """Return what was said of needs, by system."""
    query = sa.select(agreement_need).where(agreement_need.c.proposal == proposal_id)
    return {
        r.system_id: Need(r.proposal, r.system_id, r.needs, r.ready_on, r.said_by, r.at)
        for r in connection.execute(query)
    }


def set_need(connection: sa.Connection, said: Need) -> None:
    """Put what was said of a system's needs in the place of what was before."""
    mine = (agreement_need.c.proposal == said.proposal) & (agreement_need.c.system_id == said.system)
    connection.execute(sa.delete(agreement_need).where(mine))
    connection.execute(
        sa.insert(agreement_need).values(
            proposal=said.proposal,
            system_id=said.system,
            needs=said.needs,
            ready_on=said.ready_on,
            said_by=said.said_by,
            at=said.at,
        )
    )
