"""The steps of deploy/Containerfile in a bare Debian, without a container engine: installed, migrated, served, read.

As root, on engines started from outside, whose addresses are in the environment:

    python -m config.embedded --data DATA -- unshare --mount python3 .ci/container.py FOLDER

What it plays of a container: its own root (debootstrap, the packages of FROM), each RUN, COPY, WORKDIR and ENV in
order, each ARG by its default, USER without any right, a root that may not be written to but for /tmp and /dev/shm, CMD
and HEALTHCHECK. What it does not: the layers, and the digest of the base, which the operator pins.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from first_start import address, free_port
from visitor import Visitor, answers, await_until, expect

ROOT = Path(__file__).parents[1]
TRUSTED = Path("/etc/ssl/certs/ca-certificates.crt")  # of this machine: a registry may be reached by a mirror
# Of this machine, not of the image: how its registries are reached.
REGISTRIES = {"PIP_CERT": "/tmp/trusted.crt", "PIP_DEFAULT_TIMEOUT": "180"}


class Image:
    """A root folder, and what the instructions said of it so far."""

    def __init__(self, root: Path, sources: Path) -> None:
        self.root, self.sources = root, sources
        self.folder, self.user = "/", "0:0"
        self.environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
        self.arguments = dict[str, str]()
        self.command, self.health = list[str](), list[str]()

    def follow(self, instruction: str, words: str) -> None:
        match instruction:
            case "FROM":
                self.start_from(words)
            case "RUN":
                self.run(["sh", "-c", words], REGISTRIES | self.arguments)
            case "ARG":
                name, _, default = words.partition("=")
                self.arguments[name] = default
            case "WORKDIR":
                self.folder = words
                self.inside(words).mkdir(parents=True, exist_ok=True)
            case "COPY":
                *names, target = words.split()
                for name in names:
                    self.copy(name, target)
            case "ENV":
                self.environment |= {
                    name: value.replace("$PATH", self.environment["PATH"])
                    for name, value in (pair.split("=", 1) for pair in words.split())
                }
            case "USER":
                self.user = words
            case "HEALTHCHECK":
                self.health = json.loads(words.partition("CMD")[2])
            case "CMD":
                self.command = json.loads(words)
            case "EXPOSE":
                pass
            case _:
                expect(False, f"an instruction that {Path(__file__).name} knows, not {instruction}")

    def start_from(self, base: str) -> None:
        name = base.partition("@")[0].partition(":")[0]
        expect(name == "debian", f"the base is Debian, not {base}")
        subprocess.run(["debootstrap", "--variant=minbase", "bookworm", str(self.root)], check=True, stdout=2)
        for kind in ("proc", "dev"):
            subprocess.run(["mount", "--rbind", f"/{kind}", str(self.inside(f"/{kind}"))], check=True)
        shutil.copy("/etc/resolv.conf", self.inside("/etc/resolv.conf"))
        shutil.copy(TRUSTED, self.inside(REGISTRIES["PIP_CERT"]))

    def copy(self, name: str, target: str) -> None:
        source, there = self.sources / name, self.inside(self.folder) / target
        if source.is_dir():
            shutil.copytree(source, there)
        else:
            shutil.copy(source, there / name if target.endswith("/") else there)

    def inside(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def line(self, command: list[str]) -> list[str]:
        return ["chroot", f"--userspec={self.user}", str(self.root), "env", "-C", self.folder, *command]

    def run(self, command: list[str], more: dict[str, str]) -> None:
        subprocess.run(self.line(command), env=self.environment | more, check=True)

    def close(self) -> None:
        """Nothing of its root is written any more, but for /tmp and /dev/shm (podman run --read-only --tmpfs /tmp)."""
        subprocess.run(["mount", "--bind", str(self.root), str(self.root)], check=True)
        subprocess.run(["mount", "-o", "remount,bind,ro", str(self.root)], check=True)
        for folder in ("/tmp", "/dev/shm"):
            subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(self.inside(folder))], check=True)


def instructions(containerfile: Path) -> list[tuple[str, str]]:
    """Returns (instruction, its words), continued lines joined."""
    text = re.sub(r"(?m)^\s*#.*\n", "", containerfile.read_text()).replace("\\\n", " ")
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in text.splitlines() if line.strip()]


def main(folder: Path) -> None:
    if not shutil.which("debootstrap"):
        subprocess.run(["apt-get", "install", "--quiet", "--yes", "--no-install-recommends", "debootstrap"], check=True)
    began = time.monotonic()
    clone = folder / "sources"
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(clone)], check=True)
    image = Image(folder / "root", clone)
    for instruction, words in instructions(clone / "deploy" / "Containerfile"):
        image.follow(instruction, words)
    built = time.monotonic() - began
    image.close()
    port = free_port()
    told = {
        name: value for name, value in os.environ.items() if name.isupper() and not name.startswith(("PIP_", "PATH"))
    }
    told |= {"PUBLIC_URL": address(port), "BIND": f"127.0.0.1:{port}", "WEB_CONCURRENCY": "1", "MAIL_DIR": "/tmp/mail"}
    image.run(["python", "commands.py", "migrate"], told)
    server = subprocess.Popen(image.line(image.command), env=image.environment | told)
    try:
        await_until(lambda: server.poll() is not None or answers(address(port)), "the image serves")
        expect(server.poll() is None, "the image serves")
        check = [word.replace(":8000", f":{port}") for word in image.health]
        image.run(check, told)
        expect(b"connexion" in Visitor(address(port)).open("/connexion"), "a page is served")
    finally:
        server.terminate()
        server.wait(60)
    print(f"Container: its steps followed in a bare Debian in {built:.0f} s, migrated, healthy, a page served.")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
