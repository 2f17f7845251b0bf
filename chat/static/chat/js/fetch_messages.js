// Requests messages from the server: again, if it is busy or the user scrolls faster than the rate limit allows.

const TIMEOUT = 10_000; // milliseconds
const MAX_ATTEMPTS = 4;
const MAX_WAIT = 30_000; // milliseconds between two attempts
const RETRY_STATUSES = [429, 503];

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// Returns { messages, more }. Throws an error if the server refuses the request or does not answer.
export async function fetchMessages(address, query, { fetch = globalThis.fetch, wait = pause } = {}) {
  const url = `${address}?${new URLSearchParams(query)}`;
  for (let attempt = 1; ; attempt += 1) {
    const response = await fetch(url, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(TIMEOUT) });
    if (response.ok) return response.json();
    if (!RETRY_STATUSES.includes(response.status) || attempt === MAX_ATTEMPTS) throw new Error(`${response.status}`);
    await wait(retryAfter(response) * (1 + Math.random() / 2));
  }
}

// The wait that the server asks for, in milliseconds.
function retryAfter(response) {
  return Math.min((Number(response.headers.get("Retry-After")) || 1) * 1_000, MAX_WAIT);
}
