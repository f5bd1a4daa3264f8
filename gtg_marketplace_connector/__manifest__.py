{
    'name': 'GTG Marketplace Connector',
    'summary': 'Orders, shipments and labels of Shopee shops',
    'version': '19.0.1.1.0',
    'category': 'Sales/Sales',
    'author': 'GTG',
    'website': 'https://github.com/gtg-suite/gtg-odoo',
    'license': 'LGPL-3',
    'depends': ['gtg_order_flow'],
    'data': [
        'security/ir.model.access.csv',
        'security/rules.xml',
        'data/products.xml',
        'views/marketplace_app_views.xml',
        'views/marketplace_listing_views.xml',
        'views/marketplace_package_views.xml',
        'views/marketplace_shop_views.xml',
        'views/sale_channel_views.xml',
        'views/sale_order_views.xml',
        'views/connect_templates.xml',
        'views/menus.xml',
    ],
    'uninstall_hook': 'uninstall_hook',
    'assets': {
        'web.assets_tests': [
            'gtg_marketplace_connector/static/tests/tours/**/*',
        ],
    },
}
