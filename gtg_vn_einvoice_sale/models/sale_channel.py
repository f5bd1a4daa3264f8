from odoo import fields, models

from .res_company import TRIGGERS

YES_NO = [('yes', 'Yes'), ('no', 'No')]


class SaleChannel(models.Model):
    _inherit = 'gtg.sale.channel'

    gtg_invoice_trigger = fields.Selection(
        TRIGGERS, 'Invoice an order', help='Empty: as the company.')
    gtg_auto_invoice = fields.Selection(
        YES_NO, 'Invoice by itself', help='Empty: as the company.')
    gtg_auto_einvoice = fields.Selection(
        YES_NO, 'Issue by itself', help='Empty: as the company. Say No where the '
        'marketplace issues the invoices.')
