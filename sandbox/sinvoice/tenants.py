"""The two test tenants (README 1): one strict, one that checks little."""

STRICT, LAX = '0100109106-507', '0100109106-509'


def _series(template, series, total=100_000):
    return {'templateCode': template, 'invoiceSeri': series, 'total': total, 'used': 0,
            'last_ms': 0, 'active': True,
            'taxPolicy': 'VAT' if template.startswith('1') else 'DIRECT'}


def seed(year):
    """Tenants by tax code; ``year`` is the two-digit year of the series."""
    def tenant(code, password, name, strict):
        users = {
            code: {'password': password, 'api': True},
            f'{code}_ketoan': {'password': password, 'api': True},
            f'{code}_portal': {'password': password, 'api': False},
        }
        return {
            'tax_code': code, 'users': users, 'name': name, 'strict': strict,
            'address': 'Số 1 Trần Hữu Dực, phường Từ Liêm, thành phố Hà Nội',
            'phone': '02462661275', 'email': 'ketoan@example.vn',
            'decrease': 'A' if strict else 'none', 'price_decimals': 4 if strict else 6,
            'series': [
                _series('1/001', f'C{year}TAA'), _series('1/001', f'C{year}TBB'),
                _series('1/001', f'K{year}TAA'), _series('1/001', f'C{year}MAA'),
                _series('1/770', f'C{year}TZZ', total=3),
                _series('2/001', f'C{year}TSA'),
            ],
            'custom_fields': [{
                'id': 1, 'invoiceTemplatePrototypeId': 1, 'keyTag': 'invoiceNote',
                'valueType': 'text', 'keyLabel': 'Ghi chú', 'isRequired': False,
                'isSeller': False,
            }],
        }

    return {
        STRICT: tenant(STRICT, 'Sandbox@507', 'CÔNG TY TNHH THỜI TRANG GTG', True),
        LAX: tenant(LAX, 'Sandbox@509', 'CÔNG TY TNHH GTG THỬ NGHIỆM', False),
    }
