ENGINE = ('token', 'health', 'pace', 'event', 'task')


def uninstall_hook(env):
    """The engine must not go on with accounts whose model is gone, nor take those of a
    later installation, which count from 1 again, for them."""
    for name in ENGINE:
        env[f'gtg.connector.{name}'].sudo().search([('account_model', 'in', (
            'gtg.marketplace.app', 'gtg.marketplace.shop'))]).unlink()
