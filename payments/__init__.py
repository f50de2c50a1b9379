"""The payments engine: intents, credits, reconciliation, ledger and fee collection."""
