import { expect, test, vi } from "vitest";
import { dispatchKey, keysOf, type Shortcut } from "@/lib/keys";

const press = (key: string, change: Partial<KeyboardEvent> = {}) =>
  ({ key, code: /^[a-z]$/i.test(key) ? `Key${key.toUpperCase()}` : key, altKey: false, ctrlKey: false, metaKey: false, shiftKey: false, isComposing: false, keyCode: 0, target: null, preventDefault: vi.fn(), ...change }) as unknown as KeyboardEvent;

test.each([
  [press("ArrowDown", { altKey: true }), "Alt+ArrowDown"], [press("j"), "J"], [press("?", { shiftKey: true, code: "Slash" }), "?"],
  [press("Enter", { metaKey: true }), "Ctrl+Enter"], [press("∂", { altKey: true, code: "KeyD" }), "Alt+D"], [press("Tab", { shiftKey: true }), "Shift+Tab"],
])("a key press is named %#", (event, name) => expect(keysOf(event)).toBe(name));

const shortcut = (keys: string, run: () => void, typing = false): Shortcut => ({ keys, run, typing, label: "common.close", group: "common.more" });

test("a letter never acts while somebody types, a shortcut made for typing does", () => {
  const letter = vi.fn();
  const chord = vi.fn();
  const list = [shortcut("J", letter), shortcut("Alt+J", chord, true)];
  const target = { tagName: "TEXTAREA" } as unknown as EventTarget;
  expect(dispatchKey(press("j", { target }), list)).toBe(false);
  expect(dispatchKey(press("j", { target, altKey: true }), list)).toBe(true);
  expect(letter).not.toHaveBeenCalled();
  expect(chord).toHaveBeenCalledOnce();
});

test("nothing acts while an input method composes Chinese", () => {
  const run = vi.fn();
  expect(dispatchKey(press("Enter", { isComposing: true }), [shortcut("Enter", run, true)])).toBe(false);
  expect(run).not.toHaveBeenCalled();
});

test("the newest of two shortcuts on one key wins", () => {
  const older = vi.fn();
  const newer = vi.fn();
  dispatchKey(press("Escape"), [shortcut("Escape", older), shortcut("Escape", newer)]);
  expect(older).not.toHaveBeenCalled();
  expect(newer).toHaveBeenCalledOnce();
});
