from odoo import api, fields, models


class AccountTax(models.Model):
    _inherit = 'account.tax'

    gtg_vat_kind = fields.Selection([
        ('taxed', 'At its rate'),
        ('not_subject', 'Not subject to VAT (KCT)'),
        ('not_declared', 'Not declared (KKKNT)'),
    ], 'VAT on e-invoices', compute='_compute_gtg_vat_kind', store=True, readonly=False,
        help='0 %, not subject and not declared are three different things in law, '
             'although all three add nothing to the price.')

    @api.depends('amount', 'amount_type', 'tax_group_id')
    def _compute_gtg_vat_kind(self):
        # the groups of the Vietnamese chart say what a rate of nothing means
        meanings = {'tax_group_0': 'taxed', 'tax_group_exemption': 'not_subject'}
        groups = self.tax_group_id.sudo().get_external_id()
        for tax in self:
            if tax.amount_type == 'percent' and tax.amount > 0:
                tax.gtg_vat_kind = 'taxed'
                continue
            name = groups.get(tax.tax_group_id.id, '')
            tax.gtg_vat_kind = next((
                kind for ending, kind in meanings.items() if name.endswith(ending)),
                tax.gtg_vat_kind)

    def _gtg_legal_rate(self):
        """Name of the rate in the legal format (``8%``, ``KCT``), None if unknown."""
        self.ensure_one()
        if self.gtg_vat_kind == 'not_subject':
            return 'KCT' if not self.amount else None
        if self.gtg_vat_kind == 'not_declared':
            return 'KKKNT' if not self.amount else None
        if self.gtg_vat_kind == 'taxed' and self.amount_type == 'percent':
            name = f'{self.amount:g}%'
            return name if name in ('0%', '5%', '8%', '10%') else None
        return None
