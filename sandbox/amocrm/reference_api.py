"""GET of what an account is set up with: itself, users, pipelines, loss reasons, custom fields."""

from datetime import datetime
from typing import Any

from sandbox.amocrm.api import Api
from sandbox.amocrm.exchange import EMPTY, Reply, Request, hal, refuse
from sandbox.amocrm.fields import Field
from sandbox.amocrm.listing import counted_page, cut, filters, order, whole
from sandbox.amocrm.query import texts
from sandbox.amocrm.truth import LossReason, Pipeline, Status, User

_ALL = {"view": "A", "edit": "A", "add": "A", "delete": "A", "export": "A"}


def account(api: Api, request: Request) -> Reply:
    settings, asked = api.account.settings, request.asked_with
    actor = next(iter(api.account.users), 0)
    body: dict[str, Any] = {
        "id": settings.id, "name": settings.name, "subdomain": settings.subdomain,
        "created_at": settings.created_at,
        "created_by": 0, "updated_at": settings.created_at, "updated_by": 0, "current_user_id": actor,
        "country": "RU", "currency": settings.currency, "currency_symbol": "₽",
        "customers_mode": settings.customers_mode,
        "is_unsorted_on": True, "mobile_feature_version": 0, "is_loss_reason_enabled": True,
        "is_helpbot_enabled": False, "is_technical_account": False, "contact_name_display_order": 1,
    }  # fmt: skip
    if "is_api_filter_enabled" in asked:
        body["is_api_filter_enabled"] = settings.is_api_filter_enabled
    if "drive_url" in asked:
        body["drive_url"] = f"{api.url}/drive"
    if "version" in asked:
        body["version"] = 12
    body["_links"] = api.href(request.path, request.query)
    body["_embedded"] = _account_parts(api, asked)
    return hal(body)


def users(api: Api, request: Request) -> Reply:
    _admin_only(api)
    filters(request, (), api.manners)
    people = sorted(api.account.users.values(), key=lambda user: user.id)
    place = cut(request, len(people), api.manners)
    shown = [_user(api, user, request) for user in people[place.start : place.start + place.limit]]
    return counted_page(api, request, place, "users", shown)


def user(api: Api, request: Request, user_id: str) -> Reply:
    _admin_only(api)
    found = api.account.users.get(int(user_id))
    if found is None:
        raise refuse(404)
    return hal(_user(api, found, request))


def pipelines(api: Api, request: Request) -> Reply:
    filters(request, (), api.manners)
    found = sorted(api.account.pipelines.values(), key=lambda pipeline: pipeline.sort)
    return whole(api, request, "pipelines", [_pipeline(api, one) for one in found])


def pipeline(api: Api, _request: Request, pipeline_id: str) -> Reply:
    return hal(_pipeline(api, _pipeline_of(api, pipeline_id)))


def statuses(api: Api, request: Request, pipeline_id: str) -> Reply:
    owner = _pipeline_of(api, pipeline_id)
    return whole(api, request, "statuses", _statuses(api, owner))


def loss_reasons(api: Api, request: Request) -> Reply:
    found = list(api.account.loss_reasons.values())
    if not found:
        return EMPTY
    place = cut(request, len(found), api.manners)
    shown = [_loss_reason(api, one) for one in found[place.start : place.start + place.limit]]
    return counted_page(api, request, place, "loss_reasons", shown)


def custom_fields(api: Api, request: Request, entity: str) -> Reply:
    given = filters(request, ("type", "id"), api.manners)
    kinds, wanted = set(texts(given.get("type", ""))), set(texts(given.get("id", "")))
    by = order(request, ("sort", "id"), api.manners) or ("sort", False)
    found = [
        one
        for one in api.account.fields_of(entity)
        if (not kinds or one.type in kinds) and (not wanted or str(one.id) in wanted)
    ]
    found.sort(key=lambda one: (getattr(one, by[0]), one.id), reverse=by[1])
    place = cut(request, len(found), api.manners)
    shown = [_field(api, one) for one in found[place.start : place.start + place.limit]]
    return counted_page(api, request, place, "custom_fields", shown)


def custom_field(api: Api, _request: Request, entity: str, field_id: str) -> Reply:
    for one in api.account.fields_of(entity):
        if one.id == int(field_id):
            return hal(_field(api, one))
    raise refuse(404)


def _admin_only(api: Api) -> None:
    if not api.is_admin:
        raise refuse(403, "Access denied")


