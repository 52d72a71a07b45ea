"""Labels as ZPL II: the picture itself as a graphic field, so that what was read back is what the printer burns.

The printer's own symbols are not used: it would encode the number after the file was given, and the older ones have
no Micro QR. Letters are in the picture too, so no code page of a printer can spoil them.
"""

import io
import re

from PIL import Image

from npn.errors import InvalidInputError, codes

WIDEST = 168.0  # mm: the widest label printers
_FIELD = re.compile(rb"\^GFA,(\d+),(\d+),(\d+),([^^]*)\^FS")
_REPEATS = "".join(chr(ord("G") + i) for i in range(19))  # G to Y: 1 to 19 times
_TWENTIES = "".join(chr(ord("g") + i) for i in range(20))  # g to z: 20 to 400 times


def zpl_of(png: bytes) -> bytes:
    """Return the label of a black and white picture, in the printer's dots."""
    picture = Image.open(io.BytesIO(png))
    row_bytes = (picture.width + 7) // 8
    rows = _rows(picture)
    data = compress(rows)
    total = row_bytes * len(rows)
    head = f"^XA^PW{picture.width}^LL{picture.height}^LH0,0^FO0,0^GFA,{total},{total},{row_bytes},"
    return f"{head}{data}^FS^XZ\n".encode("ascii")


def picture_of(zpl: bytes) -> Image.Image:
    """Return the picture in a label's graphic field, as the printer would burn it. Raises ValueError."""
    match = _FIELD.search(zpl)
    if match is None:
        raise ValueError("no graphic field")
    total, row_bytes = int(match[2]), int(match[3])
    rows = expand(match[4].decode("ascii"), row_bytes)
    if len(rows) * row_bytes != total:
        raise ValueError(f"the graphic field has {len(rows)} rows of {row_bytes} bytes, and says {total} bytes")
    inverted = bytes(byte ^ 0xFF for row in rows for byte in row)
    return Image.frombytes("1", (row_bytes * 8, len(rows)), inverted).convert("L")


def compress(rows: list[bytes]) -> str:
    """Return rows of dots as hexadecimal digits, repeated digits and rows counted as ZPL counts them."""
    before = (None, *rows)
    return "".join(":" if row == last else _row(row.hex().upper()) for last, row in zip(before, rows, strict=False))


def expand(data: str, row_bytes: int) -> list[bytes]:
    """Return the rows that `compress` wrote. Raises ValueError."""
    rows: list[bytes] = []
    digits, times = "", 0
    for character in data:
        if character in _REPEATS:
            times += _REPEATS.index(character) + 1
        elif character in _TWENTIES:
            times += (_TWENTIES.index(character) + 1) * 20
        elif character == ":":
            rows.append(rows[-1])
        elif character in ",!":
            digits = digits.ljust(2 * row_bytes, "0" if character == "," else "F")
        else:
            digits, times = digits + character * max(times, 1), 0
        if len(digits) == 2 * row_bytes:
            rows.append(bytes.fromhex(digits))
            digits = ""
    if digits:
        raise ValueError("the graphic field ends within a row")
    return rows


def check_width(width: float) -> None:
    """Refuse a page that no label printer takes. Raises InvalidInputError."""
    if width > WIDEST:
        raise InvalidInputError(
            f"the design is {width:g} mm wide, and label printers take {WIDEST:g} mm at most",
            code=codes.LABEL_NOT_FIT,
            field="width",
            hint="write it as PDF, for an office printer",
        )


def _rows(picture: Image.Image) -> list[bytes]:
    """Return the rows of dots, a set bit for a dark one, padded with light ones to whole bytes."""
    row_bytes = (picture.width + 7) // 8
    padded = Image.new("1", (row_bytes * 8, picture.height), 1)
    padded.paste(picture, (0, 0))
    data = bytes(byte ^ 0xFF for byte in padded.tobytes())
    return [data[start : start + row_bytes] for start in range(0, len(data), row_bytes)]


def _row(digits: str) -> str:
    """Return a row's digits; one sign stands for equal digits to the row's end."""
    for digit, sign in (("0", ","), ("F", "!")):
        start = digits.rstrip(digit)
        if start != digits:
            return _counted(start) + sign
    return _counted(digits)


def _counted(digits: str) -> str:
    return "".join(_repeated(match[1], len(match[0])) for match in re.finditer(r"(.)\1*", digits))


def _repeated(digit: str, times: int) -> str:
    """Return a digit with its count, G to Y for 1 to 19 and g to z for 20 to 400; counts add up."""
    if times < 3:
        return digit * times
    most, rest = divmod(times, 400)
    twenties, ones = divmod(rest, 20)
    counts = _TWENTIES[-1] * most + (_TWENTIES[twenties - 1] if twenties else "") + (_REPEATS[ones - 1] if ones else "")
    return counts + digit
