import { useSyncExternalStore } from "react";

/** A value outside of React that components can follow. */
export interface Store<T> {
  get(): T;
  set(next: T | ((old: T) => T)): void;
  subscribe(listener: () => void): () => void;
}

/** Returns a store that holds `initial`. */
export function createStore<T>(initial: T): Store<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      const fresh = typeof next === "function" ? (next as (old: T) => T)(value) : next;
      if (Object.is(fresh, value)) return;
      value = fresh;
      for (const listener of Array.from(listeners)) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Returns the part of the store that `select` picks; renders again only when that part changes. */
export function useStore<T, P = T>(store: Store<T>, select: (value: T) => P = (value) => value as unknown as P): P {
  const snapshot = () => select(store.get());
  return useSyncExternalStore(store.subscribe, snapshot, snapshot);
}

/** Returns a store that survives a reload under `key`; private browsing and a full disk are borne. */
export function createSavedStore<T extends object>(key: string, initial: T): Store<T> {
  const store = createStore<T>({ ...initial, ...read<T>(key) });
  store.subscribe(() => write(key, store.get()));
  return store;
}

/** Returns what was saved under `key`, or an empty object. */
export function read<T>(key: string): Partial<T> {
  try {
    const text = globalThis.localStorage?.getItem(key);
    return text ? (JSON.parse(text) as Partial<T>) : {};
  } catch {
    return {};
  }
}

/** Saves `value` under `key`; tells whether it was kept. */
export function write(key: string, value: unknown): boolean {
  try {
    globalThis.localStorage?.setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}