def _account_parts(api: Api, asked: frozenset[str]) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    if "users_groups" in asked:
        groups = [{"id": 0, "name": "Отдел продаж", "uuid": None}]
        groups += [{"id": one.id, "name": one.name, "uuid": one.uuid} for one in api.account.groups.values()]
        parts["users_groups"] = groups
    if "task_types" in asked:
        names = ((1, "Связаться", "FOLLOW_UP"), (2, "Встреча", "MEETING"))
        parts["task_types"] = [
            {"id": number, "name": name, "color": None, "icon_id": None, "code": code}
            for number, name, code in names
        ]
    if "datetime_settings" in asked:
        offset = datetime.fromtimestamp(api.account.clock(), api.account.zone).strftime("%z")
        parts["datetime_settings"] = {
            "date_pattern": "d.m.Y H:i",
            "short_date_pattern": "d.m.Y",
            "short_time_pattern": "H:i",
            "date_formant": "european",
            "time_format": "H:i:s",
            "timezone": api.account.settings.timezone,
            "timezone_offset": f"{offset[:3]}:{offset[3:]}",
        }
    return parts


def _user(api: Api, user: User, request: Request) -> dict[str, Any]:
    item: dict[str, Any] = {"id": user.id, "name": user.name, "email": user.email, "lang": "ru"}
    item["rights"] = {
        "leads": dict(_ALL), "contacts": dict(_ALL), "companies": dict(_ALL),
        "tasks": {"edit": "A", "delete": "A"}, "mail_access": False, "catalog_access": True,
        "status_rights": None,
        "is_admin": user.is_admin, "is_free": user.is_free, "is_active": user.is_active,
        "group_id": user.group_id,
        "role_id": user.role_id,
    }  # fmt: skip
    item["_links"] = api.href(f"/api/v4/users/{user.id}", request.query)
    asked = request.asked_with
    parts: dict[str, Any] = {}
    if "role" in asked:
        role = api.account.roles.get(user.role_id or 0)
        parts["roles"] = [{"id": role.id, "name": role.name}] if role else []
    if "group" in asked:
        group = api.account.groups.get(user.group_id or 0)
        parts["groups"] = [{"id": group.id, "name": group.name}] if group else []
    if parts:
        item["_embedded"] = parts
    return item


def _pipeline_of(api: Api, pipeline_id: str) -> Pipeline:
    found = api.account.pipelines.get(int(pipeline_id))
    if found is None:
        raise refuse(404)
    return found


def _pipeline(api: Api, pipeline: Pipeline) -> dict[str, Any]:
    return {
        "id": pipeline.id, "name": pipeline.name, "sort": pipeline.sort, "is_main": pipeline.is_main,
        "is_unsorted_on": pipeline.is_unsorted_on, "is_archive": pipeline.is_archive,
        "account_id": api.account.settings.id, "_links": api.href(f"/api/v4/leads/pipelines/{pipeline.id}"),
        "_embedded": {"statuses": _statuses(api, pipeline)},
    }  # fmt: skip


def _statuses(api: Api, pipeline: Pipeline) -> list[dict[str, Any]]:
    ordered = sorted(pipeline.statuses.values(), key=lambda status: status.sort)
    return [_status(api, status) for status in ordered]


def _status(api: Api, status: Status) -> dict[str, Any]:
    return {
        "id": status.id, "name": status.name, "sort": status.sort, "is_editable": status.is_editable,
        "pipeline_id": status.pipeline_id, "color": status.color, "type": status.type,
        "account_id": api.account.settings.id,
        "_links": api.href(f"/api/v4/leads/pipelines/{status.pipeline_id}/statuses/{status.id}"),
    }  # fmt: skip


def _loss_reason(api: Api, reason: LossReason) -> dict[str, Any]:
    return {
        "id": reason.id, "name": reason.name, "sort": reason.sort, "created_at": reason.created_at,
        "updated_at": reason.updated_at, "_links": api.href(f"/api/v4/leads/loss_reasons/{reason.id}"),
    }  # fmt: skip


def _field(api: Api, field: Field) -> dict[str, Any]:
    enums = [
        {"id": one.id, "value": one.value, "sort": one.sort, "code": one.code}
        for one in field.choices.values()
    ]
    item: dict[str, Any] = {
        "id": field.id, "name": field.name, "type": field.type, "account_id": api.account.settings.id,
        "code": field.code, "sort": field.sort, "is_api_only": field.is_api_only, "enums": enums or None,
        "group_id": field.group_id, "required_statuses": [], "is_deletable": not field.is_predefined,
        "is_predefined": field.is_predefined, "entity_type": field.entity.partition("/")[0],
    }  # fmt: skip
    if field.entity == "leads":
        item |= {"is_computed": False, "hidden_statuses": [], "chained_lists": None}
    item |= {"tracking_callback": None, "remind": None, "triggers": [], "currency": field.currency}
    item["_links"] = api.href(f"/api/v4/{field.entity}/custom_fields/{field.id}")
    return item
