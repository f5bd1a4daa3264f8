"""Kits are Manufacturing's, which most users have not: what we do with them where
they have."""

from . import beside_core


def test_kits_from_shortage_to_return():
    beside_core.run('sale_mrp', 'gtg_order_flow/tests/core_kits.py', least=8)
