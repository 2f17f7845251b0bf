// What this browser remembers. A browser that forbids storage just forgets.

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
        if (value) storage?.setItem(key, value);
        else storage?.removeItem(key);
      } catch {
        // full or forbidden
      }
    },
  };
}
