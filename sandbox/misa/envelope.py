"""Answers of MISA: the envelope, its changing case, refusals (README 2)."""


from sandbox.frame import Response, dumps

EMPTY_DATE = '0001-01-01T00:00:00'
TEXTS = {
    'UnAuthorize': 'Không có quyền truy cập',
    'TokenExpiredCode': 'Token đã hết hạn',
    'InvalidTokenCode': 'Token không hợp lệ',
    'InvalidParameter': 'Tham số không hợp lệ',
    'InvalidInvoiceData': 'Dữ liệu hóa đơn không hợp lệ',
    'InvalidTaxCode': 'Mã số thuế người mua không hợp lệ',
    'InvalidVatPercentage': 'Thuế suất không hợp lệ',
    'TaxRateInfo_VATRateName': 'Bảng tổng hợp thuế suất không khớp với hàng hóa',
    'TaxReductionDateInValid': 'Ngày hóa đơn ngoài thời gian giảm thuế',
    'InvoiceQuantityTooLarge': 'Số lượng hóa đơn vượt quá giới hạn',
    'XMLTooLong': 'Hóa đơn có quá nhiều dòng',
    'InvoiceTemplateNotExist': 'Mẫu hóa đơn không tồn tại',
    'InvoicePublishNotExist': 'Ký hiệu chưa được đăng ký phát hành',
    'TemplateNotSupport': 'Mẫu hóa đơn không được hỗ trợ',
    'LicenseInfo_OutOfInvoice': 'Đã hết số lượng hóa đơn',
    'LicenseInfo_Expired': 'Gói hóa đơn đã hết hạn',
    'LicenseInfo_NotBuy': 'Chưa mua gói hóa đơn',
    'InvalidInvoiceDate': 'Ngày hóa đơn không hợp lệ',
    'InvoiceIssuedDateSmallerThanLastest':
        'Ngày hóa đơn nhỏ hơn ngày của hóa đơn đã phát hành gần nhất',
    'ExistsInvoiceNextYear': 'Đã phát hành hóa đơn của năm sau',
    'InvoiceNumberNotCotinuous': 'Số hóa đơn không liên tục',
    'DuplicateInvoiceRefID': 'RefID đã được phát hành',
    'CallSignServiceFail': 'Không gọi được dịch vụ ký số',
    'APINotSupportTypeInvoice': 'API không hỗ trợ loại hóa đơn này',
    'InvoiceNotExist': 'Hóa đơn không tồn tại',
}


class Problem(Exception):
    """A refusal: of one invoice (``request`` False) or of the whole request."""

    def __init__(self, code, text='', errors=(), request=False, status=None):
        super().__init__(code)
        self.code, self.errors, self.request = code, list(errors), request
        self.text = text or TEXTS.get(code) or 'Dữ liệu không hợp lệ'
        self.status = status


class Envelopes:
    """Part of Provider: every answer goes through here."""

    def say(self, pascal, **fields):
        """The body in the case of this call, or the one the settings force.

        :param fields: camelCase names and values
        """
        case = self.settings['casing']
        if case == 'pascal' or (case == 'documented' and pascal):
            fields = {name[0].upper() + name[1:]: v for name, v in fields.items()}
        return fields

    def packed(self, value):
        """README 2: JSON inside JSON, unless the switch makes it real."""
        return dumps(value) if self.settings['data_as'] == 'string' else value

    def done(self, data, pascal=False, **more):
        return Response(json=self.say(
            pascal, success=True, errorCode=None, descriptionErrorCode=None, errors=[],
            data=data, customData='', **more))

    def refused(self, problem):
        """HTTP 400, or the same with HTTP 200 for some codes."""
        listed = self.settings['errors_as_200']
        as_200 = '*' in listed or problem.code in listed
        status = problem.status or (200 if as_200 else 400)
        body = self.say(
            status != 200, success=False, errorCode=problem.code,
            descriptionErrorCode=problem.text, errors=problem.errors, data='',
            customData='')
        reason = ' '.join([problem.code, *problem.errors])
        return Response(status, json=body, refused=reason)

    def guarded(self, handler):
        """Refusals become answers."""
        def handle(request):
            try:
                return handler(request)
            except Problem as problem:
                return self.refused(problem)
        return handle


def parsed(request, kind):
    """The JSON body, which must be a ``kind`` (dict or list)."""
    try:
        body = request.json(decimals=True)
    except ValueError:
        body = None
    if not isinstance(body, kind):
        raise Problem('InvalidParameter', request=True)
    return body


def flag(request, name, default=False):
    """A boolean of the query string."""
    value = request.query.get(name)
    if value is None:
        return default
    if value.lower() not in ('true', 'false'):
        raise Problem('InvalidParameter', f'{name}={value}', request=True)
    return value.lower() == 'true'


def texts(request, limit):
    """A bare array of strings, at most ``limit``."""
    body = parsed(request, list)
    if not all(isinstance(one, str) for one in body):
        raise Problem('InvalidParameter', request=True)
    if len(body) > limit:
        raise Problem('InvoiceQuantityTooLarge', request=True, status=400)
    return body


