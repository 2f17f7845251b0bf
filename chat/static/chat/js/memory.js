// What this browser stores between visits. Where storage is forbidden, nothing is stored.

const MOST = 500_000; // characters in one value; the outbox needs the rest of the storage

function allowed() {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}

export const storage = allowed();

export function kept(key) {
  return {
    get() {
      try {
        return storage?.getItem(key) ?? "";
      } catch {
        return "";
      }
    },
    set(value) {
      try {
        if (value && value.length <= MOST) storage?.setItem(key, value);
        else storage?.removeItem(key);
      } catch {
        // Storage is full or forbidden.
      }
    },
  };
}
