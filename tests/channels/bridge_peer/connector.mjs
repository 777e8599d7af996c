// A scripted bridge connector, written apart from the server: plain Node (>= 22), nothing but node: built-ins and the
// global WebSocket. It keeps its event log and its command record in a file, as docs/bridge.md asks.
//
//   node connector.mjs --url ws://127.0.0.1:8000/bridge --bridge key --secret s --state state.json [--script script.json]
//
// The script is a JSON array of steps, done in order once welcomed:
//   {"event": {...}}           log and send an event (seq is added)
//   {"wait_acked": true}       until every logged event is acknowledged
//   {"wait_commands": n}       until n different commands were executed
//   {"reconnect": true}        drop the line and come back
//   {"sleep_ms": n}
//   {"done": true}             print the summary and leave
// Behaviour of msg.out: --mode ack | nack | unknown | silent (act, report nothing until queried) | deaf (never act)
import { createHmac, randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";

const { values: args } = parseArgs({
  options: {
    url: { type: "string" },
    bridge: { type: "string" },
    secret: { type: "string" },
    state: { type: "string" },
    script: { type: "string", default: "" },
    mode: { type: "string", default: "ack" },
    platform: { type: "string", default: "feige" },
  },
});

const fresh = () => ({ stream: randomBytes(8).toString("hex"), next: 1, events: [], commands: {}, shown: [] });
const state = args.state && existsSync(args.state) ? JSON.parse(readFileSync(args.state, "utf8")) : fresh();
const save = () => args.state && writeFileSync(args.state, JSON.stringify(state));
const script = args.script ? JSON.parse(readFileSync(args.script, "utf8")) : [];
const seen = { welcomes: 0, acks: 0, nacks: 0, heartbeats: 0, notices: [], closes: [] };
let socket = null;
let welcomed = false;
let leaving = false;
let pause = 50;

const say = (frame) => {
  if (socket && socket.readyState === 1) socket.send(JSON.stringify(frame));
};
const tell = (event) => {
  const frame = { ...event, seq: state.next++ };
  state.events.push(frame);
  save();
  if (welcomed) say(frame);
};
const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const until = async (test) => {
  while (!test()) await later(5);
};

function report(cmdId) {
  const done = state.commands[cmdId];
  if (done.status === "started") tell({ type: "msg.out.unknown", cmd_id: cmdId, reason: "stopped half-way" });
  else if (done.status === "ack") tell({ type: "msg.out.ack", cmd_id: cmdId, message_id: done.message_id, at_ms: Date.now() });
  else if (done.status === "nack") tell({ type: "msg.out.nack", cmd_id: cmdId, reason: done.reason, text: done.text });
  else tell({ type: "msg.out.unknown", cmd_id: cmdId, reason: "no answer of the page" });
}

function execute(frame) {
  const known = state.commands[frame.cmd_id];
  if (known) return report(frame.cmd_id);
  if (args.mode === "deaf") return;
  if (Date.now() > frame.deadline_ms) {
    state.commands[frame.cmd_id] = { status: "nack", reason: "invalid", text: "deadline" };
    return report(frame.cmd_id);
  }
  state.commands[frame.cmd_id] = { status: "started" };
  save();
  const record = state.commands[frame.cmd_id];
  if (args.mode === "nack") Object.assign(record, { status: "nack", reason: "rejected", text: "含违禁词" });
  else if (args.mode === "unknown") record.status = "unknown";
  else {
    state.shown.push({ cmd_id: frame.cmd_id, type: frame.type, conversation_id: frame.conversation_id, parts: frame.parts });
    Object.assign(record, { status: "ack", message_id: `page-${state.shown.length}` });
  }
  save();
  if (args.mode !== "silent") report(frame.cmd_id);
}

function take(frame) {
  switch (frame.type) {
    case "challenge": {
      const mac = createHmac("sha256", args.secret).update(`miaohui-bridge-v1\n${args.bridge}\n${frame.nonce}`).digest("hex");
      return say({ v: 1, type: "hello", bridge_id: args.bridge, mac, platform: args.platform, stream: state.stream, plugin: "peer/1" });
    }
    case "welcome":
      welcomed = true;
      seen.welcomes += 1;
      pause = 50;
      seen.heartbeat_s = frame.heartbeat_s;
      return state.events.filter((event) => event.seq > frame.last_seq || !event.acked).forEach(({ acked, ...event }) => say(event));
    case "ack":
    case "nack": {
      seen[frame.type === "ack" ? "acks" : "nacks"] += 1;
      const event = state.events.find((one) => one.seq === frame.seq);
      if (event) event.acked = true;
      return save();
    }
    case "heartbeat":
      seen.heartbeats += 1;
      return;
    case "msg.out":
    case "msg.recall":
    case "conv.transfer":
      return execute(frame);
    case "cmd.query": {
      const done = state.commands[frame.cmd_id];
      const status = done ? (done.status === "started" ? "unknown" : done.status) : "never_seen";
      return say({ type: "cmd.result", cmd_id: frame.cmd_id, status, message_id: done?.message_id ?? "", reason: done?.reason ?? "" });
    }
    default:
      seen.notices.push(frame.type);
  }
}

function connect() {
  welcomed = false;
  socket = new WebSocket(args.url);
  socket.addEventListener("message", (message) => take(JSON.parse(message.data)));
  socket.addEventListener("error", () => {});
  socket.addEventListener("close", (event) => {
    seen.closes.push(event.code);
    welcomed = false;
    if (event.code === 4401) return finish(2);
    if (!leaving) setTimeout(connect, (pause = Math.min(pause * 2, 60_000)));
  });
}

function finish(code = 0) {
  leaving = true;
  save();
  const acked = state.events.filter((event) => event.acked).length;
  process.stdout.write(JSON.stringify({ ...seen, acked, logged: state.events.length, shown: state.shown, commands: state.commands }) + "\n", () => process.exit(code));
}

connect();
setInterval(() => welcomed && say({ type: "heartbeat" }), 100).unref();
process.stdout.write(JSON.stringify({ ready: true }) + "\n");
await until(() => welcomed);
for (const step of script) {
  if (step.event) tell(step.event);
  if (step.wait_acked) await until(() => state.events.every((event) => event.acked));
  if (step.wait_commands) await until(() => Object.values(state.commands).filter((one) => one.status !== "started").length >= step.wait_commands);
  if (step.sleep_ms) await later(step.sleep_ms);
  if (step.reconnect) {
    socket.close(4000);
    await until(() => !welcomed);
    await until(() => welcomed);
  }
  if (step.done) finish();
}
