"""Pictures whose terms have to stay with them."""

from __future__ import annotations

from typing import Any

from tests.notes.notecase import asked, said
from tests.rawfactory import failed, raw

TERMS = {"name": "CC BY-NC-SA 3.0", "sentence": "KITTI is under CC BY-NC-SA 3.0: name its authors"}
SHOWN: dict[str, Any] = {"pictures": {"file": "raw/x.pictures.npz", "sha256": "6b"}}


def test_pictures_under_terms() -> None:
    rule = "pictures-under-terms"
    run = raw(data__name="kitti", data__title="KITTI stereo", data__licence=TERMS, **SHOWN)
    (note,) = asked(rule, [run, raw("keras", data__licence=TERMS, data__title="KITTI stereo", **SHOWN)])
    assert note.sentence.startswith(
        "The report shows pictures made from KITTI stereo (CC BY-NC-SA 3.0). KITTI is under"
    )
    assert note.numbers == {"terms": {"KITTI stereo (CC BY-NC-SA 3.0)": TERMS["sentence"]}}
    assert not said(rule, [raw(data__licence=TERMS)])  # no picture was made
    assert not said(rule, [raw(**SHOWN)])  # no terms
    assert not said(rule, [failed()])
