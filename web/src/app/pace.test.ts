import { expect, test } from "vitest";
import { paced, type Beat } from "@/app/pace";

function stage() {
  const seen: number[][] = [];
  let now = 1_000;
  let pending = false;
  const todo: { at: number; run: () => void }[] = [];
  const beat: Beat = { now: () => now, later: (run, ms) => void todo.push({ at: now + ms, run }), isInputPending: () => pending };
  const until = (at: number) => {
    for (;;) {
      const next = todo.filter((one) => one.at <= at).toSorted((a, b) => a.at - b.at)[0];
      if (!next) break;
      todo.splice(todo.indexOf(next), 1);
      now = Math.max(now, next.at);
      next.run();
    }
    now = at;
  };
  return { seen, until, take: paced<number>((events) => seen.push([...events]), beat), press: (on: boolean) => { pending = on; } };
}

test("a single event is handed on at once", () => {
  const { seen, take, until } = stage();
  take(1);
  until(1_000);
  expect(seen).toEqual([[1]]);
});

test("many events come together, in their order, none lost, none twice", () => {
  const { seen, take, until } = stage();
  for (let n = 0; n < 50; n++) {
    until(1_000 + n * 20);
    take(n);
  }
  until(3_000);
  expect(seen.flat()).toEqual(Array.from({ length: 50 }, (_, n) => n));
  expect(seen.length).toBeLessThan(11);
});

test("news wait for the key that is being pressed, but not for ever", () => {
  const { seen, take, until, press } = stage();
  press(true);
  take(1);
  until(1_050);
  expect(seen).toEqual([]);
  press(false);
  until(1_070);
  expect(seen).toEqual([[1]]);
  press(true);
  take(2);
  until(2_000);
  expect(seen).toEqual([[1], [2]]);
});
