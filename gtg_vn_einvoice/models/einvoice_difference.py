from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import float_compare

from odoo.addons.gtg_connector_base.lib.clock import VIETNAM, naive_utc, vietnam_date
from odoo.addons.gtg_connector_base.lib.money import dec, round_half_up

from ..lib.listing import number_key, number_writings
from ..lib.tax_code import bare


class EinvoiceDifference(models.Model):
    """Something about which the provider and we disagree, with the next step."""

    _name = 'gtg.einvoice.difference'
    _description = 'Difference to the provider'
    _order = 'settled, id'

    comparison_id = fields.Many2one(
        'gtg.einvoice.comparison', required=True, ondelete='cascade', index=True)
    account_id = fields.Many2one(related='comparison_id.account_id', store=True)
    company_id = fields.Many2one(related='comparison_id.company_id', store=True)
    kind = fields.Selection([
        ('unknown_here', 'Issued there, unknown here'),
        ('maybe', 'Perhaps ours, outcome unknown'),
        ('not_adopted', 'Issued there with our reference'),
        ('twice', 'Second document of one reference'),
        ('unknown_there', 'Unknown there'),
        ('total', 'Different total'), ('tax_code', 'Different tax code'),
        ('state', 'Corrected there only'),
    ], required=True, readonly=True)
    number = fields.Char(readonly=True)
    # what the provider has stays told when ours is deleted
    einvoice_id = fields.Many2one(
        'gtg.einvoice', readonly=True, ondelete='set null', index='btree_not_null')
    day = fields.Date(readonly=True, help='Vietnamese day of the document, if told.')
    ours = fields.Char(readonly=True)
    theirs = fields.Char(readonly=True)
    next_step = fields.Text(compute='_compute_next_step')
    settled = fields.Boolean(help='Somebody has taken care of it.')

    @api.depends('kind')
    def _compute_next_step(self):
        texts = {
            'unknown_here': self.env._(
                'Somebody issued it on the site of the provider, or another program '
                'did. Find the sale in the books and enter there symbol, number and '
                'date of this e-invoice.'),
            'maybe': self.env._(
                'Do not enter it anew: it may be the invoice named here. Wait until its '
                'e-invoice is looked up, then compare again.'),
            'not_adopted': self.env._('Press "Take the number".'),
            'twice': self.env._(
                'One sale has two legal documents. Ask your accountant at once which one '
                'to adjust to nothing.'),
            'unknown_there': self.env._(
                'Open it and fetch its files. If the provider does not have them, ask '
                'the provider.'),
            'total': self.env._('Compare the XML with the invoice, then correct it.'),
            'tax_code': self.env._('Compare the XML with the invoice, then correct it.'),
            'state': self.env._(
                'It was corrected on the site of the provider. Enter the correction in '
                'the books.'),
        }
        for difference in self:
            difference.next_step = texts.get(difference.kind)

    def action_adopt(self):
        """Button: take the number of the document that has our reference."""
        self.ensure_one()
        self.einvoice_id.action_adopt()

    def action_open(self):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window', 'res_model': 'gtg.einvoice',
            'res_id': self.einvoice_id.id, 'views': [(False, 'form')]}


