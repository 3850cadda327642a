"""Ids in requests: which of them an earlier answer made, and how a script writes them with the id that it got instead."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jobinfo_conformance._contract.ids import LONG, is_id, long_form
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._job_requests.job_request import Operation

#: What may be an id: also one that a character was taken from or added to, to see whether it is refused.
_TOKEN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]{14,20}(?![A-Za-z0-9])")
#: The fewest characters that tell whose id it was before it was cut.
_FEWEST = 14


@dataclass(frozen=True)
class MadeId:
    """An id in a request that the answer to an earlier step made, whose place among the steps is ``maker``.

    ``length`` is how many characters of the long form are left, None for the id as it was answered; ``more`` follows it.
    """

    maker: int
    length: int | None = None
    more: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether it is the id as it was answered."""
        return self.length is None


#: A text in pieces: as it is, or an id.
Pieces = Sequence[str | MadeId]


def made_id(step: Step) -> str | None:
    """The id of the job or the batch that a step made; None if it made none, or its answer does not show the id."""
    if not step.accepted:
        return None
    if step.operation is Operation.CREATE:
        return step.job_id
    batch = str(step.answer.fields.get("id"))
    return batch if step.operation is Operation.ADD_BATCH and is_id(batch) else None


class Ids:
    """The ids that steps made, and where other steps name them."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = steps
        self._made = {place: made for place, step in enumerate(steps) if (made := made_id(step)) is not None}
        self._makers: dict[str, list[int]] = {}
        for place, made in self._made.items():
            self._makers.setdefault(made[:_FEWEST], []).append(place)

    def makes(self, place: int) -> bool:
        """Whether the step at a place made an id."""
        return place in self._made

    def job_of(self, place: int) -> int | None:
        """The step that created the job which the step at a place is about; None if that is not among the steps."""
        if self._steps[place].operation is Operation.CREATE:
            return place if self.makes(place) else None
        found = self._named(self._steps[place].resource.job_id or "", place)
        return None if found is None else found.maker

    def pieces(self, text: str, place: int) -> Pieces:
        """Cut a text of the request at a place into pieces."""
        return [piece for piece in self._pieces(text, place) if piece]

    def _pieces(self, text: str, place: int) -> Iterator[str | MadeId]:
        end = 0
        for token in _TOKEN.finditer(text):
            found = self._named(token[0], place)
            if found is not None:
                yield text[end : token.start()]
                yield found
                end = token.end()
        yield text[end:]

    def _named(self, token: str, place: int) -> MadeId | None:
        """The id that a token is, or is made from; of several, the one that was asked about last."""
        makers = [maker for maker in self._makers.get(token[:_FEWEST], ()) if maker < place]
        found = [named for maker in makers if (named := _matched(token, maker, self._made[maker]))]
        if len(found) > 1 and not any(named.is_whole for named in found):
            latest = self._asked_last(makers, place)
            found = [named for named in found if named.maker == latest]
        return next(reversed([named for named in found if named.is_whole] or found), None)

    def _asked_last(self, makers: Sequence[int], place: int) -> int:
        """Of several jobs, the one that a step before a place named last."""
        for step in reversed(self._steps[:place]):
            for maker in reversed(makers):
                if self._made[maker] in (step.job_id, step.resource.job_id):
                    return maker
        return makers[-1]


def _matched(token: str, maker: int, made: str) -> MadeId | None:
    if token == made:
        return MadeId(maker)
    long = long_form(made) if is_id(made) else made
    if len(token) <= len(long):
        return MadeId(maker, len(token)) if long.startswith(token) else None
    return MadeId(maker, LONG, token.removeprefix(long)) if token.startswith(long) else None
