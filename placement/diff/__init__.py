"""Two plans: what changed, what that costs, and why."""
