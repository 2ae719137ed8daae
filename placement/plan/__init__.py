"""The plan: plain data that knows neither the engine nor the terminal."""
