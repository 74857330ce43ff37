"""What serves calls its own engines and nobody else, and runs no text as a program.

Read from the sources: a module that needs to speak to somebody new, or to run something, is named here first.
"""

from __future__ import annotations

import ast
import re

from tests.security.sources import sources
from web.layout import STATIC

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
    *("urllib.request", "urllib3", "requests", "httpx", "aiohttp", "boto3", "botocore", "pycurl", "paramiko"),
}
STARTS_PROGRAMS = {"subprocess", "multiprocessing", "pty", "ctypes", "cffi"}
READS_PROGRAMS = {"pickle", "marshal", "shelve", "dill", "jsonpickle", "code", "codeop", "runpy"}
DRAWS_BADLY = {"random"}


def users_of(modules: set[str]) -> dict[str, set[str]]:
    """{file: those of the modules that it imports}."""
    found = {source.name: {one for one in modules if _takes(source.imports, one)} for source in sources()}
    return {name: used for name, used in found.items() if used}


def _takes(names: set[str], module: str) -> bool:
    return any(name == module or name.startswith(f"{module}.") for name in names)


def test_each_engine_is_called_from_one_place_and_nobody_else_is() -> None:
    assert users_of(OPENS_CONNECTIONS) == {
        "portfolio/store/objects/clients.py": {"boto3", "botocore"},
        "portfolio/store/objects/breaker.py": {"botocore"},  # its errors
        "portfolio/store/objects/bucket.py": {"botocore"},  # its errors
        "portfolio/mail/delivery/mailer.py": {"smtplib", "ssl"},
        "portfolio/audit/timestamps.py": {"http", "urllib.request"},  # the authority of time stamps, where one is set
        "portfolio/files/malware.py": {"socket"},  # the antivirus, where one is set
        "migrations/__init__.py": {"socket"},  # the machine's own name
    }


def test_databases_are_opened_where_connections_are() -> None:
    opening = {
        source.name
        for source in sources()
        for called, _ in source.calls
        if called in ("MongoClient", "mongoengine.connect")
    }
    assert opening == {"portfolio/store/connections.py"}


def test_programs_are_started_confined_from_one_place_without_a_shell() -> None:
    confinement = "portfolio/files/confinement"
    assert users_of(STARTS_PROGRAMS) == {
        f"{confinement}/start.py": {"subprocess"},
        f"{confinement}/bubblewrap.py": {"subprocess"},  # tries once whether it may do its work
        # What PDFium fills, in a confined process.
        **{f"portfolio/files/previews/renderers/pdf/{name}.py": {"ctypes"} for name in ("remarks", "unseen_words")},
        **{f"{confinement}/{name}.py": {"ctypes"} for name in ("kernel", "landlock", "seccomp")},  # to give rights up
    }
    for source in sources():
        for called, keywords in source.calls:
            assert called not in ("os.system", "os.popen", "os.execv", "os.spawnv"), source.name
            assert "shell" not in keywords, source.name


def test_no_text_is_run_as_a_program() -> None:
    assert users_of(READS_PROGRAMS) == {}
    for source in sources():
        for called, keywords in source.calls:
            assert called not in ("eval", "exec", "compile", "__import__", "render_template_string"), source.name
            assert not called.endswith(".from_string"), source.name
            if called.endswith("yaml.load"):
                assert source.name == "portfolio/rules/texts/data_files.py" and "Loader" in keywords


def test_data_files_are_read_by_a_loader_that_makes_no_object() -> None:
    (loader,) = [
        node
        for source in sources()
        if source.name == "portfolio/rules/texts/data_files.py"
        for node in ast.walk(source.tree)
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
