"""The bridge: a documented JSON-over-WebSocket door for permitted 飞鸽 / 千牛 connectors (docs/bridge.md)."""
