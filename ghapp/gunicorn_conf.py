"""gunicorn's settings for the gate: threads, so that a slow sender holds one thread and not a whole process."""

import os

bind = os.environ.get("BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = 16
timeout = 30
graceful_timeout = 20
keepalive = 5
control_socket_disable = True
