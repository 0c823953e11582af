"""`python -m devkit.gemini --port N --data DIR [--script FILE]`."""

from devkit.gemini.app import make_app
from devkit.rig import command_line, serve
from devkit.rig.script import Script


def main() -> None:
    """Serve until the process is ended."""
    parser = command_line("gemini", "The Gemini REST API on loopback, answering from a script.", script=True)
    parser.add_argument("--key", action="append", help="accept only this API key (may be given several times)")
    args = parser.parse_args()
    script = Script.from_file(args.script) if args.script else Script()
    serve(make_app(script, keys=args.key), args.port, args.data, "gemini", args.host)


if __name__ == "__main__":
    main()
