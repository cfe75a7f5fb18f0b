"""What networks take test images for: probabilities side by side, answers right and wrong."""

from __future__ import annotations

import functools
from dataclasses import replace

import numpy as np

from suite import data
from suite.errors import InputError
from suite.parity.operations import softmax
from suite.report import raster, text
from suite.report.document import Answers, Block, Gallery, Guess, Picture, Predictions
from suite.report.material import Material, mapping
from suite.report.shown import Shown

WRONG, GUESSES = 8, 3
"""How many there are at most of wrong predictions, and of the answers of one network."""

TILE = 72
"""The width at which a test image is shown."""


def terms(material: Material) -> str:
    """Return what pictures of the data must not be shown without: terms and authors; "" where there are no terms."""
    sentence = str(mapping(material.data.get("licence")).get("sentence") or "")
    citation = str(material.data.get("citation") or "")
    found = [f"{words.rstrip('.')}." for words in (sentence, citation) if words]
    return f" {' '.join(found)}" if sentence else ""


@functools.cache
def _classes(dataset: str) -> tuple[str, ...]:
    try:
        return data.by_name(dataset).classes
    except InputError:
        return ()


def label_of(material: Material, label: int) -> str:
    """Return the name of a label in the run's data."""
    names = _classes(str(material.data.get("name")))
    return names[label] if label < len(names) else f"class {label}"


def title_of(material: Material, shown: Shown, words: str) -> str:
    """Return the title of pictures of one workload."""
    return material.titled(f"{shown.task.name}: {words}")


def tile(material: Material, shown: Shown, place: int, caption: str) -> Picture:
    """Return one of the test images that were kept."""
    made_up = "synthetic " if material.synthetic else ""
    label = label_of(material, int(shown.arrays["labels"][place]))
    return Picture(
        png=raster.plain(shown.arrays["images"][place]),
        width=TILE,
        caption=caption,
        description=f"A {made_up}test image, labelled {label}.",
    )


def predictions(material: Material, shown: list[Shown]) -> list[Block]:
    """Return what all networks say of one image that the first gets right and one it gets wrong, and the wrong ones."""
    first = shown[0]
    labels = first.arrays["labels"]
    wrong = np.flatnonzero(first.arrays["logits"].argmax(axis=1) != labels)
    right = np.flatnonzero(first.arrays["logits"].argmax(axis=1) == labels)
    who = first.name.text
    blocks: list[Block] = []
    for places, words in ((right, "right"), (wrong, "wrong")):
        blocks += (
            [_prediction(material, shown, int(places[0]), f"a prediction that {who} gets {words}")]
            if len(places)
            else []
        )
    if len(wrong) > 1:
        pool = int(first.arrays["pool"])
        blocks.append(
            Gallery(
                title=title_of(material, first, f"what {who} takes for something else"),
                caption=f"The first {min(WRONG, len(wrong))} of its wrong answers among the first {text.count(pool)} "
                f"test images.{terms(material)}",
                pictures=[_mistake(material, first, int(place)) for place in wrong[:WRONG]],
                synthetic=material.synthetic,
            )
        )
    return blocks


def _mistake(material: Material, shown: Shown, place: int) -> Picture:
    probabilities = softmax(shown.arrays["logits"][place : place + 1].astype(np.float64))[0]
    taken = int(probabilities.argmax())
    label = label_of(material, int(shown.arrays["labels"][place]))
    words = f"{label}, taken for {label_of(material, taken)} ({text.share(float(probabilities[taken]))})"
    return tile(material, shown, place, words)


def _prediction(material: Material, shown: list[Shown], place: int, words: str) -> Predictions:
    first = shown[0]
    index, label = int(first.arrays["index"][place]), int(first.arrays["labels"][place])
    answers = [
        Answers(name=each.name.text, framework=each.name.framework, guesses=_guesses(material, each, own, label))
        for each in shown
        for own in np.flatnonzero(each.arrays["index"] == index)[:1].tolist()
    ]
    return Predictions(
        title=title_of(material, first, words),
        caption=f"Test image {text.count(index)}: softmax of what the networks give, the {GUESSES} most probable "
        f"answers; ✓ marks the label.{terms(material)}",
        picture=replace(tile(material, first, place, label_of(material, label)), width=2 * TILE),
        answers=answers,
        synthetic=material.synthetic,
    )


def _guesses(material: Material, shown: Shown, place: int, label: int) -> list[Guess]:
    probabilities = softmax(shown.arrays["logits"][place : place + 1].astype(np.float64))[0]
    best = np.argsort(-probabilities, kind="stable")[:GUESSES].tolist()
    return [
        Guess(
            label=label_of(material, guess),
            share=float(probabilities[guess]),
            text=text.share(float(probabilities[guess])),
            right=guess == label,
        )
        for guess in best
    ]
