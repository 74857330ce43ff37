"""The annex of a circular: a PDF, shown page by page, kept as long as something rests on it."""

from __future__ import annotations

import pytest

from portfolio.audit.verify_seals import verify_seals
from portfolio.documents import CircularAnnex, MadeCircular
from portfolio.enrolment.circulars import annex, made
from portfolio.errors import Stale
from portfolio.files.previews import kept_views
from portfolio.files.previews.sandbox import CannotShow
from portfolio.ids import new_token
from portfolio.store.connections import Connections, storage
from tests.support.both_stores import different, found, kinds, long_after
from tests.support.worlds.world import PDF, World


def begun(world: World) -> MadeCircular:
    return made.begin(world.actor(world.inspector), world.session, world.clock())


def deposited(world: World, draft: MadeCircular, count: int) -> str:
    """Deposits an annex unlike the others, and returns its key."""
    annex.deposit(world.actor(world.inspector), draft, different(count), "annexe.pdf", world.clock())
    key: str = CircularAnnex.objects.get(pk=draft.annex).key
    return key


def known() -> set[str]:
    return set(CircularAnnex.objects.scalar("key"))


def test_the_annex_is_a_pdf_whose_pages_are_shown(world: World, store: Connections) -> None:
    inspector, draft = world.actor(world.inspector), begun(world)
    with pytest.raises(annex.NotAnAnnex):
        annex.deposit(inspector, draft, b"Un texte.", "annexe.txt", world.clock())
    annex.deposit(inspector, draft, PDF, "annexe.pdf", world.clock())
    assert annex.page_count(inspector, draft) == 1
    assert annex.page_picture(inspector, draft, 1)[8:12] == b"WEBP"
    for number in (0, 2):
        with pytest.raises(annex.AnnexPageNotShown):
            annex.page_picture(inspector, draft, number)


def drawn_of(key: str) -> list[str]:
    prefix = f"views/{key}/{kept_views.VERSION}/"
    return sorted(stored.key.removeprefix(prefix) for stored in storage().list_keys(prefix))


@pytest.mark.usefixtures("bucket")
def test_a_page_is_drawn_once_and_goes_with_its_annex(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    inspector, draft = world.actor(world.inspector), begun(world)
    key = deposited(world, draft, 1)
    picture = annex.page_picture(inspector, draft, 1)
    assert annex.page_count(inspector, draft) == 1
    with pytest.raises(annex.AnnexPageNotShown):
        annex.page_picture(inspector, draft, 10**6)
    assert drawn_of(key) == ["outline", "page-1"], "thousands of numbers would be as many objects"
    with monkeypatch.context() as patch:
        patch.delattr(annex, "render")
        assert annex.page_picture(inspector, draft, 1) == picture
        assert annex.page_count(inspector, draft) == 1
    assert found(long_after(), cure=True) == []
    deposited(world, draft, 2)
    found(long_after(), cure=True)
    assert drawn_of(key) == []


@pytest.mark.usefixtures("bucket")
def test_an_annex_that_cannot_be_drawn_is_tried_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    inspector, draft = world.actor(world.inspector), begun(world)
    deposited(world, draft, 1)
    tries = []

    def damaged(_file: object, _kind: str, what: str) -> bytes:
        tries.append(what)
        raise CannotShow("damaged")

    monkeypatch.setattr(annex, "render", damaged)
    assert [annex.page_count(inspector, draft) for _ in range(2)] == [0, 0]
    assert tries == ["outline"]


@pytest.mark.usefixtures("bucket")
def test_an_annex_that_nobody_compared_leaves_with_what_replaces_it(world: World) -> None:
    inspector, draft = world.actor(world.inspector), begun(world)
    first, second = deposited(world, draft, 1), deposited(world, draft, 2)
    assert known() == {second}
    made.declare_compared(inspector, draft, world.clock())
    third = deposited(world, draft, 3)
    assert known() == {second, third}, "somebody declared that they compared the second"
    fourth = deposited(world, draft, 4)
    made.abandon(inspector, draft, world.clock())
    assert known() == {second}
    assert draft.annex is None
    assert [fault for fault in verify_seals() if fault.chain.startswith("circular:")] == []
    gone = sorted(("orphan", key) for key in (first, third, fourth))
    assert kinds(found(long_after(), cure=True)) == gone
    assert [stored.key for stored in storage().list_keys("annex-")] == [second]


@pytest.mark.usefixtures("bucket")
def test_the_annex_of_a_published_version_stays_whatever_is_made_next(world: World) -> None:
    inspector, published = world.actor(world.inspector), begun(world)
    key = deposited(world, published, 1)
    made.publish(inspector, published, world.clock())
    following = begun(world)
    deposited(world, following, 2)
    made.abandon(inspector, following, world.clock())
    assert known() == {key}
    compared = begun(world)
    kept = deposited(world, compared, 3)
    made.declare_compared(inspector, compared, world.clock())
    made.abandon(inspector, compared, world.clock())
    assert known() == {key, kept} and compared.annex is not None
    found(long_after(), cure=True)
    assert {stored.key for stored in storage().list_keys("annex-")} == {key, kept}


def test_an_annex_compared_at_that_moment_is_not_replaced(world: World) -> None:
    inspector, draft = world.actor(world.inspector), begun(world)
    key = deposited(world, draft, 1)
    as_read = MadeCircular.objects.get(pk=draft.id)
    made.declare_compared(inspector, draft, world.clock())
    for act in (lambda: deposited(world, as_read, 2), lambda: made.abandon(inspector, as_read, world.clock())):
        with pytest.raises(Stale):
            act()
    assert known() == {key}


@pytest.mark.usefixtures("bucket")
def test_reconcile_names_an_annex_without_its_bytes_and_bytes_without_an_annex(world: World) -> None:
    key, stray = deposited(world, begun(world), 1), f"annex-{new_token()}"
    storage().put(stray, PDF, "application/pdf")
    storage().delete(key)
    findings = found(long_after())
    assert kinds(findings) == [("orphan", stray), ("phantom", key)]
    assert any("annexe d'une circulaire dont l'objet est absent" in finding.line for finding in findings)
