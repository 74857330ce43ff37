"""Sheets and modules (JavaScript) joined with what they import."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from web.assets.joined import CannotJoin, joined
from web.assets.served import NAMES, asset_named


def written(folder: Path, **files: str) -> Path:
    """The last one."""
    for name, text in files.items():
        path = folder / name.replace("__", ".")
        path.write_text(text)
    return path


def test_a_sheet_holds_those_that_it_imports_where_they_are_named(tmp_path: Path) -> None:
    whole = written(
        tmp_path, first__css="a{}\n", second__css="b{}\n", all__css='@import "first.css";\n@import "second.css";\nc{}\n'
    )
    assert joined(whole) == b"a{}\nb{}\nc{}\n"


def test_a_module_runs_after_those_that_it_imports_each_once_and_alone_with_its_names(tmp_path: Path) -> None:
    page = written(
        tmp_path,
        kept__js="const own = 1;\nexport const held = () => own;\n"
        "export async function keep() {}\nexport class File {}\n",
        leaving__js='import { held } from "./kept.js";\n\nconst own = held();\n',
        page__js='import "./leaving.js";\nimport { held, File } from "./kept.js";\n\nheld();\n',
    )
    script = joined(page).decode()
    assert re.findall(r"^const \$(\w+) = \(\(\) => \{", script, re.MULTILINE) == ["kept", "leaving", "page"]
    assert "return { held, keep, File };" in script and "const { held, File } = $kept;" in script
    assert not re.search(r"^(import|export)\b", script, re.MULTILINE)


def test_a_file_that_imports_nothing_leaves_as_it_is(tmp_path: Path) -> None:
    for file in (written(tmp_path, one__js="export const x = 1;\n"), written(tmp_path, one__svg="<svg/>")):
        assert joined(file) == file.read_bytes()


@pytest.mark.parametrize(
    "line", ['import all from "./one.js";', 'import * as one from "./one.js";', "export default 1;", "export { x };"]
)
def test_what_it_cannot_join_is_never_sent_half_joined(tmp_path: Path, line: str) -> None:
    page = written(tmp_path, one__js="export const x = 1;\n", page__js=f'import {{ x }} from "./one.js";\n{line}\n')
    with pytest.raises(CannotJoin, match=r"page\.js: (import|export)"):
        joined(page)


def test_all_files_of_the_pages_are_joined() -> None:
    for name in NAMES:
        asset = asset_named(name)
        assert name.endswith(".js") or b"@import" not in asset.content
        assert not re.search(rb"^import\b", asset.content, re.MULTILINE), name
