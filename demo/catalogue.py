"""What the demo company is, sells and whom it sells to. Pure data."""

COMPANY = {
    'name': 'Công ty TNHH Áo Thun Sài Gòn',
    'vat': '0300588569',  # valid check digit, invented company
    'street': '123 Lê Lợi',
    'city': 'Phường Bến Thành',
    'phone': '02838221234',
    'email': 'shop@aothunsaigon.example',
    'website': 'https://aothunsaigon.example',
}

WAREHOUSES = [
    # code, name, street, ward, core's code of the province
    ('HCM', 'Kho Hồ Chí Minh', '45 Nguyễn Huệ', 'Phường Sài Gòn', 'VN-SG'),
    ('HN', 'Kho Hà Nội', '12 Tràng Tiền', 'Phường Cửa Nam', 'VN-HN'),
]

# SKU, name, attribute text, price with VAT (VND), cost (VND), weight (kg), shape, colour
PRODUCTS = [
    ('AT-SG-DEN-M', 'Áo thun Sài Gòn đen M', 129000, 61000, 0.25, 'shirt', '#2b2b33'),
    ('AT-SG-DEN-L', 'Áo thun Sài Gòn đen L', 129000, 61000, 0.25, 'shirt', '#2b2b33'),
    ('AT-SG-TRANG-M', 'Áo thun Sài Gòn trắng M', 129000, 59000, 0.25, 'shirt',
     '#f2efe8'),
    ('AT-SG-TRANG-L', 'Áo thun Sài Gòn trắng L', 129000, 59000, 0.25, 'shirt',
     '#f2efe8'),
    ('QJ-30', 'Quần jean nam cỡ 30', 389000, 182000, 0.6, 'trousers', '#33527a'),
    ('QJ-31', 'Quần jean nam cỡ 31', 389000, 182000, 0.6, 'trousers', '#33527a'),
    ('NON-01', 'Nón lá Huế', 59000, 22000, 0.15, 'hat', '#dcc48a'),
    ('TUI-01', 'Túi vải canvas', 99000, 38000, 0.2, 'bag', '#b98b5e'),
]

CUSTOMERS = [
    # name, phone, street, ward, province
    ('Nguyễn Thị Bưởi', '0912345678', '12 Lê Lợi', 'Phường Sài Gòn', 'VN-SG'),
    ('Trần Văn Cường', '0987654321', '8 Hàng Bài', 'Phường Hoàn Kiếm', 'VN-HN'),
    ('Lê Thị Dung', '0905123456', '20 Bạch Đằng', 'Phường Hải Châu', 'VN-DN'),
    ('Phạm Quốc Huy', '0938111222', '5 Hòa Bình', 'Phường Ninh Kiều', 'VN-CT'),
]

BUSINESS_CUSTOMER = {
    'name': 'Công ty TNHH Minh Phát',
    'vat': '0312345673',
    'street': '12 Nguyễn Huệ',
    'city': 'Phường Sài Gòn',
    'email': 'ketoan@minhphat.example',
    'phone': '02838229876',
}

# login, name, language, groups; the password is the login
USERS = [
    ('kho', 'Thảo (kho hàng)', 'vi_VN', [
        'gtg_order_flow.group_shop_staff', 'stock.group_stock_user',
        'gtg_vn_einvoice_sale.group_issue_einvoice',
        'sales_team.group_sale_salesman_all_leads']),
    ('ketoan', 'Hạnh (kế toán)', 'vi_VN', [
        'account.group_account_manager', 'gtg_order_flow.group_shop_staff',
        'sales_team.group_sale_salesman_all_leads']),
]


def ean13(number):
    """A valid EAN-13 inside the company (prefix 20) for product ``number``."""
    digits = f'20{number:010d}'
    odd, even = sum(map(int, digits[::2])), sum(map(int, digits[1::2]))
    return f'{digits}{-(odd + 3 * even) % 10}'
