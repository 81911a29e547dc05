"""Which path leads to which resource."""

import re
from collections.abc import Callable
from functools import partial

from sandbox.amocrm import (
    catalogs_api,
    customers_api,
    directory_api,
    events_api,
    leads_api,
    notes_api,
    people_api,
    reference_api,
    unsorted_api,
    webhooks_api,
)
from sandbox.amocrm.api import Api
from sandbox.amocrm.exchange import Reply, Request, refuse

Resource = Callable[..., Reply]

_CARDS = r"/(leads|contacts|companies|customers)"
_FIELDS = r"/(leads|contacts|companies|customers|catalogs/\d+)/custom_fields"

_ROUTES: tuple[tuple[str, str, Resource], ...] = (
    ("GET", r"/account", reference_api.account),
    ("GET", r"/users", reference_api.users),
    ("GET", r"/users/(\d+)", reference_api.user),
    ("GET", r"/leads/pipelines", reference_api.pipelines),
    ("GET", r"/leads/pipelines/(\d+)", reference_api.pipeline),
    ("GET", r"/leads/pipelines/(\d+)/statuses", reference_api.statuses),
    ("GET", r"/leads/loss_reasons", reference_api.loss_reasons),
    ("GET", _FIELDS, reference_api.custom_fields),
    ("GET", _FIELDS + r"/(\d+)", reference_api.custom_field),
    ("GET", r"/leads", leads_api.leads),
    ("GET", r"/leads/(\d+)", leads_api.lead),
    ("GET", r"/contacts", partial(people_api.people, kind="contacts")),
    ("GET", r"/companies", partial(people_api.people, kind="companies")),
    ("GET", r"/(contacts|companies)/(\d+)", people_api.person),
    ("GET", r"/tasks", people_api.tasks),
    ("GET", r"/tasks/(\d+)", people_api.task),
    ("GET", _CARDS + r"/notes", notes_api.notes),
    ("GET", _CARDS + r"/(\d+)/notes", notes_api.notes),
    ("GET", _CARDS + r"/notes/(\d+)", notes_api.note),
    ("GET", _CARDS + r"/\d+/notes/(\d+)", notes_api.note),
    ("GET", _CARDS + r"/links", catalogs_api.links),
    ("GET", _CARDS + r"/(\d+)/links", catalogs_api.links),
    ("GET", r"/catalogs", catalogs_api.catalogs),
    ("GET", r"/catalogs/(\d+)", catalogs_api.catalog),
    ("GET", r"/catalogs/(\d+)/elements", catalogs_api.elements),
    ("GET", r"/catalogs/(\d+)/elements/(\d+)", catalogs_api.element),
    ("GET", r"/leads/unsorted", unsorted_api.unsorted),
    ("GET", r"/leads/unsorted/summary", unsorted_api.summary),
    ("GET", r"/leads/unsorted/([0-9a-f]{24})", unsorted_api.one),
    ("GET", _CARDS + r"/tags", directory_api.tags),
    ("GET", r"/roles", directory_api.roles),
    ("GET", r"/roles/(\d+)", directory_api.role),
    ("GET", r"/sources", directory_api.sources),
    ("GET", r"/customers", customers_api.customers),
    ("GET", r"/customers/(\d+)", customers_api.customer),
    ("GET", r"/customers/statuses", customers_api.statuses),
    ("GET", r"/customers/segments", customers_api.segments),
    ("GET", r"/customers/transactions", customers_api.transactions),
    ("GET", r"/customers/(\d+)/transactions", customers_api.transactions),
    ("GET", r"/events", events_api.events),
    ("GET", r"/events/types", events_api.event_types),
    ("GET", r"/events/([0-9a-z]{26})", events_api.event),
    ("GET", r"/webhooks", webhooks_api.subscriptions),
    ("POST", r"/webhooks", webhooks_api.subscribe),
    ("DELETE", r"/webhooks", webhooks_api.unsubscribe),
)
_COMPILED = tuple((method, re.compile("/api/v4" + path), resource) for method, path, resource in _ROUTES)


def answer(api: Api, request: Request) -> Reply:
    """The resource's reply; 404 for an unknown path, 405 for a known one asked wrongly."""
    is_known = False
    for method, pattern, resource in _COMPILED:
        match = pattern.fullmatch(request.path)
        if match and method == request.method:
            return resource(api, request, *match.groups())
        is_known = is_known or match is not None
    raise refuse(405 if is_known else 404)
