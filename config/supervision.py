"""Children that are started again when they die, and the end of it all where one cannot be kept alive."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from config.processes import Child

# Before each new start of a child that dies again and again; then there is a reason that starting it does not mend.
DELAYS_S = (1, 2, 4, 8, 16)
FORGOTTEN_AFTER_S = 600


class CannotBeKeptAlive(RuntimeError):
    """Its text names the child, and shows the end of its log."""

    def __init__(self, child: Child) -> None:
        words = (
            f"Fin de son journal, {child.log} :\n{child.last_words()}" if child.log else "Voyez les lignes ci-dessus."
        )
        super().__init__(f"{child.name} s'arrête sans cesse ({how_it_ended(child)}) : tout s'arrête. {words}")


class Supervisor:
    """Watches `children`, and tells `say` in a French sentence of each death and of each new start."""

    def __init__(self, children: Sequence[Child], say: Callable[[str], None]) -> None:
        self.children, self.say = children, say
        self._deaths: dict[str, list[float]] = {child.name: [] for child in children}
        self._due: dict[str, float] = {}

    def look(self) -> None:
        """Starts again whoever ended, each time after a longer delay. To be called again and again, from the thread
        that started them. Raises CannotBeKeptAlive.
        """
        for child in self.children:
            with suppress(OSError):  # a full disk stops nobody who still works
                child.shorten_log()
            if child.popen.poll() is not None:
                self._revive(child, time.monotonic())

    def _revive(self, child: Child, now: float) -> None:
        due = self._due.get(child.name)
        if due is None:
            deaths = [at for at in self._deaths[child.name] if at > now - FORGOTTEN_AFTER_S]
            if len(deaths) == len(DELAYS_S):
                raise CannotBeKeptAlive(child)
            self._deaths[child.name] = [*deaths, now]
            delay = DELAYS_S[len(deaths)]
            self._due[child.name] = now + delay
            self.say(f"{child.name} s'est arrêté ({how_it_ended(child)}) : nouveau départ dans {delay} s.{_log(child)}")
        elif now >= due:
            del self._due[child.name]
            try:
                child.start()
            except OSError as error:  # no memory, no descriptor, its program removed
                raise CannotBeKeptAlive(child) from error
            self.say(f"{child.name} est relancé.")


def how_it_ended(child: Child) -> str:
    code = child.popen.returncode
    return f"signal {-code}" if code < 0 else f"code {code}"


def _log(child: Child) -> str:
    return f" Son journal : {child.log}" if child.log else ""
