# ruff: noqa: E501
"""Every table and view of the first release."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = [
    "commands",
    "deliveries",
    "external_links",
    "identities",
    "rate_buckets",
    "refusals",
    "sent_bodies",
    "settings",
    "tasks",
    "approvals",
    "budget_reservations",
    "conversations",
    "dependencies",
    "lessons",
    "notes",
    "notifications",
    "outbox",
    "participants",
    "phases",
    "plan_versions",
    "progress_updates",
    "shared_context",
    "snapshots",
    "discovery_documents",
    "milestones",
    "steps",
    "artifacts",
    "attempts",
    "checkpoints",
    "llm_calls",
    "substeps",
    "task_logs",
]


def where(condition):
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


_ENDED = "('done', 'skipped')"

MILESTONE_PROGRESS = f"""
CREATE VIEW milestone_progress AS
SELECT m.id AS milestone_id, m.task_id AS task_id, m.phase_id AS phase_id, m.key AS milestone_key,
  COUNT(s.id) AS total_steps,
  COALESCE(SUM(CASE WHEN s.status IN {_ENDED} THEN 1 ELSE 0 END), 0) AS completed_steps,
  COALESCE(SUM(CASE WHEN s.status = 'failed' THEN 1 ELSE 0 END), 0) AS failed_steps,
  COALESCE(SUM(CASE WHEN s.status = 'blocked' THEN 1 ELSE 0 END), 0) AS blocked_steps,
  ROUND(CASE WHEN COUNT(s.id) = 0 THEN 0
    ELSE 100.0 * SUM(CASE WHEN s.status IN {_ENDED} THEN 1 ELSE 0 END) / COUNT(s.id) END, 2) AS progress_percent,
  COALESCE(SUM(s.story_points), 0) AS total_story_points,
  COALESCE(SUM(CASE WHEN s.status IN {_ENDED} THEN s.story_points ELSE 0 END), 0) AS completed_story_points,
  COALESCE(SUM(s.estimated_minutes), 0) AS estimated_minutes,
  COALESCE(SUM(s.actual_minutes), 0.0) AS actual_minutes
FROM milestones m LEFT JOIN steps s ON s.milestone_id = m.id AND s.current
GROUP BY m.id, m.task_id, m.phase_id, m.key
"""

PHASE_PROGRESS = """
CREATE VIEW phase_progress AS
SELECT p.id AS phase_id, p.task_id AS task_id, p.key AS phase_key,
  COUNT(m.milestone_id) AS total_milestones,
  COALESCE(SUM(CASE WHEN m.total_steps > 0 AND m.completed_steps = m.total_steps THEN 1 ELSE 0 END), 0)
    AS completed_milestones,
  COALESCE(SUM(m.total_steps), 0) AS total_steps,
  COALESCE(SUM(m.completed_steps), 0) AS completed_steps,
  ROUND(CASE WHEN COALESCE(SUM(m.total_steps), 0) = 0 THEN 0
    ELSE 100.0 * SUM(m.completed_steps) / SUM(m.total_steps) END, 2) AS progress_percent,
  COALESCE(SUM(m.estimated_minutes), 0) AS estimated_minutes,
  COALESCE(SUM(m.actual_minutes), 0.0) AS actual_minutes
FROM phases p LEFT JOIN milestone_progress m ON m.phase_id = p.id
GROUP BY p.id, p.task_id, p.key
"""

_EXECUTABLE = """
CREATE VIEW executable_steps AS
SELECT s.id AS step_id, s.task_id AS task_id, s.key AS step_key, s.number AS number, s.priority AS priority,
  CASE s.priority WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'medium' THEN 2 ELSE 3 END AS priority_rank
