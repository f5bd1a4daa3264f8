import logging
import time

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.gtg_connector_base.models.transaction import (
    contained,
    leave_cron,
    wake_cron,
)

_logger = logging.getLogger(__name__)

LISTED = [('state', '=', 'comparing')]
STEP = 500  # documents that are compared in one transaction
SECONDS = 60.0
CONFLICTS_MAX = 5  # in one run of the cron


class EinvoiceComparison(models.Model):
    _inherit = 'gtg.einvoice.comparison'

    @api.model
    def _wake(self):
        wake_cron(self.env, 'gtg_vn_einvoice.cron_comparison')

    @api.model
    def _cron_compare(self):
        """Begin what is due, then compare what has been listed. Never raises."""
        cron = self.env['ir.cron']
        in_cron = bool(self.env.context.get('ir_cron_progress_id'))
        ends = time.monotonic() + min(
            cron._commit_progress() if in_cron else SECONDS, SECONDS)
        self._begin_due()
        done = self._compare_listed(ends)
        if in_cron:
            leave_cron(self.env, done, self.search_count(LISTED), self._wake)

    @api.model
    def _compare_listed(self, ends):
        """:return: number of steps"""
        return sum(comparison._compare_until(ends)
                   for comparison in self.search(LISTED, order='id'))

    @api.model
    def _begin_due(self):
        """Comparisons that are made without a person; extend."""

    def _compare_until(self, ends):
        """Step by step, each committed: who takes it up after a death goes on with the
        next one.

        :return: number of steps
        """
        steps = conflicts = 0
        more = True
        while more and time.monotonic() < ends and conflicts < CONFLICTS_MAX:
            with contained(self.env, _logger, 'comparison %s', self.id) as turn:
                more = self._compare_step()
            steps += turn.done
            conflicts += turn.conflict
            if turn.error:
                self._abandon()
                break
        return steps

    def _abandon(self):
        """One that cannot be compared must not come again and again."""
        with contained(self.env, _logger, 'end comparison %s', self.id):
            self._end_incomplete()

    def _end_incomplete(self):
        """Half of the differences is told by nobody."""
        self.state = 'incomplete'
        self.difference_ids.sudo().unlink()

    def _compare_step(self):
        """Compare the next documents, first theirs, then ours.

        :return: whether something is left
        """
        if not self.try_lock_for_update() or self.state != 'comparing':
            return False  # another worker is at it
        rows = self.env['gtg.einvoice.comparison.row'].sudo().search([
            ('comparison_id', '=', self.id), ('id', '>', self.compared_row)],
            order='id', limit=STEP)
        if rows:
            found = self._compare_rows(rows)
            self.compared_row = rows[-1].id
        else:
            einvoices = self._own_after(self.compared_own, STEP)
            if not einvoices:
                self._compared()
                return False
            found = self._compare_own(einvoices)
            self.compared_own = einvoices[-1].id
        self.env['gtg.einvoice.difference'].sudo().create([
            {**values, 'comparison_id': self.id} for values in found])
        return True

    def _compared(self):
        """The newest comparison speaks: the same is not shown twice, and what somebody
        has settled stays settled."""
        self.state = 'done'
        Difference = self.env['gtg.einvoice.difference'].sudo()
        of_account = Domain('account_id', '=', self.account_id.id)
        newer = self.search_count(of_account & Domain([
            ('id', '>', self.id), ('state', '=', 'done'),
            ('first', '<=', self.first), ('last', '>=', self.last)]), limit=1)
        if newer:
            self.difference_ids.sudo().unlink()
        self._settle_again()
        spoken = Domain([
            ('comparison_id.first', '>=', self.first),
            ('comparison_id.last', '<=', self.last)]) | Domain([
            ('day', '>=', self.first), ('day', '<=', self.last)])
        Difference.search(of_account & spoken & Domain([
            ('settled', '=', False), ('comparison_id', '<', self.id)])).unlink()
        # of nights that came to nothing nobody need hear after a good one
        self.search(of_account & Domain([
            ('night', '<', self.night), ('state', '=', 'incomplete'),
        ]) if self.night else Domain.FALSE)._drop_tasks().unlink()
        if self.create_uid:
            self.create_uid._bus_send(
                'gtg.connector/ended', {'records': [(self._name, self.id)]})

    def _settle_again(self):
        self.env.flush_all()
        self.env.execute_query(SQL("""
            UPDATE gtg_einvoice_difference found SET settled = TRUE
             WHERE found.comparison_id = %s AND EXISTS (
                SELECT 1 FROM gtg_einvoice_difference known
                 WHERE known.account_id = found.account_id AND known.settled
                   AND known.comparison_id < found.comparison_id
                   AND known.kind = found.kind
                   AND known.number IS NOT DISTINCT FROM found.number
                   AND known.ours IS NOT DISTINCT FROM found.ours
                   AND known.theirs IS NOT DISTINCT FROM found.theirs)
            RETURNING found.id""", self.id))
        self.env['gtg.einvoice.difference'].invalidate_model(['settled'])
