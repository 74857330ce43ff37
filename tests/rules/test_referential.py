"""The referential of E5 against the text of the arrêté, and what its reader refuses."""

import dataclasses
import hashlib
import re

import pytest
import yaml

from portfolio.errors import NotFound
from portfolio.rules.texts.data_files import InvalidDataFile
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5, folders_of
from portfolio.rules.texts.referential import UnknownReferential, read_referential, referential

FOLDER = folders_of("referentials")[BTS_ASSURANCE_E5]

NAME = "bts-assurance-2017-e5.v1.yaml"

# Arrêté du 13 février 2017, annexe I B (bloc DA3) and annexe II D (épreuve E5), as printed.
DA3 = """
C1 Utiliser les outils numériques et systèmes d'information de l'entreprise
C3 Identifier les informations à intégrer, à partager et à exploiter dans le système d'information
C12 Rechercher et exploiter les informations nécessaires aux actes de gestion à réaliser
"""
E5 = """
2. Compétences évaluées
C1 Utiliser les outils numériques et systèmes d'informations de l'entreprise
C42 Utiliser les outils collaboratifs numériques de l'entreprise pour contacter et coordonner les
interlocuteurs
C43 Appliquer la réglementation relative à la protection des données personnelles et à la vente
à distance
C44 Appliquer les procédures numériques de l'entreprise
C45 Mobiliser le canal ou le média de communication adapté
C46 Utiliser de façon responsable des outils numériques
C47 Communiquer par écrit sur média numérique : messagerie électronique, messagerie
instantanée, pages de sites internet, réseaux sociaux, autres médias numériques.
C48 Orienter un interlocuteur vers l’outil numérique le plus adapté
C49 Utiliser les ressources numériques de l'entreprise et les ressources numériques externes
à l'entreprise
3. Critères de l'évaluation
- Pertinence du choix du canal de communication, des outils et des applications numériques
professionnelles et de bureautique
- Efficacité des fonctionnalités mises en œuvre dans les outils et applications numériques au
regard des objectifs relationnels, opérationnels et réglementaires
- Qualité de la communication écrite digitale en fonction du support, clarté de l'expression,
concision, respect des usages des écrits professionnels
- Respect des règles de sécurité du poste de travail fixe ou nomade concernant les
informations et les accès
- Respect de la réglementation, de la déontologie et du règlement d'entreprise en matière de
maîtrise des risques quant au contenu des données : protection des données personnelles,
modération du contenu des messages…
- Efficience de la recherche d'information mobilisant les ressources pertinentes : internet et
intranet de l'entreprise
- Maîtrise de l'interopérabilité des données reçues et émises
Modalités d'évaluation
Ce portfolio est élaboré au fur et à mesure de leur formation, en classe, et notamment au cours des
ateliers de professionnalisation et/ou lors de leurs périodes de formation en milieu professionnel.
Ces éléments peuvent être :
- des productions résultant des activités professionnelles réalisées par le candidat ou la
candidate en situation réelle ou simulée ;
- des résultats de contrôles de l’acquisition des compétences visées, librement
organisés par l’équipe enseignante tout au long de la formation ;
- tout autre élément jugé pertinent par les membres de la commission d’évaluation.
Le portfolio comporte une évaluation de la réalité des activités et missions conduites par le
candidat ou par la candidate.  Cette évaluation est conduite conjointement par les
enseignants et par le tuteur de l’entreprise d’accueil chaque fois que la situation le justifie.
La commission d’évaluation est composée d’un professeur ayant en charge le suivi du
candidat ou de la candidate pendant ses activités professionnelles et du tuteur de l’entreprise
d’accueil, ou en l’absence de ce dernier, d’un deuxième professeur en charge des
enseignements professionnels en STS Assurance.
Elle est chargée d’apprécier le degré de maîtrise des compétences visées.
"""


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("’", "'")).strip(" .")


@pytest.fixture(scope="module")
def e5():
    return referential("bts-assurance-2017-e5", "1")


@pytest.fixture
def content():
    return yaml.safe_load((FOLDER / NAME).read_bytes())


def read_copy(folder, content):
    path = folder / NAME
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return read_referential(path)


def test_nine_competences_are_evaluated_and_each_wording_is_the_arretes(e5):
    assert list(e5.competences) == ["C1", "C42", "C43", "C44", "C45", "C46", "C47", "C48", "C49"]
    printed = plain(E5) + plain(DA3)
    for code, wording in e5.competences.items():
        assert plain(f"{code} {wording}") in printed


def test_the_arrete_lists_no_other_competence(e5):
    evaluated = E5.split("3. Critères")[0]
    assert re.findall(r"^(C\d+) ", evaluated, re.MULTILINE) == list(e5.competences)


def test_c3_and_c12_are_context_and_never_scored(e5):
    assert {code: one.evaluated_in for code, one in e5.context_competences.items()} == {"C3": "U32", "C12": "U31"}
    assert not e5.context_competences.keys() & e5.competences.keys()
    for code, one in e5.context_competences.items():
        assert plain(f"{code} {one.wording}") in plain(DA3)


def test_the_seven_criteria_are_the_arretes_in_its_order(e5):
    printed = E5.split("3. Critères de l'évaluation")[1].split("Modalités")[0]
    sentences = [plain(item) for item in printed.split("\n- ")][1:]
    assert [plain(wording) for wording in e5.criteria.values()] == sentences
    assert list(e5.criteria) == [f"K{n}" for n in range(1, 8)]


