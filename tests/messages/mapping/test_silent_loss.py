"""Nothing vanishes unseen between the bytes of both syntaxes, whatever awkward values a schema allows."""

from random import Random

import pytest
from tests.messages.generator import PLAIN, Generator

from npn.messages import Syntax, convert, read, versions, write
from npn.messages.findings.places import Places
from npn.messages.mapping.losses import tree_losses
from npn.messages.versions.simple import SimpleType

AWKWARD = (
    *("a\nb", "a\r\nb", " a", "a ", "\ta", "a  b", "a\u00a0b", "a\u0085b", "  ", " ", "é", "\\", "a\\", ".", "_"),
    *("?'+:", "a?", "?", "'", "UNZ+1'", "*****", "-", "00", "+1", "1 ", "01", "0001-01-01", "2014-09-04+02:00"),
)
READ_AS_ANOTHER = {"XR0130K-2005", "XR0230M-2005"}  # their EDIFACT is read as the form of 2007
BOTH = [name for name in versions.names() if "edifact" in versions.headings()[name] and name not in READ_AS_ANOTHER]


class Awkward(Generator):
    """A quarter of the texts are awkward ones that the type allows."""

    def text(self, kind: SimpleType) -> str:
        allowed = [each for each in AWKWARD if kind.accepts(each)]
        return self.lots.choice(allowed) if allowed and self.lots.random() < 0.25 else super().text(kind)


@pytest.mark.parametrize("name", BOTH)
def test_every_difference_between_the_bytes_is_told_of(name: str) -> None:
    for seed in range(4):
        document = Awkward(versions.version(name), Random(seed), alphabet=PLAIN + "?:'+\\.").document()
        before = read(write(document, Syntax.XML))
        made = convert(before, Syntax.EDIFACT, force=True)
        assert made.data is not None
        after = read(made.data)
        places, told = Places(before), {each.place.path for each in made.findings}
        letter = before.letters[0]
        assert letter.version is not None
        for note in tree_losses(letter.root, after.letters[0].root, kind=letter.version.root):
            if note.rule != "loss.added" and note.element is not None:
                path = places.of(note.element).path
                near = [each for each in told if path.startswith(each) or each.startswith(f"{path}/")]
                assert [each for each in near if each.count("/") > 2], (seed, path, note.en)
