"""P10, inside an Odoo process: the order board with 5,000 orders, bulk approval."""

import time

from lxml import etree

from odoo import fields

from bench import copies
from bench.imports import Spent

ORDERS = 5000
FEW = 120  # more than a page of the list
APPROVED = 500
AXES = ('gtg_money', 'gtg_goods', 'gtg_info', 'gtg_stage')


def p10(env):
    """SQL statements of opening the board and the list, with few and many orders."""
    bench = Board(env, buyers=ORDERS)
    orders = bench.orders(FEW, confirm=40)
    bench.measure()  # what is cached per registry
    few = bench.measure()
    bench.copies(orders, ORDERS - FEW)
    many = bench.measure()
    env.cr.rollback()
    return {'P10': {
        'value': max(many['board'].statements, many['list'].statements),
        'growth': max(many[name].statements - few[name].statements for name in few),
        **{f'{name}_statements': spent.statements for name, spent in many.items()},
        **{f'{name}_ms': round(1000 * spent.seconds) for name, spent in many.items()},
    }}


def axes(env):
    """SQL statements of computing the axes of 50 and of 500 orders anew."""
    bench = Board(env)
    orders = bench.copies(bench.orders(60, confirm=40), APPROVED)
    bench.recompute(orders[:10])  # what is cached per registry
    few, many = bench.recompute(orders[:50]), bench.recompute(orders)
    env.cr.rollback()
    return {'P10_axes': {
        'value': many.statements, 'of_50_orders': few.statements,
        'ms_per_order': round(1000 * many.seconds / APPROVED, 2)}}


def bulk(env):
    """Approving 500 orders chunk by chunk against one bare `action_confirm`."""
    bench = Board(env)
    bench.copies(bench.orders(20, confirm=20), APPROVED)  # a shop at work
    env.cr.execute('ANALYZE')  # of empty tables PostgreSQL has no idea
    env.cr.commit()
    bench.approve(bench.orders(20))
    bench.orders(20).action_confirm()
    env.cr.rollback()
    orders = bench.copies(bench.orders(20), APPROVED)
    with Spent() as bare:
        orders.action_confirm()
        env.cr.flush()
    env.cr.rollback()
    orders = bench.copies(bench.orders(20), APPROVED)
    with Spent() as ours:
        bench.approve(orders)
    assert set(orders.mapped('state')) == {'sale'}
    env.cr.rollback()
    return {'P10_bulk': {
        'value': round(ours.seconds / bare.seconds, 3),
        'ms_per_order': round(1000 * ours.seconds / APPROVED, 1),
        'extra_statements_per_order': round(
            (ours.statements - bare.statements) / APPROVED, 2)}}


class Board:
    """The views of the board, asked for what the web client asks for."""

    DOMAIN = ['|', ('website_id', '=', False), ('state', '!=', 'draft')]

    def __init__(self, env, buyers=APPROVED + 100):
        self.env = env
        self.model = env['sale.order']
        ref = env.ref
        views = self.model.get_views([
            (ref('gtg_order_flow.view_order_board').id, 'kanban'),
            (ref('gtg_order_flow.view_order_board_list').id, 'list'),
            (ref('gtg_order_flow.view_order_board_search').id, 'search')])['views']
        self.card = self._specification(views['kanban']['arch'])
        self.row = self._specification(views['list']['arch'])
        panel = etree.fromstring(views['search']['arch']).find('.//searchpanel')
        self.panel = [(node.get('name'), node.get('select', 'one')) for node in panel]
        self.products = env['product.product'].search(
            [('default_code', '!=', False), ('is_storable', '=', True)], limit=2)
        self.buyers = env['res.partner'].create([
            {'name': f'Khách {number}', 'phone': f'0900{number:06}',
             'street': f'{number} Lê Lợi', 'street2': 'Phường Sài Gòn',
             'state_id': ref('base.state_vn_VN-SG').id, 'country_id': ref('base.vn').id}
            for number in range(buyers)])
        warehouse = env['stock.warehouse'].search([], limit=1)
        for product in self.products:
            env['stock.quant']._update_available_quantity(
                product, warehouse.lot_stock_id, 10 * ORDERS)
        env.cr.commit()
        self.used = 0

    def _specification(self, arch):
        found = {}
        for node in etree.fromstring(arch).iter('field'):
            field = self.model._fields[node.get('name')]
            found[field.name] = ({'fields': {'display_name': {}}}
                                 if field.type == 'many2one' else {})
        return found

    def _next_buyers(self, count):
        if self.used + count > len(self.buyers):
            self.used = 0
        self.used += count
        return self.buyers[self.used - count:self.used]

    def orders(self, count, confirm=0):
        orders = self.model.create([{
            'partner_id': buyer.id,
            'order_line': [fields.Command.create({'product_id': product.id})
                           for product in self.products]}
            for buyer in self._next_buyers(count)])
        orders[:confirm].action_confirm()
        orders.action_gtg_release()
        self.env.cr.flush()
        self.env.invalidate_all()
        return orders

    def copies(self, orders, count):
        return copies.copy(orders, self._next_buyers(count))

    def recompute(self, orders):
        def again():
            for name in AXES:
                self.env.add_to_compute(self.model._fields[name], orders)
            self.env.flush_all()
        return self._spent(again)

    def approve(self, orders):
        job = self.env['gtg.order.bulk']._gtg_prepare('confirm', orders)
        while job.action_chunk()['waiting']:
            self.env.cr.flush()
        assert not job.failed, job.failed_line_ids.mapped('message')
        self.env.cr.flush()

    def measure(self):
        return {name: self._spent(ask) for name, ask in (
            ('board', self._open_board), ('list', self._open_list))}

    def _spent(self, ask):
        self.env.cr.flush()
        self.env.invalidate_all()
        time.sleep(0.1)
        with Spent() as spent:
            ask()
        return spent

    def _open_board(self):
        self.model.web_read_group(
            self.DOMAIN, ['gtg_stage'], ['amount_total:sum', '__count'],
            auto_unfold=True, unfold_read_specification=self.card,
            unfold_read_default_limit=40)
        self.model.read_progress_bar(self.DOMAIN, 'gtg_stage', {
            'field': 'gtg_info', 'colors': {'approved': 'success'}})
        self._open_panel()

    def _open_list(self):
        self.model.web_search_read(
            self.DOMAIN, self.row, limit=80, count_limit=10001)
        self._open_panel()

    def _open_panel(self):
        for name, select in self.panel:
            wanted = {'search_domain': self.DOMAIN, 'enable_counters': True}
            if select == 'one':
                self.model.search_panel_select_range(name, **wanted)
            else:
                self.model.search_panel_select_multi_range(name, **wanted)
