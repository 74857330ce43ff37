"""Words that a page of a PDF has and does not show are said apart, and warned about."""

from __future__ import annotations

import io

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from portfolio.files.previews.preview_spec import UNSEEN_WORDS
from tests.files.previews.drawn import drawn, outline
from tests.files.previews.test_pdf_annotations import annotation, saved, words_of
from tests.support.worlds.world import World


def a_page(content: str, *, layers: dict[str, bool] | None = None, inside: str = "") -> bytes:
    """A PDF of one page. layers: {name: whether it is on}, called L0, L1… by the content. inside: of a drawing F0."""
    document = pikepdf.new()
    page = document.add_blank_page(page_size=(595, 842))
    font = document.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    groups = [document.make_indirect(Dictionary(Type=Name.OCG, Name=name)) for name in layers or {}]
    page.Resources = Dictionary(Font=Dictionary(F1=font))
    page.Resources.Properties = Dictionary({f"/L{number}": group for number, group in enumerate(groups)})
    form = document.make_stream(
        inside.encode("latin-1"), Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 595, 842]),
        Resources=Dictionary(Font=Dictionary(F1=font)), Matrix=Array([1, 0, 0, 1, 0, 20]),
    )  # fmt: skip
    page.Resources.XObject = Dictionary(F0=form)
    page.Contents = document.make_stream(content.encode("latin-1"))
    if layers:
        off = Array([group for group, on in zip(groups, layers.values(), strict=True) if not on])
        document.Root.OCProperties = Dictionary(OCGs=Array(groups), D=Dictionary(OFF=off))
    return saved(document)


def words(text: str, size: float = 14, at: tuple[int, int] = (50, 750), ink: str = "0 g") -> str:
    return f"BT {ink} /F1 {size} Tf {at[0]} {at[1]} Td ({text}) Tj ET "


SEEN = words("Prime de 30 euros")


def with_much_unseen() -> bytes:
    """A page of layers, one off, of white and tiny words, on it and in a drawing."""
    layered = "/OC /L0 BDC " + words("Bonjour", at=(50, 700)) + "EMC /OC /L1 BDC /F0 Do EMC "
    unseen = words("Nom", at=(50, 650), ink="1 g") + words("minuscule", 1, at=(50, 640))
    return a_page(SEEN + layered + unseen, layers={"FR": True, "EN": False}, inside=words("Good day", at=(50, 680)))


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (words("Nom du client", at=(50, 700), ink="1 g"), "[texte que la page ne laisse pas voir : Nom du client]"),
        (
            words("Nom du client", at=(50, 700)) + "0 g 40 690 300 40 re f ",
            "[texte que la page ne laisse pas voir : Nom du client]",
        ),
        (words("Nom du client", 1, at=(50, 700)), "[en caractères minuscules : Nom du client]"),
        (
            words("Nom", at=(50, 700), ink="1 g") + words("du client", at=(150, 600), ink="1 g"),
            "[texte que la page ne laisse pas voir : Nom du client]",
        ),
        (words("Nom du client", at=(50, 700), ink="3 Tr"), "[texte que la page ne laisse pas voir : Nom du client]"),
    ],
)
def test_words_that_cannot_be_seen_stand_apart(content: str, line: str) -> None:
    data = a_page(SEEN + content)
    assert words_of(data) == ["Prime de 30 euros", line]
    assert outline(data, "pdf").notes == [UNSEEN_WORDS]


@pytest.mark.parametrize(
    "content",
    [
        "0 0 1 rg 40 690 300 40 re f " + words("Titre", at=(50, 700), ink="1 g"),  # white on blue
        words("I", 60, at=(50, 600)) + words("-l", 8, at=(50, 500)),
        words("gris clair", at=(50, 700), ink="0.8 g"),
        words("Hors de la page", at=(-500, 700)),
        "q 0.1 0 0 0.1 0 0 cm " + words("Mis a l'echelle", 140, at=(500, 6000)) + "Q ",
        "BT 1 0 0 1 50 400 Tm /F1 1 Tf 12 0 0 12 50 400 Tm (Corps par la matrice) Tj ET ",
    ],
)
def test_words_that_can_be_seen_stay_where_they_are(content: str) -> None:
    shown = outline(a_page(SEEN + content), "pdf")
    assert shown.notes == [] and "[" not in shown.pages[0]["text"]


def test_words_of_a_layer_that_is_off_are_said_to_be_hidden_even_where_another_covers_their_place() -> None:
    french = "/OC /L0 BDC " + words("Bonjour", at=(50, 700)) + "EMC "
    english = "/OC /L1 BDC " + words("Good day", at=(50, 700)) + "EMC "
    data = a_page(SEEN + french + english, layers={"FR": True, "EN": False})
    assert words_of(data) == ["Prime de 30 euros", "Bonjour", "[sur un calque masqué : Good day]"]
    assert words_of(a_page(SEEN + french, layers={"FR": True})) == ["Prime de 30 euros", "Bonjour"]


def test_words_inside_a_drawing_are_looked_at_too() -> None:
    data = a_page(SEEN + "/F0 Do ", inside=words("Vu", at=(50, 600)) + words("Secret", at=(50, 500), ink="1 g"))
    assert words_of(data) == ["Prime de 30 euros", "Vu", "[texte que la page ne laisse pas voir : Secret]"]
    on_layer = a_page(SEEN + "/OC /L0 BDC /F0 Do EMC ", inside=words("Note", at=(50, 600)), layers={"Notes": False})
    assert words_of(on_layer) == ["Prime de 30 euros", "[sur un calque masqué : Note]"]