FROM steps s
WHERE s.current AND s.status = 'pending' AND NOT EXISTS (
  SELECT 1 FROM {each} WHERE NOT EXISTS (
    SELECT 1 FROM steps d WHERE d.task_id = s.task_id AND d.key = needed.value AND d.status IN ('done', 'skipped')
  )
)
"""


def create_views(dialect):
    each = "json_each(s.depends_on) AS needed" if dialect == "sqlite" else _POSTGRES_EACH
    return [MILESTONE_PROGRESS, PHASE_PROGRESS, _EXECUTABLE.format(each=each)]


_POSTGRES_EACH = "jsonb_array_elements_text(s.depends_on) AS needed(value)"
VIEWS = ("executable_steps", "phase_progress", "milestone_progress")


def upgrade():
    op.create_table(
        "commands",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("repo_id", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("source_id", sa.String(length=300), nullable=False),
        sa.Column("command_index", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "source IN ('comment', 'issue', 'label', 'tick', 'telegram', 'cli')", name=op.f("ck_commands_source")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_commands"),
        sa.UniqueConstraint(
            "repo_id", "source", "source_id", "command_index", name="uq_commands_repo_id_source_source_id_command_index"
        ),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("guid", sa.String(length=200), nullable=False),
        sa.Column("event", sa.String(length=100), nullable=False),
        sa.Column("headers", JSON, nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("action", sa.String(length=100), nullable=True),
        sa.Column("repo_id", sa.BigInteger(), nullable=True),
        sa.Column("sender_id", sa.BigInteger(), nullable=True),
        sa.Column("lease_owner", sa.String(length=200), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("processed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('new', 'processing', 'done', 'quarantined', 'failed')", name=op.f("ck_deliveries_state")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint("guid", name="uq_deliveries_guid"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_deliveries_open", "deliveries", ["state", "id"], **where("state IN ('new', 'processing', 'failed')")
    )
    op.create_index("ix_deliveries_received_at", "deliveries", ["received_at"])
    op.create_table(
        "external_links",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("local_kind", sa.String(length=50), nullable=False),
        sa.Column("local_id", sa.String(length=100), nullable=False),
        sa.Column("system", sa.String(length=30), nullable=False),
        sa.Column("project_key", sa.String(length=200), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=False),
        sa.Column("external_key", sa.String(length=300), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_external_links"),
        sa.UniqueConstraint(
            "local_kind",
            "local_id",
            "system",
            "project_key",
            name="uq_external_links_local_kind_local_id_system_project_key",
        ),
    )
    op.create_index("ix_external_links_system_external_id", "external_links", ["system", "external_id"])
    op.create_table(
        "identities",
        sa.Column("github_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("login", sa.String(length=100), nullable=False),
        sa.Column("telegram_id", sa.BigInteger(), nullable=True),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("github_id", name="pk_identities"),
        sa.UniqueConstraint("telegram_id", name="uq_identities_telegram_id"),
    )
    op.create_index("ix_identities_login", "identities", ["login"])
    op.create_table(
        "rate_buckets",
        sa.Column("bucket", sa.String(length=200), nullable=False),
        sa.Column("slot", sa.String(length=50), nullable=False),
        sa.Column("tokens", sa.Double(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("bucket", "slot", name="pk_rate_buckets"),
    )
    op.create_table(
        "refusals",
        sa.Column("repo_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reacted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("repo_id", "user_id", name="pk_refusals"),
    )
    op.create_table(
        "sent_bodies",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("repo_id", sa.BigInteger(), nullable=False),
        sa.Column("comment_id", sa.BigInteger(), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sent_bodies"),
    )
    op.create_index("ix_sent_bodies_comment", "sent_bodies", ["repo_id", "comment_id", "id"])
    op.create_table(
        "settings",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_settings"),
    )
    op.create_table(
        "tasks",
        sa.Column("seq", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.String(length=8), nullable=False),
        sa.Column("repo_id", sa.BigInteger(), nullable=False),
        sa.Column("repo_name", sa.String(length=300), nullable=False),
        sa.Column("installation_id", sa.BigInteger(), nullable=False),
        sa.Column("issue_number", sa.Integer(), nullable=False),
        sa.Column("requester_id", sa.BigInteger(), nullable=False),
        sa.Column("requester_login", sa.String(length=100), nullable=False),
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("user_request_original", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("fail_reason", sa.String(length=30), nullable=True),
        sa.Column("came_from", sa.String(length=20), nullable=True),
        sa.Column("before_status", sa.String(length=20), nullable=True),
        sa.Column("before_reason", sa.String(length=30), nullable=True),
        sa.Column("simulating", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("status_reason", sa.Text(), nullable=True),
        sa.Column("pause_reason", sa.String(length=30), nullable=True),
        sa.Column("abort_reason", sa.Text(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("activity", sa.Text(), nullable=True),
        sa.Column("intent", sa.String(length=30), nullable=True),
        sa.Column("priority", sa.String(length=10), server_default="medium", nullable=False),
        sa.Column("assignee", sa.String(length=100), nullable=True),
        sa.Column("language", sa.String(length=5), server_default="en", nullable=False),
        sa.Column("source", sa.String(length=20), server_default="comment", nullable=False),
        sa.Column("options", JSON, nullable=False),
        sa.Column("branch", sa.String(length=255), nullable=True),
        sa.Column("base_branch", sa.String(length=255), nullable=True),
        sa.Column("base_sha", sa.String(length=64), nullable=True),
        sa.Column("head_sha", sa.String(length=64), nullable=True),
        sa.Column("issue_hash", sa.String(length=64), nullable=True),
        sa.Column("current_step", sa.Integer(), server_default="0", nullable=False),
        sa.Column("total_steps", sa.Integer(), server_default="0", nullable=False),
        sa.Column("retries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rounds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("plan_version", sa.Integer(), nullable=True),
        sa.Column("discovery_id", sa.String(length=36), nullable=True),
        sa.Column("success_criteria", JSON, nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=True),
        sa.Column("estimated_hours", sa.Double(), nullable=True),
        sa.Column("actual_hours", sa.Double(), nullable=True),
        sa.Column("feedback_quality", sa.Integer(), nullable=True),
        sa.Column("feedback_timeliness", sa.Integer(), nullable=True),
        sa.Column("feedback_notes", sa.Text(), nullable=True),
        sa.Column("completion_summary", sa.Text(), nullable=True),
        sa.Column("budget", sa.Float(), nullable=True),
        sa.Column("spent", sa.Float(), server_default="0", nullable=False),
        sa.Column("tokens", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cached_tokens", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resumed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resume_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("aborted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_owner", sa.String(length=200), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("takes", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("before_reason IN ('plan_failed', 'step_failed')", name=op.f("ck_tasks_before_reason")),
        sa.CheckConstraint(
            "before_status IN ('PLANNING', 'DISCOVERY', 'PLANNED', 'BLOCKED', 'EXECUTING', 'PAUSED', 'FAILED', 'COMPLETED', 'ABORTED')",
            name=op.f("ck_tasks_before_status"),
        ),
        sa.CheckConstraint(
            "came_from IN ('PLANNING', 'DISCOVERY', 'PLANNED', 'BLOCKED', 'EXECUTING', 'PAUSED', 'FAILED', 'COMPLETED', 'ABORTED')",
            name=op.f("ck_tasks_came_from"),
        ),
        sa.CheckConstraint("fail_reason IN ('plan_failed', 'step_failed')", name=op.f("ck_tasks_fail_reason")),
        sa.CheckConstraint(
            "pause_reason IN ('user', 'change', 'budget', 'limit', 'decision', 'provider', 'approver_lost', 'issue_closed', 'repo_gone', 'installation_suspended', 'poison')",
            name=op.f("ck_tasks_pause_reason"),
        ),
        sa.CheckConstraint("priority IN ('critical', 'high', 'medium', 'low')", name=op.f("ck_tasks_priority")),
        sa.CheckConstraint(
            "status IN ('PLANNING', 'DISCOVERY', 'PLANNED', 'BLOCKED', 'EXECUTING', 'PAUSED', 'FAILED', 'COMPLETED', 'ABORTED')",
            name=op.f("ck_tasks_status"),
        ),
        sa.CheckConstraint("type IN ('feat', 'fix', 'refactor', 'docs', 'test', 'chore')", name=op.f("ck_tasks_type")),
        sa.CheckConstraint("feedback_quality >= 1 AND feedback_quality <= 5", name=op.f("ck_tasks_feedback_quality")),
        sa.CheckConstraint(
            "feedback_timeliness >= 1 AND feedback_timeliness <= 5", name=op.f("ck_tasks_feedback_timeliness")
        ),
        sa.PrimaryKeyConstraint("seq", name="pk_tasks"),
        sa.UniqueConstraint("id", name="uq_tasks_id"),
        sa.UniqueConstraint("key", name="uq_tasks_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_tasks_assignee", "tasks", ["assignee"])
    op.create_index("ix_tasks_created_at", "tasks", ["created_at"])
    op.create_index("ix_tasks_deadline", "tasks", ["deadline"])
    op.create_index("ix_tasks_discovery_id", "tasks", ["discovery_id"])
    op.create_index("ix_tasks_installation_id", "tasks", ["installation_id"])
    op.create_index("ix_tasks_lease_until", "tasks", ["lease_until"])
    op.create_index("ix_tasks_priority", "tasks", ["priority"])
    op.create_index("ix_tasks_repo_id", "tasks", ["repo_id"])
    op.create_index("ix_tasks_repo_id_issue_number", "tasks", ["repo_id", "issue_number"])
    op.create_index("ix_tasks_repo_name", "tasks", ["repo_name"])
    op.create_index("ix_tasks_status", "tasks", ["status"])
    op.create_index("ix_tasks_type", "tasks", ["type"])
    op.create_index(
        "uq_tasks_open_issue",
        "tasks",
        ["repo_id", "issue_number"],
        unique=True,
        **where("status NOT IN ('COMPLETED', 'FAILED', 'ABORTED')"),
    )
    op.create_table(
        "approvals",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("task_id", sa.String(length=36), nullable=False),
        sa.Column("plan_hash", sa.String(length=64), nullable=False),
        sa.Column("scope", sa.String(length=200), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("login", sa.String(length=100), nullable=False),
        sa.Column("role_seen", sa.String(length=50), nullable=False),
        sa.Column("comment_id", sa.BigInteger(), nullable=True),
        sa.Column("comment_hash", sa.String(length=64), nullable=True),
        sa.Column("issue_hash", sa.String(length=64), nullable=True),
        sa.Column("base_sha", sa.String(length=64), nullable=True),
        sa.Column("budget", sa.Double(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_approvals_task_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_approvals"),
    )
    op.create_index("ix_approvals_task_id", "approvals", ["task_id"])
    op.create_index(
        "uq_approvals_live", "approvals", ["task_id", "plan_hash", "scope"], unique=True, **where("revoked_at IS NULL")
    )
    op.create_table(
        "budget_reservations",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("task_id", sa.String(length=36), nullable=True),
        sa.Column("repo_id", sa.BigInteger(), nullable=True),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("maximum", sa.Double(), nullable=False),
        sa.Column("charged", sa.Double(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('open', 'settled', 'lost', 'freed')", name=op.f("ck_budget_reservations_state")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_budget_reservations_task_id", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_budget_reservations"),
    )
    op.create_index("ix_budget_reservations_day_repo_id", "budget_reservations", ["day", "repo_id"])
    op.create_index("ix_budget_reservations_state", "budget_reservations", ["state"])
    op.create_index("ix_budget_reservations_task_id", "budget_reservations", ["task_id"])
    op.create_table(
        "conversations",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("task_id", sa.String(length=36), nullable=True),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("intent", sa.String(length=30), nullable=True),
        sa.Column("author", sa.String(length=100), nullable=True),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role IN ('user', 'assistant', 'system')", name=op.f("ck_conversations_role")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_conversations_task_id", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
    )
    op.create_index("ix_conversations_created_at", "conversations", ["created_at"])
    op.create_index("ix_conversations_external_id", "conversations", ["external_id"])
    op.create_index("ix_conversations_task_id", "conversations", ["task_id"])
    op.create_table(
        "dependencies",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("task_id", sa.String(length=36), nullable=False),
        sa.Column("depends_on", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["depends_on"], ["tasks.id"], name="fk_dependencies_depends_on", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_dependencies_task_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_dependencies"),
        sa.UniqueConstraint("task_id", "depends_on", name="uq_dependencies_task_id_depends_on"),
    )
    op.create_index("ix_dependencies_depends_on", "dependencies", ["depends_on"])
    op.create_index("ix_dependencies_task_id", "dependencies", ["task_id"])
    op.create_table(
        "lessons",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("collection", sa.String(length=30), nullable=False),
        sa.Column("installation_id", sa.BigInteger(), nullable=False),
        sa.Column("repo_id", sa.BigInteger(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("task_id", sa.String(length=36), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("tags", JSON, nullable=False),
        sa.Column("success_rate", sa.Double(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "collection IN ('successful_plans', 'failed_plans', 'plan_modifications', 'successful_steps', 'failed_steps', 'discovery_patterns')",
            name=op.f("ck_lessons_collection"),
        ),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_lessons_task_id", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_lessons"),
    )
    op.create_index("ix_lessons_created_at", "lessons", ["created_at"])
    op.create_index("ix_lessons_scope", "lessons", ["installation_id", "repo_id", "collection"])
    op.create_index("ix_lessons_task_id", "lessons", ["task_id"])
    op.create_table(
        "notes",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("task_id", sa.String(length=36), nullable=False),
        sa.Column("agent_id", sa.String(length=100), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_notes_task_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_notes"),
    )
    op.create_index("ix_notes_task_id", "notes", ["task_id"])
    op.create_index("ix_notes_task_id_agent_id", "notes", ["task_id", "agent_id"])
    op.create_table(
        "notifications",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("task_id", sa.String(length=36), nullable=False),
        sa.Column("recipient", sa.String(length=100), nullable=False),
        sa.Column("event_type", sa.String(length=50), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_notifications_task_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_notifications"),
    )
    op.create_index("ix_notifications_recipient_read", "notifications", ["recipient", "read"])
    op.create_index("ix_notifications_task_id", "notifications", ["task_id"])
    op.create_table(
        "outbox",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("op_id", sa.String(length=32), nullable=False),
        sa.Column("dedupe", sa.String(length=300), nullable=False),
        sa.Column("task_id", sa.String(length=36), nullable=True),
        sa.Column("repo_id", sa.BigInteger(), nullable=True),
        sa.Column("installation_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("target", JSON, nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.Column("body_sha", sa.String(length=64), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("coalesce", sa.String(length=300), nullable=True),
        sa.Column("lane", sa.String(length=400), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("remote_id", sa.String(length=200), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("reads", sa.Integer(), nullable=False),
        sa.Column("verify", sa.Boolean(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_owner", sa.String(length=200), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('new', 'inflight', 'uncertain', 'done', 'dead')", name=op.f("ck_outbox_state")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_outbox_task_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("dedupe", name="uq_outbox_dedupe"),
        sa.UniqueConstraint("op_id", name="uq_outbox_op_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_done_at", "outbox", ["done_at"])
    op.create_index("ix_outbox_lane", "outbox", ["lane", "id"], **where("state IN ('new', 'inflight', 'uncertain')"))
    op.create_index(
        "ix_outbox_open", "outbox", ["priority", "id"], **where("state IN ('new', 'inflight', 'uncertain')")
    )
    op.create_index("ix_outbox_task_id", "outbox", ["task_id"])
    op.create_index("uq_outbox_inflight", "outbox", ["lane"], unique=True, **where("state = 'inflight'"))
    op.create_table(
        "participants",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("task_id", sa.String(length=36), nullable=False),
        sa.Column("agent_id", sa.String(length=100), nullable=False),
        sa.Column("role", sa.String(length=50), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_participants_task_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_participants"),
        sa.UniqueConstraint("task_id", "agent_id", name="uq_participants_task_id_agent_id"),
    )
    op.create_index("ix_participants_task_id", "participants", ["task_id"])
    op.create_table(
        "phases",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("task_id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.String(length=20), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("order_number", sa.Integer(), nullable=False),
        sa.Column("depends_on_phases", JSON, nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("estimated_hours", sa.Double(), nullable=False),
        sa.Column("actual_hours", sa.Double(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('pending', 'in_progress', 'completed', 'blocked', 'cancelled')", name=op.f("ck_phases_status")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_phases_task_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_phases"),
        sa.UniqueConstraint("task_id", "key", name="uq_phases_task_id_key"),
    )
    op.create_index("ix_phases_task_id", "phases", ["task_id"])
    op.create_table(
        "plan_versions",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("task_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.String(length=36), nullable=True),
        sa.Column("plan_snapshot", JSON, nullable=False),
        sa.Column("plan_hash", sa.String(length=64), nullable=False),
        sa.Column("change_summary", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("changes_detail", JSON, nullable=False),
        sa.Column("created_by", sa.String(length=100), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("progress_at_creation", sa.Double(), nullable=False),
        sa.Column("comment_id", BIG_ID, nullable=True),
        sa.Column("comment_hash", sa.String(length=64), nullable=True),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('initial', 'revision', 'modification', 'refactoring', 'scope_reduction')",
            name=op.f("ck_plan_versions_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["plan_versions.id"], name="fk_plan_versions_parent_id", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_plan_versions_task_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_plan_versions"),
        sa.UniqueConstraint("task_id", "number", name="uq_plan_versions_task_id_number"),
    )
    op.create_index("ix_plan_versions_parent_id", "plan_versions", ["parent_id"])
    op.create_index("ix_plan_versions_plan_hash", "plan_versions", ["plan_hash"])
    op.create_index("ix_plan_versions_task_id", "plan_versions", ["task_id"])
    op.create_table(
        "progress_updates",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("task_id", sa.String(length=36), nullable=False),
        sa.Column("agent_id", sa.String(length=100), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("progress >= 0 AND progress <= 100", name=op.f("ck_progress_updates_progress")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_progress_updates_task_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_progress_updates"),
    )
    op.create_index("ix_progress_updates_task_id", "progress_updates", ["task_id"])
    op.create_table(
        "shared_context",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("task_id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("value", JSON, nullable=False),
        sa.Column("updated_by", sa.String(length=100), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_shared_context_task_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_shared_context"),
        sa.UniqueConstraint("task_id", "key", name="uq_shared_context_task_id_key"),
    )
    op.create_index("ix_shared_context_task_id", "shared_context", ["task_id"])
    op.create_table(
        "snapshots",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("task_id", sa.String(length=36), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paused_by", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("plan_version", sa.Integer(), nullable=True),
        sa.Column("steps_state", JSON, nullable=False),
        sa.Column("in_progress_steps", JSON, nullable=False),
        sa.Column("trajectory", sa.Text(), nullable=True),
        sa.Column("wip_sha", sa.String(length=64), nullable=True),
        sa.Column("can_resume", sa.Boolean(), nullable=False),
        sa.Column("resumed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("paused_by IN ('user', 'system')", name=op.f("ck_snapshots_paused_by")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_snapshots_task_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_snapshots"),
    )
    op.create_index("ix_snapshots_task_id", "snapshots", ["task_id"])
    op.create_table(
        "discovery_documents",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("task_id", sa.String(length=36), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("questions", JSON, nullable=False),
        sa.Column("answers", JSON, nullable=False),
        sa.Column("document", JSON, nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("plan_version_id", sa.String(length=36), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("validated_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('in_progress', 'validated', 'completed')", name=op.f("ck_discovery_documents_status")
        ),
        sa.ForeignKeyConstraint(
            ["plan_version_id"],
            ["plan_versions.id"],
            name="fk_discovery_documents_plan_version_id",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_discovery_documents_task_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_discovery_documents"),
    )
    op.create_index("ix_discovery_documents_plan_version_id", "discovery_documents", ["plan_version_id"])
    op.create_index("ix_discovery_documents_task_id", "discovery_documents", ["task_id"])
    op.create_table(
        "milestones",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("task_id", sa.String(length=36), nullable=False),
        sa.Column("phase_id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.String(length=20), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("order_number", sa.Integer(), nullable=False),
        sa.Column("acceptance_criteria", JSON, nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("estimated_hours", sa.Double(), nullable=False),
        sa.Column("actual_hours", sa.Double(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('pending', 'in_progress', 'completed', 'blocked')", name=op.f("ck_milestones_status")
        ),
        sa.ForeignKeyConstraint(["phase_id"], ["phases.id"], name="fk_milestones_phase_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_milestones_task_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_milestones"),
        sa.UniqueConstraint("task_id", "key", name="uq_milestones_task_id_key"),
    )
    op.create_index("ix_milestones_phase_id", "milestones", ["phase_id"])
    op.create_index("ix_milestones_task_id", "milestones", ["task_id"])
    op.create_table(
        "steps",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("task_id", sa.String(length=36), nullable=False),
        sa.Column("milestone_id", sa.String(length=36), nullable=True),
        sa.Column("key", sa.String(length=20), nullable=False),
        sa.Column("approval_id", sa.String(length=36), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("priority", sa.String(length=10), nullable=False),
        sa.Column("complexity", sa.String(length=10), nullable=False),
        sa.Column("depends_on", JSON, nullable=False),
        sa.Column("estimated_minutes", sa.Integer(), nullable=False),
        sa.Column("story_points", sa.Integer(), nullable=False),
        sa.Column("definition_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("status_history", JSON, nullable=False),
        sa.Column("agent_role", sa.String(length=50), nullable=True),
        sa.Column("agent_model", sa.String(length=100), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("actual_minutes", sa.Double(), nullable=True),
        sa.Column("attempt_count", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("skipped_by", sa.String(length=100), nullable=True),
        sa.Column("output", JSON, nullable=False),
        sa.Column("test_results", JSON, nullable=False),
        sa.Column("validation_results", JSON, nullable=False),
        sa.Column("definition_of_done_satisfied", sa.Boolean(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("commit_sha", sa.String(length=64), nullable=True),
        sa.Column("pushed_sha", sa.String(length=64), nullable=True),
        sa.Column("handoff", sa.Text(), nullable=True),
        sa.Column("lease_owner", sa.String(length=200), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("takes", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("complexity IN ('low', 'medium', 'high')", name=op.f("ck_steps_complexity")),
        sa.CheckConstraint(
            "kind IN ('setup', 'implementation', 'testing', 'documentation', 'refactoring', 'deployment')",
            name=op.f("ck_steps_kind"),
        ),
        sa.CheckConstraint("priority IN ('critical', 'high', 'medium', 'low')", name=op.f("ck_steps_priority")),
        sa.CheckConstraint(
            "status IN ('pending', 'in_progress', 'ready_for_test', 'tested', 'done', 'failed', 'blocked', 'skipped', 'cancelled')",
            name=op.f("ck_steps_status"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('in_progress', 'ready_for_test', 'tested', 'done') OR approval_id IS NOT NULL",
            name=op.f("ck_steps_approved"),
        ),
        sa.ForeignKeyConstraint(["approval_id"], ["approvals.id"], name="fk_steps_approval_id", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["milestone_id"], ["milestones.id"], name="fk_steps_milestone_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_steps_task_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_steps"),
        sa.UniqueConstraint("task_id", "key", name="uq_steps_task_id_key"),
    )
    op.create_index("ix_steps_approval_id", "steps", ["approval_id"])
    op.create_index("ix_steps_lease_until", "steps", ["lease_until"])
    op.create_index(
        "ix_steps_live",
        "steps",
        ["task_id"],
        **where("status IN ('pending', 'in_progress', 'ready_for_test', 'tested')"),
    )
    op.create_index("ix_steps_milestone_id", "steps", ["milestone_id"])
    op.create_index("ix_steps_status", "steps", ["status"])
    op.create_index("ix_steps_task_id", "steps", ["task_id"])
    op.create_table(
        "artifacts",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("task_id", sa.String(length=36), nullable=False),
        sa.Column("step_id", sa.String(length=36), nullable=True),
        sa.Column("kind", sa.String(length=50), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", BIG_ID, nullable=False),
        sa.Column("truncated", sa.Boolean(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["step_id"], ["steps.id"], name="fk_artifacts_step_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_artifacts_task_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_artifacts"),
    )
    op.create_index("ix_artifacts_created_at", "artifacts", ["created_at"])
    op.create_index("ix_artifacts_step_id", "artifacts", ["step_id"])
    op.create_index("ix_artifacts_task_id", "artifacts", ["task_id"])
    op.create_table(
        "attempts",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("step_id", sa.String(length=36), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=50), nullable=False),
        sa.Column("result", sa.String(length=10), nullable=False),
        sa.Column("checks", JSON, nullable=False),
        sa.Column("feedback", sa.Text(), nullable=False),
        sa.Column("model", sa.String(length=100), nullable=True),
        sa.Column("tokens", BIG_ID, nullable=False),
        sa.Column("cost", sa.Double(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.CheckConstraint("result IN ('passed', 'failed')", name=op.f("ck_attempts_result")),
        sa.ForeignKeyConstraint(["step_id"], ["steps.id"], name="fk_attempts_step_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_attempts"),
        sa.UniqueConstraint("step_id", "round", "number", name="uq_attempts_step_id_round_number"),
    )
    op.create_index("ix_attempts_step_id", "attempts", ["step_id"])
    op.create_table(
        "checkpoints",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("task_id", sa.String(length=36), nullable=False),
        sa.Column("step_id", sa.String(length=36), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state_snapshot", JSON, nullable=False),
        sa.Column("git_status", JSON, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["step_id"], ["steps.id"], name="fk_checkpoints_step_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_checkpoints_task_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_checkpoints"),
        sa.UniqueConstraint("task_id", "number", name="uq_checkpoints_task_id_number"),
    )
    op.create_index("ix_checkpoints_created_at", "checkpoints", ["created_at"])
    op.create_index("ix_checkpoints_step_id", "checkpoints", ["step_id"])
    op.create_index("ix_checkpoints_task_id", "checkpoints", ["task_id"])
    op.create_table(
        "llm_calls",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("task_id", sa.String(length=36), nullable=True),
        sa.Column("step_id", sa.String(length=36), nullable=True),
        sa.Column("repo_id", sa.BigInteger(), nullable=True),
        sa.Column("role", sa.String(length=50), nullable=False),
        sa.Column("provider", sa.String(length=50), nullable=False),
        sa.Column("model", sa.String(length=100), nullable=False),
        sa.Column("tokens_in", sa.BigInteger(), nullable=False),
        sa.Column("tokens_cached", sa.BigInteger(), nullable=False),
        sa.Column("tokens_cache_written", sa.BigInteger(), nullable=False),
        sa.Column("tokens_out", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.Double(), nullable=False),
        sa.Column("latency", sa.Double(), nullable=False),
        sa.Column("prompt_hash", sa.String(length=64), nullable=True),
        sa.Column("outcome", sa.String(length=50), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["step_id"], ["steps.id"], name="fk_llm_calls_step_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_llm_calls_task_id", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_llm_calls"),
    )
    op.create_index("ix_llm_calls_created_at", "llm_calls", ["created_at"])
    op.create_index("ix_llm_calls_model", "llm_calls", ["model"])
    op.create_index("ix_llm_calls_step_id", "llm_calls", ["step_id"])
    op.create_index("ix_llm_calls_task_id", "llm_calls", ["task_id"])
    op.create_table(
        "substeps",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("step_id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("order_number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("is_test", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("estimated_minutes", sa.Integer(), nullable=False),
        sa.Column("actual_minutes", sa.Double(), nullable=True),
        sa.CheckConstraint(
            "status IN ('cancelled', 'completed', 'failed', 'in_progress', 'passed', 'pending')",
            name=op.f("ck_substeps_status"),
        ),
        sa.ForeignKeyConstraint(["step_id"], ["steps.id"], name="fk_substeps_step_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_substeps"),
        sa.UniqueConstraint("step_id", "key", name="uq_substeps_step_id_key"),
    )
    op.create_index("ix_substeps_step_id", "substeps", ["step_id"])
    op.create_table(
        "task_logs",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("task_id", sa.String(length=36), nullable=False),
        sa.Column("event", sa.String(length=30), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("metadata", JSON, nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=True),
        sa.Column("phase_id", sa.String(length=36), nullable=True),
        sa.Column("milestone_id", sa.String(length=36), nullable=True),
        sa.Column("step_id", sa.String(length=36), nullable=True),
        sa.Column("previous_value", sa.Text(), nullable=True),
        sa.Column("new_value", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "event IN ('CREATED', 'INTENT_DETECTED', 'DISCOVERY_ASKED', 'DISCOVERY_ANSWERED', 'DISCOVERY_VALIDATED', 'PLAN_GENERATED', 'PLAN_ADJUSTED', 'PLAN_APPROVED', 'PLAN_REJECTED', 'EXECUTION_STARTED', 'STEP_STARTED', 'STEP_COMPLETED', 'STEP_FAILED', 'STEP_RETRIED', 'STEP_SKIPPED', 'TEST_PASSED', 'TEST_FAILED', 'CHECKPOINT_CREATED', 'COMMIT_CREATED', 'PUSH_COMPLETED', 'PAUSED', 'RESUMED', 'CHANGE_REQUESTED', 'VERSION_CREATED', 'EXPORTED', 'COMPLETED', 'FAILED', 'ABORTED', 'BLOCKED', 'UNBLOCKED', 'ERROR')",
            name=op.f("ck_task_logs_event"),
        ),
        sa.ForeignKeyConstraint(
            ["milestone_id"], ["milestones.id"], name="fk_task_logs_milestone_id", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["phase_id"], ["phases.id"], name="fk_task_logs_phase_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["step_id"], ["steps.id"], name="fk_task_logs_step_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_task_logs_task_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_task_logs"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_task_logs_created_at", "task_logs", ["created_at"])
    op.create_index("ix_task_logs_event", "task_logs", ["event"])
    op.create_index("ix_task_logs_milestone_id", "task_logs", ["milestone_id"])
    op.create_index("ix_task_logs_phase_id", "task_logs", ["phase_id"])
    op.create_index("ix_task_logs_step_id", "task_logs", ["step_id"])
    op.create_index("ix_task_logs_task_id", "task_logs", ["task_id"])
    for statement in create_views(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade():
    for view in VIEWS:
        op.execute(f"DROP VIEW {view}")
    for table in reversed(TABLES):
        op.drop_table(table)
