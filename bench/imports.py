"""P1 to P3, inside an Odoo process: the import of orders and its bare twin.

Everything is rolled back, so that each round meets the same database.
"""

import gc
import time
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from statistics import median

from odoo import Command, sql_db

from odoo.addons.gtg_connector_base.lib.clock import naive_utc
from odoo.addons.gtg_marketplace_connector.lib import orders as o
from odoo.addons.gtg_marketplace_connector.models.order_import import QUIET

ROUNDS = 3
UTC = timezone.utc


class Spent:
    """Seconds and SQL statements of a block, all cursors of the process included."""

    def __enter__(self):
        gc.collect()
        self.statements = sql_db.sql_counter
        self.seconds = time.perf_counter()
        return self

    def __exit__(self, *_error):
        self.seconds = time.perf_counter() - self.seconds
        self.statements = sql_db.sql_counter - self.statements


class Imports:
    """One shop, its sellable products, and as many orders as are asked for."""

    def __init__(self, env):
        self.env = env(context={**env.context, 'lang': 'vi_VN'})
        self.shop = self.env['gtg.marketplace.shop'].search([], limit=1)
        self.products = self.env['product.product'].search(
            [('default_code', '!=', False), ('is_storable', '=', True)], order='id')
        # a shop in use: listings, included taxes and caches are there
        self.shop.auto_confirm = False
        self.take_in(self.orders(len(self.products), 'warm'))
        env.cr.commit()

    # === WHAT THE MARKETPLACE SAYS === #

    def orders(self, count, prefix, buyers='buyer'):
        return [self._order(number, f'{prefix}{number:05}', f'{buyers}{number}')
                for number in range(count)]

    def _order(self, number, ref, buyer):
        at = datetime(2026, 1, 15, 3, tzinfo=UTC) + timedelta(seconds=number)
        return o.Order(
            ref=ref, status=o.TO_SHIP, platform_status='READY_TO_SHIP', currency='VND',
            created_at=at, update_time=at, paid_at=at,
            lines=(self._line(number, 1), self._line(number + 3, 2)),
            packages=(o.Package(f'P{ref}', o.PACKAGE_READY, 'SPX Express'),),
            recipient=o.Recipient(
                name=f'Khách {buyer}', phone=f'8490{number:07}', street=f'{number} Lê Lợi',
                ward='Phường Sài Gòn', province='Hồ Chí Minh', country='VN'),
            buyer_ref=buyer, buyer_name=buyer, ship_by=at + timedelta(days=2),
            total=sum((self._line(number, 1).amount, self._line(number + 3, 2).amount)))

    def _line(self, number, quantity):
        product = self.products[number % len(self.products)]
        return o.OrderLine(
            line_key=f'{product.id}:0', item_ref=str(product.id), model_ref='0',
            sku=product.default_code, name=product.name,
            quantity=Decimal(quantity), price=Decimal(int(product.list_price)))

    # === THE TWO WAYS IN === #

    def take_in(self, orders):
        failures = {}
        records = self.shop._import_orders(orders, failures)
        self.env.flush_all()
        assert not failures and len(records) == len(orders), failures
        assert not records.gtg_hold_ids, records.gtg_hold_ids.mapped('note')
        return records

    def bare(self, orders, buyers, products, taxes, **context):
        """The same orders by core's own `create`, as plain as it goes."""
        records = self.env['sale.order'].with_context(**context).create([{
            'partner_id': buyers[order.buyer_ref],
            'company_id': self.shop.company_id.id,
            'date_order': naive_utc(order.created_at),
            'order_line': [Command.create({
                'product_id': products[line.sku], 'product_uom_qty': float(line.quantity),
                'price_unit': float(line.price), 'tax_ids': taxes[line.sku],
            }) for line in order.lines],
        } for order in orders])
        self.env.flush_all()
        return records

    def bare_buyers(self, orders):
        """The buyers of orders by core's own `create`."""
        state = self.env.ref('base.state_vn_VN-SG')
        rows = self.env['res.partner'].create([{
            'name': order.recipient.name, 'phone': order.recipient.phone,
            'street': order.recipient.street, 'street2': order.recipient.ward,
            'state_id': state.id, 'country_id': state.country_id.id,
            'company_id': self.shop.company_id.id} for order in orders])
        self.env.flush_all()
        return dict(zip([order.buyer_ref for order in orders], rows.ids, strict=True))

    def known_buyers(self, orders):
        """The buyers of orders, made by the shop's own code beforehand."""
        found = self.shop._buyers_of(orders)
        self.env.flush_all()
        return {order.buyer_ref: found[order.ref][0].id for order in orders}

    def parts(self):
        """Products and their included taxes by SKU, as the import finds them."""
        taxes = self.shop._included_taxes([product for product in self.products])
        return ({product.default_code: product.id for product in self.products},
                {product.default_code: [Command.set(taxes[product].ids)]
                 for product in self.products})

    # === MEASURING === #

    def fresh(self):
        self.env.cr.rollback()
        self.env.invalidate_all()

    def once(self, count, buyers, confirm=False, **context):
        """One round: import and twin on the same starting state, in both orders.

        :param str buyers: ``known`` beforehand to both, or ``new`` to both
        :param context: of the twin's `create`
        :return: (Spent of the import, Spent of the twin, Spent of making the buyers)
        """
        orders = self.orders(count, 'bench')
        spent = {}
        for way in ('import', 'bare') if self.swap else ('bare', 'import'):
            self.fresh()
            self.shop.auto_confirm = confirm
            products, taxes = self.parts()
            ids = self.known_buyers(orders) if buyers == 'known' else None
            self.env.flush_all()
            self.env.invalidate_all()
            if way == 'import':
                with Spent() as spent[way]:
                    records = self.take_in(orders)
            else:
                with Spent() as spent[way]:
                    with Spent() as people:
                        ids = ids or self.bare_buyers(orders)
                    records = self.bare(orders, ids, products, taxes, **context)
                    if confirm:
                        records.action_confirm()
                        self.env.flush_all()
            assert set(records.mapped('state')) == {'sale' if confirm else 'draft'}
        self.swap = not self.swap
        self.fresh()
        return spent['import'], spent['bare'], people

    swap = False

    def compare(self, count, buyers, confirm=False, **context):
        """:return: dict of medians over the rounds"""
        self.once(20, buyers, confirm)  # warms what is left
        rows = [self.once(count, buyers, confirm, **context)
                for _round in range(ROUNDS)]
        return {
            'ratio': round(median(a.seconds / b.seconds for a, b, _p in rows), 3),
            'ms_per_order': round(1000 / count * median(
                a.seconds for a, _b, _p in rows), 2),
            'bare_ms_per_order': round(1000 / count * median(
                b.seconds for _a, b, _p in rows), 2),
            'extra_queries_per_order': round(median(
                a.statements - b.statements for a, b, _p in rows) / count, 2),
            'queries_per_order': round(median(
                a.statements for a, _b, _p in rows) / count, 2),
            'buyers_share': round(median(p.seconds / b.seconds for _a, b, p in rows), 2),
        }

    def growth(self, small, large):
        """Time per order of a large import by that of small ones, the best of each."""
        best = {small: [], large: []}
        for count in (small, large, small, large, small):
            self.fresh()
            orders = self.orders(count, 'bench')
            self.known_buyers(orders)
            self.env.invalidate_all()
            with Spent() as spent:
                self.take_in(orders)
            best[count].append(spent.seconds / count)
        self.fresh()
        return round(min(best[large]) / min(best[small]), 3)


