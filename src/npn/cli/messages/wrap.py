"""`npn message wrap`: MedCom's VANSEnvelope round a message."""

from pathlib import Path

import click

from npn.cli.errors import ANSWER_IS_NO, DONE
from npn.cli.messages.commands import files
from npn.cli.messages.files import saved
from npn.cli.printing import remark


@click.command(short_help="A VANSEnvelope round a message.")
@click.argument("path", metavar="FILE")
@click.option("--sender", required=True, metavar="ID", help="Who sends it: a location number (GLN).")
@click.option("--receiver", required=True, metavar="ID", help="Who receives it: a location number (GLN).")
@click.option("--endpoint-type", default="GLN", show_default=True, help="The kind of both identifiers.")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False), help="The file to write.")
def wrap(path: str, sender: str, receiver: str, *, endpoint_type: str, output: str) -> int:
    """Write the VANSEnvelope 1.0.4 round a message as it is, with its type, version and size.

    Every other command opens such an envelope by itself, and compares what it says with the message in it.
    """
    from npn.messages import read_all
    from npn.messages.oioxml.vans import wrap as envelope_round

    ((name, data),) = files((path,))
    interchange = read_all(data)[0]
    if not interchange.letters:
        remark(f"{name}: there is no letter in it")
        return ANSWER_IS_NO
    document = envelope_round(data, interchange, sender=sender, receiver=receiver, endpoint_type=endpoint_type)
    saved(Path(output), document)
    return DONE
