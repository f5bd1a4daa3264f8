import base64
from collections import defaultdict
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.gtg_connector_base.lib.clock import UTC, VIETNAM, vietnam_date
from odoo.addons.gtg_connector_base.lib.money import dec

from ..lib import document, legal_xml, sentences
from ..lib.legal_xml import related
from ..lib.symbol import split_number
from .einvoice import GATE, MOVES, STANDING

NOON = time(12)
MAX_WORDS = 200
KINDS = [('adjust', 'Adjustment'), ('replace', 'Replacement')]
# a correction that counts: issued, or perhaps issued at this moment
COUNTS = ('queued', 'to_sign', 'issued', 'waiting_code', 'coded', 'corrected', 'replaced')
# a correction by which its original is another one now
EFFECTIVE = (*STANDING, 'replaced')


class Einvoice(models.Model):
    """What corrects what. An original changes its state only when the provider has
    confirmed the correction."""

    _inherit = 'gtg.einvoice'

    original_id = fields.Many2one(
        'gtg.einvoice', 'Corrects', readonly=True, copy=False, ondelete='restrict',
        index='btree_not_null', check_company=True)
    correction_kind = fields.Selection(
        KINDS, 'Kind of correction', readonly=True, copy=False)
    correction_ids = fields.One2many(
        'gtg.einvoice', 'original_id', 'Corrected by', readonly=True)
    correction_method = fields.Selection(
        KINDS, 'Correct by', compute='_compute_correction_method', store=True,
        help='How this document was corrected the first time. The law wants the same '
             'way every time.')
    correction_sentence = fields.Char(readonly=True, copy=False)
    correction_reason = fields.Char('Reason', readonly=True, copy=False)
    agreement_ref = fields.Char('Agreement', readonly=True, copy=False)
    agreed_on = fields.Date('Agreed on', readonly=True, copy=False)
    corrected_text = fields.Char(
        'Text as corrected', readonly=True, copy=False,
        help='Of an adjustment of mere texts, without amounts.')
    amounts_by_rate = fields.Json(readonly=True, copy=False)
    given_up = fields.Boolean(
        readonly=True, copy=False, tracking=True,
        help='Refused by the tax office and never to be sent to it again.')

    _one_replacement = models.UniqueIndex(
        "(original_id) WHERE correction_kind = 'replace' "
        "AND state NOT IN ('draft', 'refused') AND given_up IS NOT TRUE",
        'This e-invoice is being replaced already.')

    @api.depends('correction_kind', 'correction_ids.correction_kind',
                 'correction_ids.state', 'correction_ids.given_up')
    def _compute_correction_method(self):
        for einvoice in self:
            einvoice.correction_method = einvoice._gtg_method()

    def _gtg_corrections(self, without=None):
        """The corrections of this document that are issued, or may be or become it:
        also what the office refused is sent again by some providers.

        :param without: correction that does not count
        """
        return (self.correction_ids - (without or self.browse())).filtered(
            lambda e: e.state in COUNTS or e.state == 'refused' and not e.given_up)

    def _gtg_method(self, without=None):
        """How this document was corrected the first time, '' if never."""
        first = self._gtg_corrections(without).sorted('id')[:1]
        # errors of a replacement are replaced again
        return first.correction_kind or (
            self.correction_kind == 'replace' and 'replace')

    # === AS AN ORIGINAL === #

    def _gtg_original(self):
        """This document as the one that is corrected (``lib.document.Original``)."""
        self.ensure_one()
        series = self.series_id
        return document.Original(
            form=series.form, series=series.name, template=series.template,
            number=self.number, issued_at=self._gtg_issue_moment(),
            reference=self.reference, provider_id=self.provider_id or '',
            authority_code=self.authority_code or '', lookup_code=self.lookup_code or '')

    def _gtg_number_parts(self):
        """:return: (series, number)"""
        return split_number(self.number)

    def _gtg_issue_day(self):
        """The day that the legal original bears: one that a person has signed late
        keeps the day of its draft."""
        if self.xml_state == 'ok':
            with suppress(ValueError):  # no XML, or no day in it
                return date.fromisoformat(
                    legal_xml.parse(base64.b64decode(self.xml_file)).date)
        return vietnam_date(self.issued_at)

    def _gtg_issue_moment(self):
        at, day = self.issued_at.replace(tzinfo=UTC), self._gtg_issue_day()
        return at if vietnam_date(at) == day else datetime.combine(day, NOON, VIETNAM)

    def _gtg_sentence(self, kind):
        """The law's sentence about this document, in the words of the account."""
        return sentences.correction(
            kind, self.series_id.form, *self._gtg_number_parts(), self._gtg_issue_day(),
            self.account_id.adjust_words if kind == 'adjust'
            else self.account_id.replace_words)

    def _gtg_left(self, without=None):
        """What is left of each rate after the adjustments.

        :param without: correction that does not count
        :return: ({rate: (net, tax)}, number of adjustments)
        """
        self.ensure_one()
        sums = defaultdict(lambda: [Decimal(0), Decimal(0)])
        adjustments = self._gtg_adjustments(without)
        for einvoice in self | adjustments:
            # what is raised may be taken back only when it is certain
            certain = einvoice == self or einvoice.state in EFFECTIVE
            for rate, *pair in einvoice._gtg_rates():
                for index, value in enumerate(map(dec, pair)):
                    sums[rate][index] += value if certain else min(value, Decimal(0))
        return {rate: tuple(pair) for rate, pair in sums.items()}, len(adjustments)

    def _gtg_adjustments(self, without=None):
        """The adjustments of this document that are issued, or may be."""
        return self._gtg_corrections(without).filtered(
            lambda e: e.correction_kind == 'adjust' and not e.corrected_text)

    def _gtg_adjusted_elsewhere(self):
        """:return: credit notes that another program has issued. Others extend it."""
        return self.env['account.move']

    def _gtg_buyer_now(self):
        """The document that names the buyer as he is right: this one, or the last that
        adjusted its texts."""
        return self._gtg_corrections().filtered(
            lambda e: e.corrected_text and e.state in EFFECTIVE).sorted('id')[-1:] or self

    def _gtg_buyer_of_adjustments(self, buyer, exactly=False):
        """The buyer as this document names him, where no tax code says who he is. What
        was told to the tax office by a notice is right as it is now.

        :param buyer: ``lib.document.Buyer`` of today
        :param exactly: also where a tax code says who he is
        """
        named = self._gtg_buyer_now().sudo().buyer_named
        if not named or buyer.tax_code and not exactly or self.notice_ids.filtered(
                lambda notice: notice.state in ('filed', 'acknowledged')):
            return buyer
        return replace(buyer, **named)

    def _gtg_rates(self):
        """:return: list of [rate or None, net, tax], signed"""
        if self.amounts_by_rate:
            return self.amounts_by_rate
        return [[draft.rate, draft.amounts.after, draft.amounts.tax]
                for draft in self.move_id._gtg_lines(self.series_id)[0]]

    def _gtg_lock_original(self):
        """Two corrections of one document decide one after the other.

        A new version of the row and not a mere lock: a snapshot taken before the other
        correction was stored would not see it. PostgreSQL refuses it and the request
        runs again.
        """
        if self:
            self.env.cr.execute(
                'UPDATE gtg_einvoice SET polls = polls WHERE id = %s', [self.id])

    def _gtg_corrected_by(self, correction):
        """A correction of this document is valid."""
        state = 'corrected' if correction.correction_kind == 'adjust' else 'replaced'
        if correction.given_up:
            self._alarm(self.env._(
                'The tax office has accepted e-invoice %s after it was given up. Ask your '
                'accountant which correction stays.', correction.number))
        elif state in (self.state, *MOVES[self.state]) and (
                state == 'replaced' or self.state != 'refused' or self.refused_stands):
            self._set_state(state)
            self.activity_unlink(['mail.mail_activity_data_warning'])
        else:
            self._alarm(self.env._(
                'E-invoice %(correction)s corrects %(number)s, which the tax office has '
                'refused meanwhile. Ask your accountant.',
                correction=correction.number, number=self.number))
        self.move_id.message_post(body=(self.env._(
            'Adjusted by e-invoice %s.', correction.number) if state == 'corrected'
            else self.env._('Replaced by e-invoice %s.', correction.number)))

    def _gtg_replaced_text(self, replacement):
        number = replacement[:1].number or replacement[:1].move_id.display_name
        if replacement[:1].state in EFFECTIVE:
            return self.env._(
                'E-invoice %(old)s was replaced by %(new)s. Correct the new one.',
                old=self.number, new=number)
        if replacement[:1].state == 'refused':
            return self.env._(
                'E-invoice %(new)s, which the tax office refused, may be sent to it '
                'again. If not, press "Give up" on it.', new=number)
        return self.env._(
            'E-invoice %(old)s is being replaced by %(new)s. Wait until that is valid.',
            old=self.number, new=number)

    def _gtg_given_back(self, correction):
        """The tax office has refused a correction that was valid until then."""
        others = (self.correction_ids - correction).filtered(
            lambda e: e.state in EFFECTIVE)
        if self.state not in ('corrected', 'replaced') or (
                'replace' in others.mapped('correction_kind')):
            return
        # past `_set_state`: the law knows no such step, only a mistaken one taken back
        self.with_context(gtg_state_gate=GATE).write({
            'state': 'corrected' if others
            else 'refused' if self.refused_at
            else 'coded' if self.authority_code else 'issued'})
        self.move_id.message_post(body=self.env._(
            'The tax office refused e-invoice %s, so this one is as it was before.',
            correction.number))

    def _gtg_why(self, decision):
        """:param decision: ``lib.corrections.Decision``"""
        self.ensure_one()
        method = dict(self._fields['correction_method']._description_selection(
            self.env)).get(self.correction_method, '')
        return {
            'words': self.env._(
                'Only words are wrong, no amount, rate, goods or tax code: the tax office '
                'gets a notice (form 04/SS), no new invoice. Tell the buyer.'),
            'return': self.env._(
                'Returned goods and later discounts are an adjustment that lowers the '
                'invoice.'),
            'register_return': self.env._(
                'Returns on cash-register invoices are done as your e-invoice account '
                'says: %s. Press "Correct e-invoice" on the invoice; where nothing is '
                'left to replace it with, choose "Adjust" on the account.',
                dict(self.account_id._fields['register_returns']._description_selection(
                    self.env))[self.account_id.register_returns]),
            'next_table': self.env._(
                'The tax office got it in a summary table (01/TH-HDDT): no notice 04/SS. '
                'Correct it in the next table on the site of the provider, and tell the '
                'buyer.'),
            'register': self.env._(
                'An error on a cash-register invoice is corrected by a replacement only.'),
            'same_method': self.env._(
                'This invoice was corrected before: %s. The law wants the same way every '
                'time.', method),
            'whole': self.env._(
                'The invoice as a whole is wrong: a new one replaces it.'),
            'choice': self.env._(
                'The law leaves the choice: adjust by the difference, or replace by a '
                'complete new invoice. Every later correction must be done the same way.'),
            'texts': self.env._(
                'The tax office wants more than a notice about wrong texts of goods: '
                'adjust the texts alone, or replace the invoice. Every later correction '
                'must be done the same way.'),
            'texts_replaced': self.env._(
                '%s takes no adjustment of mere texts through Odoo: replace the invoice, '
                'or do it on its site.', self.account_id.name),
            'buyer': self.env._(
                'A new invoice replaces it, or an adjustment names the right buyer and '
                'leaves goods and amounts as they are. Every later correction must be '
                'done the same way.'),
            'texts_by_adjustment': self.env._(
                'This invoice was adjusted before, so this must be adjusted too, and %s '
                'takes no adjustment of mere texts through Odoo. Do it on its site.',
                self.account_id.name),
            'adjusted_before': self.env._(
                'This invoice was adjusted before, so it cannot be replaced any more. Ask '
                'your accountant.'),
            'provider': self.env._(
                '%s does not do this correction through Odoo. Do it on its site.',
                self.account_id.name),
        }[decision.why]

    # === AS A CORRECTION === #

    def _numbered(self, facts, sent_at=None):
        # somebody has done what was to be done about it
        self.original_id.activity_unlink(['mail.mail_activity_data_warning'])
        return super()._numbered(facts, sent_at)

    def _set_state(self, state, **values):
        before = {einvoice: einvoice.state for einvoice in self}
        result = super()._set_state(state, **values)
        for correction in self.filtered('original_id'):
            was = before[correction] in EFFECTIVE
            # its own history, also where the correction's first step has none
            original = correction.original_id.with_context(mail_notrack=False)
            # with a number alone, waiting for its code, it corrects nothing yet
            if not was and state in EFFECTIVE:
                original._gtg_corrected_by(correction)
            elif was and state == 'refused':
                original._gtg_given_back(correction)
        return result

    def action_give_up(self):
        """Button: what the tax office has refused will never be sent to it again, so
        another correction may take its place."""
        self.check_access('write')
        for einvoice in self.filtered(lambda e: e.original_id and e.state == 'refused'):
            einvoice.original_id.sudo()._gtg_lock_original()
            einvoice.with_context(gtg_state_gate=GATE).given_up = True

    def _gtg_related(self):
        """What the XML must say about the corrected document, '' on originals."""
        original = self.original_id
        if not original:
            return ''
        return related(self.correction_kind, original.series_id.form,
                       *original._gtg_number_parts())

    def _unchanged_payload(self):
        if self.state == 'draft' and self.original_id:
            # another correction may have come between: only the button looks
            raise UserError(self.env._(
                'Press "Issue e-invoice" on %s: corrections are checked anew.',
                self.move_id.display_name))
        return super()._unchanged_payload()

    def action_correct(self):
        """Button: what is wrong?"""
        return self.move_id.action_gtg_correct()


