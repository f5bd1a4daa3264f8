def test_a_pushed_order_is_reserved(world):
    with world.server():
        made = world.sandbox.call('POST', '/shopee/orders', {})
        row = world.wait('the order', lambda: world.sql(
            'SELECT amount_total, gtg_stage, gtg_goods FROM sale_order'
            f" WHERE gtg_channel_ref = '{made['order_sn']}'"))[0]
    assert float(row[0]) == made['total']
    assert row[1:] == ['processing', 'allocated']
