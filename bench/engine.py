"""P8, inside an Odoo process: what one call costs the engine itself, and the parcels
that the shards race for."""

from odoo import sql_db

from odoo.addons.gtg_connector_base.models import task_drain

from demo import catalogue

COUNT = 200


def overhead(env):
    """SQL statements and commits per task whose operation does nothing."""
    account = env['gtg.carrier.account'].search([], limit=1, order='id')
    adapter = env.registry[account._adapter()._name]
    # an operation that costs neither network nor database
    adapter._send_bench = lambda self, account, task: {}
    limit, account.rate_limit = account.rate_limit, 0
    tasks = env['gtg.connector.task']
    # what else waits is not measured
    env.cr.execute("""UPDATE gtg_connector_task SET next_try_at = '2100-01-01'
                       WHERE state IN ('queued', 'unknown') RETURNING id""")
    others = tasks.browse(row[0] for row in env.cr.fetchall())
    env.cr.commit()
    # told once in half a second, however many calls that are
    told, task_drain.TELL_EVERY = task_drain.TELL_EVERY, 3600.0
    few, many = (_drained(env, tasks, account, first, count)
                 for first, count in ((0, 50), (50, 50 + COUNT)))
    del adapter._send_bench
    task_drain.TELL_EVERY = told
    account.rate_limit = limit
    others.action_retry()
    env.cr.commit()
    whole = {key: round(many[key] / (COUNT + 50), 2) for key in many}
    return {'P8': {
        # the difference leaves out what a drain costs once, however many tasks it has
        'value': round((many['statements'] - few['statements']) / COUNT, 2),
        'commits_per_call': round((many['commits'] - few['commits']) / COUNT, 2),
        'with_start_and_end': whole['statements'],
        'commits_with_start_and_end': whole['commits'],
        'ms_per_call': round(1000 * many['seconds'] / (COUNT + 50), 2),
    }}


def _drained(env, tasks, account, first, count):
    """Drain ``count`` tasks; what that cost, over all cursors of the process."""
    from bench.imports import Spent
    for number in range(first, first + count):
        tasks._enqueue(account, 'bench', account, generation=number)
    env.cr.commit()
    commit, seen = sql_db.Cursor.commit, []

    def counted(cr):
        seen.append(cr)
        return commit(cr)
    sql_db.Cursor.commit = counted
    try:
        with Spent() as spent:
            done = 0
            while done < count:  # a drain ends after a minute
                done += tasks._drain(max_tasks=count - done)
    finally:
        sql_db.Cursor.commit = commit
    env.cr.execute("SELECT count(*) FROM gtg_connector_task"
                   " WHERE operation = 'bench' AND state = 'done'")
    assert (done, env.cr.fetchone()[0]) == (count, first + count), done
    return {'statements': spent.statements, 'commits': len(seen),
            'seconds': spent.seconds}


def parcels(env, count):
    """Confirm ``count`` orders whose GHN waybills then wait for a drain.

    :return: ids of the tasks, in the order in which they go
    """
    for _try in range(10):  # GHN's places come first
        if not env['gtg.connector.task'].search_count([
                ('operation', '=', 'load_catalogue'), ('state', '!=', 'done')]):
            break
        env['gtg.connector.task']._drain(linger=10.0)
    partner = env['res.partner'].search(
        [('name', '=', catalogue.CUSTOMERS[0][0])], limit=1)
    carrier = env['delivery.carrier'].search(
        [('delivery_type', '=', 'gtg_ghn')], limit=1, order='id')
    products = env['product.product'].search(
        [('default_code', 'in', [row[0] for row in catalogue.PRODUCTS])])
    orders = env['sale.order'].create([{
        'partner_id': partner.id, 'carrier_id': carrier.id, 'gtg_is_cod': True,
        'order_line': [(0, 0, {'product_id': products[number % len(products)].id,
                               'product_uom_qty': 1})],
    } for number in range(count)])
    orders.action_confirm()
    tasks = env['gtg.connector.task'].search([
        ('operation', '=', 'create_waybill'), ('state', '=', 'queued')], order='id')
    problems = orders.gtg_parcel_ids.filtered('problem').mapped('problem')
    assert len(tasks) == count, (len(tasks), problems[:3])
    tasks.next_try_at = '2100-01-01 00:00:00'  # until the race begins
    env.cr.commit()
    return {'tasks': tasks.ids}
