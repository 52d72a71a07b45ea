"""`npn label proof`: a design measured on the finished page, and read back after what happens to labels."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from npn.cli.errors import ANSWER_IS_NO, DONE
from npn.cli.labels.label import described, design_options, form_of, resolution
from npn.cli.numbers.commands import scheme_option
from npn.cli.printing import as_json, json_line, remark, table
from npn.numbers.scheme import NumberScheme

if TYPE_CHECKING:
    from npn.labels.model import Language
    from npn.labels.proof import DesignProof

MOST_LABELS = 1000


@click.command(short_help="Measure a design, and read it back damaged.")
@design_options
@scheme_option
@click.option(
    "--count",
    type=click.IntRange(2, MOST_LABELS),
    default=20,
    show_default=True,
    help="Print, damage and read N labels.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write a sheet to print and measure, as .pdf.",
)
@as_json
def proof(
    *,
    design: str,
    dpi: str | None,
    lang: "Language",
    scheme: NumberScheme,
    count: int,
    output: Path | None,
    json_: bool,
) -> int:
    """Measure a design on its finished page, and read it back after damages.

    The measures are millimetres of the picture of the PDF: modules, bars, quiet zones. The damages are blur, a dead
    print dot, a smear, a tilt, faint print and a cut quiet zone; a wrong read is undetected if it passes the check of
    the scheme. Exit status 1 if an undamaged label does not read, a bar is not whole dots, or a wrong read is
    undetected.
    """
    from npn.labels.designs import find_design
    from npn.labels.proof import prove_design

    selected = find_design(design)
    if output is not None:
        form_of(output, only=("pdf",))
    proved = prove_design(selected, scheme, dpi=resolution(dpi, selected), count=count)
    if json_:
        json_line(proved)
    else:
        _show(proved)
    if output is not None:
        from npn.labels.files import write_files
        from npn.labels.sheet import proof_sheet

        remark(f"sheet to print and measure: {described(write_files(output, [proof_sheet(selected, proved, lang)]))}")
    return DONE if proved.is_sound else ANSWER_IS_NO


def _show(proved: "DesignProof") -> None:
    click.echo(f"{proved.design} at {proved.dpi} dpi, {proved.numbers} numbers of {proved.scheme}")
    click.echo("\nMeasured on the finished page, in mm:")
    measures = [
        {
            "symbol": measure.symbol,
            "module": f"{measure.module:.3f} ({measure.module_dots} dots)",
            "width": f"{measure.width:.2f}",
            "height": f"{measure.height:.2f}",
            "quiet_left": f"{measure.quiet_left:.2f}",
            "quiet_right": f"{measure.quiet_right:.2f}",
            "off_by": f"{measure.deviation} dots",
        }
        for measure in proved.measures
    ]
    table(measures, ("symbol", "module", "width", "height", "quiet_left", "quiet_right", "off_by"))
    click.echo("\nRead back:")
    table([asdict(result) for result in proved.results], ("symbol", "damage", "read", "unread", "wrong", "undetected"))
