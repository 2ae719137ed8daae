"""Work stated as such (tokens, frames, training runs): what an accelerator does of it, and how surely that is known."""
