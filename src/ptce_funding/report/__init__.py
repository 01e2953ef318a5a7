"""What people and other programs read: terminal, tables, documents."""
