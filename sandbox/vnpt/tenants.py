"""Two customers, each with own accounts and series (README 1)."""

MAIN, SMALL = 'giomoi', 'giolanh'


def series(pattern, serial, total=100_000):
    """``total`` numbers are registered."""
    return {'pattern': pattern, 'serial': serial, 'total': total, 'last_no': 0,
            'last_date': ''}


def with_code(serial):
    return serial.startswith('C')


def cash_register(serial):
    return len(serial) > 3 and serial[3] == 'M'


def customer(name, tax_code, title, password, rows):
    return {
        'name': name, 'tax_code': tax_code, 'title': title, 'certificate': 'ok',
        'address': 'Số 1 Trần Hữu Dực, phường Từ Liêm, thành phố Hà Nội',
        'phone': '02462661275', 'series': rows,
        'staff': {
            f'{name}_admin': {'password': f'{password}admin', 'may_issue': True},
            f'{name}_xem': {'password': f'{password}admin', 'may_issue': False},
        },
        'service': {f'{name}service': {'password': f'{password}service'}},
    }


def seed(year):
    """Customers by name; ``year`` has four digits."""
    yy = f'{year % 100:02d}'
    return {
        MAIN: customer(
            MAIN, '0100109106-621', 'CÔNG TY TNHH THỜI TRANG GTG', 'Vnpt@1', [
                series('1/001', f'C{yy}TAA'), series('1/001', f'K{yy}TAA'),
                series('1/002', f'C{yy}TZZ', total=3), series('2/001', f'C{yy}TSA'),
                series('1', f'C{yy}MMT'),
                series('1/001', f'C{(year - 1) % 100:02d}TAA'),
            ]),
        SMALL: customer(
            SMALL, '0100109106-622', 'CÔNG TY TNHH GTG HẠT GIỐNG', 'Vnpt@2',
            [series('1/001', f'C{yy}TBB')]),
    }
