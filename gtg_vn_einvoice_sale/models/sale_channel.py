from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.gtg_vn_einvoice.models.account_move_rule import YES_NO

from .res_company import RULE, TRIGGERS, WHO


class SaleChannel(models.Model):
    _inherit = 'gtg.sale.channel'

    gtg_invoice_trigger = fields.Selection(
        TRIGGERS, 'Invoice an order', help='Empty: as the company.')
    gtg_invoice_who = fields.Selection(
        WHO, 'Orders invoiced by themselves', help='Empty: as the company.')
    gtg_invoice_above = fields.Float('From (VND)', digits=(16, 0))
    gtg_rest_elsewhere = fields.Selection(
        YES_NO, 'Our cash register issues the others', help='Empty: as the company.')
    gtg_series_id = fields.Many2one(
        'gtg.einvoice.series', 'E-invoice series', company_dependent=True,
        groups='account.group_account_invoice',
        domain="[('form', 'in', ('1', '2'))]",
        help="Empty: the company's first series of the year. On 1 January the series "
             'with the same letters follows.')
    gtg_auto_invoice = fields.Selection(
        YES_NO, 'Invoice by itself', help='Empty: as the company.')
    gtg_auto_einvoice = fields.Selection(
        YES_NO, 'Issue e-invoices by themselves',
        help='Also of invoices confirmed by hand. Empty: as journal and company.')
    gtg_invoiced_elsewhere = fields.Boolean(
        'The platform issues the invoices',
        help='Nothing of ours issues for its orders, and their legal deadline is not '
             'watched. Symbol, number and date of what the platform has issued are asked '
             'for on the invoice.')
    gtg_no_agreement = fields.Selection(
        YES_NO, 'Corrections without agreement',
        help='The law wants no written agreement of a business for what was sold on a '
             'digital platform. Empty: marketplaces only.')

    def _gtg_needs_no_agreement(self):
        chosen = self.gtg_no_agreement
        return bool(self) and (
            chosen == 'yes' or not chosen and self.kind == 'marketplace')

    def write(self, vals):
        result = super().write(vals)
        if (RULE | {'gtg_invoiced_elsewhere'}) & set(vals):
            self.env['sale.order']._gtg_rule_changed(
                SQL('gtg_channel_id = ANY(%s)', self.ids))
            self.env['account.move']._gtg_recompute(SQL(
                "move_type IN ('out_invoice', 'out_refund') AND state = 'posted' "
                "AND COALESCE(gtg_einvoice_state, 'draft') "
                "IN ('draft', 'queued', 'to_sign') AND invoice_date >= "
                '(SELECT MIN(gtg_einvoice_watch_from) FROM res_company)'))
        return result
