"""A simulated 抖店 (op.jinritemai.com)."""
