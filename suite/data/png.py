"""PNG images as stereo sets hold them: grey or colour images of 8 bits, disparities of 16 bits."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any, Final

import numpy as np

from suite.data.contract import U8, U16
from suite.errors import InputError

KINDS: Final = {0: "grey", 2: "colour", 3: "palette", 4: "grey with transparency", 6: "colour with transparency"}
"""Colour types of the header. Source: PNG specification, third edition, table 8."""

Type = tuple[int, str]
"""Bits of a value and the kind of colour, as an image's header has them."""

FAULTS: Final = (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error)
"""What Pillow raises for damaged files."""

GREY: Final = (8, "grey")
COLOUR: Final = (8, "colour")
DEEP: Final = (16, "grey")


def grey(data: bytes, where: str, *wanted: Type) -> U8:
    """Return the 8-bit image in ``data`` as grey values (h, w), colours weighted by ITU-R Recommendation BT.601.

    In whole numbers, (19595 R + 38470 G + 7471 B + 32768) / 65536 rounded down: the weights 0.299, 0.587 and 0.114.

    Raises:
        InputError: it is no whole PNG image or none of the types ``wanted``; ``where`` names it.
    """
    values = _decode(data, where, wanted)
    if values.ndim == 2:
        return values.astype(np.uint8)
    weighted = values.astype(np.uint32) @ np.array([19595, 38470, 7471], np.uint32)
    return ((weighted + 32768) >> 16).astype(np.uint8)


def deep(data: bytes, where: str) -> U16:
    """Return the 16-bit grey image in ``data`` as values (h, w).

    Raises:
        InputError: it is no whole PNG image or of another type.
    """
    return _decode(data, where, (DEEP,)).astype(np.uint16)


def level(data: bytes, where: str) -> U8:
    """Return the 8-bit values (h, w) of a grey image, or of a colour image whose three channels are one and the same.

    Raises:
        InputError: it is no whole PNG image, of another type, or in colours.
    """
    values = _decode(data, where, (GREY, COLOUR))
    if values.ndim == 3:
        if (values != values[..., :1]).any():
            raise InputError(f"{where} holds colours where grey disparities have to be.")
        values = values[..., 0]
    return values.astype(np.uint8)


def _decode(data: bytes, where: str, wanted: tuple[Type, ...]) -> np.ndarray[Any, Any]:
    from PIL import Image, UnidentifiedImageError  # not needed to start the command line

    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            image.verify()  # all checksums; an image cannot be read after that
        found = (data[24], KINDS.get(data[25], "unknown"))
        if found not in wanted:
            words = " or ".join(f"{bits}-bit {kind}" for bits, kind in wanted)
            raise InputError(f"{where} holds {found[0]}-bit {found[1]} values, not {words}.")
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            values = np.asarray(image)
    except (*FAULTS, Image.DecompressionBombError) as error:
        reason = "no PNG image" if isinstance(error, UnidentifiedImageError) else str(error).rstrip(".")
        raise InputError(f"{where} is damaged or no PNG image ({reason}): get it again.") from None
    return values
