"""Customer service: a database, tools over it, a policy, and a customer who wants something done."""
