from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.gtg_connector_base.lib.clock import vietnam_date

from ..lib import corrections
from ..lib.document import Correction
from ..lib.text import one_line
from .account_move import READERS
from .einvoice import GATE, HELD, STANDING
from .einvoice_correction import EFFECTIVE, KINDS

# computed and stored: whoever may write the invoice could import them
SHOWN = ('gtg_einvoice_id', 'gtg_einvoice_state', 'gtg_einvoice_number')


class AccountMove(models.Model):
    """Credit notes are issued as adjustments, marked invoices as replacements."""

    _inherit = 'account.move'

    gtg_corrects_id = fields.Many2one(
        'gtg.einvoice', 'Corrected e-invoice', copy=False, readonly=True,
        check_company=True, index='btree_not_null',
        help='Of invoices that replace or raise another; a credit note corrects the '
             'e-invoice of the invoice that it reverses.')
    gtg_correction_kind = fields.Selection(
        [*KINDS, ('books', 'Only in the books')], 'Kind of correction', copy=False,
        readonly=True, help='Only in the books: the replacement is issued instead.')
    gtg_correction_cause = fields.Selection(
        [('error', 'An error'), ('return', 'A return or a later discount')],
        'Corrected because of', copy=False)
    gtg_correction_reason = fields.Char('What was wrong', copy=False, groups=READERS)
    gtg_agreement_ref = fields.Char(
        'Agreement', copy=False, groups=READERS,
        help='Number or name of the paper in which a business agreed to the correction. '
             'Empty where the law wants none.')
    gtg_agreed_on = fields.Date('Agreed on', copy=False, groups=READERS)
    gtg_agreement_file = fields.Binary(
        'Agreement file', attachment=True, copy=False, groups=READERS)
    gtg_agreement_name = fields.Char(copy=False, groups=READERS)
    gtg_original_id = fields.Many2one(
        'gtg.einvoice', 'Corrects e-invoice', compute='_compute_gtg_original',
        compute_sudo=True)
    gtg_can_correct = fields.Boolean(compute='_compute_gtg_can_correct')

    @api.depends('gtg_corrects_id', 'move_type', 'reversed_entry_id.gtg_einvoice_id',
                 'gtg_einvoice_id.original_id')
    def _compute_gtg_original(self):
        for move in self:
            move.gtg_original_id = (
                move.gtg_einvoice_id.original_id or move.gtg_corrects_id
                or move.move_type == 'out_refund'
                and move.reversed_entry_id.gtg_einvoice_id)

    @api.depends('gtg_einvoice_state')
    def _compute_gtg_can_correct(self):
        for move in self:
            move.gtg_can_correct = move.gtg_einvoice_state in STANDING or (
                move.gtg_einvoice_id.sudo().refused_stands)

    # === WHO LINKS === #

    @api.model_create_multi
    def create(self, vals_list):
        if not self._gtg_links_free() and any(
                vals.get(name) or self.env.context.get(f'default_{name}')
                for vals in vals_list for name in SHOWN):
            self._gtg_deny_shown()
        moves = super().create(vals_list)
        # also what a default of the context has set
        if not moves._gtg_links_free() and moves.filtered('gtg_correction_kind'):
            moves._gtg_deny_links()
        return moves

    def write(self, vals):
        if {'gtg_correction_kind', 'gtg_corrects_id'} & set(vals) and (
            not self._gtg_links_free()
        ) and ('gtg_correction_kind' in vals or self.filtered(
                lambda move: move.state != 'draft' or move.gtg_correction_kind
                or move.gtg_einvoice_ids)):
            self._gtg_deny_links()
        if not self._gtg_links_free() and (any(name in vals for name in SHOWN) or (
                'l10n_vn_e_invoice_number' in vals and self.filtered(
                    lambda move: move.gtg_einvoice_number not in (
                        False, vals['l10n_vn_e_invoice_number'])))):
            self._gtg_deny_shown()
        return super().write(vals)

    def action_switch_move_type(self):
        for move in self.filtered('gtg_original_id'):
            raise UserError(self.env._(
                '%s corrects an e-invoice, so it stays what it is. To raise instead of '
                'lower, delete it and press "Correct e-invoice" on the wrong one.',
                move.display_name))
        return super().action_switch_move_type()

    def _gtg_links_free(self):
        return self.env.su or self.env.context.get('gtg_state_gate') is GATE

    def _gtg_deny_shown(self):
        raise UserError(self.env._(
            'Which e-invoice an invoice has follows from issuing it. To enter one of '
            'another program, use "Number elsewhere".'))

    def _gtg_deny_links(self):
        raise UserError(self.env._(
            'What an invoice corrects is chosen by "Correct e-invoice" on the wrong '
            'one.'))

    def _gtg_check_not_issued(self):
        for note in self.filtered(lambda move: move.gtg_correction_kind == 'books'):
            original = note.sudo().reversed_entry_id.gtg_einvoice_id
            if 'replace' in original._gtg_corrections().mapped('correction_kind'):
                raise UserError(self.env._(
                    '%(note)s takes %(number)s out of the books, which was replaced. It '
                    'cannot be changed or cancelled.', note=note.display_name,
                    number=original.number))
        return super()._gtg_check_not_issued()

    # === WHAT IS ISSUED === #

    def _gtg_kind(self):
        """``adjust``, ``replace``, ``books`` or '' for an original invoice."""
        self.ensure_one()
        return self.gtg_correction_kind or (
            'adjust' if self.move_type == 'out_refund' else '')

    def _gtg_cause(self):
        return self.gtg_correction_cause or (
            'return' if self.move_type == 'out_refund' else 'error')

    def _gtg_can_issue(self):
        if self.move_type != 'out_refund':
            return super()._gtg_can_issue()
        return bool(
            self.state == 'posted' and self.gtg_original_id
            and self._gtg_kind() != 'books' and self.gtg_einvoice_state not in HELD
            and self.env['gtg.einvoice.account']._of_company(self.company_id))

    def _gtg_series(self):
        """A correction is issued where its original is, this year's series."""
        original = self.gtg_original_id
        if self.gtg_series_id or not original or not self._gtg_kind():
            return super()._gtg_series()
        return original.sudo().series_id._of_this_year()

    def _gtg_einvoice_problems(self):
        kind = self._gtg_kind()
        if kind and self.state == 'posted' and self.gtg_einvoice_state not in HELD and (
                kind == 'books' or not self.gtg_original_id.number):
            return self._gtg_original_problems(
                self.gtg_original_id.sudo(), kind, self._gtg_series())
        return super()._gtg_einvoice_problems()

    def _gtg_correction_values(self, doc):
        """What the e-invoice keeps of the correction that it is."""
        correction = doc.correction
        if not correction:
            return {}
        return {
            'original_id': self.gtg_original_id.id, 'correction_kind': correction.kind,
            'correction_sentence': correction.sentence,
            'correction_reason': correction.reason or False,
            'agreement_ref': correction.agreement_ref, 'agreed_on': correction.agreed_on,
            'corrected_text': correction.text or False}

    def _gtg_buyer_named(self, buyer):
        """What adjustments repeat of a buyer."""
        return {name: getattr(buyer, name) for name in (
            'kind', 'name', 'legal_name', 'budget_code', 'id_number', 'country_code',
            'nationality', 'address')}

    def _gtg_correction(self, series, buyer):
        """What makes this invoice a correction.

        :return: (Correction or None, list of problems, each with its fix)
        """
        kind = self._gtg_kind()
        if not kind:
            return None, []
        original = self.gtg_original_id.sudo()
        problems = self._gtg_original_problems(original, kind, series)
        if problems:
            return None, problems
        named = original._gtg_buyer_now()
        known = named.buyer_tax_code or ''
        if kind == 'adjust' and not self._gtg_names_new_buyer() and (
                buyer.tax_code or '') != known:
            right = named.move_id.partner_id
            if named != original and (
                    right.commercial_partner_id != self.commercial_partner_id):
                return None, [self.env._(
                    'Customer: since adjustment %(number)s the buyer is %(buyer)s. Reset '
                    'this to draft, set that customer and confirm it again.',
                    number=named.number, buyer=right.display_name)]
            return None, [self.env._(
                'Buyer: e-invoice %(number)s names tax code "%(old)s" and the buyer has '
                '"%(new)s". An adjustment names the same: restore it, or replace the '
                'e-invoice.', number=original.number,
                old=known, new=buyer.tax_code or '')]
        exempt, own = self._gtg_agreement_exempt(), self.sudo()
        reference = own.gtg_agreement_ref or exempt and exempt[1]
        if corrections.needs_agreement(
            self._gtg_cause(), buyer.kind, bool(exempt), original.series_id.in_summary
        ) and not (own.gtg_agreement_ref and own.gtg_agreed_on):
            problems.append(self.env._(
                'Agreement: %s is a business, so it must have agreed in writing. Enter '
                'number and date of the paper.', buyer.legal_name or buyer.name))
        agreed_on = own.gtg_agreed_on or self.invoice_date
        if agreed_on and agreed_on > vietnam_date(fields.Datetime.now()):
            problems.append(self.env._('Agreed on: the day lies in the future.'))
        if problems:
            return None, problems
        return Correction(
            kind, original._gtg_original(), original._gtg_sentence(kind),
            one_line(own.gtg_correction_reason),
            one_line(reference or self.invoice_origin or self.name), agreed_on,
            one_line(own.gtg_corrected_text)), []

    def _gtg_agreement_exempt(self):
        """Why no agreement is needed with a business. Others extend it.

        :return: None, or (sentence, reference that takes the place of the agreement)
        """
        return None

    def _gtg_original_problems(self, original, kind, series):
        """What forbids to correct this e-invoice in this way."""
        if kind == 'books':
            return [self.env._(
                'This credit note belongs to a replacement. Issue the new invoice.')]
        if not original.number:
            return [self.env._(
                'Credit note: the invoice that it belongs to has no e-invoice, so there '
                'is nothing to adjust. Make it from an invoice with an e-invoice.')]
        replacement = original._gtg_corrections(self.gtg_einvoice_id.sudo()).filtered(
            lambda e: e.correction_kind == 'replace')
        if replacement:
            return [original._gtg_replaced_text(replacement)]
        if original.state == 'refused' and (original.given_up or original.refused_choice):
            return [self.env._(
                'E-invoice %s was refused by the tax office and given up, so there is '
                'nothing to correct. Correct the one that took its place.',
                original.number)]
        if original.state not in EFFECTIVE and not original.refused_stands:
            return [original.refusal or self.env._(
                'E-invoice %s is not valid yet. Wait for its tax-authority code.',
                original.number)]
        if original.correction_kind == 'adjust':
            return [self.env._(
                '%(number)s is an adjustment itself. Correct %(original)s.',
                number=original.number, original=original.original_id.number)]
        if original.company_id != self.company_id or (
                original.account_id != series.account_id
                or original.series_id.form != series.form):
            return [self.env._(
                'E-invoice series: %(number)s was issued by %(account)s with form '
                '%(form)s. Choose a series of the same.', number=original.number,
                account=original.account_id.name, form=original.series_id.form)]
        if kind == 'adjust' and original.currency_id != self.currency_id:
            return [self.env._(
                'Currency: e-invoice %(number)s is in %(currency)s. An adjustment is in '
                'the same.', number=original.number, currency=original.currency_id.name)]
        return self._gtg_way_problems(original, kind)

    def _gtg_way_problems(self, original, kind):
        decision = corrections.decide(
            'return' if self._gtg_cause() == 'return'
            else 'text' if self._gtg_texts_only() else 'amount',
            original.code_kind == 'at_once',
            original._gtg_method(self.gtg_einvoice_id.sudo()),
            original.account_id.register_returns,
            original._gtg_can(), original.series_id.in_summary,
            original.account_id.register_names)
        if ('inform' if self._gtg_texts_only() else kind) not in decision.ways:
            return [original._gtg_why(decision)]
        return []

    # === SIGNED LINES === #

    def _gtg_document_line(self, draft):
        line = super()._gtg_document_line(draft)
        if not line.is_discount or self._gtg_kind() != 'adjust':
            return line
        # a discount of the original that goes back, not an amount that is raised
        sold = self.gtg_original_id.sudo().move_id.invoice_line_ids
        return replace(line, trade_discount=any(
            (other.product_id, other.name) == (draft.line.product_id, draft.line.name)
            for other in sold if other.price_subtotal < 0))

    def _gtg_signed_lines(self, lines, original, digits, decimals):
        """Lines of an adjustment: changes that never take more than there is.

        :return: (lines, Decimal that may lie between them and the books, problems)
        """
        sign = -1 if self.move_type == 'out_refund' else 1
        signed = [corrections.change(line, sign, decimals) for line in lines]
        left, earlier = original._gtg_left(without=self.gtg_einvoice_id.sudo())
        signed, slack = corrections.take_the_rest(
            signed, left, earlier, digits, decimals)
        problems = [self.env._(
            'VAT %(rate)s: only %(left)s is left of e-invoice %(number)s, and this takes '
            'more. Lower quantities or prices.', rate=rate or '-', left=f'{net:f}',
            number=original.number) for rate, net in corrections.overdrawn(signed, left)]
        return tuple(signed), slack, problems or self._gtg_product_problems(original)

    def _gtg_product_problems(self, original):
        """Goods of which more would be taken back than was sold."""
        adjustments = original._gtg_adjustments(without=self.gtg_einvoice_id.sudo())
        told = original._gtg_adjusted_elsewhere()
        adjusting = adjustments.move_id | told | self
        certain = adjustments.filtered(
            lambda e: e.state in EFFECTIVE).move_id | told | self
        sums = {}
        for move, product, amount, count in self.env['account.move.line'].sudo(
                )._read_group(
            [('move_id', 'in', (original.move_id | adjusting).ids),
             ('display_type', '=', 'product'), ('product_id', '!=', False)],
            ['move_id', 'product_id'], ['price_subtotal:sum', '__count'],
        ):
            sold, change, rounding = sums.get(product, (0, 0, 0))
            if move == original.move_id:
                sums[product] = sold + amount, change, rounding
            else:
                change_now = -amount if move.move_type == 'out_refund' else amount
                if move not in certain:
                    change_now = min(change_now, 0)
                sums[product] = sold, change + change_now, rounding + count
        unit = self.currency_id.rounding
        return [self.env._(
            '%(product)s: more is taken off than e-invoice %(number)s has of it. Lower '
            'its quantity or price.', product=product.display_name,
            number=original.number)
            for product, (sold, change, rounding) in sums.items()
            if sold > 0 and sold + change < -rounding * unit]
