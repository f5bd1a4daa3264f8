from . import controllers, models


def uninstall_hook(env):
    """Remove what no XML id names: the crons of further shards and our settings."""
    env['gtg.connector.task']._shards().unlink()
    env['ir.config_parameter'].search([('key', '=like', 'gtg_connector.%')]).unlink()
