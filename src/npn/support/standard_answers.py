"""Standard answers: the texts that an answer in a case may begin with, which operators add, change and retire.

Those that are shipped are there from the first. A row of the same id stands in the place of a shipped one that an
operator has changed or retired.
"""

from dataclasses import dataclass, replace

import sqlalchemy as sa

from npn.db import Database
from npn.errors import ConflictError, NotFoundError, check_all, details
from npn.ledger.service import Ledger, Transaction
from npn.support import store
from npn.support.events import StandardAnswerRetired, StandardAnswerSet
from npn.support.model import CaseKind, StandardAnswer, StandardText
from npn.support.standard_texts import SHIPPED, checked_standard_text
from npn.systems.model import slug
from npn.wording import checked_line

LONGEST_LABEL = 100


@dataclass(frozen=True, slots=True)
class StandardAnswers:
    """Everything that is done to standard answers."""

    database: Database
    ledger: Ledger

    def all(self) -> list[StandardAnswer]:
        """Return all of them, the shipped ones first."""
        with self.database.read() as connection:
            return _all(connection)

    def offered(self, case_kind: CaseKind) -> list[StandardAnswer]:
        """Return those in use for a kind of case."""
        return [answer for answer in self.all() if not answer.is_retired and answer.case_kind in (None, case_kind)]

    def get(self, answer_id: str) -> StandardAnswer:
        """Return one. Raises NotFoundError."""
        return _found(self.all(), answer_id)

    def put(
        self,
        *,
        by: str,
        danish: StandardText,
        english: StandardText,
        case_kind: CaseKind | None = None,
        answer_id: str = "",
    ) -> StandardAnswer:
        """Add an answer, or change the one of that id. `case_kind`: None for every kind.

        Raises InvalidInputError, NotFoundError, and ConflictError where a name is taken or the answer is retired.
        """
        checked_danish, checked_english = checked_texts(danish, english)
        with self.ledger.transaction() as tx:
            answers = _all(tx.connection)
            if answer_id and _found(answers, answer_id).is_retired:
                raise ConflictError(details.ANSWER_RETIRED)
            wanted = StandardAnswer(
                id=answer_id or _free_id(answers, checked_english.label),
                case_kind=case_kind,
                danish=checked_danish,
                english=checked_english,
            )
            _check_labels(answers, wanted)
            return _stored(tx, wanted, by=by)

    def retire(self, answer_id: str, *, by: str) -> StandardAnswer:
        """Offer an answer no longer; it is kept. Raises NotFoundError, ConflictError."""
        with self.ledger.transaction() as tx:
            answer = _found(_all(tx.connection), answer_id)
            if answer.is_retired:
                raise ConflictError(details.ANSWER_RETIRED)
            retired = replace(answer, updated_at=tx.at, retired_at=tx.at)
            store.put_standard_answer(tx.connection, retired, at=tx.at)
            tx.append(StandardAnswerRetired(answer=answer_id, by=by))
            return retired

    def restore(self, answer_id: str, *, by: str) -> StandardAnswer:
        """Offer a retired answer again. Raises NotFoundError, ConflictError."""
        with self.ledger.transaction() as tx:
            answers = _all(tx.connection)
            answer = _found(answers, answer_id)
            if not answer.is_retired:
                raise ConflictError(details.ANSWER_IN_USE)
            _check_labels(answers, answer)
            return _stored(tx, replace(answer, retired_at=None), by=by)


def checked_texts(danish: StandardText, english: StandardText) -> tuple[StandardText, StandardText]:
    """Return an answer's texts as they are stored. Raises InvalidInputError with all that is wrong with them."""
    label_da, body_da, label_en, body_en = check_all(
        lambda: checked_line(danish.label, "label_da", most=LONGEST_LABEL),
        lambda: checked_standard_text(danish.body, "danish"),
        lambda: checked_line(english.label, "label_en", most=LONGEST_LABEL),
        lambda: checked_standard_text(english.body, "english"),
    )
    return StandardText(label_da, body_da), StandardText(label_en, body_en)


def _all(connection: sa.Connection) -> list[StandardAnswer]:
    stored = {answer.id: answer for answer in store.standard_answers(connection)}
    return list({**SHIPPED, **stored}.values())


def _stored(tx: Transaction, answer: StandardAnswer, *, by: str) -> StandardAnswer:
    """Keep an answer as it is in use from now."""
    store.put_standard_answer(tx.connection, answer, at=tx.at)
    tx.append(StandardAnswerSet(answer=answer.id, by=by))
    return replace(answer, updated_at=tx.at)


def _found(answers: list[StandardAnswer], answer_id: str) -> StandardAnswer:
    answer = next((answer for answer in answers if answer.id == answer_id), None)
    if answer is None:
        raise NotFoundError("there is no such standard answer", field="answer")
    return answer


def _check_labels(answers: list[StandardAnswer], wanted: StandardAnswer) -> None:
    """Hold the names to be free among the answers in use: whoever chooses sees nothing else."""
    others = [answer for answer in answers if answer.id != wanted.id and not answer.is_retired]
    if wanted.danish.label.casefold() in {answer.danish.label.casefold() for answer in others}:
        raise ConflictError(details.ANSWER_NAME_TAKEN, field="label_da")
    if wanted.english.label.casefold() in {answer.english.label.casefold() for answer in others}:
        raise ConflictError(details.ANSWER_NAME_TAKEN, field="label_en")


def _free_id(answers: list[StandardAnswer], label: str) -> str:
    """Return an id made of a name, which no answer has."""
    ids = {answer.id for answer in answers}
    wanted = slug(f"answer {label}")
    return next(name for name in (wanted, *(f"{wanted}-{n}" for n in range(2, len(ids) + 3))) if name not in ids)
