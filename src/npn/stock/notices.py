"""What is said to a system about its stock: that it lasts, or will soon last, for less than six months."""

from npn.stock.cover import Colour, Cover, CoverSource
from npn.systems.notices import Notice, declare_notice

_REPORTED = declare_notice(
    "stock_low",
    program="your stock lasts {days} days (reported); six months are agreed: draw {draw} usable numbers",
    en="the stock lasts {days} days, as the system reports; six months are agreed: draw {draw} usable numbers",
    da="beholdningen rækker til {days} dage ifølge systemets egne oplysninger; seks måneder er aftalt: "
    "træk {draw} brugbare numre",
)
_ESTIMATED = declare_notice(
    "stock_low",
    program="your stock lasts {days} days (estimated from your draws; report it to be sure); "
    "six months are agreed: draw {draw} usable numbers",
    en="by an estimate from its draws the stock lasts {days} days; six months are agreed: the system should report its "
    "stock, or draw {draw} usable numbers",
    da="efter et skøn ud fra systemets træk rækker beholdningen til {days} dage; seks måneder er aftalt: systemet bør "
    "oplyse sin beholdning eller trække {draw} brugbare numre",
)


def stock_notices(cover: Cover) -> list[Notice]:
    """Return a notice where a stock is, or soon will be, below six months; it says where the figure is from."""
    if cover.whole_days is None or cover.colour in (Colour.GREEN, Colour.UNKNOWN):
        return []
    kind = _REPORTED if cover.source is CoverSource.REPORTED else _ESTIMATED
    return [kind.of(days=cover.whole_days, draw=cover.draw or 0)]
