"""From today's placements to the planned ones: what moves when, what it costs by month, what each wave is worth."""
