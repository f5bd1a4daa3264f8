from odoo import api, models

from .transaction import wake_once

SHARD_CODE = 'model._drain_shard(%d)'


class ConnectorTask(models.Model):
    """The crons that drain the outbox: as many as are configured, run by whatever
    cron workers of whatever hosts are free."""

    _inherit = 'gtg.connector.task'

    @api.model
    def _drain_shard(self, number):
        """Body of shard ``number``'s cron; the first one also waits for what is due
        within seconds, the others leave their cron worker free."""
        self._drain(linger=8.0 if number == 1 else 0.5)

    @api.model
    def _shards(self):
        """The crons of all shards, the first one first."""
        return self.env['ir.cron'].sudo().with_context(active_test=False).search([
            ('model_id.model', '=', self._name),
            ('code', '=like', 'model._drain_shard(%)')], order='id')

    @api.model
    def _set_shards(self, count):
        """Have ``count`` drains side by side (1 to 16)."""
        shards = self._shards()
        count = min(max(count, 1), 16)
        for number in range(len(shards) + 1, count + 1):
            shards[0].copy({
                'name': self.env._('GTG: send to providers (%s)', number),
                'code': SHARD_CODE % number})
        shards[count:].unlink()

    @api.model
    def _wake(self):
        """Run the drains as soon as this transaction is committed."""
        wake_once(self.env, 'send', self._shards)
