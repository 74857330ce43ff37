"""Names the codes that the rules and the stored documents share; `portfolio.documents` exports them again."""

from __future__ import annotations

from enum import StrEnum


class Nature(StrEnum):
    """What a piece is (arrêté, C42 to C49)."""

    PRODUCTION = "production"
    CONTROLE = "controle"
    AUTRE = "autre"


class Situation(StrEnum):
    """Real or simulated."""

    REELLE = "reelle"
    SIMULEE = "simulee"


class WorkContext(StrEnum):
    """Where an activity took place."""

    CLASSE = "classe"
    ATELIER = "atelier"
    PFMP = "pfmp"


class CandidateStatus(StrEnum):
    """How the candidate prepares the diploma."""

    SCOLAIRE = "scolaire"
    APPRENTI = "apprenti"
    FORMATION_CONTINUE = "formation_continue"
    EXPERIENCE = "experience"


class SignOffSeat(StrEnum):
    """In which quality a person answers for an activity."""

    TUTOR = "tutor"
    TEACHER = "teacher"


class GridMode(StrEnum):
    """One sealed grid per member, or one grid filled together."""

    SEALED = "sealed"
    TOGETHER = "together"


class MemberQuality(StrEnum):
    """In which quality a member sits on a commission."""

    FOLLOWER = "follower"
    TUTOR = "tutor"
    SECOND_PROFESSOR = "second_professor"


class Severity(StrEnum):
    """What a failed check does to a submission: prevents it, or only warns."""

    BLOCK = "block"
    WARN = "warn"


class Standing(StrEnum):
    """Where the sign-off of an activity stands in one seat: asked for, to be asked again, answered, waived, outdated or
    not needed.
    """

    MISSING = "missing"
    REQUESTED = "requested"
    LAPSED = "lapsed"
    CONFIRMED = "confirmed"
    PARTLY = "partly"
    REFUSED = "refused"
    NOT_KNOWN = "not_known"
    WAIVED = "waived"
    STALE = "stale"
    NOT_NEEDED = "not_needed"
