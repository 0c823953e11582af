"""`python -m devkit.telegram --port N --data DIR`."""

from devkit.rig import command_line, serve
from devkit.telegram.app import make_app


def main() -> None:
    """Serve until the process is ended."""
    parser = command_line("telegram", "The Telegram Bot API on loopback, with a phone page at /.")
    parser.add_argument("--token", action="append", help="accept only this bot token (may be given several times)")
    args = parser.parse_args()
    serve(make_app(args.data, tokens=args.token), args.port, args.data, "telegram", args.host)


if __name__ == "__main__":
    main()
