ENGINE = ('token', 'health', 'pace', 'event', 'task')


def uninstall_hook(env):
    """The engine must not go on with accounts whose model is gone."""
    for name in ENGINE:
        env[f'gtg.connector.{name}'].sudo().search([
            ('account_model', '=', 'gtg.einvoice.account')]).unlink()
