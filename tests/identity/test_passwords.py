"""Passwords: the CNIL's own examples pass, what attackers try first does not, hashes are real argon2id."""

from __future__ import annotations

import secrets
import string
import sys
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from zxcvbn import matching
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from portfolio.identity import passwords
from portfolio.identity.guessing import common_words, estimate

FOUR_CLASSES = string.ascii_letters + string.digits + "!#$%&()*+,-./:;<=>?@[]^_{|}~"
CNIL_EXAMPLES = [
    "kT7#vq9!Zw2%",  # 12 characters, four classes: 79.55 bits
    "kT7fvq9hZw2nXb",  # 14 characters without special
    "corbeau lampe tirer novembre fluide cap onze",  # 7 words
]


@pytest.mark.parametrize("password", CNIL_EXAMPLES)
def test_the_examples_of_the_cnil_are_accepted(password: str) -> None:
    assert passwords.check(password) == []


@pytest.mark.parametrize(
    "password", ["", "kT7#vq9!Zw2", "kT7fvq9hZw2nX", "corbeaulampetire", "84019375620481937562093"]
)
def test_one_character_less_than_the_bar_is_refused(password: str) -> None:
    (problem,) = passwords.check(password)
    assert "trop court" in problem


# What people in France put together: each is long enough for the CNIL's table.
BAD = (
    *("Liverpool2026!!", "Marseille2026!!", "Assurance2026!!", "Guingamp22200!!", "OlympiqueMarseille13!"),
    *("Camille2026!!", "Jean-Dupont-1985!", "ThomasDupont75011!", "NicolasEtMarie2010!", "Camille12032005!"),
    *("EmmaLucasHugo2008!", "Zbigniew2026!!", "Kylian.Mbappe.10!", "0612345678Thomas!", "12/03/2005-Camille"),
    *("Azertyuiop123!", "Qsdfghjklm2026!", "1qaz2wsx3edc4rfv", "Wxcvbn,;:!2026", "&é\"'(-è_çà)=aA1"),
    *("Poiuytreza987!", "QwertyAzerty2026!", "Motdepasse2024!", "P@ssw0rd-2028!", "M@rs3ill3-2026!"),
    *("4ssur4nc3_2026!", "Sup3rm4n-B4tm4n-2026", "Printemps2026!!", "Juillet-Aout-2026", "LundiMardiMercredi1!"),
    *("Saint-Etienne42!", "Clermont-Ferrand63", "LeHavre76600!!", "BtsAssurance2027!", "Bts-Assurance-E5-2027"),
    *("Lycée-Portfolio-1", "Bienvenue@Axa2026", "JeTaimeMaman2026!", "AllezLesBleus2026!", "J'aimeLesFrites2026"),
    *("ellliesraM-2026!", "M.a.r.s.e.i.l.l.e.2", "MarseilleMarseille1", "Abcdefghijkl1!", "kT7#vqkT7#vqkT7#vq"),
    *("aaaaaaaaaaaaaaaaaaaaaaaa", "aK7#K#aa7K7#7aK#", "1234567890123456789012345", "        ........       "),
)
GOOD = (
    *CNIL_EXAMPLES,
    # drawn by lot: 12 of four classes, 14 of three, 16 of two, 18 of one
    *("rX5$hq&2Tb)m", "J!x8?zPd4:wN", "u9#Lf+C6v*Ke", "%sW3hY_7aQz=", "b2{Vn8}gRk5@"),
    *("vB8mXq2TzL5kRw", "Hq7ZtN3xPdW9sJ", "gY4rKb8VmQ2fXc", "5jTnW9pLzR3vHd", "Xk2sGq8DbM6tYf", "nC7wJx4ZhP9vBq"),
    *("q7xv2mk9tzr4hw8b", "8hdz3wqk5vnx7tmg", "xqzvkwjhgtbdmprcfy"),
    # seven words
    *("Une phrase de sept mots bien longue", "mon oncle mange des cerises dans le jardin"),
    *("les trois canards jouent au poker le mardi", "notre vieux voisin repeint son bateau en orange"),
    *("hier un hérisson traversait lentement la cour", "sept crayons dorment au fond du tiroir vert"),
    *("elle range toujours ses bottes derrière le piano", "quand il pleut la tortue lit son journal"),
    *("douze pommes roulent sous la table du notaire", "la lune a mangé mon dernier yaourt hier"),
    # four rare words and digits
    *("corbeau-tirelire-fluide-onyx-42", "Girafe7Parapluie3Violon9Cactus2", "hippocampe84brouette17moustique"),
    *("tabouret.girouette.mangrove.71", "enclume Parvis 38 écrevisse torchon", "voilier42cratere97anguille06"),
    *("chouette-grenier-88-mandoline-tourbe", "mouette12 parapente lichen99 fagot", "Pivoine_63_goudron_Lutrin_bison"),
    *("citerne 5 bouleau 27 harpon gribouille", "sarbacane48Ventouse.ecluse", "cactus!trombone?lavoir!73"),
    *("marmelade-boussole-glacier-19", "Zibeline29+castagnette+orage", "narval 77 tricot escabeau cumin"),
)


