"""The planner: studies a repository with read tools and hands in a plan, or says why there is none."""
