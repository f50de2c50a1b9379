"""Categories, products, OCOP certificates and search."""