class EinvoiceComparison(models.Model):
    _inherit = 'gtg.einvoice.comparison'

    def _compare_rows(self, rows):
        """What the provider lists, against ours.

        :param rows: some of the rows
        :return: list of values of differences
        """
        ours = self._our_documents(rows)
        by_key = {number_key(e.number): e for e in ours if e.number}
        by_reference = {e.reference: e for e in ours}
        asked, outside = self._being_issued(), self._issued_outside(rows)
        found = []
        for row in rows.filtered(self._in_period):
            mine = by_key.get(row.key)
            if mine:
                values = self._differences(row, mine)
            elif row.key in outside:
                values = self._differences_outside(row, outside[row.key])
            else:
                values = self._unknown_here(row, by_reference.get(row.reference), asked)
                values += self._corrected_there(values, row, by_key)
            day = row.issued_at and vietnam_date(row.issued_at)
            found += [{**difference, 'day': day} for difference in values]
        return found

    def _corrected_there(self, unknown, row, by_key):
        original = by_key.get(number_key(row.corrects)) if row.corrects else None
        if not original or original.state in ('corrected', 'replaced') or [
                values['kind'] for values in unknown] != ['unknown_here']:
            return []
        return [{'kind': 'state', 'number': original.number, 'theirs': row.number,
                 'einvoice_id': original.id, 'ours': original.state}]

    def _compare_own(self, einvoices):
        """What we have issued and the provider does not list."""
        keys = {einvoice: number_key(einvoice.number) for einvoice in einvoices}
        listed = set(self.env['gtg.einvoice.comparison.row'].sudo().search_fetch([
            ('comparison_id', '=', self.id), ('key', 'in', list(keys.values()))],
            ['key']).mapped('key'))
        return [
            {'kind': 'unknown_there', 'number': einvoice.number, 'ours': einvoice.number,
             'einvoice_id': einvoice.id, 'day': vietnam_date(einvoice.issued_at)}
            for einvoice, key in keys.items() if key not in listed]

    def _period(self):
        """UTC instants between which the Vietnamese days lie."""
        return tuple(
            naive_utc(datetime.combine(day, time.min, VIETNAM))
            for day in (self.first, fields.Date.add(self.last, days=1)))

    def _in_period(self, row):
        return not row.issued_at or (
            self.first <= vietnam_date(row.issued_at) <= self.last)

    def _our_documents(self, rows):
        """Ours of which the rows may speak, by number or by reference."""
        told = filter(None, [*rows.mapped('number'), *rows.mapped('corrects')])
        numbers = set().union(*map(number_writings, told))
        return self.env['gtg.einvoice'].sudo().search_fetch([
            ('account_id', '=', self.account_id.id), '|',
            ('reference', 'in', list(filter(None, rows.mapped('reference')))),
            ('number', 'in', list(numbers))],
            ['number', 'reference', 'state', 'amount_total', 'buyer_tax_code',
             'issued_at', 'currency_id'])

    def _own_after(self, number, limit):
        """Our documents of the period with a greater id, in their order."""
        first, end = self._period()
        return self.env['gtg.einvoice'].sudo().search_fetch(self._own_domain() & Domain([
            ('issued_at', '>=', first), ('issued_at', '<', min(end, self.started_at)),
            ('id', '>', number)]), ['number', 'issued_at'], order='id', limit=limit)

    def _own_domain(self):
        """Our documents that the provider must know."""
        return Domain('account_id', '=', self.account_id.id) & Domain(
            'number', '!=', False)

    def _being_issued(self):
        """Our documents that the provider may have without our knowing.

        :return: {document: state of its task}
        """
        tasks = self.env['gtg.connector.task'].sudo().search_fetch([
            ('account_model', '=', self.account_id._name),
            ('account_id', '=', self.account_id.id),
            ('operation', '=', 'create_invoice'), ('res_model', '=', 'gtg.einvoice'),
            '|', '|', ('state', 'in', ('sending', 'unknown')),
            '&', ('state', '=', 'failed'), ('unsure', '=', True),
            # its number is in the task, the document does not have it yet
            '&', ('state', '=', 'done'), ('applied', '=', False)], ['res_id', 'state'])
        states = {task.res_id: task.state for task in tasks}
        asked = self.env['gtg.einvoice'].sudo().search_fetch(
            [('id', 'in', list(states)), ('number', '=', False)],
            ['amount_total', 'move_id'])
        return {einvoice: states[einvoice.id] for einvoice in asked}

    def _unknown_here(self, row, same, asked):
        """
        :param same: our document with the row's reference, if there is one
        :param asked: see `_being_issued`
        :return: list of one difference, or of none
        """
        values = {'number': row.number, 'theirs': row.number}
        if same:
            if asked.get(same) in ('sending', 'unknown', 'done'):
                return []  # looked up or written by itself
            return [{**values, 'kind': 'twice' if same.number else 'not_adopted',
                     'ours': same.number, 'einvoice_id': same.id}]
        # nobody here could know what was issued while the list was read
        if row.issued_at and row.issued_at > self.started_at + timedelta(seconds=1):
            return []
        perhaps = [] if row.reference else [
            einvoice for einvoice in asked if row.untold or not float_compare(
                abs(row.total), abs(einvoice.amount_total), precision_digits=2)]
        if perhaps:
            return [{**values, 'kind': 'maybe', 'ours': ', '.join(
                einvoice.move_id.name or '' for einvoice in perhaps[:5]),
                'einvoice_id': perhaps[0].id if len(perhaps) == 1 else False}]
        return [{**values, 'kind': 'unknown_here'}]

    def _differences(self, row, mine):
        """What differs between a listed document and ours of the same number."""
        values = {'number': row.number, 'einvoice_id': mine.id}
        found = []
        if not row.untold and not self._same_total(row, mine):
            found.append({
                **values, 'kind': 'total', 'theirs': f'{row.total:.2f} {row.currency}',
                'ours': f'{mine.amount_total:.2f} {mine.currency_id.name}'})
        codes = [(code or '').strip() for code in (
            row.buyer_tax_code, mine.buyer_tax_code)]
        if row.buyer_tax_code is not False and bare(codes[0]) != bare(codes[1]):
            found.append({**values, 'kind': 'tax_code', 'theirs': codes[0],
                          'ours': codes[1]})
        return found

    def _same_total(self, row, mine):
        """Some providers list what is in another currency in VND."""
        name = mine.currency_id.name
        totals = {name: (mine.amount_total, mine.currency_id.decimal_places)}
        if name != 'VND' and row.currency in ('', False, 'VND'):
            totals['VND'] = (mine._gtg_total_in_vnd(), 0)
        if row.currency:
            totals = {row.currency: totals.get(row.currency)}
        # an adjustment is listed with or without its sign
        sign = abs if row.kind in ('adjustment', 'other') else float
        return any(total and not float_compare(
            sign(row.total), sign(total[0]), precision_digits=total[1])
            for total in totals.values())


class Einvoice(models.Model):
    _inherit = 'gtg.einvoice'

    def _gtg_total_in_vnd(self):
        """At the rate of the document; an adjustment has that of its original."""
        self.ensure_one()
        move = self.move_id
        if self.correction_kind == 'adjust' and self.original_id:
            move = self.original_id.move_id
        rate, _problems = move._gtg_exchange_rate()
        return float(round_half_up(dec(self.amount_total) * (rate or 1)))
