FROM python:3.11-slim-bookworm
RUN apt-get update \
    && apt-get install -y --no-install-recommends bubblewrap git ca-certificates tini \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home --home-dir /opt/dev-orchestrator orchestrator
WORKDIR /app
COPY requirements.lock pyproject.toml README.md LICENSE ./
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock
COPY state state
COPY ai ai
COPY ghapp ghapp
COPY jobs jobs
COPY cli cli
COPY devkit devkit
COPY Procfile app.yml alembic.ini ./
RUN pip install --no-cache-dir --no-deps . \
    && mkdir -p /opt/dev-orchestrator/repos /opt/dev-orchestrator/logs /opt/dev-orchestrator/data \
    && chown -R orchestrator:orchestrator /opt/dev-orchestrator
USER orchestrator
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 BIND=0.0.0.0:8000
ENTRYPOINT ["tini", "--"]
CMD ["devtask", "serve"]
HEALTHCHECK --interval=30s --timeout=3s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
