"""The demo beside the server: the example shop, the simulated platforms, buyers and colleagues.

`prepare` before the process is made (it opens the way to the simulators), `played` around the serving. Everything
is a program of its own and ends with the server.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import typer

from miaohui.app import seed
from miaohui.app.process import Process
from miaohui.app.seed.channels import WIDGET_KEY
from miaohui.app.serve import DemoOptions, child
from miaohui.app.settings import Settings
from miaohui.app.sim import demo_file
from miaohui.app.sim.demand import live_window
from miaohui.channels.sim.doudian.simulator import APP_KEY
from miaohui.channels.sim.douyin_im.simulator import CLIENT_KEY
from miaohui.kit.clock import to_ms
from miaohui.staff import queries as staff_queries

FILE = "demo.json"
NotAnExample = seed.NotAnExample


@dataclass(frozen=True)
class Ports:
    """Where the simulated platforms listen."""

    doudian: int
    douyin_im: int

    @property
    def addresses(self) -> seed.Addresses:
        return seed.Addresses(f"http://127.0.0.1:{self.doudian}", f"http://127.0.0.1:{self.douyin_im}")


def prepare(settings: Settings) -> Ports:
    """Choose ports for the simulated platforms and let the process call them; to be done before it is made."""
    first = _free_port(settings.port + 1)
    ports = Ports(first, _free_port(first + 1))
    ours = f"127.0.0.1:{ports.doudian},127.0.0.1:{ports.douyin_im}"
    settings.egress_allow = ",".join(part for part in (settings.egress_allow, ours) if part)
    return ports


def _free_port(start: int) -> int:
    """Return the first port from `start` on that nobody listens on."""
    for port in range(start, start + 200):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError(f"no free port between {start} and {start + 200}")


def seeded(process: Process, settings: Settings, seed_number: int, ports: Ports | None = None) -> list[str]:
    """Make the example shop where there is none; return the log-ins to print. Raises: NotAnExample."""
    options = DemoOptions(1.0, seed_number, "live-evening")
    return _lines(_example(process, settings, options, ports or prepare(settings), with_history=False))


def _example(
    process: Process, settings: Settings, options: DemoOptions, ports: Ports, *, with_history: bool
) -> demo_file.DemoFile:
    """Make or find the example shop, point it at this run's simulators, write the demo's file; return it."""
    now, path = process.clock.now(), settings.data_dir / FILE
    stage = seed.Stage(process.db, process.rt.wiring, process.rt.ports["vault"], now, options.seed)
    shop_id = seed.find_example(process.db)
    if shop_id is None:
        made = seed.seed_example(stage, ports.addresses, options.seed, options.scenario)
        if with_history:
            typer.echo("  正在导入四周的历史数据… / importing four weeks of history…")
            seed.seed_history(stage, made.shop_id, options.seed)
            stage.now = process.clock.now()  # the import took its time: who waits waits from now on
            seed.seed_opening(stage, made.shop_id, made.accounts, made.past, made.seats)
        shop_id, past = made.shop_id, [_past(one) for one in made.past]
        seats, seed_number = [_seat(one) for one in made.seats], options.seed
    else:
        known = demo_file.load(path)
        past, seats, seed_number = known.past, known.seats, known.seed
        found = shop_id
        stage.write(lambda tx: seed.point_at_simulators(tx, stage.vault, found, ports.addresses))
        seed.seed_evening(stage, shop_id, options.scenario)
    groups = stage.read(lambda conn: {g.kind: g.id for g in staff_queries.list_groups(conn, shop_id)})
    window = live_window(now)
    demo = demo_file.DemoFile(
        f"http://127.0.0.1:{settings.port}", ports.addresses.doudian, ports.addresses.douyin_im, WIDGET_KEY,
        options.scenario, options.speed, seed_number, to_ms(window.start), to_ms(window.end), seats, groups, past,
    )  # fmt: skip
    demo_file.save(path, demo)
    return demo


def _seat(seat: seed.Seat) -> demo_file.Seat:
    person = seat.person
    return demo_file.Seat(
        person.login, seat.password, person.name, person.title_zh, person.group, is_you=person.is_you
    )


def _past(buyer: seed.PastBuyer) -> demo_file.Past:
    return demo_file.Past(buyer.open_id, buyer.name, list(buyer.order_numbers))


def _lines(demo: demo_file.DemoFile) -> list[str]:
    """Return what a newcomer needs to read: address, log-ins, which seat is theirs."""
    yours = next(seat for seat in demo.seats if seat.is_you)
    lines = [
        "",
        f"  秒回 Miaohui   {demo.base_url}",
        f"  您的席位       {yours.login} / {yours.password}   （{yours.title_zh}，{yours.name}）",
        f"  其他登录       密码都是 {yours.password}",
    ]
    lines += [f"                 {s.login:<10} {s.title_zh} {s.name}" for s in demo.seats if not s.is_you]
    return [*lines, "  其余席位由模拟同事接待，买家几秒内进线。按 Ctrl+C 结束。", ""]


@contextlib.contextmanager
def played(process: Process, settings: Settings, options: DemoOptions, ports: Ports) -> Iterator[None]:
    """Play the demo while the server runs: platforms, buyers, colleagues, each a program with its own log."""
    demo = _example(process, settings, options, ports, with_history=True)
    for line in _lines(demo):
        typer.echo(line)
    over = threading.Event()
    stage = threading.Thread(target=_play, args=(settings, ports, demo, over), name="demo", daemon=True)
    stage.start()
    try:
        yield
    finally:
        over.set()
        stage.join(10)


def _play(settings: Settings, ports: Ports, demo: demo_file.DemoFile, over: threading.Event) -> None:
    """Start the programs once the server answers, so that its own start is not slowed; stop them at the end."""
    while not _answers(settings.port):
        if over.wait(0.1):
            return
    logs = settings.data_dir / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        for name, port, key in (
            ("doudian", ports.doudian, APP_KEY),
            ("douyin_im", ports.douyin_im, CLIENT_KEY),
        ):
            hook = f"{demo.base_url}/hooks/{name}/{key}"
            words = ("--port", str(port), "--hook", hook, "--seed", str(demo.seed))
            stack.enter_context(child(f"miaohui.channels.sim.{name}", *words, log=logs / f"sim-{name}.log"))
        where = ("--demo-file", str(settings.data_dir / FILE))
        for who in ("buyers", "agents"):
            stack.enter_context(child("miaohui.app.sim", who, *where, log=logs / f"sim-{who}.log"))
        over.wait()


def _answers(port: int) -> bool:
    """Tell whether somebody listens on a port of this machine."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
