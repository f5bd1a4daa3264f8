"""Fills a database with the demo company. Runs inside Odoo (``env`` = superuser)."""

from demo import catalogue, pictures


def load(env):
    """Make the company, its people, goods and customers; once per database."""
    company = env.company
    _settings(env, company)
    _company(env, company)
    warehouses = _warehouses(env, company)
    products = _products(env, company)
    _stock(env, warehouses, products)
    _customers(env)
    _users(env)
    _website(env, company)
    return products


def _settings(env, company):
    env['res.lang']._activate_lang('vi_VN')
    modules = env['ir.module.module'].search([('state', '=', 'installed')])
    modules._update_translations('vi_VN')
    env.ref('base.VND').active = True
    vietnam = env.ref('base.vn')
    company.write({'country_id': vietnam.id, 'currency_id': env.ref('base.VND').id})
    env['account.chart.template'].try_loading('vn', company, install_demo=False)
    # shop prices in Viet Nam include VAT
    company.account_price_include = 'tax_included'
    company.account_sale_tax_id = _tax(env, company, 'tax_sale_vat8')
    # the dong has no decimals, and neither have prices in it
    env.ref('product.decimal_price').digits = 0
    group = env.ref('stock.group_stock_multi_warehouses')
    locations = env.ref('stock.group_stock_multi_locations')
    env.ref('base.group_user').write({
        'implied_ids': [(4, group.id), (4, locations.id)]})


def _tax(env, company, name):
    return env.ref(f'account.{company.id}_{name}')


def _company(env, company):
    company.write({**catalogue.COMPANY, 'state_id': env.ref('base.state_vn_VN-SG').id})
    company.partner_id.lang = 'vi_VN'
    company.logo = pictures.logo()
    env.ref('base.user_admin').write({
        'tz': 'Asia/Ho_Chi_Minh', 'email': 'admin@aothunsaigon.example',
        'group_ids': [(4, env.ref(name).id) for name in (
            'gtg_order_flow.group_shop_manager', 'stock.group_stock_manager',
            'account.group_account_manager', 'sales_team.group_sale_manager')]})


def _warehouses(env, company):
    made = env['stock.warehouse']
    first = made.search([('company_id', '=', company.id)], limit=1)
    for code, name, street, ward, state in catalogue.WAREHOUSES:
        partner = env['res.partner'].create({
            'name': name, 'street': street, 'city': ward, 'phone': '0283822' + '1234',
            'state_id': env.ref(f'base.state_vn_{state}').id,
            'country_id': env.ref('base.vn').id, 'lang': 'vi_VN'})
        values = {'name': name, 'code': code, 'partner_id': partner.id}
        if not made:
            first.write(values)
            made |= first
        else:
            made |= made.create(values)
    return made


def _products(env, company):
    tax = _tax(env, company, 'tax_sale_vat8')
    category = env['product.category'].create({'name': 'Thời trang'})
    templates = env['product.template'].create([{
        'name': name, 'default_code': sku, 'barcode': catalogue.ean13(number),
        'list_price': price, 'standard_price': cost, 'weight': weight,
        'type': 'consu', 'is_storable': True, 'categ_id': category.id,
        'taxes_id': [(6, 0, tax.ids)], 'invoice_policy': 'delivery',
        'is_published': True, 'uom_id': _piece(env).id,
        'image_1920': pictures.product_picture(shape, colour),
    } for number, (sku, name, price, cost, weight, shape, colour)
        in enumerate(catalogue.PRODUCTS, 1)])
    return templates.product_variant_id


def _piece(env):
    """Invoices in Viet Nam say "Cái"."""
    unit = env.ref('uom.product_uom_unit')
    unit.with_context(lang='vi_VN').name = 'Cái'
    return unit


def _stock(env, warehouses, products):
    for warehouse, quantity in zip(warehouses, (200, 60), strict=True):
        quants = env['stock.quant'].with_context(inventory_mode=True).create([{
            'product_id': product.id, 'location_id': warehouse.lot_stock_id.id,
            'inventory_quantity': quantity} for product in products])
        quants.action_apply_inventory()


def _customers(env):
    vietnam = env.ref('base.vn').id
    env['res.partner'].create([{
        'name': name, 'phone': phone, 'street': street, 'city': ward, 'lang': 'vi_VN',
        'state_id': env.ref(f'base.state_vn_{state}').id, 'country_id': vietnam,
        'email': f'khach{number}@mail.example',
    } for number, (name, phone, street, ward, state)
        in enumerate(catalogue.CUSTOMERS, 1)])
    env['res.partner'].create({
        **catalogue.BUSINESS_CUSTOMER, 'is_company': True, 'country_id': vietnam,
        'state_id': env.ref('base.state_vn_VN-SG').id, 'lang': 'vi_VN'})


def _users(env):
    for login, name, lang, groups in catalogue.USERS:
        env['res.users'].with_context(no_reset_password=True).create({
            'name': name, 'login': login, 'password': login, 'lang': lang,
            'tz': 'Asia/Ho_Chi_Minh', 'email': f'{login}@aothunsaigon.example',
            'group_ids': [(4, env.ref(group).id) for group in groups]})


def _website(env, company):
    website = env['website'].search([('company_id', '=', company.id)], limit=1)
    lang = env['res.lang']._lang_get('vi_VN')
    website.write({
        'name': 'Áo Thun Sài Gòn',
        'logo': pictures.logo(), 'show_line_subtotals_tax_selection': 'tax_included',
        'language_ids': [(4, lang.id)], 'default_lang_id': lang.id})
    env['product.pricelist'].search([]).write({
        'currency_id': env.ref('base.VND').id})
