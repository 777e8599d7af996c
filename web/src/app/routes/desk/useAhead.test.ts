import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ahead } from "@/app/routes/desk/useAhead";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a pointer that passes over rows fetches none, one that rests fetches its chat once", () => {
  const fetched: number[] = [];
  const { rest } = ahead((id) => fetched.push(id), 90);
  for (const id of [1, 2, 3]) {
    rest(id);
    vi.advanceTimersByTime(40);
  }
  expect(fetched).toEqual([]);
  rest(3);
  vi.advanceTimersByTime(50);
  rest(3);
  vi.advanceTimersByTime(500);
  expect(fetched).toEqual([3]);
});

test("leaving the list, or the desk, calls off what waits", () => {
  const fetched: number[] = [];
  const { rest, stop } = ahead((id) => fetched.push(id), 90);
  rest(1);
  rest(undefined);
  rest(2);
  stop();
  vi.advanceTimersByTime(500);
  expect(fetched).toEqual([]);
});

test("what is opened is fetched at once", () => {
  const fetched: number[] = [];
  const { now } = ahead((id) => fetched.push(id));
  now(7);
  now(undefined);
  expect(fetched).toEqual([7]);
});
