"""Writes a changed circular and reads it."""

import yaml

from portfolio.rules.texts.circular_reader import read_circular


def read_copy(folder, content, name="2027.v1.yaml"):
    path = folder / name
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return read_circular(path)
