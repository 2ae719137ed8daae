"""What an hour of an owned accelerator costs, line by line, and against what can be rented."""
