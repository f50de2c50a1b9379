"""The shop: the only package that knows its three neighbours."""
