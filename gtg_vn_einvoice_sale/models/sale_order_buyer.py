import logging

from odoo import SUPERUSER_ID, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import email_normalize

from odoo.addons.gtg_vn_einvoice.lib import tax_code
from odoo.addons.gtg_vn_einvoice.lib.sentences import is_masked
from odoo.addons.gtg_vn_einvoice.models.account_move_reversed import NOT_ASKED
from odoo.addons.gtg_vn_einvoice.models.res_partner import MAX_LENGTH

_logger = logging.getLogger(__name__)


class SaleOrder(models.Model):
    """Whom the e-invoice shall name: asked at checkout, editable until it is issued.

    The order's invoice address carries the answer, so accounting, core's address
    screens and the e-invoice all read one place.
    """

    _inherit = 'sale.order'

    def _gtg_buyer_is_open(self):
        """Whether the buyer may still say whom the e-invoice shall name."""
        self.ensure_one()
        return self.state != 'cancel' and all(
            move._gtg_can_rename(self) for move in self._gtg_named_moves())

    def _gtg_named_moves(self):
        return self.sudo().invoice_ids.filtered(lambda move: move.state != 'cancel')

    def _gtg_closed_text(self):
        moves = self._gtg_named_moves()
        if any(move.gtg_einvoice_state not in NOT_ASKED or move._gtg_issued_elsewhere()
               for move in moves):
            return self.env._(
                'The invoice has been made already. Write to us to have it corrected.')
        return self.env._(
            'The invoice is in our books already. Write to us: we change it before it is '
            'issued.')

    def _gtg_name_buyer(self, contact, asked=True):
        """The invoice names this contact, also one that is made and not issued.

        :raise UserError: core has a reason to keep the invoice as it is
        """
        self.ensure_one()
        self._gtg_named_moves().filtered(lambda move: (
            move.move_type == 'out_invoice' and not move._gtg_kind()
        )).with_company(self.company_id).with_context(
            tz='Asia/Ho_Chi_Minh')._gtg_rename(contact)
        changed = contact != self.partner_invoice_id
        self.write({'partner_invoice_id': contact.id, 'gtg_invoice_asked': asked})
        if changed:
            self._gtg_issue_corrected()

    def _gtg_issue_corrected(self):
        """What was not issued may have failed on the buyer's data: where it is issued by
        itself it is asked for again, else whoever issues it is told."""
        order = self.with_user(SUPERUSER_ID)
        waiting = order._gtg_named_moves().filtered(lambda move: (
            move.state == 'posted' and move.move_type == 'out_invoice'
            and not move._gtg_kind() and move.gtg_einvoice_state in NOT_ASKED))
        if not waiting or not order._gtg_release('einvoice'):
            return
        due = waiting.filtered(
            lambda move: move._gtg_is_due_by_rule() and move._gtg_can_issue())
        due._gtg_issue_by_rule()
        if waiting - due:
            order._gtg_hold('einvoice', order.env._(
                'The buyer has changed the data of the invoice. Issue the e-invoice.'))

    def _gtg_invoice_buyer(self):
        """What the form shows; never the ID number, for the link may be passed on.

        :return: dict of texts: kind (company, person, foreigner or none), name, vat,
            id_number, passport, nationality_id, street, city, state_id, email
        """
        self.ensure_one()
        partner = self.partner_invoice_id.sudo()
        nation = partner.gtg_nationality_id
        if partner.is_company:
            kind = 'company'
        elif not partner.gtg_id_number:
            kind = 'none'
        else:
            kind = 'foreigner' if nation else 'person'
        return {
            'kind': kind, 'name': partner.name or '', 'vat': partner.vat or '',
            'id_number': '', 'passport': '', 'nationality_id': str(nation.id or ''),
            'street': partner.street or '', 'city': partner.city or '',
            'state_id': str(partner.state_id.id or ''), 'email': partner.email or ''}

    def _gtg_set_invoice_buyer(self, values):
        """Take over what the buyer typed; nothing changes if anything is wrong.

        :param dict values: texts as in `_gtg_invoice_buyer`, from a stranger
        :return: {name of the field: what is wrong and how to write it}
        """
        self.ensure_one()
        values = {name: ' '.join(str(values.get(name) or '').split())
                  for name in self._gtg_invoice_buyer()}
        values['email'] = values['email'] or self.partner_id.email or ''
        if not self._gtg_buyer_is_open():
            return {'kind': self._gtg_closed_text()}
        nobody = values['kind'] == 'none'
        errors, address = ({}, None) if nobody else self._gtg_buyer_address(values)
        if errors:
            return errors
        buyer = None
        try:
            with self.env.cr.savepoint():
                buyer = self.partner_id if nobody else self._gtg_buyer_contact(address)
                self._gtg_name_buyer(buyer, asked=not nobody)
        except UserError as error:
            if buyer is None and isinstance(error, ValidationError):
                return {'kind': str(error)}  # other addons check contacts too
            # what accounting says is not for the buyer
            _logger.info('order %s: the invoice keeps its buyer', self.name,
                         exc_info=True)
            return {'kind': self._gtg_closed_text()}
        return {}

    def _gtg_buyer_address(self, values):
        """:return: (errors by field, values of a contact)"""
        errors, kind = {}, values['kind']
        if kind not in ('company', 'person', 'foreigner'):
            errors['kind'] = self.env._('Choose who the invoice is for.')
        # the law wants a foreigner's passport and nationality instead of an address
        wanted = ('name',) if kind == 'foreigner' else ('name', 'street', 'city')
        for name in wanted:
            if not values[name]:
                errors[name] = self.env._('This must be on the invoice.')
            elif len(values[name]) > MAX_LENGTH:
                errors[name] = self.env._(
                    'At most %s characters fit on the invoice.', MAX_LENGTH)
        address = {name: name in wanted and values[name]
                   for name in ('name', 'street', 'city')}
        address['email'] = email_normalize(values['email'])
        if not address['email']:
            errors['email'] = self.env._('Enter the address that gets the invoice.')
        if kind == 'foreigner':
            address.update(self._gtg_buyer_passport(values, errors))
            return errors, address
        vietnam = self.env.ref('base.vn')
        state = _chosen(vietnam.state_ids, values['state_id'])
        if not state:
            errors['state_id'] = self.env._('Choose the province.')
        address.update(country_id=vietnam.id, state_id=state.id)
        if kind == 'company':
            address.update(self._gtg_buyer_tax_code(values['vat'], errors))
        else:
            address.update(self._gtg_buyer_id(values['id_number'], errors))
        return errors, address

    def _gtg_buyer_tax_code(self, text, errors):
        try:
            return {'vat': tax_code.normalise(text), 'is_company': True}
        except tax_code.BadTaxCode:
            errors['vat'] = self.env._(
                'This is no Vietnamese tax code: 10 digits, 10 and 3 digits for a '
                'branch, or 12 digits. Check every digit.')
            return {}

    def _gtg_buyer_id(self, text, errors):
        number = tax_code.personal_number(text)
        if not number:
            errors['id_number'] = self.env._('A personal ID number has 12 digits.')
        return {'gtg_id_number': number}

    def _gtg_buyer_passport(self, values, errors):
        number = tax_code.passport_number(values['passport'])
        if not number:
            errors['passport'] = self.env._(
                'The number of a passport or entry paper has 5 to 20 letters and digits.')
        nation = _chosen(self._gtg_nations(), values['nationality_id'])
        if not nation:
            errors['nationality_id'] = self.env._('Choose the nationality.')
        return {'gtg_id_number': number, 'gtg_nationality_id': nation.id,
                'country_id': False, 'state_id': False}

    def _gtg_nations(self):
        return self.env['res.country'].sudo().search([('code', '!=', 'VN')])

    def _gtg_buyer_contact(self, address):
        """The buyer's contact for these data. One that says something else stays as
        it is: an invoice may name it already."""
        owner = self.partner_id.commercial_partner_id.sudo()
        phone = self.partner_id.phone
        texts = [name for name in address if not name.endswith('_id')]
        named = self.sudo()._read_group(
            [('partner_id', 'child_of', owner.id)], ['partner_invoice_id'])
        known = (owner | owner.child_ids).union(*(partner for partner, in named))
        for contact in known:
            if contact.state_id.id == address['state_id'] and (
                contact.gtg_nationality_id.id == address.get('gtg_nationality_id', False)
            ) and all((contact[name] or '') == (address[name] or '') for name in texts):
                return contact
        return owner.create({
            **address, 'type': 'invoice', 'company_id': owner.company_id.id,
            'lang': self.partner_id.lang,
            'phone': False if is_masked(phone) else phone,
            # below a company, a person would be invoiced as that company
            'parent_id': False if owner.is_company else owner.id})


def _chosen(records, text):
    """The record whose id a stranger sent, empty if it is none of them."""
    number = int(text) if text.isascii() and text.isdigit() else 0
    return records.filtered(lambda record: record.id == number)