def test_the_three_natures_are_verbatim(e5):
    printed = E5.split("Ces éléments peuvent être :")[1].split("Le portfolio")[0]
    sentences = [plain(item).rstrip(" ;") for item in printed.split("\n- ")][1:]
    assert [plain(wording) for wording in e5.natures.values()] == sentences
    assert list(e5.natures) == ["production", "controle", "autre"]


def test_reality_and_commission_are_the_arretes(e5):
    assert plain(" ".join(e5.reality_of_activities)) in plain(E5)
    assert e5.commission.size == len(e5.commission.members) == 2
    assert e5.commission.task in plain(E5)
    following, host = e5.commission.members
    assert following.removeprefix("un ") in plain(E5)
    for part in host.removeprefix("le ").split(" un deuxième "):
        assert part in plain(E5)


def test_email_or_instant_messages_are_one_requirement_and_the_open_family_is_none(e5):
    assert ("T5", "T6") in e5.tool_groups
    required = {code for group in e5.tool_groups for code in group}
    assert set(e5.tool_families) - required == {"T11"}


def test_knowledge_has_its_da3_levels(e5):
    assert {code: one.level for code, one in e5.knowledge.items()} == {
        "S13.1": 3,
        "S13.2": 2,
        "S13.3": 3,
        "S13.4": 4,
    }


def test_a_wording_is_found_whatever_its_axis(e5):
    assert e5.wording("C44") == "Appliquer les procédures numériques de l'entreprise"
    assert e5.wording("K7") == "Maîtrise de l'interopérabilité des données reçues et émises"
    assert e5.wording("T3") == "tableur"
    with pytest.raises(KeyError):
        e5.wording("C3")


def test_the_digest_is_that_of_the_files_bytes(e5):
    assert e5.sha256 == hashlib.sha256((FOLDER / NAME).read_bytes()).hexdigest()
    assert referential(e5.id, e5.version, e5.sha256) is e5


def test_an_edited_file_no_longer_answers_to_the_digest_it_was_pinned_with(e5):
    with pytest.raises(UnknownReferential):
        referential(e5.id, e5.version, "0" * 64)


@pytest.mark.parametrize(("id", "version"), [("bts-assurance-2017-e5", "2"), ("../circulars/2027", "1")])
def test_an_uninstalled_referential_is_not_found(id, version):
    with pytest.raises(NotFound) as refusal:
        referential(id, version)
    assert version in refusal.value.message


def test_nothing_in_it_can_be_changed(e5):
    with pytest.raises(dataclasses.FrozenInstanceError):
        e5.title = "autre"
    with pytest.raises(TypeError):
        e5.competences["C50"] = "autre"


def test_a_copy_of_the_file_reads_the_same(tmp_path, content, e5):
    copy = read_copy(tmp_path, content)
    assert (copy.competences, copy.criteria, copy.tool_groups) == (e5.competences, e5.criteria, e5.tool_groups)


WRONG = {
    "coefficient": (lambda c: c.update(coefficient=0), "coefficient"),
    "missing field": (lambda c: c.pop("criteria"), "criteria"),
    "unknown field": (lambda c: c.update(critères={}), "critères"),
    "wording": (lambda c: c["competences"].update(C42=None), "competences.C42"),
    "nature": (lambda c: c["natures"].update(projet="des projets"), "natures.projet"),
    "level": (lambda c: c["knowledge"]["S13.1"].update(level="3"), "knowledge.S13.1.level"),
    "group": (lambda c: c["tool_groups"].append(["T12"]), "tool_groups[9][0]"),
    "member": (lambda c: c["commission"]["members"].pop(), "commission.members"),
    "code twice": (lambda c: c["criteria"].update(C42="x"), "competences"),
    "short": (lambda c: c["short"].pop("K3"), "short"),
    "version": (lambda c: c.update(version=1), "version"),
    "name": (lambda c: c.update(version="2"), "version"),
    "key": (lambda c: c["criteria"].update({8: "x"}), "criteria.8"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_file_is_refused_naming_file_and_field(tmp_path, content, case):
    spoil, field = WRONG[case]
    spoil(content)
    with pytest.raises(InvalidDataFile) as refusal:
        read_copy(tmp_path, content)
    assert (refusal.value.file, refusal.value.field) == (NAME, field)
    assert NAME in str(refusal.value) and field in str(refusal.value)


def test_a_key_written_twice_is_refused_with_its_line(tmp_path):
    text = (FOLDER / NAME).read_text(encoding="utf-8").replace("  K2:", "  K1:", 1)
    (tmp_path / NAME).write_text(text, encoding="utf-8")
    with pytest.raises(InvalidDataFile, match="^bts.*, ligne 43 : « K1 » est écrit deux fois"):
        read_referential(tmp_path / NAME)


@pytest.mark.parametrize("data", [b"", b"- C1", b"a: [", b"\xff\xfe\x00"])
def test_what_is_no_mapping_is_refused(tmp_path, data):
    (tmp_path / NAME).write_bytes(data)
    with pytest.raises(InvalidDataFile, match=NAME):
        read_referential(tmp_path / NAME)
