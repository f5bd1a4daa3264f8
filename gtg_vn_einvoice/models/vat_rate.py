from datetime import date

from odoo import api, fields, models, tools


class VatRate(models.Model):
    """From when until when the law knows a VAT rate. Data, for laws change: the 8 %
    of 2025 and 2026 end by themselves, or are extended in one field."""

    _name = 'gtg.vat.rate'
    _description = 'VAT rate of the law'
    _order = 'name, valid_from'
    _rec_name = 'name'

    name = fields.Selection(
        [('0%', '0 %'), ('5%', '5 %'), ('8%', '8 %'), ('10%', '10 %')], 'Rate',
        required=True)
    valid_from = fields.Date(required=True)
    valid_until = fields.Date(help='Last day on which a sale has this rate. Empty: open.')
    source = fields.Char(help='The law that says so.')

    _order_of_days = models.Constraint(
        'CHECK (valid_until IS NULL OR valid_until >= valid_from)',
        'A rate cannot end before it begins.')

    @api.model_create_multi
    def create(self, vals_list):
        rates = super().create(vals_list)
        self._law_changed()
        return rates

    def write(self, vals):
        result = super().write(vals)
        self._law_changed()
        return result

    def unlink(self):
        result = super().unlink()
        self._law_changed()
        return result

    def _law_changed(self):
        self.env.registry.clear_cache()
        # another thread may have read the old law until this is committed
        self.env.cr.postcommit.add(self.env.registry.clear_cache)

    @api.model
    @tools.ormcache('name', 'day')
    def _is_law(self, name, day):
        """Whether the law knew the rate on a day.

        :param str name: rate in the legal format; what is no percentage is always law
        :param datetime.date day: Vietnamese day of the sale
        """
        if not name.endswith('%'):
            return True
        return any(
            rate.valid_from <= day <= (rate.valid_until or date.max)
            for rate in self.sudo().search([('name', '=', name)]))
