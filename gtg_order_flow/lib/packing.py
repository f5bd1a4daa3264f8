"""Which pieces go into which box: first fit decreasing, by weight and volume.

Whole numbers of any unit (grams, cubic centimetres): sums are exact. Volumes are only
added up; how pieces lie in a box is for the packer to see.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Kind:
    """A kind of box and what goes into it at most; 0 = no limit."""

    key: object = None
    weight: int = 0
    volume: int = 0

    def room(self, piece, weight=0, volume=0):
        """:return: how many more of these go into a box that has so much in it"""
        rooms = [
            max(most - used, 0) // each
            for most, used, each in (
                (self.weight, weight, piece.weight),
                (self.volume, volume, piece.volume),
            )
            if most and each
        ]
        return min(rooms, default=piece.count)

    def size(self):
        """Sorts kinds: those without a limit come last."""
        return (not self.volume, self.volume, not self.weight, self.weight)

    def share(self, piece):
        """How much of the box one piece takes."""
        return max(
            piece.weight / self.weight if self.weight else 0,
            piece.volume / self.volume if self.volume else 0,
        )


@dataclass(frozen=True)
class Piece:
    """What never comes apart, and how many there are of it."""

    key: object
    weight: int = 0
    volume: int = 0
    count: int = 1


@dataclass
class Box:
    """:param bool over: a single piece that goes into no box of ours"""

    kind: Kind
    over: bool = False
    weight: int = 0
    volume: int = 0
    content: dict = field(default_factory=dict)

    def take(self, piece, count):
        """Put in as many of them as fit.

        :return: how many that were
        """
        if self.over:
            return 0
        return self._put(piece, min(count, self.kind.room(piece, self.weight, self.volume)))

    def _put(self, piece, count):
        if count:
            self.content[piece.key] = self.content.get(piece.key, 0) + count
            self.weight += count * piece.weight
            self.volume += count * piece.volume
        return count

    @classmethod
    def alone(cls, kind, piece):
        box = cls(kind)
        box._put(piece, 1)
        box.over = True
        return box


def pack(pieces, kinds=()):
    """Few boxes, and of those small ones.

    :param pieces: iterable of Piece
    :param kinds: iterable of Kind, as many of each as are needed; none: one big box
    :return: list of Box: everything is in one of them, and none is over its limits but
        those with `over`, in which one piece is alone
    """
    kinds = sorted(kinds or (Kind(),), key=Kind.size)
    pieces = [piece for piece in pieces if piece.count > 0]
    tries = [_pack_into(pieces, main, kinds) for main in kinds]
    return min(tries, key=_effort)


def _pack_into(pieces, main, kinds):
    boxes = []
    for piece in sorted(pieces, key=main.share, reverse=True):
        fits = [kind for kind in (main, *kinds) if kind.room(piece)]
        left = piece.count
        for box in boxes:
            left -= box.take(piece, left)
        while left and fits:
            boxes.append(Box(fits[0]))
            left -= boxes[-1].take(piece, left)
        boxes += [Box.alone(kinds[-1], piece) for __ in range(left)]
    for box in boxes:
        if not box.over:
            box.kind = _smallest(box, kinds)
    return boxes


def _smallest(box, kinds):
    return next(
        kind
        for kind in kinds
        if (not kind.weight or box.weight <= kind.weight)
        and (not kind.volume or box.volume <= kind.volume)
    )


def _effort(boxes):
    return len(boxes), [sum(part) for part in zip(*(b.kind.size() for b in boxes), strict=True)]
