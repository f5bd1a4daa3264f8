from . import test_access, test_poison, test_settings, test_webhook
