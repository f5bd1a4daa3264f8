{
    'name': 'GTG Connector Base',
    'summary': 'Exchange with outside services that loses nothing and sends nothing '
               'twice',
    'version': '19.0.1.0.0',
    'category': 'Hidden/Tools',
    'author': 'GTG',
    'website': 'https://github.com/gtg-suite/gtg-odoo',
    'license': 'LGPL-3',
    'depends': ['base', 'mail'],
    'data': [
        'security/connector_groups.xml',
        'security/ir.model.access.csv',
        'security/connector_rules.xml',
        'data/ir_cron.xml',
        'views/connector_task_views.xml',
        'views/connector_event_views.xml',
        'views/res_config_settings_views.xml',
        'views/connector_menus.xml',
    ],
    'assets': {
        'web.assets_backend': [
            'gtg_connector_base/static/src/**/*',
        ],
        'web.assets_tests': ['gtg_connector_base/static/tests/*.js'],
    },
    'uninstall_hook': 'uninstall_hook',
}
