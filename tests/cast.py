"""The cast of tests, demo and docs, all invented: Inès organises, Karim is confirmed, Lucie first in line, Marc second, Nora at the door, Paul a stranger."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Character:
    first_name: str
    last_name: str

    @property
    def email(self) -> str:
        return f"{self.first_name.lower().replace('è', 'e').replace('é', 'e')}@demo.test"


INES = Character("Inès", "Prototype")
KARIM = Character("Karim", "Exemple")
LUCIE = Character("Lucie", "Fictif")
MARC = Character("Marc", "Inventé")
NORA = Character("Nora", "Modèle")
PAUL = Character("Paul", "Inconnu")
EVERYONE = (KARIM, LUCIE, MARC, NORA, PAUL)
