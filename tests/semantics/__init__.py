"""What the rules in the database do, held against a model that shares nothing with them."""
