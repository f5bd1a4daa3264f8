"""The four shapes of S-Invoice's answers (README 2) and its Vietnamese sentences."""

import json

from sandbox.frame import Refused, Response

TEXTS = {
    'NOT_FOUND_DATA': 'Không tìm thấy dữ liệu',
    'TRANSACTION_IS_BEING_PROCESSED': 'Giao dịch đang được xử lý',
    'TEMPLATE_NOT_FOUND': 'Mẫu hóa đơn hoặc ký hiệu hóa đơn không tồn tại',
    'OUT_OF_INVOICE_NO': 'Đã sử dụng hết số hóa đơn của dải',
    'INVOICE_ISSUED_DATE_INVALID':
        'Ngày lập hóa đơn không được nhỏ hơn ngày lập của hóa đơn gần nhất',
    'INVOICE_ISSUED_DATE_OVER_CURRENT_TIME':
        'Ngày lập hóa đơn không được lớn hơn thời gian hiện tại',
    'TAX_CODE_INVALID': 'Mã số thuế người bán không hợp lệ',
    'INVOICE_VALID_INPUT_INVALID_BUYER_TAX_CODE': 'Mã số thuế người mua không hợp lệ',
    'DONOT_HAVE_PERMISSION': 'Người dùng không có quyền thực hiện chức năng này',
    'BAD_REQUEST_TRANSACTION_UUID_LENGTH_INVALID': 'Độ dài transactionUuid không hợp lệ',
    'BAD_REQUEST_TEMPLATE_CODE_REQUIRED': 'Mã mẫu hóa đơn không được để trống',
    'BAD_REQUEST_BUYER_PHONE_INVALID': 'Số điện thoại người mua không hợp lệ',
    'BAD_REQUEST_SELLER_PHONE_NUMBER_INVALID': 'Số điện thoại người bán không hợp lệ',
    'ITEM_NAME_NULL': 'Tên hàng hóa dịch vụ không được để trống',
    'ITEM_NAME_INVALID': 'Tên hàng hóa dịch vụ không hợp lệ',
    'DISCOUNT_INVALID': 'Tỷ lệ chiết khấu phải từ 0 đến 100',
    'BAD_REQUEST_INVALID_DECIMAL_POINT_DISCOUNT':
        'Tỷ lệ chiết khấu chỉ được có tối đa 2 chữ số thập phân',
    'INVALID_DECIMAL_POINT_PRICE': 'Đơn giá có quá nhiều chữ số thập phân',
    'INVALID_DECIMAL_POINT_TAX_MONEY': 'Tiền thuế không được có phần thập phân',
    'INVOICE_PAID': 'Hóa đơn đã thanh toán',
    'NO_RECORD_UPDATED': 'Không có bản ghi nào được cập nhật',
    'EMAIL_NOT_CONFIG': 'Chưa cấu hình email gửi hóa đơn',
    'BUYER_EMAIL_REQUIRED': 'Email người mua không được để trống',
}


class Problem(Exception):
    """A business refusal: ``key`` (or None) and the sentence for the user."""

    def __init__(self, key, text=None, status=400):
        super().__init__(key or text)
        self.key = key
        self.text = text or TEXTS.get(key) or 'Dữ liệu không hợp lệ'
        self.status = status


def business(problem, as_200=False):
    """Envelope B with HTTP 400, or A with HTTP 200. Without a key the sentence
    stands in its place."""
    key = problem.key
    if as_200:
        body = {'errorCode': key or 'ERROR', 'description': problem.text,
                'result': None}
        return Response(200, json=body, refused=key or problem.text)
    body = {
        'code': problem.status,
        'message': key or problem.text,
        'data': problem.text if key else None,
    }
    if key == 'TRANSACTION_IS_BEING_PROCESSED':
        body['data'] = None
    return Response(problem.status, json=body, refused=key or problem.text)


def done(result=None, **more):
    """Envelope A of success."""
    return Response(json={
        'errorCode': None, 'description': None, 'result': result, **more})


def gateway(status, title, path, detail='', refused=None):
    """Envelope D: the gateway's problem JSON."""
    return Response(
        status,
        json={
            'type': 'https://www.jhipster.tech/problem/problem-with-message',
            'title': title, 'status': status, 'detail': detail, 'path': path,
            'message': f'error.http.{status}',
        },
        content_type='application/problem+json',
        refused=refused or title,
    )


def unauthorized(path, error, text):
    detail = json.dumps({'error': error, 'error_description': text},
                        separators=(',', ':'))
    return Refused(gateway(401, 'Unauthorized', path, detail), text)
