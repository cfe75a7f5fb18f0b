from __future__ import annotations

from tests.notes.notecase import asked, said
from tests.rawfactory import raw


def test_unequal_accuracies() -> None:
    rule = "unequal-accuracies"
    (note,) = asked(rule, [raw("pytorch", epochs=10, accuracy=0.7), raw("keras", epochs=10, accuracy=0.6749)])
    assert "cifar10-cnn3x3 b32-e10 (matched): pytorch-eager 0.7000, keras-fit 0.6749" in note.sentence
    assert not said(rule, [raw("pytorch", epochs=10, accuracy=0.7), raw("keras", epochs=10, accuracy=0.675)])
    assert not said(rule, [raw("pytorch", epochs=10, accuracy=0.7), raw("keras", epochs=20, accuracy=0.6)])
    assert not said(rule, [raw("pytorch"), raw("keras")])


def test_one_odd_run_of_three_does_not_decide() -> None:
    odd = [raw("pytorch", b, epochs=1, accuracy=a) for b, a in enumerate((0.4, 0.41, 0.1))]
    even = [raw("keras", b, epochs=1, accuracy=0.4) for b in range(3)]
    assert not said("unequal-accuracies", odd + even)
