"""What a document was read into, and the sentences on what of it is not shown."""

from __future__ import annotations

from dataclasses import dataclass, field

from portfolio.files.previews.preview_spec import SectionView

DAMAGED = "Ce fichier est abîmé : ce qui suit l'endroit où il ne se laisse plus lire manque ici."
MORE_ASIDE = "Les en-têtes, notes et commentaires ne sont pas tous montrés : téléchargez le fichier pour les lire."
OTHER_FORMATS = "Ce texte garde la trace de changements de mise en forme, qui ne sont pas montrés."
INSERTED = "Ce texte appelle {files}, dont le contenu n'est pas montré."
TRACKED = "Ce texte contient des modifications suivies : ce qui a été ajouté ou supprimé est marqué à sa place."
HIDDEN = "Ce texte contient des passages masqués : ils sont montrés à leur place, marqués."
HIDDEN_SLIDES = "Cette présentation contient des diapositives masquées ({names}) : elles sont montrées à leur place."
MORE_SLIDES = "Seules les {most} premières pages sont montrées. Téléchargez le fichier pour voir les autres."
OLD_WORD = (
    "Ce format d'avant 2007 est lu sans les numéros des listes, le texte de remplacement des images ni le masquage "
    "par un style ; les zones de texte sont à la fin."
)
OLDER_WORD = "Ce document a été écrit avant 1997 : seuls ses mots sont montrés, sans tableaux, notes ni modifications."
OLD_SLIDES = (
    "Ce format d'avant 2007 est lu sans les adresses des liens, les données des graphiques ni les textes du masque ; "
    "les cases d'un tableau se suivent."
)
NOTHING = "Ce fichier ne contient aucun texte : téléchargez-le pour voir ce qui y est dessiné."


@dataclass
class Prose:
    """sections: in reading order. notes: French sentences on what is not shown, or to be known."""

    sections: list[SectionView]
    notes: list[str] = field(default_factory=list)

    def note(self, sentence: str, holds: bool = True) -> None:
        if holds and sentence not in self.notes:
            self.notes.append(sentence)
