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
    published = [raw(f, lane="as-published", epochs=10, accuracy=a) for f, a in (("pytorch", 0.7), ("keras", 0.6))]
    assert not said(rule, published)  # unlike on purpose


def test_one_odd_run_of_three_does_not_decide() -> None:
    odd = [raw("pytorch", b, epochs=1, accuracy=a) for b, a in enumerate((0.4, 0.41, 0.1))]
    even = [raw("keras", b, epochs=1, accuracy=0.4) for b in range(3)]
    assert not said("unequal-accuracies", odd + even)


def test_accuracy_at_chance() -> None:
    rule = "accuracy-at-chance"
    ten = [{"name": "dense", "output_shape": [10], "parameters": 650}]
    assert "pytorch-eager/b32-e1 (0.1490)" in said(rule, [raw(epochs=1, accuracy=0.149, layers=ten)])
    assert not said(rule, [raw(epochs=1, accuracy=0.151, layers=ten)])
    assert not said(rule, [raw(layers=ten), raw(epochs=1, accuracy=0.1, layers=None)])


def test_loss_not_finite() -> None:
    rule = "loss-not-finite"
    broken = raw(epochs=3)
    broken["epochs"][2]["train_loss"] = None  # as JSON keeps what is no number
    assert "pytorch-eager/b32-e3 (epoch 3)" in said(rule, [broken])
    assert not said(rule, [raw(epochs=3), raw()])


def test_few_epochs() -> None:
    rule = "few-epochs"
    assert "cifar10-cnn3x3 (9 epochs)" in said(rule, [raw(epochs=9), raw("keras", epochs=1)])
    assert not said(rule, [raw(epochs=10), raw("keras", epochs=1), raw()])
