"""The database: models, engine, transactions and migrations."""
