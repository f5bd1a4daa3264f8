# !! LEAD, PLEASE READ: at 04:25 the e-invoice engineer removed this uncommitted file by
# !! mistake and could not recover it. Only the imports below are restored. The function
# !! `uninstall_hook` that __manifest__.py names is LOST: write it again, then delete
# !! these lines.
from . import controllers, models
