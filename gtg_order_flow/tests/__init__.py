from . import test_access
from . import test_axes
from . import test_buyer_messages
from . import test_channels
from . import test_cod
from . import test_facts
from . import test_holds
from . import test_tour
