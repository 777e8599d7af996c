"""`python -m miaohui.channels.sim.douyin_im --port 8102 --hook http://127.0.0.1:8000/hooks/douyin_im/…`."""

from __future__ import annotations

import asyncio

from miaohui.channels.sim.douyin_im.simulator import CLIENT_KEY, CLIENT_SECRET, DouyinSimulator
from miaohui.channels.sim.program import parser, serve


def main() -> None:
    """Run the simulated 抖音."""
    args = parser("douyin_im", CLIENT_KEY, CLIENT_SECRET).parse_args()
    simulator = DouyinSimulator(args.key, args.secret, args.seed)
    if args.hook:
        simulator.pusher.configure(url=args.hook)
    asyncio.run(serve(simulator, args.port))


if __name__ == "__main__":
    main()
