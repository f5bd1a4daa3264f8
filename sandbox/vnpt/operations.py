"""Every SOAP operation with its parameters in wire order (README 2).

A line is: operation, then the parameters. No mark = optional string; ``:int`` required,
``:int?`` required and nillable; ``:decimal``, ``:boolean`` required; ``:ints`` a list.
"""

from dataclasses import dataclass

_PUBLISH = '''
ImportAndPublishInv Account ACpass xmlInvData username password pattern serial convert:int
ImportAndPublishAssignedNo Account ACpass xmlInvData username password pattern serial convert:int
ImportInv xmlInvData username password convert:int
ImportInvByPattern Account ACpass xmlInvData username password pattern serial convert:int
publishInv invIDs:ints username password pattern serial
PublishInvFkey Account ACpass lsFkey username password pattern serial
deleteInvoiceByFkey lstFkey username password Account ACpass
UpdateCus XMLCusData username pass convert:int?
GetInvDataByFkey fkey userName userPass account accPass pattern
GetMCCQThueByFkeys Account ACpass username password pattern fkeys
GetMCCQThueByInvTokens Account ACpass username password invTokens
SendInvToCQTByFkeys Account ACpass username password pattern fkeys
SendInvNoticeErrors Account ACpass xml username password pattern convert:int
HandleInvoiceErrors Account ACpass username password mtd
ReceivedInvoiceErrors Account ACpass username password mtd
getHashInvWithToken Account ACpass xmlInvData username password serialCert type:int invToken pattern serial convert:int
publishInvWithToken Account ACpass xmlInvData username password pattern serial
AdjustReplaceInvWithToken Account ACpass xmlInvData username password type:int pattern serial
SendAgainEmailServ Account ACpass username password xmlDataInvoiceEmail hdPattern Serial
getCurrentNo account pass pattern serial
GetCertInfo userName password
'''
_PUBLISH_NEW = '''
GetMCCQThueByFkeysNoXMLSign Account ACpass username password pattern fkeys
GetMCCQThueByInvTokensNoXMLSign Account ACpass username password invTokens
ImportAndPublishInvMTT Account ACpass xmlInvData username password pattern serial convert:int
ImportInvByPatternMTT Account ACpass xmlInvData username password pattern serial convert:int
'''
_BUSINESS = '''
AdjustInvoiceAction Account ACpass xmlInvData username pass fkey AttachFile convert:int? pattern serial
ReplaceInvoiceAction Account ACpass xmlInvData username pass fkey Attachfile convert:int? pattern serial
cancelInv Account ACpass fkey userName userPass
cancelInvNoPay Account ACpass fkey userName userPass
confirmPaymentFkey lstFkey userName userPass
UnConfirmPaymentFkey lstFkey userName userPass
confirmPayment lstInvToken userName userPass
deliverInvFkey lstFkey userName userPass
AdjustInvoiceNote account accPass xmlInvData userName userPass fkey attachFile pattern
getSerialByPattern userName userPass pattern
'''
_BUSINESS_OLD = '''
AdjustWithoutInv account accPass invXml userName userPass oldPattern oldSerial oldNo:decimal convert:int? pattern serial
ReplaceWithoutInv account accPass invXml userName userPass oldPattern oldSerial oldNo:decimal convert:int? pattern serial
'''
_BUSINESS_NEW = '''
AdjustWithoutInv account accPass invXml userName userPass oldPattern oldSerial oldNo:decimal strOldArisingDate convert:int? pattern serial relatedInvType:int feature
ReplaceWithoutInv account accPass invXml userName userPass oldPattern oldSerial oldNo:decimal strOldArisingDate convert:int? pattern serial relatedInvType:int feature
SendInvMTTFkey Account ACpass lstFkey username password pattern serial serialCert
AdjustInvMTT Account ACpass xmlInvData username pass fkey AttachFile convert:int? pattern serial OldPattern
ReplaceInvMTT Account ACpass xmlInvData username pass fkey AttachFile convert:int? pattern serial OldPattern
'''
_PORTAL = '''
listInvByCusFkey key fromDate toDate userName userPass
listInvByCus cusCode fromDate toDate userName userPass
listInvFromNoToNo invFromNo invToNo invPattern invSerial userName userPass
downloadInvPDFFkeyNoPay fkey userName userPass
downloadInvPDFFkey fkey userName userPass
downloadInvPDFNoPay invToken userName userPass
downloadInvPDF invToken userName userPass
downloadNewInvPDFFkey fkey userName userPass
downloadInvFkeyNoPay fkey userName userPass
downloadInvFkey fkey userName userPass
downloadInvNoPay invToken userName userPass
downloadInv invToken userName userPass
downloadInvZipFkey fkey userName userPass checkPayment:boolean
getInvViewFkeyNoPay fkey userName userPass
getInvViewFkey fkey userName userPass
getInvViewNoPay invToken userName userPass
getInvView invToken userName userPass
getNewInvViewFkey fkey userName userPass
convertForStoreFkey fkey userName userPass
convertForVerifyFkey fkey userName userPass
GetInvErrorViewFkey fkey userName userPass
GetInvViewByDate userName userPass pattern serial fromDate toDate
getCus cusCode userName userPass
'''
INTEGERS = ('UpdateCus',)  # they answer with a number


@dataclass(frozen=True)
class Parameter:
    name: str
    type: str = 'string'  # string, int, decimal, boolean, ints
    required: bool = False
    nillable: bool = False


@dataclass(frozen=True)
class Operation:
    name: str
    parameters: tuple

    @property
    def result_type(self):
        return 'int' if self.name in INTEGERS else 'string'


def _parameter(text):
    name, _, kind = text.partition(':')
    if not kind:
        return Parameter(name)
    if kind == 'ints':
        return Parameter(name, kind)
    return Parameter(name, kind.rstrip('?'), True, kind.endswith('?'))


def _table(*texts):
    rows = [line.split() for text in texts for line in text.split('\n') if line]
    return {name: Operation(name, tuple(map(_parameter, parameters)))
            for name, *parameters in rows}


BUILDS = {
    'new': {
        'PublishService': _table(_PUBLISH, _PUBLISH_NEW),
        'BusinessService': _table(_BUSINESS, _BUSINESS_NEW),
        'PortalService': _table(_PORTAL),
    },
    'old': {
        'PublishService': _table(_PUBLISH),
        'BusinessService': _table(_BUSINESS, _BUSINESS_OLD),
        'PortalService': _table(_PORTAL),
    },
}
