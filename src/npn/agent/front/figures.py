"""The agent's condition as Prometheus text."""

from collections import Counter

from npn.agent.condition import Condition

_HELP = {
    "npn_agent_free": "usable numbers that can be handed out",
    "npn_agent_cover_days": "days that the stock lasts at the expected use",
    "npn_agent_used_per_day": "expected use in usable numbers a day",
    "npn_agent_handed_out_total": "numbers handed out since the pool was made",
    "npn_agent_lost_total": "numbers lost or withheld, at most, since the pool was made",
    "npn_agent_returned_total": "numbers given back as certainly unused",
    "npn_agent_seconds_since_success": "seconds since the last good round with the service",
    "npn_agent_on_paper": "numbers printed ahead and not used; not in the stock",
    "npn_agent_severity": "0 ok, 1 warning, 2 critical",
    "npn_agent_last_round_failed": "1 where the latest round with the service failed",
    "npn_agent_system_suspended": "1 where the operator has suspended the system",
    "npn_agent_service_notices": "what the service says of the system: notices",
    "npn_agent_quota_left": "numbers left of the system's quota; absent where there is none",
}


def metrics(condition: Condition) -> str:
    """Return the figures."""
    news = condition.service
    quota = news.quota if news else None
    values: dict[str, float | None] = {
        "npn_agent_free": condition.free,
        "npn_agent_cover_days": condition.cover_days,
        "npn_agent_used_per_day": condition.used_per_day,
        "npn_agent_handed_out_total": condition.handed_out,
        "npn_agent_lost_total": condition.lost,
        "npn_agent_returned_total": condition.returned,
        "npn_agent_seconds_since_success": condition.seconds_since_success,
        "npn_agent_on_paper": condition.on_paper,
        "npn_agent_severity": ("ok", "warning", "critical").index(condition.severity),
        "npn_agent_last_round_failed": int(condition.last_error is not None),
        "npn_agent_system_suspended": int(news is not None and news.state == "suspended"),
        "npn_agent_service_notices": len(news.notices) if news else None,
        "npn_agent_quota_left": None if news is None or quota is None else max(0, quota - (news.quota_used or 0)),
    }
    lines = []
    for name, value in values.items():
        kind = "counter" if name.endswith("_total") else "gauge"
        lines += [f"# HELP {name} {_HELP[name]}", f"# TYPE {name} {kind}"]
        if value is not None:
            lines.append(f"{name} {value!r}")
    lines += ["# HELP npn_agent_state the state of the stock", "# TYPE npn_agent_state gauge"]
    lines += [
        f'npn_agent_state{{state="{state}"}} {int(condition.state == state)}'
        for state in ("ok", "low", "critical", "empty")
    ]
    lines += ["# HELP npn_agent_alarm what needs a person, by code", "# TYPE npn_agent_alarm gauge"]
    alarms = Counter((alarm.code, alarm.severity) for alarm in condition.alarms)
    lines += [f'npn_agent_alarm{{code="{code}",severity="{severity}"}} {n}' for (code, severity), n in alarms.items()]
    if condition.last_error is not None:
        lines += [
            "# HELP npn_agent_last_error why the latest round failed, by code",
            "# TYPE npn_agent_last_error gauge",
        ]
        lines.append(f'npn_agent_last_error{{code="{condition.last_error_code or ""}"}} 1')
    return "\n".join(lines) + "\n"
