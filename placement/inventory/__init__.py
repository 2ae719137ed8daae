"""The inventory: models of what people write, its loader, its checks, its schema and its starter."""
