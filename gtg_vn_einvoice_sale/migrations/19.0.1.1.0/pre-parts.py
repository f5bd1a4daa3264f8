from odoo.tools.sql import column_exists, create_column


def migrate(cr, version):
    """Or Odoo would compute it of every order there ever was; `post-parts` does those
    that can have one."""
    if version and not column_exists(cr, 'sale_order', 'gtg_part_day'):
        create_column(cr, 'sale_order', 'gtg_part_day', 'date')