class EinvoiceAccount(models.Model):
    _inherit = 'gtg.einvoice.account'

    register_returns = fields.Selection(
        [('adjust', 'Adjust'), ('replace', 'Replace')], default='adjust', required=True,
        string='Returns of cash-register invoices',
        help='Errors of amounts and goods on cash-register invoices are always '
             'replaced. For returns tax offices differ: ask yours.')
    register_names = fields.Selection(
        [('replace', 'Replace'), ('notice', 'Notice to the tax office (04/SS)')],
        default='replace', required=True,
        string='Wrong names on cash-register invoices',
        help='The law says "replace" of wrong cash-register invoices and "notice" of '
             'wrong names: ask your tax office.')
    adjust_words = fields.Char(
        'Words of adjustments', default=sentences.CORRECTIONS['adjust'], required=True)
    replace_words = fields.Char(
        'Words of replacements', default=sentences.CORRECTIONS['replace'], required=True,
        help='{form}, {series}, {number}, {day}, {month} and {year} stand for those of '
             'the corrected invoice.')

    @api.constrains('adjust_words', 'replace_words')
    def _check_correction_words(self):
        for account in self:
            for words in (account.adjust_words, account.replace_words):
                if len(words) > MAX_WORDS:  # reasons follow, in 255 characters
                    raise ValidationError(self.env._(
                        'The words of corrections: %s characters at most.', MAX_WORDS))
                for name in ('form', 'series', 'number', 'day', 'month', 'year'):
                    if '{%s}' % name not in words:
                        raise ValidationError(self.env._(
                            'The words of corrections must name {%s}: the law wants it.',
                            name))
