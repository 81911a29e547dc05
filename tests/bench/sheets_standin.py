"""A spreadsheet service in a process of its own: prints its address, a key and a book as JSON, serves until ended."""

import json
import sys

from sandbox.google.server import GoogleServer

ROBOT = "vitrina@bench.iam.gserviceaccount.com"


def main() -> None:
    with GoogleServer(keep_revisions=1, keep_requests=10) as google:
        book = google.create_spreadsheet("Показатели", share={ROBOT: "writer"})
        about = {"url": google.url, "book": book, "key": json.dumps(google.service_account(ROBOT))}
        print(json.dumps(about), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
