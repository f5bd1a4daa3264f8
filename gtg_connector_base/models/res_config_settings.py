from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    gtg_connector_shards = fields.Integer(
        'Drains side by side', help='More drains send faster; each needs a free cron '
                                    'worker (max_cron_threads).')
    gtg_connector_keep_tasks_days = fields.Integer(
        'Keep finished tasks (days)', default=90,
        config_parameter='gtg_connector.keep_tasks_days')
    gtg_connector_keep_events_days = fields.Integer(
        'Keep processed messages (days)', default=30,
        config_parameter='gtg_connector.keep_events_days')

    def get_values(self):
        return {
            **super().get_values(),
            'gtg_connector_shards': len(self.env['gtg.connector.task']._shards())}

    def set_values(self):
        result = super().set_values()
        self.env['gtg.connector.task']._set_shards(self.gtg_connector_shards)
        return result
