"""The body of GHN's webhook: PascalCase, every field always there."""

DESCRIPTIONS = {
    'create': 'Tạo đơn hàng',
    'switch_status': 'Cập nhật trạng thái đơn hàng',
    'update_weight': 'Cập nhật khối lượng đơn hàng',
    'update_fee': 'Cập nhật phí đơn hàng',
    'update_cod': 'Cập nhật tiền thu hộ',
    'update_payment_type': 'Cập nhật hình thức thanh toán',
    'cod': 'Cập nhật tiền thu hộ đã chuyển',
    'update_partial_return': 'Cập nhật giao hàng một phần',
}
FEES = {
    'main_service': 'MainService', 'insurance': 'Insurance', 'cod_fee': 'CODFee',
    'cod_failed_fee': 'CODFailedFee', 'coupon': 'Coupon',
    'deliver_remote_areas_fee': 'DeliverRemoteAreasFee',
    'pick_remote_areas_fee': 'PickRemoteAreasFee', 'document_return': 'DocumentReturn',
    'double_check': 'DoubleCheck', 'r2s': 'R2S', 'return': 'Return',
    'station_do': 'StationDO', 'station_pu': 'StationPU',
}
DRIVEN = ('picking', 'picked', 'delivering', 'delivered', 'delivery_fail', 'returning')


def payload(record, kind, at):
    """Dict of one callback.

    :param dict record: of ``OrderBook``
    :param str kind: the ``Type``
    :param str at: time of the event, RFC 3339
    """
    document, fees = record['doc'], record['fees']
    driven = document['status'] in DRIVEN
    total = sum(fees.values())
    return {
        'ShopID': document['shop_id'], 'Time': at,
        'OrderCode': document['order_code'],
        'ClientOrderCode': document['client_order_code'],
        'Type': kind, 'Description': DESCRIPTIONS[kind], 'Status': document['status'],
        'Reason': record['reason'], 'ReasonCode': record['reason_code'],
        'CODAmount': document['cod_amount'],
        'CODTransferDate': document['cod_transfer_date'],
        'Weight': document['weight'], 'ConvertedWeight': document['converted_weight'],
        'Length': document['length'], 'Width': document['width'],
        'Height': document['height'], 'PaymentType': document['payment_type_id'],
        'IsPartialReturn': document['is_partial_return'],
        'PartialReturnCode': record['partial_return_code'],
        'Fee': {theirs: fees[ours] for ours, theirs in FEES.items()} | {'Total': total},
        'TotalFee': total, 'Warehouse': 'Bưu cục GHN' if driven else '',
        'ShipperName': 'Tài xế GHN' if driven else '',
        'ShipperPhone': '0900000001' if driven else '',
        'PodURL': record['pod_url'],
    }
