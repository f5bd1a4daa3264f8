from dataclasses import fields as fields_of
from dataclasses import replace

from odoo import fields, models

from ..lib import tax_code
from ..lib.document import Buyer
from ..lib.sentences import is_masked
from ..lib.text import one_line

MAX_LENGTH = 400  # characters of a name or address on an e-invoice


class ResLang(models.Model):
    _inherit = 'res.lang'

    def _gtg_printed(self):
        """:return: code of the language of e-invoices, whoever issues them: the stored
            request is compared with what would be sent now"""
        return 'vi_VN' if self._get_data(code='vi_VN') else 'en_US'


class ResCountry(models.Model):
    _inherit = 'res.country'

    def _gtg_printed_name(self):
        return self.with_context(lang=self.env['res.lang']._gtg_printed()).name


class ResPartner(models.Model):
    _inherit = 'res.partner'

    gtg_id_number = fields.Char(
        'Personal ID / passport', groups='account.group_account_invoice', copy=False,
        help='12 digits of a citizen, or the passport number of a foreigner, if the buyer '
             'wants it on the e-invoice.')
    gtg_nationality_id = fields.Many2one(
        'res.country', 'Nationality', copy=False,
        groups='account.group_account_invoice',
        help='Of a foreigner whose passport or entry paper is on the e-invoice. Empty: '
             'the country of the address.')
    gtg_budget_code = fields.Char(
        'Budget unit code', help='7 digits (mã QHNS), for units paid from the state '
        'budget, instead of a tax code.')

    def _gtg_einvoice_buyer(self, person_style='name'):
        """Who the e-invoice is for, and what is wrong with the data.

        :param str person_style: ``name`` or ``consumer`` for persons without ID
        :return: (Buyer, list of problems, each with its fix)
        """
        self.ensure_one()
        buyer, problems = self._gtg_buyer_found(person_style)
        buyer = replace(buyer, **{
            field.name: one_line(getattr(buyer, field.name)) for field in fields_of(buyer)
            if isinstance(getattr(buyer, field.name), str)})
        # to be exactly as registered: what does not fit is told, never cut
        for label, text in ((self.env._('Name'), buyer.legal_name or buyer.name),
                            (self.env._('Address'), buyer.address)):
            if len(text) > MAX_LENGTH:
                problems = [*problems, self.env._(
                    '%(field)s of %(buyer)s: e-invoices take %(count)s characters at most. '
                    'Shorten it on the contact, as it is registered.', field=label,
                    buyer=self.display_name, count=MAX_LENGTH)]
        return buyer, problems

    def _gtg_buyer_found(self, person_style):
        company = self.commercial_partner_id
        contact = {'phone': self.phone or company.phone or '',
                   'email': self.email or company.email or ''}
        if company.is_company or company.gtg_budget_code:
            return self._gtg_organisation(company, contact)
        person = self.sudo()
        number = ''.join((person.gtg_id_number or '').split())
        code, problems = company._gtg_tax_code()
        name, address = self.name or '', self._gtg_address()
        if is_masked(name) or is_masked(address) or not name:
            # a code beside a hidden name: somebody wanted an invoice in his name
            return Buyer('consumer'), [self.env._(
                'Name and address of %s: they are hidden or missing beside a tax code. '
                'Ask the buyer for them, or remove the tax code.', self.display_name,
            )] if code or problems else []
        if number and code not in ('', number):
            return Buyer('person'), [self.env._(
                'Personal ID and tax ID of %s: an e-invoice names one of them. Remove '
                'the one that the buyer does not want.', name)]
        if number:
            return self._gtg_person(name, address, number, contact)
        if code or problems:
            kind = 'person' if tax_code.is_personal(code) else 'household'
            key = 'id_number' if kind == 'person' else 'tax_code'
            if not address:
                problems.append(self._gtg_no_address())
            return Buyer(kind, name=name, address=address, **{key: code},
                         **contact), problems
        if person_style == 'consumer' or not address:
            return Buyer('consumer'), []
        return Buyer('person', name=name, address=address, **contact), []

    def _gtg_organisation(self, company, contact):
        code, problems = company._gtg_tax_code()
        budget = (company.gtg_budget_code or '').strip()
        if budget and not (budget.isdigit() and len(budget) == 7):
            problems.append(self.env._(
                'Budget unit code of %s: write 7 digits.', company.name))
        foreign = company.country_id and company.country_id.code != 'VN'
        if not code and not budget and not problems and not foreign:
            problems.append(self.env._(
                'Tax ID of %s: it is a company, so its tax code must be on the e-invoice. '
                'Enter it on the contact.', company.name))
        address = company._gtg_address()
        if not address:
            problems.append(company._gtg_no_address())
        name = self.name if self != company and not is_masked(self.name) else ''
        return Buyer(
            'budget' if budget else 'company', name=name or '',
            legal_name=company.name or '', tax_code='' if foreign else code,
            budget_code=budget, address=address,
            country_code=company.country_id.code if foreign else '', **contact), problems

    def _gtg_person(self, name, address, number, contact):
        nation = self.sudo().gtg_nationality_id or self.country_id
        foreign = nation and nation.code != 'VN'
        problems = []
        if not foreign and not (number.isdigit() and len(number) == 12):
            problems.append(self.env._(
                'Personal ID of %s: write 12 digits, or set the nationality of a foreigner.',
                name))
        if foreign:
            # the law: passport and nationality instead of address and ID
            address = address or nation._gtg_printed_name()
            number = tax_code.passport_number(number)
            if not number:
                problems.append(self.env._(
                    'Passport of %s: write 5 to 20 letters and digits.', name))
        elif not address:
            problems.append(self._gtg_no_address())
        return Buyer(
            'foreigner' if foreign else 'person', name=name, address=address,
            id_number=number, country_code=nation.code if foreign else '',
            nationality=nation._gtg_printed_name() if foreign else '',
            **contact), problems

    def _gtg_tax_code(self):
        """:return: (normalised tax code or '', list of problems)"""
        if not self.vat or self.vat == '/' or (
                self.country_id and self.country_id.code != 'VN'):
            return '', []
        try:
            return tax_code.normalise(self.vat), []
        except tax_code.BadTaxCode as error:
            why = {
                'digits': self.env._('it must consist of digits'),
                'length': self.env._('it must have 10, 10-3 or 12 digits'),
                'checksum': self.env._('its check digit is wrong, so a digit is mistyped'),
                'branch': self.env._('the branch part must be 001 to 999'),
            }[error.args[0]]
            return '', [self.env._(
                'Tax ID "%(code)s" of %(name)s: %(why)s. Correct it on the contact.',
                code=self.vat, name=self.name, why=why)]

    def _gtg_address(self):
        """The address in one line as registered, without country for Vietnam."""
        state = self.state_id.name if self.state_id else ''
        parts = [self.street, self.street2, self.city, state]
        if self.country_id and self.country_id.code != 'VN':
            parts.append(self.country_id._gtg_printed_name())
        seen = []
        for part in filter(None, (part and part.strip(' ,') for part in parts)):
            if part not in seen:
                seen.append(part)
        return ', '.join(seen)

    def _gtg_no_address(self):
        return self.env._(
            'Address of %s: it must be on the e-invoice. Enter street and province on the '
            'contact.', self.name)
