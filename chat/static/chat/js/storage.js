// Values in the browser's local storage. If storage is forbidden, nothing is stored.

const MAX_LENGTH = 500_000; // characters in one value; the outbox needs the rest of the storage

function localStorageIfAllowed() {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}

export const storage = localStorageIfAllowed();

export function storedValue(key) {
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
        if (value && value.length <= MAX_LENGTH) storage?.setItem(key, value);
        else storage?.removeItem(key);
      } catch {
        // Storage is full or forbidden.
      }
    },
  };
}

// The pairs of a stored JSON array, or none.
export function pairs(json) {
  try {
    return JSON.parse(json || "[]").filter((pair) => pair?.length === 2);
  } catch {
    return [];
  }
}
