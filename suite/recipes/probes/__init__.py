"""What a recipe's own Python runs to show that the framework works: standard library and one framework only."""
