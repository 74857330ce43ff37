"""Children that are started again when they die, and the end of it all where one cannot be kept alive."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from config.processes import Child, shorten

LONGEST_DELAY_S = 30
MOST_DEATHS, WITHIN_S = 6, 600  # a child that dies so often has a reason that starting it again does not mend


class CannotBeKeptAlive(RuntimeError):
    """Its text names the child, and shows the end of its log."""

    def __init__(self, child: Child) -> None:
        told = (
            f" Fin de son journal, {child.log} :\n{child.last_words()}" if child.log else " Voyez les lignes ci-dessus."
        )
        super().__init__(f"{child.name} s'arrête sans cesse ({how_it_ended(child)}) : tout s'arrête.{told}")


class Supervisor:
    """say: told in French what died and when it is started again."""

    def __init__(self, children: Sequence[Child], say: Callable[[str], None]) -> None:
        self.children, self.say = children, say
        self._deaths: dict[str, list[float]] = {child.name: [] for child in children}
        self._due: dict[str, float] = {}

    def look(self) -> None:
        """Starts again whoever ended, each time after a longer delay. To be called again and again, from the thread
        that started them. Raises CannotBeKeptAlive.
        """
        for child in self.children:
            if child.log is not None:
                shorten(child.log)
            if child.popen.poll() is not None:
                self._revive(child, time.monotonic())

    def _revive(self, child: Child, now: float) -> None:
        due = self._due.get(child.name)
        if due is None:
            deaths = [at for at in self._deaths[child.name] if at > now - WITHIN_S]
            self._deaths[child.name] = [*deaths, now]
            if len(deaths) + 1 >= MOST_DEATHS:
                raise CannotBeKeptAlive(child)
            delay = min(LONGEST_DELAY_S, 2 ** len(deaths))
            self._due[child.name] = now + delay
            self.say(f"{child.name} s'est arrêté ({how_it_ended(child)}) : nouveau départ dans {delay} s.{_log(child)}")
        elif now >= due:
            del self._due[child.name]
            child.start()
            self.say(f"{child.name} a redémarré.")


def how_it_ended(child: Child) -> str:
    code = child.popen.returncode
    return f"signal {-code}" if code < 0 else f"code {code}"


def _log(child: Child) -> str:
    return f" Son journal : {child.log}" if child.log else ""