def test_the_candidate_and_the_readers_are_warned(world: World) -> None:
    file = world.upload(world.new_piece(), a_page(SEEN + words("Nom du client", at=(50, 700), ink="1 g")), "a.pdf")
    assert tuple(file.warnings) == ("hidden_text",)


def test_a_box_that_is_ticked_is_said_though_nothing_is_drawn_of_it() -> None:
    document = pikepdf.open(io.BytesIO(a_page(SEEN)))
    kinds = (("Conseil remis", Name.Oui), ("Refus", Name.Off), ("Vide", None))
    boxes = [
        document.make_indirect(
            annotation("Widget", FT=Name.Btn, T=name, **({"V": state, "AS": state} if state else {}))
        )
        for name, state in kinds
    ]
    valued = document.make_indirect(annotation("Widget", FT=Name.Btn, T="Par sa valeur", V=Name.Yes))
    typed = document.make_indirect(annotation("Widget", FT=Name.Tx, T="Nom", V="Petit"))
    document.pages[0].Annots = Array([*boxes, valued, typed])
    document.Root.AcroForm = Dictionary(Fields=Array([*boxes, valued, typed]))
    lines = words_of(saved(document))
    assert [line for line in lines if line.startswith("[case")] == [
        "[case cochée : Conseil remis]", "[case cochée : Par sa valeur]",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "kind,drawn_states,ticked",
    [
        ("check", True, [True, False]),
        ("radio", True, [True, False]),
        ("check", False, [True, True]),
        ("radio", False, [False, False]),
        ("button", True, [False, False]),
    ],
)
def test_a_box_that_its_field_ticks_is_said_and_drawn_ticked(kind: str, drawn_states: bool, ticked: list[bool]) -> None:
    document = pikepdf.open(io.BytesIO(a_page(SEEN)))
    boxes = []
    for at, state in enumerate(("/Oui", "/Non")):
        box = Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, F=4, Rect=Array([50 + 60 * at, 600, 80 + 60 * at, 630]),
            MK=Dictionary(BC=Array([0, 0, 0])),
        )  # fmt: skip
        if drawn_states:
            drawing = document.make_stream(b"", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 30, 30]))
            box.AP = Dictionary(N=Dictionary({state: drawing, "/Off": drawing}))
        boxes.append(document.make_indirect(box))
    flags = {"check": 0, "radio": 1 << 15, "button": 1 << 16}[kind]
    above = Dictionary(FT=Name.Btn, T="Garantie", Ff=flags, V=Name.Oui, Kids=Array(boxes))
    field = document.make_indirect(above)
    for box in boxes:
        box.Parent = field
    document.pages[0].Annots = Array(boxes)
    document.Root.AcroForm = Dictionary(Fields=Array([field]), NeedAppearances=True)
    data = saved(document)
    assert words_of(data).count("[case cochée : Garantie]") == sum(ticked)
    picture = drawn(data, "pdf", "page-1").convert("L")
    scale = picture.height / 842
    places = [(round((65 + 60 * at) * scale), round(picture.height - 615 * scale)) for at in range(2)]
    assert [picture.getpixel(place) < 100 for place in places] == ticked


@pytest.mark.parametrize("turned", [0, 90])
def test_a_box_that_is_ticked_is_drawn_ticked_though_it_has_no_appearance(turned: int) -> None:
    document = pikepdf.open(io.BytesIO(a_page(SEEN)))
    document.pages[0].Rotate = turned
    border = Dictionary(BC=Array([0, 0, 0]))
    states = (Name.Oui, Name.Off, Name.Oui)
    boxes = [
        document.make_indirect(
            Dictionary(
                Type=Name.Annot, Subtype=Name.Widget, FT=Name.Btn, T=f"c{at}", V=state, AS=state, MK=border,
                F=4 if at < 2 else 2, Rect=Array([50 + 60 * at, 600, 80 + 60 * at, 630]),
            )
        )
        for at, state in enumerate(states)
    ]  # fmt: skip
    document.pages[0].Annots = Array(boxes)
    document.Root.AcroForm = Dictionary(Fields=Array(boxes))
    picture = drawn(saved(document), "pdf", "page-1").convert("L").rotate(turned, expand=True)
    scale = picture.height / float(document.pages[0].MediaBox[3])
    middles = [(65 + 60 * at, 615) for at in range(len(states))]
    seen = [picture.getpixel((round(x * scale), round(picture.height - y * scale))) < 100 for x, y in middles]
    assert seen == [True, False, False]


def test_a_page_of_very_many_words_is_shown_in_its_bounds() -> None:
    many = "BT /F1 1 Tf 3 Tr " + f"1 0 0 1 9 9 Tm ({'mot ' * 50}) Tj " * 5_000 + "ET "
    assert "Prime de 30 euros" in outline(a_page(SEEN + many), "pdf").pages[0]["text"]


def test_a_page_that_takes_long_to_draw_is_shown_without_this_look() -> None:
    heavy = "".join(
        f"0.5 g {at % 500} {at % 700} 400 300 re f {at % 90} 5 m 300 {at % 800} l f " for at in range(60_000)
    )
    shown = outline(a_page(SEEN + heavy + words("Nom du client", at=(50, 20))), "pdf")
    assert shown.notes == [] and shown.pages[0]["text"].splitlines() == ["Prime de 30 euros", "Nom du client"]
