import logging

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.gtg_connector_base.models.transaction import CONFLICTS

from .account_move import READERS
from .einvoice_series import KnownSeries

_logger = logging.getLogger(__name__)


class AccountMove(models.Model):
    """Many e-invoices at once, and what forbids to issue some of them."""

    _inherit = 'account.move'

    gtg_einvoice_problem = fields.Text(
        'E-invoice cannot be issued', readonly=True, copy=False,
        groups=READERS,
        help='What was wrong when the e-invoice was asked for the last time. Correct it, '
             'then issue again.')

    def action_gtg_issue_bulk(self):
        """Button on many invoices: ask for all e-invoices, then show how they fare.

        Checked and issued in the background: hundreds take minutes at the provider.
        """
        return self.env['gtg.einvoice.bulk']._start(self)._open()

    def _gtg_issue_einvoice(self):
        einvoice = super()._gtg_issue_einvoice()
        if self.sudo().gtg_einvoice_problem:
            self.sudo().gtg_einvoice_problem = False
        return einvoice

    def _gtg_issue_many(self):
        """Ask for the e-invoices in the order of the recordset; calls nobody.

        :return: {move: text of what forbids it}, kept on those invoices too
        """
        self.check_access('write')
        older = {move: text for move in self if (text := move._gtg_older_text())}
        problems = (self - self.browse(move.id for move in older))._gtg_issue_checked()
        for move, text in older.items():
            problems[move] = text
            if move.sudo().gtg_einvoice_problem != text:
                move.sudo().gtg_einvoice_problem = text
        return problems

    def _gtg_issue_checked(self):
        # the bulk tells who asked: nobody reads hundreds of "being issued"
        moves = self.with_context(
            tracking_disable=True, gtg_known_series=KnownSeries())
        # in one go for all: each document by itself would read them again
        for name in ('tax_ids', 'tax_tag_ids', 'product_id', 'product_uom_id'):
            moves.line_ids.mapped(name)
        problems = {}
        if not moves._gtg_issue_together():
            problems = {move: '\n'.join(found) for move in moves
                        if (found := move._gtg_einvoice_problems())}
            good = moves.filtered(lambda move: move not in problems)
            if not good._gtg_issue_together():
                problems.update(good._gtg_issue_one_by_one())
        for move, text in problems.items():
            if move.sudo().gtg_einvoice_problem != text:
                move.sudo().gtg_einvoice_problem = text
        return problems

    def _gtg_issue_together(self):
        """:return: whether all could be asked for; else none was"""
        asked_before = self.filtered(
            lambda move: move.sudo().gtg_einvoice_ids or move._gtg_kind())
        try:
            with self.env.cr.savepoint():
                if not asked_before:
                    self._gtg_issue_new()
                for move in self if asked_before else ():
                    move._gtg_issue_einvoice()
        except CONFLICTS:
            raise
        except Exception:  # whoever asks next finds out which one, and says why
            return False
        return True

    def _gtg_issue_new(self):
        """What `_gtg_issue_einvoice` does, for many that have no e-invoice and correct
        none: each step once for all."""
        self._gtg_lock_to_issue()
        einvoices, rows = self.env['gtg.einvoice'].sudo(), []
        for move in self:
            move._gtg_check_issue()
            series, reference = move._gtg_series(), einvoices._reference_of(move)
            payload, values = move._gtg_request(series, reference)
            rows.append({'move_id': move.id, 'series_id': series.id, 'state': 'queued',
                         'payload': payload, **values})
        einvoices.create(rows)._enqueue_create()
        self.sudo().filtered('gtg_einvoice_problem').gtg_einvoice_problem = False

    def _gtg_issue_one_by_one(self):
        problems = {}
        for move in self:
            try:
                with self.env.cr.savepoint():
                    move._gtg_issue_einvoice()
            except CONFLICTS:
                raise
            except UserError as error:
                problems[move] = str(error)
            except Exception as error:
                _logger.exception('invoice %s: e-invoice not asked for', move.id)
                problems[move] = self.env._(
                    'Not asked for: %s. Open the invoice and issue it there.', error)
        return problems