def test_the_lists_hold_forty_of_each() -> None:
    assert len(set(BAD)) >= 40 and len(set(GOOD)) >= 40


@pytest.mark.parametrize("password", BAD)
def test_what_people_put_together_is_refused_though_it_is_long_enough(password: str) -> None:
    (problem,) = passwords.check(password)
    assert "facile à deviner" in problem


@pytest.mark.parametrize("password", GOOD)
def test_what_is_drawn_or_made_of_words_without_a_link_is_accepted(password: str) -> None:
    assert passwords.check(password) == []


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("Marseille2026!!", "un mot, un nom ou un lieu que l'on essaie en premier et une année"),
        ("Wxcvbn,;:!2026", "des touches voisines du clavier et une année"),
        ("kT7#vqkT7#vqkT7#vq", "une répétition"),
        ("aK7#K#aa7K7#7aK#", "peu de caractères différents"),
    ],
)
def test_the_refusal_says_what_the_password_rests_on_and_repeats_none_of_it(password: str, said: str) -> None:
    (problem,) = passwords.check(password)
    assert said in problem
    assert not {part for part in ("Marseille", "2026", "Wxcvbn", "kT7", "aK7") if part in problem}


def test_what_is_known_of_its_owner_counts_for_nothing() -> None:
    password = "brouette-Kervadec-Trifouilly-84"
    assert passwords.check(password) == []
    (problem,) = passwords.check(password, own_words=["Lycée Kervadec", "Trifouilly"])
    assert "vient de vous" in problem


def test_the_words_of_one_person_are_not_another_s() -> None:
    passwords.check("brouette-Kervadec-Trifouilly-84", own_words=["Kervadec", "Trifouilly"])
    assert passwords.check("brouette-Kervadec-Trifouilly-84") == []


