"""Frozen sets: the requirements of each release by id and level, so that a later suite can still judge by them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from msgspec import Struct

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._catalogue.catalogue import Catalogue
from jobinfo_conformance._catalogue.requirement import AnyRequirement, Level
from jobinfo_conformance._files.toml_text import decoded_toml

#: Where the sets are: a file for each release that came with new requirements.
FOLDER = Path(__file__).parent / "sets"


class _File(Struct, forbid_unknown_fields=True):
    digest: str
    levels: dict[str, Level]


@dataclass(frozen=True)
class FrozenSet:
    """The ids of the requirements that a release has, endpoints' and clients', each with its level.

    ``digest`` is what `digest_of` said of the levels when the set was frozen.
    """

    name: str
    levels: Mapping[str, Level]
    digest: str

    def holds(self, requirement: AnyRequirement) -> bool:
        """Whether a requirement counts where this set is asked for. An extension's always does: the user chose it."""
        return requirement.extension is not None or requirement.id in self.levels

    def has_all(self, requirements: Collection[AnyRequirement]) -> bool:
        """Whether each of these, unless it is an extension's, is in the set with the level that it has."""
        return all(each.extension is not None or self.levels.get(each.id) is each.level for each in requirements)


def frozen_sets() -> Mapping[str, FrozenSet]:
    """The frozen sets by their names, the oldest first."""
    return _sets_in(FOLDER)


@cache
def _sets_in(folder: Path) -> Mapping[str, FrozenSet]:
    files = sorted(folder.glob("*.toml"), key=lambda file: tuple(map(int, file.stem.split("."))))
    read = [(file.stem, decoded_toml(file.read_text("utf-8"), _File)) for file in files]
    return {name: FrozenSet(name, saved.levels, saved.digest) for name, saved in read}


def frozen_set(name: str) -> FrozenSet:
    """The set of this name. Raises BadInput, which names those that there are."""
    known = frozen_sets()
    if name not in known:
        raise BadInput(f"--requirements {name}: there is no such set of requirements; this suite has {', '.join(known)}")
    return known[name]


def asked_set(name: str | None) -> FrozenSet | None:
    """The set that an option asks for; None if it asks for none. Raises BadInput."""
    return None if name is None else frozen_set(name)


def newest_with_all(requirements: Collection[AnyRequirement]) -> str | None:
    """The newest set that has all of these; None if some are in no set yet."""
    fitting = [frozen.name for frozen in frozen_sets().values() if frozen.has_all(requirements)]
    return fitting[-1] if fitting else None


def first_with(name: str) -> str | None:
    """The oldest set that has a requirement; None if it is not released."""
    return next((frozen.name for frozen in frozen_sets().values() if name in frozen.levels), None)


def as_frozen(catalogue: Catalogue, frozen: FrozenSet | None) -> Catalogue:
    """Return a catalogue whose requirements are those of a set, at its levels; all others become ``later``.

    Without a set all requirements stay. The catalogue is named for the newest set that has them all, if one has.
    """
    if frozen is None:
        return replace(catalogue, requirement_set=newest_with_all(catalogue.requirements.values()))
    scored = {
        name: replace(requirement, level=frozen.levels.get(name, requirement.level))
        for name, requirement in catalogue.requirements.items()
        if frozen.holds(requirement)
    }
    later = {name: each for name, each in catalogue.requirements.items() if name not in scored}
    return replace(catalogue, requirements=scored, later=later, requirement_set=frozen.name)


def digest_of(levels: Mapping[str, Level]) -> str:
    """The digest of a set, which shows whether an id or a level in it was changed."""
    lines = (f"{name} {level}\n" for name, level in levels.items())
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def as_toml(name: str, levels: Mapping[str, Level]) -> str:
    """Return the file of a set."""
    return "\n".join(
        [
            f"# The requirements of release {name}. They stay as they are: what is new goes into the set of the next release.",
            f'digest = "{digest_of(levels)}"',
            "",
            "[levels]",
            *(f'"{id_}" = "{level}"' for id_, level in levels.items()),
            "",
        ]
    )
