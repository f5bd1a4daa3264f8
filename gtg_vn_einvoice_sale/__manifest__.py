{
    'name': 'Vietnam E-invoices for Orders',
    'summary': 'An order gets its e-invoice when the law says so',
    'version': '19.0.1.0.0',
    'category': 'Accounting/Localizations/EDI',
    'author': 'GTG',
    'website': 'https://github.com/gtg-suite/gtg-odoo',
    'license': 'LGPL-3',
    'depends': ['gtg_vn_einvoice', 'gtg_order_flow'],
    'auto_install': True,
    'data': [
        'security/ir.model.access.csv',
        'data/hold_reasons.xml',
        'data/watches.xml',
        'views/res_config_settings_views.xml',
        'views/sale_channel_views.xml',
        'views/sale_order_views.xml',
        'views/sale_order_watch_views.xml',
        'views/buyer_templates.xml',
    ],
    'assets': {
        'web.assets_tests': ['gtg_vn_einvoice_sale/static/tests/tours/*.js'],
    },
}
