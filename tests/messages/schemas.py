"""MedCom's schemas from the shared folder, compiled: the authority our structure verdict is checked against."""

from functools import cache
from pathlib import Path

import pytest
from lxml import etree

MEDCOM = Path(__file__).resolve().parents[3] / "shared" / "data" / "medcom"
NEEDS_SHARED = pytest.mark.skipif(
    not MEDCOM.exists(), reason="MedCom's schemas and samples are not beside the repository"
)


@cache
def schema(namespace: str) -> etree.XMLSchema:
    """The schema of a namespace: its folder is the date at the namespace's end."""
    return etree.XMLSchema(
        etree.parse(MEDCOM / "schemas" / "/".join(namespace.strip("/").split("/")[-3:]) / "EMessage.xsd")
    )


def schema_accepts(data: bytes, namespace: str) -> bool:
    """Whether lxml's XML Schema accepts the document."""
    return bool(schema(namespace).validate(etree.fromstring(data)))
