import { expect, test, vi } from "vitest";
import { soon } from "@/lib/soon";

test("many wishes of one owner are one piece of work, and owners do not wait for each other", () => {
  vi.useFakeTimers();
  const done: object[] = [];
  const ask = soon(1_500, (owner: object) => done.push(owner));
  const [one, other] = [{}, {}];
  ask(one);
  ask(one);
  vi.useRealTimers();
  vi.useFakeTimers(); // the first owner's timer is lost with its clock
  ask(other);
  vi.runAllTimers();
  expect(done).toEqual([other]);
  vi.useRealTimers();
});

test("after the work one may ask again", () => {
  vi.useFakeTimers();
  let count = 0;
  const ask = soon(10, () => { count += 1; });
  const owner = {};
  ask(owner);
  vi.runAllTimers();
  ask(owner);
  vi.runAllTimers();
  expect(count).toBe(2);
  vi.useRealTimers();
});
