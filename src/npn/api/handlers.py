"""The handlers of REST, to be mounted."""

from litestar.handlers import BaseRouteHandler

from npn.api.routes import callers, description, health, messages, numbers, receipts, series, spaces, standards

HANDLERS: tuple[BaseRouteHandler, ...] = (
    series.methods,
    series.draw,
    series.list_series,
    series.show_series,
    series.list_numbers,
    series.release,
    numbers.show_number,
    callers.show_me,
    callers.put_stock,
    callers.list_pools,
    spaces.list_spaces,
    standards.list_standards,
    standards.show_standard,
    standards.list_capabilities,
    messages.inspect_message,
    messages.validate_message,
    messages.convert_message,
    messages.report_conversion,
    messages.bridge_message,
    messages.view_message,
    receipts.show_receipt,
    receipts.show_keys,
    health.alive,
    health.ready,
    health.figures,
    description.openapi,
)