def test_only_the_head_of_a_long_password_is_read_for_patterns(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    of_head = estimate._cheapest
    monkeypatch.setattr(estimate, "_cheapest", lambda text, own: read.append(len(text)) or of_head(text, own))
    passwords.check("Une phrase de sept mots bien longue, " * 6)
    assert max(read) == estimate.READ


def test_the_lists_are_kept_small_and_read_once() -> None:
    words = common_words.common_words()
    assert common_words.common_words() is words
    assert words.bits("marseille") == 1 and words.bits("liverpool") is not None and words.bits("kt7vq9") is None
    assert sys.getsizeof(words._entries) < 2_000_000
    assert not matching.RANKED_DICTIONARIES and not FREQUENCY_LISTS  # zxcvbn's own, fourteen megabytes, are given back


def test_a_common_word_inside_a_long_passphrase_does_no_harm() -> None:
    assert passwords.check("soleil corbeau lampe tirer novembre fluide cap") == []


def test_almost_no_random_password_is_refused() -> None:
    drawn = ["".join(secrets.choice(FOUR_CLASSES) for _ in range(14)) for _ in range(100)]
    four_classes = [p for p in drawn if any(c in string.digits for c in p) and not p.isalnum()]
    assert sum(bool(passwords.check(password)) for password in four_classes) <= 1


@pytest.mark.parametrize(
    ("password", "found"),
    [
        ("kT7#Lefevre9!Zw2", "lefevre"),
        ("kT7#LEFÈVRE9!Zw2", "lefevre"),
        ("kT7#vq.zoe-marie9!Zw2", "marie"),
        ("kT7#vq9!lyceevoltaireZw2", "lyceevoltaire"),
        ("kT7#vq9!Zw2-2005", "2005"),
    ],
)
def test_personal_data_is_refused_and_quoted(password: str, found: str) -> None:
    personal = ["Lefèvre", "Zoé Marie", "z.lefevre@lyceevoltaire.fr", "2005-03-12"]
    (problem,) = passwords.check(password, personal)
    assert f"« {found} »" in problem


def test_short_parts_of_names_are_not_looked_for() -> None:
    assert passwords.check("kT7#zoe!Zw2li%", ["Zoé", "Li", "z.li@exemple.fr"]) == []


def test_a_short_password_with_a_name_hears_both_things() -> None:
    assert len(passwords.check("Lefevre", ["Lefèvre"])) == 2


def test_length_is_bounded() -> None:
    long_enough = "".join(secrets.choice(FOUR_CLASSES) for _ in range(256))
    assert passwords.check(long_enough) == []
    (problem,) = passwords.check(long_enough + "x")
    assert "256 caractères" in problem
    stored = passwords.hash(long_enough)
    assert passwords.verify(stored, long_enough)
    assert not passwords.verify(stored, long_enough + "x")


def test_the_same_keys_on_two_systems_are_the_same_password() -> None:
    typed = "mémoire\u00a0très\u00a0longue n° 7 été"
    stored = passwords.hash(typed)
    assert passwords.verify(stored, unicodedata.normalize("NFD", typed))
    assert passwords.verify(stored, typed.replace("\u00a0", " "))


@settings(deadline=None)
@given(st.text(), st.text())
def test_only_the_password_opens(password: str, other: str) -> None:
    stored = passwords.hash(password)
    assert passwords.verify(stored, password)
    same = unicodedata.normalize("NFKC", password) == unicodedata.normalize("NFKC", other)
    assert passwords.verify(stored, other) is same


@given(st.text(max_size=300), st.lists(st.text(max_size=20), max_size=4))
def test_any_text_gets_an_answer_in_words(password: str, personal: list[str]) -> None:
    assert all(problem.endswith(".") for problem in passwords.check(password, personal))


def test_half_a_surrogate_pair_is_a_password_like_another() -> None:
    stored = passwords.hash("\ud800kT7#vq9!Zw2")
    assert passwords.verify(stored, "\ud800kT7#vq9!Zw2")
    assert not passwords.verify(stored, "\ud801kT7#vq9!Zw2")


@given(st.text())
def test_nobody_signs_in_on_a_damaged_record(stored: str) -> None:
    assert passwords.verify(stored, "kT7#vq9!Zw2%") is False


def test_a_worst_case_is_still_answered_at_once() -> None:
    begin = time.thread_time()
    for worst in ("ab" * 64 + "c" * 128, "aab" * 85, "".join(chr(0x4E00 + i) for i in range(256))):
        passwords.check(worst, [worst])
    assert time.thread_time() - begin < 1


@pytest.mark.usefixtures("hashes_as_served")
def test_hashes_are_salted_argon2id_with_the_parameters_of_the_rfc() -> None:
    one, other = passwords.hash("kT7#vq9!Zw2%"), passwords.hash("kT7#vq9!Zw2%")
    assert one.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert one != other
    assert passwords.verify(one, "kT7#vq9!Zw2%")
    assert not passwords.needs_rehash(one)


def test_a_hash_made_under_weaker_parameters_is_to_be_made_again(request: pytest.FixtureRequest) -> None:
    hashed = passwords.hash("kT7#vq9!Zw2%")
    assert not passwords.needs_rehash(hashed)
    request.getfixturevalue("hashes_as_served")
    assert passwords.needs_rehash(hashed)


@pytest.mark.usefixtures("hashes_as_served")
def test_an_unknown_address_takes_the_time_of_a_wrong_password() -> None:
    stored = passwords.hash("kT7#vq9!Zw2%")

    times: dict[str, list[float]] = {"known": [], "unknown": []}
    for _ in range(6):  # in turns, so that a busy machine slows both
        for who, act in (
            ("known", lambda: passwords.verify(stored, "wrong")),
            ("unknown", lambda: passwords.dummy_verify("wrong")),
        ):
            begin = time.process_time()
            assert act() is False
            times[who].append(time.process_time() - begin)
    assert 0.5 < min(times["unknown"]) / min(times["known"]) < 2
