from odoo import fields, models
from odoo.tools import SQL


class ResCompany(models.Model):
    _inherit = 'res.company'

    gtg_einvoice_watch_from = fields.Date(
        'Watch invoices from', help='Older invoices are not watched: they were issued '
        'elsewhere. Set when the first e-invoice account is made.')

    gtg_auto_einvoice = fields.Boolean(
        'Issue e-invoices by themselves',
        help='The e-invoice is asked for as soon as the invoice is confirmed. Journals '
             'and sales channels can differ.')
    gtg_einvoice_digest = fields.Boolean('Daily digest', default=True)
    gtg_einvoice_digest_hour = fields.Integer('Digest from (hour)', default=8)
    gtg_einvoice_alarm = fields.Boolean('Alarm before the evening', default=True)
    gtg_einvoice_alarm_hour = fields.Integer('Alarm from (hour)', default=16)

    _gtg_hours = models.Constraint(
        'CHECK (gtg_einvoice_digest_hour BETWEEN 0 AND 23 '
        'AND gtg_einvoice_alarm_hour BETWEEN 0 AND 23)',
        'Hours are between 0 and 23.')

    def _gtg_accountants(self):
        """Users who want the notices of the company's e-invoices and can get them."""
        return self._gtg_billers().filtered(
            lambda user: user.gtg_einvoice_notices and user.email)

    def _gtg_billers(self):
        """Users who can read the company's e-invoices and do something about them."""
        self.ensure_one()
        groups = self.env.ref('account.group_account_invoice') | self.env.ref(
            'account.group_account_user')
        return self.env['res.users'].sudo().search([
            ('all_group_ids', 'in', groups.ids), ('company_ids', 'in', self.ids),
            ('share', '=', False)])

    def write(self, vals):
        before = {company: company.gtg_einvoice_watch_from for company in self}
        result = super().write(vals)
        if 'gtg_einvoice_watch_from' in vals:
            for company, old in before.items():
                company._gtg_watch_changed(old, company.gtg_einvoice_watch_from)
        return result

    def _gtg_watch_changed(self, old, new):
        """Open invoices between the old and the new day are watched, or no more."""
        days = sorted(filter(None, [old, new]))
        if old == new or not days:
            return
        last = SQL('AND invoice_date < %s', days[1]) if len(days) > 1 else SQL()
        self.env['account.move']._gtg_recompute(SQL(
            "company_id = %s AND move_type IN ('out_invoice', 'out_refund') "
            "AND state = 'posted' AND invoice_date >= %s %s", self.id, days[0], last))
