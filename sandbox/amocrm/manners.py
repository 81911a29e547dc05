"""One switch for each matter in which real accounts differ or the documentation is silent."""

from dataclasses import dataclass
from typing import Literal


@dataclass(slots=True)
class Manners:
    """The defaults are the awkward choices: what copes with them copes with the others."""

    strict: bool = True
    """An undocumented filter or order is refused with 400; otherwise it is ignored."""
    inclusive: bool = True
    """Bounds of a range belong to it."""
    ignored_filters: frozenset[str] = frozenset()
    """Filters of leads, contacts and companies that do nothing and say nothing, though the account has filters."""
    bare_int_range: bool = False
    """A bare number for a time filter of leads, contacts or companies works; otherwise it finds nothing."""
    over_limit: Literal["shrink", "refuse"] = "shrink"
    """A `limit` above the maximum becomes 50 without a word, or is refused with 422."""
    next_after_full_page: bool = True
    """Every full page names a next one, even if that will be empty."""
    stub_by_id: bool = False
    """GET of a trashed lead by its id gives its stub; otherwise 204."""
    live_among_deleted: bool = False
    """`only_deleted` also lets a lead through that is not deleted."""
    loss_reason_as_object: bool = False
    minor_units: bool = False
    """Leads carry `price_with_minor_units`."""
    enum_codes: bool = True
    """Options carry `enum_code`, be it null."""
    deleted_as_null: bool = False
    """`is_deleted` of a live object is null."""
    plain_event_types: bool = False
    """A changed field is told as `custom_field_value_changed`, without its id."""
    purges: bool = False
    """What has lain in the trash for more than 30 days goes by itself; otherwise only `Account.purge` does it."""
    reposting_enables: bool = True
    """Subscribing a known destination again switches it on, if it was switched off."""
    customers_refused: bool = False
    """An account without customers answers 422 to who asks for them; otherwise 204."""
    archived_listed: bool = True
    """Leads of archived pipelines stand in the list of leads."""
    unsorted_listed: bool = True
    """Incoming leads stand among the leads, too, before anybody has accepted them."""
    page_number: bool = True
    """Lists carry `_page`."""
