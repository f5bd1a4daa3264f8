"""Thousands of sale orders in seconds: some as the program makes them, multiplied."""

from odoo.tools import SQL

BUYER = ('partner_id', 'partner_invoice_id', 'partner_shipping_id', 'order_partner_id')
# in this order: each is found by what has been copied before
TABLES = (
    ('sale_order', ''),
    ('sale_order_line', 'order_id'),
    ('stock_picking', 'sale_id'),
    ('stock_move', 'sale_line_id'),
    ('stock_move_line', 'move_id'),
    ('stock_reference', ''),
)
LINKS = (
    ('account_tax_sale_order_line_rel', 'sale_order_line_id'),
    ('stock_reference_sale_rel', 'sale_id'),
    ('stock_reference_move_rel', 'move_id'),
)
MAPPED = {
    'order_id': 'sale_order', 'sale_id': 'sale_order',
    'sale_line_id': 'sale_order_line', 'sale_order_line_id': 'sale_order_line',
    'picking_id': 'stock_picking', 'move_id': 'stock_move',
    'reference_id': 'stock_reference',
}


def copy(orders, buyers):
    """One copy of an order for each buyer, in turns, with its transfers and stock.

    Orders have a row for each product, transfers of one step, and no other links.

    :param orders: freshly made, their holds released
    :param buyers: `res.partner` that have no order yet
    """
    env = orders.env
    env.flush_all()
    env.cr.execute("""
        DROP TABLE IF EXISTS bench_copy;
        CREATE TEMP TABLE bench_copy (source text, old int, n int, new int, buyer int)
        ON COMMIT DROP""")
    env.cr.execute(
        'INSERT INTO bench_copy SELECT %s, o[1 + (n - 1) %% array_length(o, 1)],'
        " n, nextval('sale_order_id_seq'), buyer FROM (SELECT %s::int[] AS o) AS orders,"
        ' unnest(%s::int[]) WITH ORDINALITY AS buyers(buyer, n)',
        ['sale_order', orders.ids, buyers.ids])
    references = ('SELECT DISTINCT rel.reference_id, c.n, c.buyer FROM bench_copy c'
                  ' JOIN stock_reference_sale_rel rel ON rel.sale_id = c.old'
                  " AND c.source = 'sale_order'")
    for table, parent in TABLES:
        if table != 'sale_order':
            found = references if not parent else (
                f'SELECT t.id, c.n, c.buyer FROM {table} t'
                f' JOIN bench_copy c ON c.old = t.{parent}'
                f" AND c.source = '{MAPPED[parent]}'")
            env.cr.execute(
                f"INSERT INTO bench_copy SELECT '{table}', found.id, found.n,"
                f" nextval('{table}_id_seq'), found.buyer FROM ({found}) AS found(id, n, buyer)")
        _insert(env, table, 'id')
        if table == 'sale_order':
            env.cr.execute('CREATE INDEX ON bench_copy (source, old, n);'
                           'ANALYZE bench_copy')
    for table, key in LINKS:
        _insert(env, table, key)
    env.cr.execute("""
        UPDATE stock_quant q SET reserved_quantity = reserved_quantity + copied.quantity
          FROM (SELECT l.location_id, l.product_id, SUM(l.quantity_product_uom) AS quantity
                  FROM stock_move_line l JOIN bench_copy c ON c.new = l.id
                   AND c.source = 'stock_move_line' GROUP BY 1, 2) AS copied
         WHERE q.location_id = copied.location_id AND q.product_id = copied.product_id""")
    env.cr.execute("SELECT new FROM bench_copy WHERE source = 'sale_order' ORDER BY n")
    copies = orders.browse(row[0] for row in env.cr.fetchall())
    env.cr.execute('DROP TABLE bench_copy')
    env.invalidate_all()
    env.add_to_compute(copies._fields['gtg_phone_key'], copies)
    env.flush_all()
    env.cr.execute('ANALYZE sale_order, sale_order_line, stock_picking, stock_move')
    return copies


def _insert(env, table, key):
    env.cr.execute('SELECT column_name FROM information_schema.columns'
                   ' WHERE table_name = %s', [table])
    columns = [row[0] for row in env.cr.fetchall()]
    values, joins = [], []
    own = MAPPED.get(key, table)
    for column in columns:
        if column == key:
            values.append('own.new')
        elif column in MAPPED:
            other = MAPPED[column]
            joins.append(f"LEFT JOIN bench_copy {column} ON {column}.old = t.{column}"
                         f" AND {column}.n = own.n AND {column}.source = '{other}'")
            values.append(f'{column}.new')
        elif column in BUYER:
            values.append('own.buyer')
        elif column == 'name' and table in ('sale_order', 'stock_picking',
                                            'stock_reference'):
            values.append("t.name || '-' || own.n")
        elif column == 'access_token':
            values.append('NULL')
        else:
            values.append(f't."{column}"')
    names = ', '.join(f'"{column}"' for column in columns)
    env.cr.execute(SQL(
        f"INSERT INTO {table} ({names}) SELECT {', '.join(values)} FROM {table} t"
        f" JOIN bench_copy own ON own.old = t.{key} AND own.source = '{own}'"
        f" {' '.join(joins)}"))
