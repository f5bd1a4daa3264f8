"""Boxes of a delivery: nothing is lost, nothing is over its limits."""

import random
from collections import Counter

import pytest

from odoo.addons.gtg_order_flow.lib.packing import Kind, Piece, pack


def contents(boxes):
    return [box.content for box in boxes]


def test_the_heavy_ones_first():
    boxes = pack(
        [Piece('cup', 2000, count=3), Piece('pot', 7000, count=2)],
        [Kind('box', weight=10000)])
    assert contents(boxes) == [{'pot': 1, 'cup': 1}, {'pot': 1, 'cup': 1}, {'cup': 1}]
    assert [box.weight for box in boxes] == [9000, 9000, 2000]


def test_volume_counts_as_weight_does():
    boxes = pack([Piece('pillow', 500, 30000, 3)], [Kind('box', 20000, 65000)])
    assert contents(boxes) == [{'pillow': 2}, {'pillow': 1}]


def test_each_box_is_as_small_as_it_may_be():
    small, big = Kind('small', 3000, 8000), Kind('big', 10000, 60000)
    boxes = pack([Piece('book', 2500, 2000, 5)], [big, small])
    assert [(box.kind.key, box.content['book']) for box in boxes] == [
        ('big', 4), ('small', 1)]


def test_what_is_too_heavy_for_any_box_goes_alone():
    boxes = pack(
        [Piece('anvil', 60000, count=2), Piece('pen', 10, count=4)],
        [Kind('box', weight=50000)])
    assert contents(boxes) == [{'anvil': 1}, {'anvil': 1}, {'pen': 4}]
    assert [box.over for box in boxes] == [True, True, False]


def test_a_long_thing_goes_into_the_kind_that_holds_it():
    # the heavy-duty box is small, the big one carries little
    duty, big = Kind('duty', 30000, 10000), Kind('big', 5000, 90000)
    boxes = pack([Piece('iron', 20000, 3000), Piece('lamp', 2000, 70000)], [duty, big])
    assert {box.kind.key: list(box.content) for box in boxes} == {
        'duty': ['iron'], 'big': ['lamp']}


def test_no_limit_is_one_box():
    assert contents(pack([Piece('a', 10 ** 9, count=1000), Piece('b')])) == [
        {'a': 1000, 'b': 1}]
    assert contents(pack([Piece('unknown', count=7)], [Kind('box', 1, 1)])) == [
        {'unknown': 7}]
    assert pack([], [Kind('box', 1)]) == []


@pytest.mark.parametrize('seed', range(400))
def test_nothing_lost_and_nothing_over(seed):
    rand = random.Random(seed)
    kinds = [
        Kind(n, rand.choice((0, rand.randint(1, 30000))),
             rand.choice((0, rand.randint(1, 90000))))
        for n in range(rand.randint(0, 4))]
    pieces = [
        Piece(n, rand.choice((0, rand.randint(1, 40000))),
              rand.choice((0, rand.randint(1, 60000))), rand.randint(0, 12))
        for n in range(rand.randint(0, 9))]
    boxes = pack(pieces, kinds)
    packed = Counter()
    for box in boxes:
        packed.update(box.content)
    assert packed == Counter({p.key: p.count for p in pieces if p.count})
    by_key = {piece.key: piece for piece in pieces}
    for box in boxes:
        assert box.content and all(count > 0 for count in box.content.values())
        weight = sum(by_key[key].weight * n for key, n in box.content.items())
        volume = sum(by_key[key].volume * n for key, n in box.content.items())
        assert (box.weight, box.volume) == (weight, volume)
        over = any(most and used > most for most, used in (
            (box.kind.weight, weight), (box.kind.volume, volume)))
        assert box.over == over or not kinds
        if over:
            assert sum(box.content.values()) == 1
            # no kind at all would have held it
            assert all(
                kind.weight and weight > kind.weight
                or kind.volume and volume > kind.volume for kind in kinds)
    # no box could have been emptied into an earlier one as a whole
    if len(kinds) == 1 and sum(not box.over for box in boxes) > 1:
        kind = kinds[0]
        full = [box for box in boxes if not box.over]
        if kind.weight and not kind.volume:
            # first fit: any two boxes together are over the limit
            assert full[0].weight + full[1].weight > kind.weight


def test_a_thousand_of_many_goods_is_quick():
    pieces = [Piece(n, 100 + n, 50 * n, 1000) for n in range(100)]
    boxes = pack(pieces, [Kind('box', 50000, 500000)])
    assert sum(sum(box.content.values()) for box in boxes) == 100000
