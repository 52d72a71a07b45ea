"""What a citizen's page leaves out: kinds of internal fields. Each that the letter has is named on the page."""

from npn.messages.model.interchange import NUMBERED, Element
from npn.messages.views.blocks import NoticeBlock, SectionBlock, section
from npn.messages.views.reading import CODE_PARTS, LetterReading

PARTIES = frozenset(
    (
        "Sender", "OriginalRequester", "Receiver", "CCReceiver", "CarbonCopyReceiver", "Collector", "Payer", "Relative",
        "ProducerOfLabResult",
    )
)  # fmt: skip
ADDRESS = frozenset(
    (
        "StreetName", "SuburbName", "DistrictName", "PostCodeIdentifier", "MunicipalityId", "MunicipalityName",
        "TelephoneSubscriberIdentifier", "PersonTitle", "PersonInitials",
    )
)  # fmt: skip
KINDS = {
    "left_parties": PARTIES,
    "left_address": ADDRESS,
    "left_codes": frozenset(
        (
            *CODE_PARTS, "MedicalSpecialityCode", "ResultType", "ExaminationTypeCode", "IdentifierCode",
            "IdentifierLocal", "IdentifierResponsible", "DiagnoseCode", "IndicationCode", "StatisticalCode",
            "SampleIdentifierType", "MICAnalysisCode", "AnalysisShortName",
        )
    ),
    "left_numbers": frozenset(
        (
            *NUMBERED, "CivilRegistrationNumber", "AlternativeIdentifier", "PersonIdentifier", "EANIdentifier",
            "LaboratoryInternalProductionIdentifier", "ToLabIdentifier", "FromLabIdentifier", "Identifier",
            "OrderIdentifier", "Order",
        )
    ),
    "left_measured": frozenset(("SusceptibilityValue", "SusceptibilityMethod")),
    "left_technical": frozenset(
        (
            "Letter", "SortOrder", "AntibioticNumber", "RefMicroorganism", "RefAntibiotic", "IsolateNumber", "BIN",
            "Protected", "TableFormat",
        )
    ),
}  # fmt: skip
KIND_OF = {name: kind for kind, names in KINDS.items() for name in names}


class InternalPart:
    """The internal fields of a letter, set aside before the page is laid out."""

    def __init__(self, reading: LetterReading) -> None:
        """Mark them as dealt with, so that no list of what is left shows them."""
        self.reading = reading
        self.kinds: dict[str, None] = {}
        self._set_aside(reading.root)

    def _set_aside(self, parent: Element) -> None:
        for child in parent.children:
            kind = KIND_OF.get(child.name)
            if kind is None:
                self._set_aside(child)
            elif any(inner.text.strip() for inner in child.walk()):
                self.reading.mark(child)
                self.kinds[kind] = None

    def remainder(self) -> SectionBlock | None:
        """Return the section that names what is not shown here; None where all is."""
        words = self.reading.words
        if not self.kinds:
            return None
        names = ", ".join(words.say(kind) for kind in KINDS if kind in self.kinds)
        return section(words.say("remainder"), NoticeBlock(words.say("remainder_is", names=names)))
