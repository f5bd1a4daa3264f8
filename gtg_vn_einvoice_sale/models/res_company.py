from odoo import fields, models
from odoo.tools import SQL

TRIGGERS = [
    ('shipped', 'When it leaves'),
    ('delivered', 'When the buyer has it'),
    ('completed', 'When it is completed (often late in law)'),
]
# orders that were handed over and for which the law still waits
UNISSUED = SQL("""
    state = 'sale' AND (gtg_shipped_at IS NOT NULL OR gtg_delivered_at IS NOT NULL)
    AND (invoice_status <> 'invoiced' OR EXISTS (
        SELECT 1 FROM sale_order_line sold
          JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = sold.id
          JOIN account_move_line line ON line.id = rel.invoice_line_id
          JOIN account_move move ON move.id = line.move_id
         WHERE sold.order_id = sale_order.id AND move.state = 'posted'
           AND COALESCE(move.gtg_einvoice_state, 'draft')
               IN ('draft', 'queued', 'to_sign')))""")
# orders of which a part has left
PARTLY = SQL("""
    state = 'sale' AND gtg_shipped_at IS NULL AND EXISTS (
        SELECT 1 FROM sale_order_line sold
         WHERE sold.order_id = sale_order.id AND sold.qty_delivered > 0)""")
WHO = [
    ('every', 'Every order'),
    ('above', 'From an amount on, and whose buyer asks'),
    ('asked', 'Whose buyer asks or has a tax code'),
    ('business', 'Whose buyer has a tax code'),
]
# what decides which orders wait for an invoice of ours
RULE = {'gtg_invoice_trigger', 'gtg_invoice_who', 'gtg_invoice_above',
        'gtg_rest_elsewhere'}


class ResCompany(models.Model):
    _inherit = 'res.company'

    gtg_invoice_trigger = fields.Selection(
        TRIGGERS, 'Invoice an order', default='delivered', required=True)
    gtg_invoice_who = fields.Selection(
        WHO, 'Orders invoiced by themselves', default='every', required=True)
    gtg_invoice_above = fields.Float('From (VND)', digits=(16, 0))
    gtg_rest_elsewhere = fields.Boolean(
        'Our cash register issues the others',
        help='They are not watched for the legal deadline.')
    gtg_auto_invoice = fields.Boolean(
        'Invoice by itself',
        help='The invoice of the order is made and confirmed without a person.')

    def write(self, vals):
        result = super().write(vals)
        if RULE & set(vals):
            self.env['sale.order']._gtg_rule_changed(
                SQL('company_id = ANY(%s)', self.ids))
        return result

    def _gtg_watch_changed(self, old, new):
        result = super()._gtg_watch_changed(old, new)
        self.env['sale.order']._gtg_recompute(SQL(
            "company_id = %s AND state = 'sale' AND gtg_sale_day >= %s", self.id,
            min(filter(None, [old, new]), default=fields.Date.today())))
        return result
