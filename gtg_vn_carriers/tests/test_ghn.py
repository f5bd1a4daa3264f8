from odoo.tests import tagged

from .common import CarrierCase
from .conformance import CarrierConformance
from .ghn_bench import GhnBench


@tagged('post_install', '-at_install')
class TestGhn(CarrierConformance, CarrierCase):
    bench = GhnBench()
