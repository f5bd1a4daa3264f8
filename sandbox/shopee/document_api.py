"""Labels: parameter, create, result, download (README 7).

A job per package and type: PROCESSING for as many questions as the switch
``document_processing`` says, then READY (or FAILED).
"""

import io
import zipfile

from . import label
from .errors import Refused
from .gateway import Api, Binary
from .lifecycle import package_of

TYPES = (
    'NORMAL_AIR_WAYBILL',
    'THERMAL_AIR_WAYBILL',
    'NORMAL_JOB_AIR_WAYBILL',
    'THERMAL_JOB_AIR_WAYBILL',
)
SUGGESTED = 'THERMAL_AIR_WAYBILL'


class DocumentApi:
    """Answers the four label calls of /api/v2/logistics/*."""

    def __init__(self, world):
        self.world = world

    def table(self):
        path = 'logistics/{}_shipping_document'.format
        return [
            Api('POST', path('get') + '_parameter', self.parameter),
            Api('POST', path('create'), self.create),
            Api('POST', path('get') + '_result', self.result),
            Api('POST', path('download'), self.download),
        ]

    # === ROWS === #

    def _each(self, call, work):
        """Run ``work(row, order, package)`` per row; gather results and refusals."""
        results, failed = [], 0
        rows = call.params.rows('order_list')
        call.request.reference = ','.join(
            str(row.values.get('order_sn')) for row in rows[:3]
        )
        for row in rows:
            result = {'order_sn': row.text('order_sn', required=True)}
            if row.text('package_number'):
                result['package_number'] = row.text('package_number')
            try:
                order, package = self._find(call, row)
                result['package_number'] = package['package_number']
                result.update(work(row, order, package))
            except Refused as refusal:
                failed += 1
                result.update(
                    fail_error=refusal.code, fail_message=refusal.message
                )
            results.append(result)
        if failed == len(results):
            raise Refused(
                'common.batch_api_all_failed',
                'Failed, please check result_list for more details.',
                response={'result_list': results},
            )
        warning = [
            {key: row[key] for key in ('order_sn', 'package_number') if key in row}
            for row in results
            if row.get('fail_error')
        ]
        return {'result_list': results, '_warning': warning or None}

    def _find(self, call, row):
        order = self.world.book.get(call.shop_id, row.text('order_sn', required=True))
        if not order:
            raise Refused('logistics.order_not_exist', 'The order does not exist.')
        return order, package_of(order, row.text('package_number'))

    def _printable(self, order, package):
        """README 7: arranged, with a number, and still at the seller."""
        if order['group_shipment_id']:
            raise Refused('logistics.can_not_print_combine_order', 'Combined parcel.')
        if package['status'] != 'LOGISTICS_REQUEST_CREATED':
            if package['arranged']:
                raise Refused(
                    'logistics.order_status_error',
                    'Order status does not support awb printing.',
                )
            raise Refused(
                'logistics.package_can_not_print', 'The package can not print now.'
            )
        if package['tracking_wait'] or not package['tracking_number']:
            raise Refused(
                'logistics.package_can_not_print', 'The package can not print now.'
            )

    def _type(self, text):
        kind = text or SUGGESTED
        if kind not in TYPES:
            raise Refused(
                'logistics.shipping_document_type_invalid', 'Invalid document type.'
            )
        return kind

    def _key(self, package, kind):
        return f'{package["package_number"]}/{kind}'

    # === CALLS === #

    def parameter(self, call):
        def work(row, order, package):
            self._printable(order, package)
            return {
                'suggest_shipping_document_type': SUGGESTED,
                'selectable_shipping_document_type': list(TYPES[:2]),
                'fail_error': '',
                'fail_message': '',
            }

        return self._each(call, work)

    def create(self, call):
        def work(row, order, package):
            self._printable(order, package)
            kind = self._type(row.text('shipping_document_type'))
            if row.text('tracking_number') != package['tracking_number']:
                raise Refused(
                    'logistics.tracking_number_invalid',
                    'The tracking number is invalid.',
                )
            jobs = self.world.data['documents']
            job = jobs.get(self._key(package, kind))
            if not job or job['status'] == 'FAILED':
                # README 7: creating again is allowed and changes nothing.
                self.world.effect(
                    'create_shipping_document',
                    order['order_sn'],
                    package['package_number'],
                )
            wait = self.world.settings['document_processing']
            job = jobs[self._key(package, kind)] = {'status': 'PROCESSING', 'wait': wait}
            if not wait:
                self._finish(order, package, job)
            return {'fail_error': '', 'fail_message': ''}

        return self._each(call, work)

    def _finish(self, order, package, job):
        job['status'] = 'FAILED' if self.world.settings['document_fails'] else 'READY'
        self.world.notify(
            15,
            order['shop_id'],
            {
                'ordersn': order['order_sn'],
                'package_number': package['package_number'],
                'status': job['status'],
            },
        )

    def result(self, call):
        def work(row, order, package):
            self._printable(order, package)
            kind = self._type(row.text('shipping_document_type'))
            job = self.world.data['documents'].get(self._key(package, kind))
            if not job:
                raise Refused(
                    'logistics.shipping_document_should_print_first',
                    'Please create the shipping document first.',
                )
            status = job['status']
            if status == 'PROCESSING':
                job['wait'] -= 1
                if job['wait'] <= 0:
                    self._finish(order, package, job)
            failed = status == 'FAILED'
            return {
                'status': status,
                'fail_error': 'logistics.package_print_failed' if failed else '',
                'fail_message': 'Failed to print the package.' if failed else '',
            }

        return self._each(call, work)

    def download(self, call):
        kind = self._type(call.params.text('shipping_document_type'))
        found = []
        for row in call.params.rows('order_list'):
            order, package = self._find(call, row)
            self._printable(order, package)
            job = self.world.data['documents'].get(self._key(package, kind))
            if not job or job['status'] == 'FAILED':
                raise Refused(
                    'logistics.shipping_document_should_print_first',
                    'Please create the shipping document first.',
                )
            if job['status'] != 'READY':
                raise Refused('logistics.download_later', 'Please download later.')
            found.append((order, package))
        if len({package['channel_id'] for _, package in found}) > 1:
            raise Refused(
                'logistics.packages_can_not_download_together',
                'Packages of several channels can not be downloaded together.',
            )
        call.request.reference = found[0][0]['order_sn']
        names = {
            number: shop['name'] for number, shop in self.world.data['shops'].items()
        }
        pdf = label.labels(found, names)
        if self.world.settings['document_format'] == 'zip':
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, 'w', zipfile.ZIP_DEFLATED) as archive:
                archive.writestr('airwaybill.pdf', pdf)
            return Binary(packed.getvalue(), 'application/zip', 'airwaybill.zip')
        return Binary(pdf, 'application/pdf', 'airwaybill.pdf')
