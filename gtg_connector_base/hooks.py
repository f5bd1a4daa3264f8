ENGINE = ('token', 'health', 'pace', 'event', 'task')


def uninstall_hook(env):
    """Remove what no XML id names: the crons of further shards and our settings."""
    env['gtg.connector.task']._shards().unlink()
    env['ir.config_parameter'].search([('key', '=like', 'gtg_connector.%')]).unlink()


def forget_accounts(env, *models):
    """For the uninstall hook of an addon that brings accounts.

    The engine must not go on with accounts whose model is gone, nor take the rows of
    today for those of a later installation's accounts, which count from 1 again.

    :param models: names of the account models that go
    """
    for name in ENGINE:
        env[f'gtg.connector.{name}'].sudo().search(
            [('account_model', 'in', models)]).unlink()
