from . import test_ghn
from . import test_parcels
from . import test_places
from . import test_webhook
