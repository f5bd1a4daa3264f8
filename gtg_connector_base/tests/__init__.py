from . import test_access, test_settings, test_webhook
