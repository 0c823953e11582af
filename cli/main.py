"""The `devtask` command. One command = one file of this package; heavy imports happen when a command runs."""

from __future__ import annotations

import typer

from cli import demo, doctor, eval, logs, migrate, replay, serve, status, workers

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Dev Task Orchestrator: a comment becomes a planned, approved, tested branch.",
)
app.command("demo")(demo.demo)
app.command("serve")(serve.serve)
app.command("worker")(workers.worker)
app.command("scheduler")(workers.scheduler)
app.command("migrate")(migrate.migrate)
app.command("doctor")(doctor.doctor)
app.command("eval")(eval.evaluate)
app.command("replay")(replay.replay)
app.command("status")(status.status)
app.command("logs")(logs.logs)

if __name__ == "__main__":
    app()
