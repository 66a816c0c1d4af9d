"""The event store on PostgreSQL: two verbs, load and append."""
