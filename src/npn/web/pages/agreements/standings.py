"""The list of where each system stands with the connection agreement."""

from collections.abc import Mapping
from dataclasses import dataclass

from npn.agreements.model import Acceptance, AgreementStanding, Stage
from npn.agreements.requirements import Verdict
from npn.systems.model import ConnectedSystem
from npn.web.forms import Choice, Field
from npn.web.lists.model import Cell, Column, Filter, Kind, LinkCell, ListDefinition, TagCell
from npn.web.pages.agreements.agreement import VERDICTS
from npn.web.pages.systems.systems import ENVIRONMENTS
from npn.web.pages.systems.systems_list import ENVIRONMENT_NAMES, environment_tag
from npn.web.texts import Msgid, _

STAGES = {
    Stage.NONE: _("nothing"),
    Stage.INFORM: _("is informed"),
    Stage.WARN: _("is warned"),
    Stage.REFUSE: _("is refused"),
}
_STAGE_ORDER = {stage: at for at, stage in enumerate((Stage.REFUSE, Stage.WARN, Stage.INFORM, Stage.NONE))}
_ACCEPTED = (Choice("missing", _("nothing accepted")), Choice("accepted", _("a version accepted")))


@dataclass(frozen=True, slots=True)
class SystemRow:
    """One system: what it accepted and meets."""

    system: ConnectedSystem
    standing: AgreementStanding
    acceptance: Acceptance | None
    counts: Mapping[Verdict, int]

    def passes(self, wanted: str) -> bool:
        """Whether it has, or has not, accepted a version."""
        return (self.acceptance is None) == (wanted == "missing")


def _name(row: SystemRow) -> Cell:
    return LinkCell(row.system.name, f"/systems/{row.system.id}/agreement")


def _version(row: SystemRow) -> str | Msgid:
    return _("not accepted") if row.acceptance is None else str(row.acceptance.number)


def _version_cell(row: SystemRow) -> Cell:
    return TagCell(_version(row), "warn") if row.acceptance is None else _version(row)


def _who(row: SystemRow) -> str | None:
    return None if row.acceptance is None else f"{row.acceptance.accepted_by}, {row.acceptance.capacity}"


def _counted(verdict: Verdict, heading: str) -> Column[SystemRow]:
    return Column(f"is-{verdict.value}".replace("_", "-"), heading, lambda row: row.counts[verdict], kind=Kind.NUMBER)


STANDINGS = ListDefinition[SystemRow](
    name="agreements",
    path="/agreements",
    caption=_("Systems"),
    columns=(
        Column[SystemRow]("name", _("System"), lambda row: row.system.name, cell=_name),
        Column[SystemRow]("owner", _("Owner"), lambda row: row.system.owner, under="name"),
        Column[SystemRow]("vendor", _("Vendor"), lambda row: row.system.vendor),
        Column[SystemRow](
            "environment",
            _("Environment"),
            lambda row: ENVIRONMENT_NAMES[row.system.environment],
            cell=lambda row: environment_tag(row.system),
        ),
        Column[SystemRow]("version", _("Accepted version"), _version, cell=_version_cell),
        Column[SystemRow](
            "when",
            _("When"),
            lambda row: None if row.acceptance is None else row.acceptance.accepted_at,
            kind=Kind.DAY,
            under="version",
        ),
        Column[SystemRow]("who", _("Accepted by"), _who),
        Column[SystemRow](
            "now",
            _("What happens now"),
            lambda row: STAGES[row.standing.stage],
            order=lambda row: _STAGE_ORDER[row.standing.stage],
        ),
        *(_counted(verdict, heading) for verdict, heading in VERDICTS.items()),
    ),
    empty=_("There are no systems yet."),
    none_left=_("No system fits the search."),
    order="name",
    filters=(
        Filter(
            Field("show", _("Agreement"), kind="select", required=False, choices=_ACCEPTED),
            lambda row, value: row.passes(value),
        ),
        Filter(
            Field("environment", _("Environment"), kind="select", required=False, choices=ENVIRONMENTS),
            lambda row, value: row.system.environment == value,
        ),
    ),
    also=lambda row: row.system.id,
)
