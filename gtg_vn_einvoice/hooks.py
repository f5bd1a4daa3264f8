from odoo.addons.gtg_connector_base.hooks import forget_accounts


def uninstall_hook(env):
    forget_accounts(env, 'gtg.einvoice.account')
