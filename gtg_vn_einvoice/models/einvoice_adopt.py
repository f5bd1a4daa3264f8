from odoo import api, fields, models
from odoo.exceptions import UserError


class Einvoice(models.Model):
    _inherit = 'gtg.einvoice'

    @api.ondelete(at_uninstall=False)
    def _unlink_except_there(self):
        self._check_not_there()

    def _check_not_there(self):
        """
        :raise UserError: the provider lists a document of ours that is not known here
        """
        difference = self.env['gtg.einvoice.difference'].sudo().search([
            ('einvoice_id', 'in', self.ids), ('settled', '=', False),
            ('kind', 'in', ('not_adopted', 'twice'))], limit=1)
        if difference:
            raise UserError(self.env._(
                'The provider has issued %(number)s for %(move)s. Take its number, or '
                'settle this under "Compare with the provider" first.',
                number=difference.number,
                move=difference.einvoice_id.move_id.display_name))

    def action_adopt(self):
        """Button: the provider lists our reference; ask for its number and take it.

        Only a look-up: nothing can be issued by it.
        """
        self.ensure_one()
        self.check_access('write')
        if self.number:
            return
        self._check_only_replacement()
        task = self._create_task()
        if task.state in ('queued', 'sending', 'unknown'):
            raise UserError(self.env._(
                '%s is just being issued. Wait for the answer.', self.display_name))
        if task.unsure:
            task.action_retry()  # looks it up
            return
        known = self.env['gtg.connector.task'].sudo().search([
            ('res_model', '=', self._name), ('res_id', '=', self.id),
            ('operation', '=', 'adopt_invoice')])
        if known.filtered(lambda other: other.state != 'done'):
            known.action_retry()
        else:
            self._enqueue('adopt_invoice', generation=len(known))

    def _check_only_replacement(self):
        """
        :raise UserError: another one replaces the same original: both cannot be valid
        """
        others = self.original_id._gtg_corrections(self).filtered(
            lambda e: self.correction_kind == e.correction_kind == 'replace')
        if others:
            raise UserError(self.env._(
                '%(number)s is replaced by %(other)s already, and the provider has issued '
                'a second replacement for %(move)s. Ask your accountant which one stays; '
                'then settle this under "Compare with the provider".',
                number=self.original_id.number, other=others[0].display_name,
                move=self.move_id.display_name))

    def _gtg_task_done(self, task):
        if task.operation == 'adopt_invoice':
            try:
                self._check_only_replacement()
            except UserError as error:
                # once: trying again would not help, a person decides
                self._alarm(str(error))
                return super()._gtg_task_done(task)
            self._issued(task)
            # what was refused once is never sent again: it exists
            # (one that a drain has just taken ends in `_gtg_task_failed`)
            self._exists_already(self._create_task().try_lock_for_update())
        return super()._gtg_task_done(task)

    def _gtg_task_failed(self, task):
        if task.operation == 'create_invoice' and self.number and not task.unsure:
            self._exists_already(task)
            return None
        return super()._gtg_task_failed(task)

    def _exists_already(self, tasks):
        tasks.filtered_domain([('state', 'in', ('queued', 'failed'))]).write({
            'state': 'done', 'applied': True, 'unsure': False,
            'ended_at': fields.Datetime.now()})

    def _unchanged_payload(self):
        if self.number:
            raise UserError(self.env._(
                '%s has its number already: it is not sent again.', self.number))
        return super()._unchanged_payload()


class AccountMove(models.Model):
    _inherit = 'account.move'

    def _gtg_check_not_issued(self):
        self.gtg_einvoice_ids.sudo()._check_not_there()
        return super()._gtg_check_not_issued()
