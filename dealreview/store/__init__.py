"""The database: its schema, migrations, tables as frames, feeds and stored runs."""
