ENGINE = ('token', 'health', 'pace', 'event', 'task')


def uninstall_hook(env):
    """The engine must not go on with accounts whose model is gone, nor take the rows
    of today for those of the accounts of a later installation."""
    for name in ENGINE:
        env[f'gtg.connector.{name}'].sudo().with_context(active_test=False).search([
            ('account_model', '=', 'gtg.carrier.account')]).unlink()
