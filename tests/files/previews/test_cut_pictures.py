"""A picture that breaks off is said to be incomplete, though it has its end mark."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from portfolio.files.previews.preview_spec import CUT_PICTURE
from portfolio.files.previews.sandbox import CannotShow
from portfolio.files.recognition.recognise import recognise
from portfolio.rules import file_warnings
from portfolio.rules.file_kinds import TornFile
from tests.files.previews.drawn import drawn, outline
from tests.support.worlds.world import World

_END, _PNG_END = b"\xff\xd9", b"\0\0\0\0IEND\xaeB`\x82"
_WAYS: list[dict[str, object]] = [
    {}, {"progressive": True}, {"quality": 95, "subsampling": 0}, {"restart_marker_rows": 2},
]  # fmt: skip


def photo(mode: str = "RGB", *, grey_below: bool = False, **saved: object) -> bytes:
    picture = Image.effect_noise((600, 400), 60).convert(mode)
    if grey_below:
        picture.paste(Image.new(mode, (600, 200), "#808080"), (0, 200))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", **saved)
    return buffer.getvalue()


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("way", _WAYS)
def test_a_photo_cut_in_half_and_closed_is_said_to_be_incomplete(mode: str, way: dict[str, object]) -> None:
    whole = photo(mode, **way)
    assert outline(whole, "jpeg").notes == []
    half = whole[: len(whole) // 2] + _END
    assert outline(half, "jpeg").notes == [CUT_PICTURE]
    assert drawn(half, "jpeg", "picture").size == (600, 400)


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("missing", [100, 4_000])
def test_a_photo_in_scans_that_breaks_off_in_the_last_one_is_said_to_be_incomplete(mode: str, missing: int) -> None:
    whole = photo(mode, progressive=True)
    for data in (whole[: -missing - 2] + _END, whole[: -missing - 2] + bytes(missing) + _END):
        assert outline(data, "jpeg").notes == [CUT_PICTURE]
        assert drawn(data, "jpeg", "picture").size == (600, 400)
    for data in (whole, whole[:-2] + b"\0\0" + _END, whole + b"after"):
        assert outline(data, "jpeg").notes == []


def test_a_large_photo_in_scans_that_breaks_off_in_its_last_ones_is_said_to_be_incomplete() -> None:
    noise = Image.effect_noise((1_100, 800), 60).resize((4_400, 3_200), Image.Resampling.BICUBIC)
    buffer = io.BytesIO()
    Image.merge("RGB", (noise, noise.transpose(Image.Transpose.ROTATE_180), noise)).save(
        buffer, "JPEG", progressive=True, quality=90
    )
    whole = buffer.getvalue()
    assert outline(whole, "jpeg").notes == []
    for missing in (100, len(whole) // 4):
        assert outline(whole[: -missing - 2] + _END, "jpeg").notes == [CUT_PICTURE]
    assert drawn(whole[: -len(whole) // 4] + _END, "jpeg", "picture").size == (1_600, 1_164)


@pytest.mark.parametrize("way", _WAYS)
def test_a_photo_that_is_grey_below_is_whole(way: dict[str, object]) -> None:
    assert outline(photo(grey_below=True, **way), "jpeg").notes == []


def test_the_candidate_reads_it_at_deposit_and_every_reader_after(world: World) -> None:
    whole = photo()
    file = world.upload(world.new_piece(), whole[: len(whole) // 2] + _END, "constat.jpg")
    assert tuple(file.warnings) == ("picture_cut",)
    assert file_warnings.for_reader(file.warnings) == ["Cette image est incomplète : une partie en manque."]
    assert tuple(world.upload(world.new_piece(), whole, "constat.jpg").warnings) == ()


def chunked() -> tuple[bytes, int]:
    """A PNG whose data stand in several chunks, and where the second of them begins."""
    buffer = io.BytesIO()
    Image.effect_noise((600, 400), 60).save(buffer, "PNG")
    data = buffer.getvalue()
    return data, data.index(b"IDAT", data.index(b"IDAT") + 4) - 4


def test_a_png_cut_inside_its_data_and_closed_is_refused_as_incomplete() -> None:
    data, second = chunked()
    cut = data[: second + 900] + _PNG_END
    with pytest.raises(TornFile):
        recognise(io.BytesIO(cut), "capture.png", len(cut))


def test_a_png_cut_between_its_data_and_closed_is_said_not_to_be_readable(world: World) -> None:
    data, second = chunked()
    cut = data[:second] + _PNG_END
    with pytest.raises(CannotShow, match="damaged"):
        drawn(cut, "png", "picture")
    assert tuple(world.upload(world.new_piece(), cut, "capture.png").warnings) == ("view_damaged",)
