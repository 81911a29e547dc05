"""The yardstick as a process of its own: dlt's `rest_api` source over the same leads, into a DuckDB file.

`python -m tests.bench.dlt_side <order>`: the address, the token, the folder, how many pages, how deep tables nest.
Where `depth` is 0 nested values stay JSON in one table, which is what the product keeps; None is dlt as it comes:
every custom field value becomes a row of a table below.
"""

import json
import resource
import sys
import time
from collections.abc import Mapping
from typing import Any

import dlt
from dlt.sources.rest_api import rest_api_source

KIB = 1024


def run(order: Mapping[str, Any]) -> dict[str, Any]:
    """Load the leads once; rows, seconds and the peak memory."""
    source = rest_api_source(_config(order), max_table_nesting=order["depth"])
    source.add_limit(order["pages"])
    pipeline = dlt.pipeline(
        f"bench_{order['depth']}",
        pipelines_dir=order["folder"],
        destination=dlt.destinations.duckdb(f"{order['folder']}/dlt_{order['depth']}.duckdb"),
        dataset_name="raw",
    )
    began, worked = time.monotonic(), time.process_time()
    pipeline.run(source)
    seconds, cpu = time.monotonic() - began, time.process_time() - worked
    with pipeline.sql_client() as client:
        rows = client.execute_sql("select count(*) from leads")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIB
    return {"seconds": seconds, "cpu": cpu, "rows": rows[0][0] if rows else 0, "peak": peak}


def _config(order: Mapping[str, Any]) -> Any:
    return {
        "client": {
            "base_url": f"{order['url']}/api/v4/",
            "auth": {"type": "bearer", "token": order["token"]},
            "paginator": {"type": "json_link", "next_url_path": "_links.next.href"},
        },
        "resources": [
            {
                "name": "leads",
                "primary_key": "id",
                "write_disposition": "merge",
                "max_table_nesting": order["depth"],
                "endpoint": {
                    "path": "leads",
                    "data_selector": "_embedded.leads",
                    "response_actions": [{"status_code": 204, "action": "ignore"}],  # the page after the last
                    "params": {
                        "limit": 250,
                        "with": "contacts,loss_reason,catalog_elements,source",
                        "order[updated_at]": "asc",
                    },
                },
            }
        ],
    }


if __name__ == "__main__":
    print(json.dumps(run(json.loads(sys.argv[1]))))
