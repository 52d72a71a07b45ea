"""The one place that knows both a whole service and the fronts: each gets the services that it lists, and no more."""

from dataclasses import fields
from functools import partial
from typing import TypeVar

from litestar.types import ASGIApp

from npn.api.handlers import HANDLERS
from npn.api.services import ApiServices
from npn.chores import Chore
from npn.http.app import create_app
from npn.http.metrics import Metrics
from npn.http.services import HttpServices
from npn.soap.routes import handlers as soap_handlers
from npn.soap.services import SoapServices
from npn.web.app import handlers as page_handlers
from npn.web.pages.tasks.daily_mail import send_daily
from npn.web.services import WebServices
from npn.wiring.service import Service

MAIL_TASKS_EVERY = 60.0  # seconds between two looks whether it is time for the daily mail
_T = TypeVar("_T", HttpServices, ApiServices, SoapServices, WebServices)


def application(service: Service, metrics: Metrics) -> ASGIApp:
    """Return the application with REST, the legacy web service and the pages. It closes the service when it stops.

    `metrics` is what the service was built with (`observe=metrics.batch`).
    """
    handlers = (
        *HANDLERS,
        *soap_handlers(selected(SoapServices, service)),
        *page_handlers(selected(WebServices, service)),
    )
    return create_app(selected(HttpServices, service), metrics, handlers, state={"api": selected(ApiServices, service)})


def page_chores(service: Service) -> list[Chore]:
    """List what a running service does by itself in the words of the pages."""
    if service.outbox.smtp is None:
        return []
    return [Chore("mail_tasks", MAIL_TASKS_EVERY, partial(send_daily, service.tasks, service.task_mailing))]


def selected(front: type[_T], service: Service) -> _T:
    """Return what a front lists of a service: each field by its name."""
    return front(**{field.name: getattr(service, field.name) for field in fields(front)})
