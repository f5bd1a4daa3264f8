"""What the sandbox starts with: one app, two shops, eight SKUs, two pick-up addresses.

The eight SKUs are those of the demo company, so that an imported order finds its
products by SKU. Prices in VND with VAT, weights in kg as text (README 6).
"""

APP = {
    'partner_id': 2011234,
    'partner_key': 'shpk53616e64626f784b65794f6e6c79466f72546573747347544753686f706565',
    'push_key': 'push4f6e6c79466f725468654c6f63616c53616e64626f784754',
    'redirect_domains': ['localhost', '127.0.0.1'],
    'callback_url': '',
    'push_off': [],
    'blocked_shops': [],
}

MAIN_ACCOUNT = 1203398

SHOPS = {
    226417938: 'Áo Thun Sài Gòn',
    226417939: 'Nhà Vải Việt',
}

CHANNELS = [
    {
        'logistics_channel_id': 5001,
        'logistics_channel_name': 'Nhanh',
        'enabled': True,
        'cod_enabled': True,
        'mask_channel_id': 0,
    },
    {
        'logistics_channel_id': 50021,
        'logistics_channel_name': 'SPX Express',
        'enabled': True,
        'cod_enabled': True,
        'mask_channel_id': 5001,
    },
    {
        'logistics_channel_id': 50024,
        'logistics_channel_name': 'Người bán tự giao',
        'enabled': True,
        'cod_enabled': False,
        'mask_channel_id': 0,
    },
]
PICKUP_CHANNEL = 50021
SELLER_CHANNEL = 50024

ADDRESSES = [
    {
        'address_id': 200041877,
        'region': 'VN',
        'state': 'TP. Hồ Chí Minh',
        'city': 'Quận 12',
        'district': 'Phường Tân Thới Nhất',
        'town': '',
        'address': '167/2 đường số 5',
        'zipcode': '',
        'address_type': ['DEFAULT_ADDRESS', 'PICK_UP_ADDRESS', 'RETURN_ADDRESS'],
    },
    {
        'address_id': 200041878,
        'region': 'VN',
        'state': 'Hà Nội',
        'city': 'Quận Cầu Giấy',
        'district': 'Phường Dịch Vọng',
        'town': '',
        'address': '25 Trần Thái Tông',
        'zipcode': '',
        'address_type': [],
    },
]

# (name, tiers, [(SKU, tier index, option text)], price VND, weight kg)
_CATALOGUE = [
    (
        'Áo thun Sài Gòn',
        [('Màu', ['Đen', 'Trắng']), ('Size', ['M', 'L'])],
        [
            ('AT-SG-DEN-M', [0, 0], 'Đen,M'),
            ('AT-SG-DEN-L', [0, 1], 'Đen,L'),
            ('AT-SG-TRANG-M', [1, 0], 'Trắng,M'),
            ('AT-SG-TRANG-L', [1, 1], 'Trắng,L'),
        ],
        129000,
        '0.25',
        'AT-SG',
    ),
    (
        'Quần jean nam',
        [('Size', ['30', '31'])],
        [('QJ-30', [0], '30'), ('QJ-31', [1], '31')],
        389000,
        '0.6',
        'QJ',
    ),
    ('Nón lá', [], [('NON-01', [], '')], 59000, '0.15', 'NON-01'),
    ('Túi vải canvas', [], [('TUI-01', [], '')], 99000, '0.2', 'TUI-01'),
]

BUYERS = [
    ('huong.ng92', 1170319091, 'Nguyễn Thị Hương', '84903123418'),
    ('minhtran.sg', 1170319105, 'Trần Quang Minh', '84912345629'),
    ('lan_pham', 1170319122, 'Phạm Ngọc Lan', '84987654330'),
    ('tuan.le88', 1170319147, 'Lê Anh Tuấn', '84938111241'),
]

DELIVERY_ADDRESSES = [
    ('12 Nguyễn Huệ', 'Phường Bến Nghé', 'Quận 1', 'TP. Hồ Chí Minh'),
    ('45/7 Lê Văn Sỹ', 'Phường 13', 'Quận 3', 'TP. Hồ Chí Minh'),
    ('108 Cầu Giấy', 'Phường Quan Hoa', 'Quận Cầu Giấy', 'Hà Nội'),
    ('20 Bạch Đằng', 'Phường Hải Châu I', 'Quận Hải Châu', 'Đà Nẵng'),
]

START_STOCK = 500


def shops():
    """Return the shop records by text id; links (authorizations) come later."""
    return {
        str(shop_id): {'shop_id': shop_id, 'name': name, 'status': 'NORMAL'}
        for shop_id, name in SHOPS.items()
    }


def items(now):
    """Return the listings of all shops by text item id, created at ``now`` (s)."""
    listings = {}
    for shop_index, shop_id in enumerate(SHOPS):
        for item_index, row in enumerate(_CATALOGUE):
            name, tiers, skus, price, weight, item_sku = row
            item_id = 23812345678 + 1000 * shop_index + item_index
            models = [
                {
                    'model_id': (
                        198765432101 + 10000 * shop_index + 100 * item_index + index
                        if tiers
                        else 0
                    ),
                    'sku': sku,
                    'name': option,
                    'tier_index': tier_index,
                    'price': price,
                    'stock': START_STOCK,
                    'reserved': 0,
                }
                for index, (sku, tier_index, option) in enumerate(skus)
            ]
            listings[str(item_id)] = {
                'item_id': item_id,
                'shop_id': shop_id,
                'name': name,
                'sku': item_sku,
                'tiers': [list(tier) for tier in tiers],
                'models': models,
                'weight': weight,
                'status': 'NORMAL',
                'locked': '',
                'create_time': now,
                'update_time': now,
            }
    return listings
