# an extension must be imported after what it extends
# ruff: noqa: I001
from . import (
    connector_adapter,
    connector_health,
    connector_pace,
    connector_pause,
    connector_token,
    connector_account,
    account_token,
    connector_task,
    task_drain,
    task_apply,
    task_recovery,
    task_shards,
    ir_cron,
    connector_subject,
    connector_event,
    event_drain,
    res_config_settings,
)