def p1(env):
    """Import of 200 orders x 2 lines against a bare batch create of the same."""
    bench = Imports(env)
    known = bench.compare(200, 'known')
    new = bench.compare(200, 'new')
    quiet = bench.compare(200, 'known', **QUIET)
    growth = bench.growth(50, 500)
    return {'P1': {
        'value': known['ratio'],
        'extra_queries_per_order': known['extra_queries_per_order'],
        'queries_per_order': known['queries_per_order'],
        'growth': growth,
        'ms_per_order': known['ms_per_order'],
        'bare_ms_per_order': known['bare_ms_per_order'],
        'quiet_twin_ratio': quiet['ratio'],
        'quiet_twin_extra_queries': quiet['extra_queries_per_order'],
        'new_buyers_ratio': new['ratio'],
        'new_buyers_extra_queries': new['extra_queries_per_order'],
        'new_buyers_share_of_bare': new['buyers_share'],
    }}


def p2(env):
    """Import that confirms against bare create and `action_confirm`."""
    got = Imports(env).compare(200, 'known', confirm=True)
    return {'P2': {
        'value': got['ratio'],
        **{key: got[key] for key in (
            'ms_per_order', 'bare_ms_per_order', 'extra_queries_per_order')}}}


def p3(env):
    """The same 200 orders once more: nothing may happen, at almost no cost."""
    bench = Imports(env)
    orders = bench.orders(200, 'bench')
    bench.take_in(orders)
    counts = []
    for _round in range(3):
        env.invalidate_all()
        with Spent() as spent:
            bench.take_in(orders)
        counts.append(spent.statements)
    env.cr.rollback()
    return {'P3': {'value': max(counts), 'ms': round(1000 * spent.seconds, 1)}}
