"""The picture of the national year: what was used and drawn, and when the space ends."""

import io
from collections.abc import Sequence
from datetime import date, timedelta

import matplotlib as mpl

mpl.use("svg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from npn.stock.forecast import Forecast

INK, USE, DRAWN, SPACE, RANGE = "#263238", "#1f6f8b", "#c2571a", "#1f6f8b", "#d9e7ec"


def picture(
    *,
    start: date,
    used: Sequence[int],
    draws: Sequence[int],
    cursor: Sequence[int],
    space: tuple[int, int],
    told: Forecast,
) -> bytes:
    """Return an SVG, the same bytes for the same figures."""
    style = {"svg.hashsalt": "npn", "font.family": "sans-serif", "font.size": 10, "text.color": INK}
    with mpl.rc_context(style | {"axes.edgecolor": "#90a4ae", "axes.labelcolor": INK, "svg.fonttype": "path"}):
        figure, (above, middle, below) = plt.subplots(
            3, 1, figsize=(9, 9.2), height_ratios=(3, 2, 4), layout="constrained"
        )
        days = [start + timedelta(days=n) for n in range(len(used))]
        _use(above, days, used)
        _draws(middle, days, draws)
        _filling(below, days, [(c - space[0]) / 1e9 for c in cursor], whole=(space[1] - space[0] + 1) / 1e9, told=told)
        for axes in (above, middle, below):
            axes.spines[["top", "right"]].set_visible(False)
            axes.grid(axis="y", color="#eceff1")
            axes.set_axisbelow(True)
        out = io.BytesIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
        plt.close(figure)
    return out.getvalue()


def _use(axes: Axes, days: Sequence[date], used: Sequence[int]) -> None:
    week = [sum(used[max(0, n - 6) : n + 1]) / len(used[max(0, n - 6) : n + 1]) / 1e3 for n in range(len(used))]
    axes.bar(days, [u / 1e3 for u in used], width=1.0, color="#b7d3dc", label="each day")
    axes.plot(days, week, color=USE, linewidth=1.6, label="mean of seven days")
    axes.set_title("Samples taken, thousands a day", loc="left", fontsize=11)
    axes.set_ylim(bottom=0)
    axes.margins(x=0.01)
    axes.legend(frameon=False, ncols=2, loc="lower right", bbox_to_anchor=(1, 0.99), fontsize=9)


def _draws(axes: Axes, days: Sequence[date], draws: Sequence[int]) -> None:
    rest = max(draws[1:])
    axes.bar(days, draws, width=1.0, color=DRAWN)
    axes.set_ylim(0, rest * 1.25)
    axes.annotate(
        f"day one: all {draws[0]} fill up",
        (days[0], rest * 1.22),
        (days[12], rest * 1.08),
        arrowprops={"arrowstyle": "->", "color": INK},
        fontsize=9,
    )
    axes.set_title("Draws a day", loc="left", fontsize=11)
    axes.margins(x=0.01)


def _filling(axes: Axes, days: Sequence[date], passed: Sequence[float], *, whole: float, told: Forecast) -> None:
    axes.plot(days, passed, color=SPACE, linewidth=2.2, label="cursor, this year")
    axes.axhline(whole, color=INK, linewidth=1)
    axes.annotate("the space ends", (days[0], whole), (0, 5), textcoords="offset points", fontsize=9)
    if told.ends is not None:
        axes.plot([days[-1], told.ends], [passed[-1], whole], color=SPACE, linestyle="--", label="forecast")
        axes.annotate(f"{told.ends:%B %Y}", (told.ends, whole), (0, 5), textcoords="offset points", ha="center")
        if told.earliest is not None and told.latest is not None:
            edges = ([days[-1], told.earliest], [days[-1], told.latest])
            for edge in edges:
                axes.plot(edge, [passed[-1], whole], color="#9fc2cd", linewidth=0.8)
            corners = ([days[-1], told.earliest, told.latest], [passed[-1], whole, whole])
            axes.fill(*corners, color=RANGE, label="95 % range")
    axes.set_title("Numbers of the production space behind the cursor, thousand million", loc="left", fontsize=11)
    axes.set_ylim(0, whole * 1.1)
    axes.legend(frameon=False, loc="lower right", fontsize=9)
