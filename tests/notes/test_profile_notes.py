from __future__ import annotations

from suite import profiles, verified
from tests.notes.notecase import asked, said
from tests.rawfactory import blocks, raw

SENTENCE = "numpy 1.26.4 in place of numpy 2.4.6, because TensorFlow 2.16.2 needs NumPy below 2"


def test_platform_versions() -> None:
    rule = "platform-versions"
    (note,) = asked(rule, [raw(other_versions=[]), *(raw("keras", b, other_versions=[SENTENCE]) for b in range(2))])
    assert note.sentence == f"This platform has other versions than all others: keras: {SENTENCE}."
    both = [raw("tensorflow", other_versions=[SENTENCE]), raw("keras", other_versions=[f"{SENTENCE}."])]
    assert "tensorflow and keras: numpy" in said(rule, both)
    assert not said(rule, blocks(1, other_versions=[]))
    assert not said(rule, blocks(1))


def test_unlike_versions_of_what_frameworks_share_are_a_caution_of_their_own() -> None:
    unlike = [raw(versions__numpy="2.4.6"), raw("tensorflow", versions__numpy="1.26.4", other_versions=[SENTENCE])]
    (note,) = asked("unlike-shared-libraries", unlike)
    assert "numpy (pytorch 2.4.6, tensorflow 1.26.4)" in note.sentence


def test_platform_not_verified() -> None:
    rule = "platform-not-verified"
    unseen = [name for name, each in verified.load().items() if not each.run]
    for name in unseen:
        assert f"{name}: {verified.load()[name].sentence}" in said(rule, blocks(1, profile=name))
    assert "the device above all" in asked(rule, blocks(1, profile="macos-arm"))[0].todo
    assert not said(rule, blocks(1, profile="linux-cpu"))
    assert not said(rule, blocks(1, profile="gone"))


def test_every_profile_has_a_level() -> None:
    assert set(verified.load()) == set(profiles.names())
