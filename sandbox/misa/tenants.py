"""Test companies, partner keys and series (README 1)."""

import uuid

HSM, TOKEN_ONLY, HOUSEHOLD = '0100109106-611', '0100109106-612', '001088012345'
PORTAL = {
    'client_id': '5f0c7a52-6d1e-4a57-9b1d-0c6f2f2b8a11',
    'client_secret': '9a7e41d0c3b24f6f8e55b1d2a7c90e34',
}
APP_ID, STOPPED_APP_ID = (
    'b0a1c4de-7f1b-4c28-8a57-2f6f9f0a7d21', '11111111-7f1b-4c28-8a57-2f6f9f0a7d21')
NAMESPACE = uuid.UUID('6b2d6f9e-2f6e-5a7b-9c53-0a4f7f3f9d10')


def series(code, tax_code, summary=False, rates=False, inactive=False):
    """One series of seven characters with its template."""
    return {
        'series': code, 'template_id': str(uuid.uuid5(NAMESPACE, tax_code + code)),
        'summary': summary, 'more_rates': rates, 'inactive': inactive,
        'last_no': 0, 'last_date': '',
    }


def with_code(code):
    return code[1] == 'C'


def cash_register(code):
    return code[4] == 'M'


def user(password, two_factor=False, active=True):
    return {'password': password, 'two_factor': two_factor, 'active': active}


def seed(year):
    """Companies by tax code; ``year`` has four digits."""
    yy, last = f'{year % 100:02d}', f'{(year - 1) % 100:02d}'

    def tenant(code, name, password, hsm, forms):
        rows = []
        for form in forms:
            rows += [
                series(f'{form}C{yy}TAA', code), series(f'{form}K{yy}TYY', code),
                series(f'{form}C{yy}MAA', code),
            ]
        rows += [
            series(f'{forms[0]}C{yy}TBB', code, rates=True),
            series(f'{forms[0]}K{yy}TSM', code, summary=True),
            series(f'{forms[0]}C{yy}TXX', code, inactive=True),
            series(f'{forms[0]}C{last}TAA', code),
            series(f'6C{yy}NAA', code),
        ]
        return {
            'tax_code': code, 'name': name, 'hsm': hsm, 'licence': 100_000,
            'licence_state': 'ok', 'active': True,
            'address': 'Số 1 Trần Hữu Dực, phường Từ Liêm, thành phố Hà Nội',
            'phone': '02462661275', 'email': 'ketoan@example.vn', 'series': rows,
            'users': {
                f'ketoan@{code}.vn': user(password),
                f'sep@{code}.vn': user(password, two_factor=True),
                f'cu@{code}.vn': user(password, active=False),
            },
        }

    return {
        HSM: tenant(HSM, 'CÔNG TY TNHH THỜI TRANG GTG', 'Misa@611', True, '12'),
        TOKEN_ONLY: tenant(
            TOKEN_ONLY, 'CÔNG TY TNHH GTG KÝ USB', 'Misa@612', False, '1'),
        HOUSEHOLD: tenant(
            HOUSEHOLD, 'HỘ KINH DOANH NGUYỄN VĂN AN', 'Misa@045', True, '2'),
    }
