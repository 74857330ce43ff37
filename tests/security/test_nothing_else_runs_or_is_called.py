"""What serves calls its own engines and nobody else, and runs no text as a program.

Read from the sources: a module that needs to speak to somebody new, or to run something, is named here first.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from web.look import STATIC

ROOT = Path(__file__).parents[2]
SERVING = ("api", "web", "portfolio", "config", "migrations")
# Of the machine on which one tries it out; production holds neither (an import contract, `make lint`).
OF_REHEARSALS = {"config/embedded.py", "config/processes.py"}
OPENS_CONNECTIONS = {
    *(
        "socket",
        "ssl",
        "http",
        "ftplib",
        "imaplib",
        "poplib",
        "smtplib",
        "telnetlib",
        "xmlrpc",
        "asyncio",
        "socketserver",
    ),
    *("urllib.request", "urllib3", "requests", "httpx", "aiohttp", "boto3", "botocore", "redis", "pycurl", "paramiko"),
}
STARTS_PROGRAMS = {"subprocess", "multiprocessing", "pty", "ctypes", "cffi"}
READS_PROGRAMS = {"pickle", "marshal", "shelve", "dill", "jsonpickle", "code", "codeop", "runpy"}
DRAWS_BADLY = {"random"}


def sources() -> Iterator[tuple[str, ast.Module]]:
    found = [ROOT / name for name in ("wsgi.py", "worker.py", "commands.py")]
    for package in SERVING:
        found += (ROOT / package).rglob("*.py")
    for path in sorted(found):
        name = str(path.relative_to(ROOT))
        if name not in OF_REHEARSALS:
            yield name, ast.parse(path.read_text())


def imported(tree: ast.Module) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def users_of(modules: set[str]) -> dict[str, set[str]]:
    """{file: those of the modules that it imports}."""
    found = {name: {one for one in modules if _takes(imported(tree), one)} for name, tree in sources()}
    return {name: used for name, used in found.items() if used}


def _takes(names: set[str], module: str) -> bool:
    return any(name == module or name.startswith(f"{module}.") for name in names)


def calls(tree: ast.Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def test_each_engine_is_called_from_one_place_and_nobody_else_is() -> None:
    assert users_of(OPENS_CONNECTIONS) == {
        "portfolio/s3_clients.py": {"boto3", "botocore"},
        "portfolio/storage.py": {"botocore"},  # its errors
        "portfolio/mail/post.py": {"smtplib", "ssl"},
        "portfolio/timestamps.py": {"http", "urllib.request"},  # the authority of time stamps, where one is set
        "config/queue.py": {"redis"},
        "migrations/__init__.py": {"socket"},  # the machine's own name
    }


def test_databases_are_opened_where_connections_are() -> None:
    opening = {
        name
        for name, tree in sources()
        for call in calls(tree)
        if ast.unparse(call.func) in ("MongoClient", "mongoengine.connect")
    }
    assert opening == {"portfolio/connections.py"}


def test_one_program_is_started_ours_without_a_shell() -> None:
    assert users_of(STARTS_PROGRAMS) == {"portfolio/views/render.py": {"subprocess"}}
    for name, tree in sources():
        for call in calls(tree):
            assert ast.unparse(call.func) not in ("os.system", "os.popen", "os.execv", "os.spawnv"), name
            assert "shell" not in {keyword.arg for keyword in call.keywords}, name


def test_no_text_is_run_as_a_program() -> None:
    assert users_of(READS_PROGRAMS) == {}
    for name, tree in sources():
        for call in calls(tree):
            called = ast.unparse(call.func)
            assert called not in ("eval", "exec", "compile", "__import__", "render_template_string"), name
            assert not called.endswith(".from_string"), name
            if called.endswith("yaml.load"):
                assert name == "portfolio/datafile.py" and "Loader" in {keyword.arg for keyword in call.keywords}


def test_data_files_are_read_by_a_loader_that_makes_no_object() -> None:
    (loader,) = [
        node
        for name, tree in sources()
        if name == "portfolio/datafile.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and node.name == "_Loader"
    ]
    assert [ast.unparse(base) for base in loader.bases] == ["yaml.SafeLoader"]


def test_what_must_not_be_guessed_is_never_drawn_by_the_generator_of_games() -> None:
    assert users_of(DRAWS_BADLY) == {}


def test_scripts_write_text_as_text_and_run_none() -> None:
    for script in (STATIC / "js").glob("*.js"):
        text = script.read_text()
        for line in text.splitlines():
            if "innerHTML" in line:
                assert re.search(r"innerHTML = '[^'$]*';", line), (script.name, line)  # of our own words alone
        assert not re.search(r"outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc", text)
        assert not re.search(r"set(Timeout|Interval)\(\s*['\"`]", text), script.name
        assert not re.search(r"importScripts|[\"'`](https?:)?//", text), f"{script.name} calls another site"
        assert "__proto__" not in text and "Object.assign(Object.prototype" not in text


def test_scripts_hear_no_other_site_and_keep_only_what_is_documented() -> None:
    """A BroadcastChannel is of one site alone; `message` on the window would be anybody's."""
    kept = set()
    for script in (STATIC / "js").glob("*.js"):
        text = script.read_text()
        assert not re.search(r"(window|globalThis|parent|self)\.(postMessage|addEventListener\(\s*.message)", text)
        kept |= set(re.findall(r"(?:local|session)Storage\.setItem\(\"(\w+)\"", text))
        kept |= {f"indexedDB:{name}" for name in re.findall(r"indexedDB\?*\.open\(\"(\w+)\"", text)}
        assert "document.cookie" not in text
    assert kept == {"touches", "indexedDB:portfolio"}  # a choice of keys; files on their way, erased at sign-out
