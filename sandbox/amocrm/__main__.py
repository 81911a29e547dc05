"""Serve a stand-in account until stopped: `python -m sandbox.amocrm [--leads 100000] [--port 8000]`.

The first line printed is the address, the second the token, the third, with `--control`, the address of the
door for orders (see control.Control). A line `change N` on the standard input changes N leads of a big account.
"""

import argparse
import json
import signal
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sandbox.amocrm.acts import Acts, SetClock
from sandbox.amocrm.big import big_account, change
from sandbox.amocrm.company import Demo, demo_company
from sandbox.amocrm.control import Control
from sandbox.amocrm.grants import OAuth
from sandbox.amocrm.server import AmoServer


def main() -> None:
    wanted, clock = _arguments(), SetClock(time.time)
    demo = _demo(wanted, clock)
    lag = tuple(wanted.lag) if len(wanted.lag) == 2 else wanted.lag[0]
    oauth = OAuth() if wanted.oauth else None
    with AmoServer(
        demo.account, rate=wanted.rate, latency=wanted.latency, lag=lag, port=wanted.port, oauth=oauth
    ) as server:
        control = None
        if wanted.control is not None:
            control = Control(server, Acts(demo, server, None if wanted.leads else clock), wanted.control)
        _introduce(wanted, demo, server, control)
        signal.signal(signal.SIGTERM, _stop)
        try:
            _obey(demo)
            signal.pause()
        except KeyboardInterrupt:
            return
        finally:
            if control is not None:
                control.stop()


def _introduce(wanted: argparse.Namespace, demo: Demo, server: AmoServer, control: Control | None) -> None:
    """Tell where everything is."""
    about: dict[str, Any] = {"url": server.url, "token": server.token, "mapping": demo.mapping}
    lines = [server.url, server.token]
    if control is not None:
        control.start()
        about["control"] = control.url
        lines.append(control.url)
    if server.grants.oauth is not None:
        about["oauth"] = {**asdict(server.grants.oauth), "code": server.grants.new_code()}
    if wanted.describe:
        Path(wanted.describe).write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")
    print(*lines, sep="\n", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="sandbox.amocrm", description="Serve a stand-in amoCRM account.")
    parser.add_argument(
        "--leads", type=int, help="a big account of so many leads, instead of the demo company"
    )
    parser.add_argument(
        "--fields", type=int, default=30, help="filled custom fields of each lead of a big account"
    )
    parser.add_argument("--deals", type=int, default=2000, help="deals of the demo company")
    parser.add_argument("--months", type=int, default=18, help="months of the demo company's history")
    parser.add_argument("--rate", type=int, default=7, help="requests in a second; 0: no limit")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds that every answer takes")
    parser.add_argument(
        "--lag", type=float, nargs="+", default=[0.0], help="seconds until a change shows; two: between them"
    )
    parser.add_argument("--oauth", action="store_true", help="serve the token endpoint too")
    parser.add_argument("--control", type=int, help="open a door for orders on this port; 0: any free one")
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--now", type=float, help="unix seconds at which the history ends; default: now")
    parser.add_argument(
        "--describe", help="a file to write the address, the token and the mapping to, as JSON"
    )
    return parser.parse_args()


def _demo(wanted: argparse.Namespace, clock: SetClock) -> Demo:
    if wanted.leads:
        return big_account(wanted.leads, wanted.fields, wanted.seed, wanted.now)
    now = None if wanted.now is None else datetime.fromtimestamp(wanted.now, UTC)
    return demo_company(wanted.seed, wanted.deals, wanted.months, now=now, clock=clock)


def _obey(demo: Demo) -> None:
    for line in sys.stdin:
        verb, _, count = line.strip().partition(" ")
        if verb == "change":
            change(demo, int(count))
            print(f"changed {count}", flush=True)


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
