import hashlib
import logging

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize

from odoo.addons.gtg_connector_base.models.transaction import CONFLICTS
from odoo.addons.gtg_vn_einvoice.lib import tax_code
from odoo.addons.gtg_vn_einvoice.models.account_move_reversed import NOT_ASKED

_logger = logging.getLogger(__name__)


class SaleOrder(models.Model):
    """Whom the e-invoice shall name, as the buyer told the marketplace."""

    _inherit = 'sale.order'

    _gtg_takes_invoice_buyer = True

    gtg_invoice_wish = fields.Char(
        copy=False, readonly=True, groups='base.group_system',
        help='Digest of what the buyer told last: a person may have decided since.')

    def _gtg_take_invoice_buyer(self, buyer):
        result = super()._gtg_take_invoice_buyer(buyer)
        wish = hashlib.sha256(repr(buyer).encode()).hexdigest()
        if self.sudo().gtg_invoice_wish == wish:
            return result
        try:
            with self.env.cr.savepoint():
                self._gtg_apply_wish(buyer)
        except CONFLICTS:
            raise
        except Exception as error:  # other addons check contacts too
            _logger.info('invoice wish of %s', self.name,
                         exc_info=not isinstance(error, UserError))
            self._gtg_hold('invoice_buyer', str(error))
        self.sudo().write({'gtg_invoice_wish': wish, 'gtg_invoice_asked': True})
        return result

    def _gtg_apply_wish(self, buyer):
        address, problem = self._gtg_channel_address(buyer)
        if problem:
            self._gtg_hold('invoice_buyer', problem)
            return
        self._gtg_release('invoice_buyer')
        contact = self._gtg_buyer_contact(address)
        if contact == self.partner_invoice_id:
            return
        if self._gtg_buyer_is_open():
            self._gtg_name_buyer(contact)
            return
        moves = self.sudo().invoice_ids.filtered(lambda move: (
            move.state != 'cancel' and not move._gtg_kind()
            and not move._gtg_is_undone()))
        late = moves.filtered(lambda move: move.gtg_einvoice_state in NOT_ASKED)
        if late:
            self._gtg_hold('invoice_buyer', self.env._(
                'The buyer wants the invoice for %(name)s, tax code %(code)s, but '
                '%(moves)s is made and not issued. Reset it to draft, choose that '
                'customer, confirm it, then release the hold.', name=contact.name,
                code=contact.vat or '-', moves=', '.join(late.mapped('display_name'))))
        else:
            self._gtg_log(self.env._(
                'The buyer wants the invoice for %(name)s, tax code %(code)s, but it has '
                'been made already: correct it if the buyer insists.',
                name=contact.name, code=contact.vat or '-'))

    def _gtg_channel_address(self, buyer):
        """:return: (values of a contact, what is wrong or None)"""
        vietnam = self.env.ref('base.vn')
        address = {
            'name': buyer.name, 'street': buyer.address, 'city': '',
            'email': email_normalize(buyer.email) or '', 'country_id': vietnam.id,
            'state_id': False, 'is_company': buyer.kind == 'company'}
        if buyer.kind == 'person':
            number = tax_code.personal_number(buyer.id_number)
            if number:
                address['gtg_id_number'] = number
            return address, None  # a name is enough for a person
        try:
            address['vat'] = tax_code.normalise(buyer.tax_code)
        except tax_code.BadTaxCode:
            return address, self.env._(
                'The buyer wants an invoice for %(name)s, but "%(code)s" is no tax code. '
                'Ask the buyer, enter it on the invoice address, then release the hold.',
                name=buyer.name, code=buyer.tax_code)
        if not buyer.address:
            return address, self.env._(
                'The buyer wants an invoice for %s without an address. Ask the buyer, '
                'enter it on the invoice address, then release the hold.', buyer.name)
        return address, None
