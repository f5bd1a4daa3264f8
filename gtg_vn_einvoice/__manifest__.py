{
    'name': 'Vietnam E-invoices',
    'summary': 'Legal e-invoices with tax-authority code, exactly one per sale',
    'version': '19.0.1.0.0',
    'category': 'Accounting/Localizations/EDI',
    'author': 'GTG',
    'website': 'https://github.com/gtg-suite/gtg-odoo',
    'license': 'LGPL-3',
    'depends': ['account', 'l10n_vn', 'gtg_connector_base'],
    'data': [
        'security/ir.model.access.csv',
        'security/einvoice_rules.xml',
        'data/mail_templates.xml',
        'views/einvoice_series_views.xml',
        'views/einvoice_account_views.xml',
        'views/einvoice_views.xml',
        'views/account_move_views.xml',
        'views/account_tax_views.xml',
        'views/res_partner_views.xml',
        'views/einvoice_menus.xml',
    ],
    'uninstall_hook': 'uninstall_hook',
    'assets': {
        'web.assets_tests': [
            'gtg_vn_einvoice/static/tests/tours/**/*',
        ],
    },
}
