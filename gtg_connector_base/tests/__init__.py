from . import test_access, test_contained, test_poison, test_settings, test_webhook
