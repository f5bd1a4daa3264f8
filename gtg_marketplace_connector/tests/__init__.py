from . import test_connect
from . import test_import
from . import test_intake
from . import test_ship
