"""The SQL views: phase_progress, milestone_progress, executable_steps. Frozen copies live in the migrations that make
them.
"""

from __future__ import annotations

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


def create_views(dialect: str) -> list[str]:
    """The statements in order, for `sqlite` or `postgresql`."""
    each = "json_each(s.depends_on) AS needed" if dialect == "sqlite" else _POSTGRES_EACH
    return [MILESTONE_PROGRESS, PHASE_PROGRESS, _EXECUTABLE.format(each=each)]


_POSTGRES_EACH = "jsonb_array_elements_text(s.depends_on) AS needed(value)"
VIEWS = ("executable_steps", "phase_progress", "milestone_progress")
