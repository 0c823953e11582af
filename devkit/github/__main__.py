"""``python -m devkit.github --port N --data DIR``: the stand-in alone."""

from __future__ import annotations

import argparse
from pathlib import Path

from devkit.github import admin
from devkit.github.app import create_app
from devkit.github.config import Config
from devkit.github.hub import API, Hub
from devkit.rig import command_line, serve


def parser() -> argparse.ArgumentParser:
    """Options of the command line; the epilog lists the admin surface."""
    found = command_line("github", __doc__ or "")
    found.formatter_class = argparse.RawDescriptionHelpFormatter
    found.epilog = admin.__doc__
    found.set_defaults(data=Path(".data/github"))
    found.add_argument("--webhook-url", default="", help="where webhooks go")
    found.add_argument("--webhook-secret", default="", help="what signs them")
    found.add_argument("--app-id", type=int, default=1)
    found.add_argument("--app-slug", default="devtask")
    found.add_argument("--app-name", default="Dev Task")
    found.add_argument("--app-owner", default="devtask-owner", help="login of the App's owner")
    return found


def main() -> None:
    args = parser().parse_args()
    config = Config(
        args.data,
        args.app_id,
        args.app_slug,
        args.app_name,
        args.app_owner,
        args.webhook_url,
        args.webhook_secret,
    )
    hub = Hub(config)
    if args.port:
        hub.base = f"http://{args.host}:{args.port}"
    print(f"GITHUB_API_URL is the address below + {API}; App key: {args.data}/app-private-key.pem", flush=True)
    try:
        serve(create_app(hub), args.port, args.data, "github", args.host)
    except KeyboardInterrupt:
        hub.close()


if __name__ == "__main__":
    main()
