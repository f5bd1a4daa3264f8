from odoo import fields, models

TRIGGERS = [
    ('shipped', 'When it leaves'),
    ('delivered', 'When the buyer has it'),
    ('completed', 'When it is completed (often late in law)'),
]


class ResCompany(models.Model):
    _inherit = 'res.company'

    gtg_invoice_trigger = fields.Selection(
        TRIGGERS, 'Invoice an order', default='delivered', required=True)
    gtg_auto_invoice = fields.Boolean(
        'Invoice by itself',
        help='The invoice of the order is made and confirmed without a person.')
    gtg_auto_einvoice = fields.Boolean(
        'Issue by itself',
        help='The e-invoice is issued as soon as the invoice has been confirmed.')
