import logging

from psycopg2 import Error
from psycopg2.pool import PoolError

from odoo import SUPERUSER_ID, api, models

_logger = logging.getLogger(__name__)

# without an author: what Odoo itself has put off until the next tick
ASKED_MEANWHILE = """
SELECT 1 FROM ir_cron_trigger
 WHERE cron_id = %s AND create_uid IS NOT NULL
   AND call_at <= now() AT TIME ZONE 'UTC'
 LIMIT 1
"""


class IrCron(models.Model):
    _inherit = 'ir.cron'

    @classmethod
    def _process_job(cls, cron_cr, job):
        """Who asks for a cron whose run is just ending wakes workers that may not have
        it yet. A worker that ran it looks again by itself; a person who ran it by hand
        does not, and the cron would wait for its next tick, a minute away. So whoever
        lets go of it looks once more, as soon as others can have it."""
        result = super()._process_job(cron_cr, job)
        registry, cron_id = cls.pool, job['id']

        @cron_cr.postcommit.add
        def _look_once_more():
            try:
                with registry.cursor() as cr:
                    cr.execute(ASKED_MEANWHILE, [cron_id])
                    if cr.rowcount:
                        api.Environment(cr, SUPERUSER_ID, {})['ir.cron']._notifydb()
            except (PoolError, Error):
                _logger.info('cron %s waits for its next tick', cron_id)
        return result
