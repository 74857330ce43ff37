"""The circular of 2027, and the content of its file."""

import pytest
import yaml

from portfolio.rules.texts.circular import (
    FOLDER,
    circular_for,
)
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5


@pytest.fixture(scope="module")
def of_2027():
    return circular_for("2027", BTS_ASSURANCE_E5)


@pytest.fixture
def content():
    return yaml.safe_load((FOLDER / "2027.v1.yaml").read_bytes())
