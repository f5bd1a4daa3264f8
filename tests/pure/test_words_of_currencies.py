from decimal import Decimal

import pytest

from odoo.addons.gtg_vn_einvoice.lib.words import money_in_words


@pytest.mark.parametrize(('amount', 'currency', 'words'), [
    ('4.074', 'BHD', 'Bốn BHD và 074/1000'),
    ('4.07', 'BHD', 'Bốn BHD và 070/1000'),
    ('4.07', 'CHF', 'Bốn CHF và 07/100'),
    ('4', 'KWD', 'Bốn KWD'),
    ('-1.5', 'USD', 'Âm một đô la Mỹ và năm mươi xu'),
])
def test_parts_are_those_of_the_currency(amount, currency, words):
    assert money_in_words(Decimal(amount), currency) == words
