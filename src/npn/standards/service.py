"""Standards: the catalogue, MedCom's list, and the matrix of who can take what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from msgspec import structs

from npn import wire
from npn.db import Database
from npn.errors import InvalidInputError, NotFoundError, codes, details
from npn.instants import danish_day, iso_day
from npn.ledger.service import Ledger
from npn.standards import store
from npn.standards.events import StandardVersionSet
from npn.standards.importing import ListImport, ListImporter
from npn.standards.listing import ListedRow
from npn.standards.matrix import MatrixSources, MatrixWish, matrix, without_notes
from npn.standards.model import Direction, Standard, StandardVersion, VersionReference
from npn.systems.matching import UNRESOLVED, ResolvedMatches
from npn.systems.register import COLUMNS
from npn.wording import LONGEST_NAME, checked_line, checked_name


@dataclass(frozen=True, slots=True)
class Standards:
    """The catalogue of standards, and what is known of who can take them."""

    database: Database
    ledger: Ledger

    @property
    def today(self) -> date:
        """Return the day it is in Denmark."""
        return danish_day(self.ledger.clock())

    def import_list(
        self,
        rows: Sequence[ListedRow],
        *,
        by: str,
        as_of: date | None = None,
        resolved: ResolvedMatches = UNRESOLVED,
        dry_run: bool = False,
    ) -> ListImport:
        """Import MedCom's list as of a day, as `ListImporter.take` does."""
        return ListImporter(self.ledger, resolved).take(rows, by=by, as_of=as_of, dry_run=dry_run)

    def listed(self) -> list[dict[str, str]]:
        """Return the newest list, row for row, in its own columns."""
        with self.database.read() as connection:
            return [dict(zip(COLUMNS, row.columns, strict=True)) for row in store.listed_rows(connection)]

    def set_version(self, version: StandardVersion, *, by: str, name: str = "") -> StandardVersion:
        """Add a version of a standard, or change when it is valid and what it holds. Raises InvalidInputError."""
        code = checked_name(version.standard, "standard")
        checked_name(version.version, "version")
        days = [day for day in (version.valid_from, version.phase_out_from, version.valid_to) if day is not None]
        if days != sorted(days):
            raise InvalidInputError(details.DATES_OUT_OF_ORDER, field="valid_from")
        with self.ledger.transaction() as tx:
            store.put_version(tx.connection, version, name=checked_line(name or code, "name", most=LONGEST_NAME))
            tx.append(
                StandardVersionSet(
                    standard=code,
                    version=version.version,
                    valid_from=_written(version.valid_from),
                    phase_out_from=_written(version.phase_out_from),
                    valid_to=_written(version.valid_to),
                    by=by,
                )
            )
        return version

    def catalogue(self) -> list[Standard]:
        """Return every standard with its versions."""
        with self.database.read() as connection:
            return store.standards(connection)

    def standard(self, code: str) -> Standard:
        """Return one standard. Raises NotFoundError `unknown_standard`."""
        with self.database.read() as connection:
            standards = store.standards(connection, code)
        if not standards:
            raise NotFoundError(
                f"there is no standard {code!r}",
                code=codes.UNKNOWN_STANDARD,
                field="standard",
                hint="npn standard list",
            )
        return standards[0]

    def version(self, text: str, field: str = "version") -> StandardVersion:
        """Return the one version meant by `CODE/V`, or by `V` where one standard alone has it. Raises NotFoundError."""
        wanted = VersionReference.parse(text, field)
        versions = [version for standard in self.catalogue() for version in standard.versions]
        matches = [
            one
            for one in versions
            if text in (one.version, f"{one.standard}/{one.version}") or wanted == VersionReference(one.standard)
        ]
        if len(matches) != 1:
            several = ", ".join(f"{one.standard}/{one.version}" for one in matches[:5])
            raise NotFoundError(
                f"there is no one version {text!r}",
                code=codes.UNKNOWN_STANDARD,
                field=field,
                hint=f"which of {several}?" if several else "npn standard list",
            )
        return matches[0]

    def matrix(self, code: str, *, at: date | None = None, wish: MatrixWish = MatrixWish()) -> list[wire.CapabilityRow]:  # noqa: B008  # frozen
        """Return the lines of a standard's matrix as they were on a day (None: today)."""
        return self.capabilities(code, at=at, wish=wish).items

    def capabilities(
        self,
        code: str,
        *,
        at: date | None = None,
        wish: MatrixWish = MatrixWish(),  # noqa: B008  # frozen
    ) -> wire.CapabilityList:
        """Return the matrix with its day and the list's. Raises NotFoundError `unknown_standard`."""
        standard, day = self.standard(code), at or self.today
        if wish.version is not None and all(one.version != wish.version for one in standard.versions):
            raise NotFoundError(f"{code} has no version {wish.version!r}", code=codes.UNKNOWN_STANDARD, field="version")
        with self.database.read() as connection:
            sources = MatrixSources(
                standard=code,
                list_as_of=store.newest_list(connection, at=day),
                listed=store.listed_rows(connection, at=day, standard=code),
                installations=store.installations(connection, at=day),
                capabilities=store.capabilities(connection, code, at=day),
            )
        return wire.CapabilityList(standard=code, at=day, list_as_of=sources.list_as_of, items=matrix(sources, wish))

    def public_capabilities(
        self,
        code: str,
        *,
        at: date | None = None,
        wish: MatrixWish = MatrixWish(),  # noqa: B008  # frozen
    ) -> wire.CapabilityList:
        """Return the matrix as everybody may see it. Raises NotFoundError `unknown_standard`."""
        whole = self.capabilities(code, at=at, wish=wish)
        return structs.replace(whole, items=without_notes(whole.items))

    def overview(self) -> wire.StandardList:
        """Return every standard, with how many systems send and receive each of its versions."""
        with self.database.read() as connection:
            counts = store.approved_counts(connection)
            items = [_document(standard, counts) for standard in store.standards(connection)]
            return wire.StandardList(list_as_of=store.newest_list(connection), items=items)

    def details(self, code: str) -> wire.Standard:
        """Return one standard as `overview` has it. Raises NotFoundError `unknown_standard`."""
        standard = self.standard(code)
        with self.database.read() as connection:
            return _document(standard, store.approved_counts(connection))


def _document(standard: Standard, counts: dict[tuple[str, str, str], int]) -> wire.Standard:
    return wire.Standard(
        code=standard.code,
        name=standard.name,
        family=standard.family,
        format=standard.format,
        versions=[
            wire.StandardVersion(
                version=one.version,
                valid_from=one.valid_from,
                phase_out_from=one.phase_out_from,
                valid_to=one.valid_to,
                replaces=one.replaces,
                features=dict(one.features),
                required_of=list(one.required_of),
                senders=counts.get((one.standard, one.version, Direction.SEND.value), 0),
                receivers=counts.get((one.standard, one.version, Direction.RECEIVE.value), 0),
            )
            for one in standard.versions
        ],
    )


def _written(day: date | None) -> str | None:
    return None if day is None else iso_day(day)
