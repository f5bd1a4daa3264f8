"""Kits are Manufacturing's, which most users have not: what we do with them where
they have."""

from . import beside_core


def test_kits_from_shortage_to_return():
    folder = 'gtg_order_flow/tests'
    beside_core.run('sale_mrp', f'{folder}/core_kits.py',
                    f'{folder}/core_kit_returns.py',
                    'gtg_vn_carriers/tests/core_kit_parcels.py', least=18)
