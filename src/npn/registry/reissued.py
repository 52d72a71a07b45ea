"""What this process alone knows of the numbers that it granted again."""

from collections.abc import Mapping

from npn.ledger.service import behind
from npn.registry.model import Regrant


class Memory:
    """How far this process drew from each regrant: the witness knows nothing of it, and may be set back besides."""

    def __init__(self) -> None:
        """Nothing was drawn yet."""
        self._reached: dict[str, Regrant] = {}

    def keep(self, used: Mapping[str, Regrant]) -> None:
        """Remember what was committed and witnessed."""
        self._reached.update(used)

    def checked(self, free: list[Regrant]) -> list[Regrant]:
        """Return what is left of the regrants, unless numbers are in it that this process granted from it already."""
        mine = list(self._reached.values()) if free else []
        for regrant in free:
            for own in mine:
                if regrant.series == own.series and regrant.cursor < own.cursor and regrant.last >= own.first:
                    raise behind(
                        f"this server granted numbers of the regrant {own.id} that database and witness have forgotten"
                    )
        return free
