"""`python -m miaohui.channels.sim.doudian --port 8101 --hook http://127.0.0.1:8000/hooks/doudian/…`."""

from __future__ import annotations

import asyncio

from miaohui.channels.sim.doudian.simulator import APP_KEY, APP_SECRET, SHOP_ID, DoudianSimulator
from miaohui.channels.sim.program import parser, serve


def main() -> None:
    """Run the simulated 抖店."""
    made = parser("doudian", APP_KEY, APP_SECRET)
    made.add_argument("--shop", action="append", help=f"platform shop ids, default {SHOP_ID}")
    args = made.parse_args()
    simulator = DoudianSimulator(args.key, args.secret, args.shop or (SHOP_ID,), args.seed)
    if args.hook:
        simulator.pusher.configure(url=args.hook)
    asyncio.run(serve(simulator, args.port))


if __name__ == "__main__":
    main()
