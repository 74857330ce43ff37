"""Facts of films and sounds, by their boxes and headers: how long, how large, with which device."""

from __future__ import annotations

import re
import struct
from datetime import UTC, datetime, timedelta
from typing import BinaryIO, Final

from portfolio.files.facts.gathered import Gathering
from portfolio.files.recognition.bounded_reader import Window
from portfolio.files.recognition.recordings import MediaBox, boxes

_EPOCH: Final = datetime(1904, 1, 1, tzinfo=UTC)
_TRACKS: Final = {
    b"vide": "vidéo",
    b"soun": "son",
    b"text": "sous-titres",
    b"subt": "sous-titres",
    b"sbtl": "sous-titres",
}
_APPLE_KEYS: Final = (b"com.apple.quicktime.make", b"com.apple.quicktime.model", b"com.apple.quicktime.software")
_POSITIONS = (b"com.apple.quicktime.location.ISO6709", b"\xa9xyz", b"loci")
_ENCODER = re.compile(rb"\xa9too.{4}data.{8}([^\0]{1,100})|\xa9swr.{2,4}([\x20-\x7e]{2,60})", re.DOTALL)
_DEVICE = re.compile(rb"\xa9mod.{2}.{2}([\x20-\x7e]{2,60})", re.DOTALL)
_LARGEST_TABLE = 1 << 20
_WEBM_INFO, _WEBM_SCALE, _WEBM_DURATION = b"\x15\x49\xa9\x66", b"\x2a\xd7\xb1", b"\x44\x89"
_RATES: Final = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_RATES_2: Final = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_SAMPLES: Final = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def read(source: BinaryIO, kind: str, gathering: Gathering) -> None:
    """Gathers the facts of a film or sound. Raises ValueError, struct.error for what is damaged."""
    window = Window(source)
    if kind == "webm":
        _webm(window, gathering)
    elif kind == "mp3":
        _mp3(window, gathering)
    else:
        _iso_media(window, gathering)


def _duration(seconds: float, gathering: Gathering) -> None:
    if 0 < seconds < 1_000_000:
        gathering.uses("duration_seconds", value=in_words(seconds), count=max(1, round(seconds)))


def in_words(seconds: float) -> str:
    """Returns « 1 min 05 s »."""
    minutes, left = divmod(max(1, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min {left:02d} s"
    return f"{minutes} min {left:02d} s" if minutes else f"{left} s"


def _iso_media(window: Window, gathering: Gathering) -> None:
    movie = next(box for box in boxes(window, 0, window.size) if box.kind == b"moov")
    inside = list(boxes(window, movie.start, movie.end))
    for box in inside:
        if box.kind == b"mvhd":
            _movie_header(window.at(box.start, 40), gathering)
        elif box.kind == b"trak":
            _track(window, box, gathering)
    table = b"".join(
        window.at(box.start, min(box.end - box.start, _LARGEST_TABLE))
        for box in inside
        if box.kind in (b"udta", b"meta")
    )
    if any(mark in table for mark in _POSITIONS):
        gathering.risks("gps", "données de la vidéo")
    encoder, device = _ENCODER.search(table), _DEVICE.search(table)
    model = _apple_device(table) or (device[1].decode("ascii", "replace") if device else "")
    gathering.comes_from(
        application=(encoder[1] or encoder[2]).decode("utf-8", "replace") if encoder else "", device=model
    )
    if model:
        gathering.risks("device", model)


def _apple_device(table: bytes) -> str:
    """Returns the maker and model that an iPhone wrote: its keys stand in order, then their values (QuickTime)."""
    keys = re.findall(rb"mdta(com\.apple\.[\w.\-]{1,80})", table)
    values = re.findall(rb"data\0\0\0\x01.{4}([^\0]{1,100})", table, re.DOTALL)
    named = dict(zip(keys, values, strict=False))
    return " ".join(named[key].decode("utf-8", "replace") for key in _APPLE_KEYS[:2] if key in named)


def _movie_header(head: bytes, gathering: Gathering) -> None:
    if head[0] == 1:
        created, _, scale, length = struct.unpack_from(">QQIQ", head, 4)
    else:
        created, _, scale, length = struct.unpack_from(">IIII", head, 4)
    if scale:
        _duration(length / scale, gathering)
    if created:
        day = _EPOCH + timedelta(seconds=min(created, 1 << 33))
        if day.year > 1990:
            gathering.comes_from(taken=day.isoformat())


def _track(window: Window, track: MediaBox, gathering: Gathering) -> None:
    size, kind = "", b""
    for box in boxes(window, track.start, track.end):
        if box.kind == b"tkhd":
            width, height = struct.unpack(">II", window.at(box.end - 8, 8))
            size = f"{width >> 16} × {height >> 16} pixels"
        elif box.kind == b"mdia":
            handler = next((each for each in boxes(window, box.start, box.end) if each.kind == b"hdlr"), None)
            kind = window.at(handler.start + 8, 4) if handler else b""
    if kind in _TRACKS:
        gathering.uses("track", value=_TRACKS[kind])
    if kind == b"vide":
        gathering.uses("picture_size", value=size)


def _webm(window: Window, gathering: Gathering) -> None:
    head = window.at(0, _LARGEST_TABLE)
    information = head.find(_WEBM_INFO)
    if information < 0:
        return
    table = head[information : information + 4096]
    scale_at, length_at = table.find(_WEBM_SCALE), table.find(_WEBM_DURATION)
    scale = 1_000_000
    if scale_at >= 0:
        scale = int.from_bytes(table[scale_at + 4 : scale_at + 4 + (table[scale_at + 3] & 0x7F)])
    if length_at >= 0:
        wide = table[length_at + 2] & 0x7F
        (length,) = struct.unpack_from(">d" if wide == 8 else ">f", table, length_at + 3)
        _duration(length * scale / 1e9, gathering)
    gathering.uses("track", value="vidéo", count=head.count(b"\x83\x81\x01"))
    gathering.uses("track", value="son", count=head.count(b"\x83\x81\x02"))
    program = re.search(rb"\x57\x41.([\x20-\x7e]{2,60})", table, re.DOTALL)
    gathering.comes_from(application=program[1].decode("ascii") if program else "")


def _mp3(window: Window, gathering: Gathering) -> None:
    """Notes how long it lasts: as its first frame says (Xing), else by its rate and size."""
    head = window.at(0, 10)
    start = 0
    if head[:3] == b"ID3":
        for byte in head[6:10]:
            start = start << 7 | byte & 0x7F
        start += 10
    frame = window.at(start, 4096)
    at = next(
        (place for place in range(len(frame) - 4) if frame[place] == 0xFF and frame[place + 1] & 0xE6 == 0xE2), -1
    )
    if at < 0:
        return
    version = frame[at + 1] >> 3 & 3
    samples = _SAMPLES.get(version, _SAMPLES[3])[min(2, frame[at + 2] >> 2 & 3)]
    rate = (_RATES if version == 3 else _RATES_2)[min(14, frame[at + 2] >> 4)]
    whole = re.search(rb"(?:Xing|Info)\0\0\0(.)(.{4})", frame[at : at + 200], re.DOTALL)
    if whole and whole[1][0] & 1:
        _duration(int.from_bytes(whole[2]) * (1152 if version == 3 else 576) / samples, gathering)
    elif rate:
        _duration((window.size - start) * 8 / (rate * 1000), gathering)
    gathering.uses("track", value="son")
