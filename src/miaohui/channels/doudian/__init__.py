"""抖店 (op.jinritemai.com): business events pushed and reconciled by pulling. No buyer chat (channels.md §0.1)."""
