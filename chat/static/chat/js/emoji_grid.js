// Movement in the emoji picker, whose sections are grids of COLUMNS columns. Without the DOM.

export const COLUMNS = 8; // css/emoji_picker.css

// The place that an arrow key leads to from place `at`, counted over all sections of these sizes. -1 is above the
// first row.
export function moved(sizes, at, key) {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (key === "ArrowLeft") return Math.max(0, at - 1);
  if (key === "ArrowRight") return Math.min(total - 1, at + 1);
  const { start, size, next, previous } = section(sizes, at);
  const place = at - start;
  const column = place % COLUMNS;
  const row = place - column;
  if (key === "Home") return start + row;
  if (key === "End") return start + Math.min(row + COLUMNS, size) - 1;
  if (key === "ArrowDown") {
    if (row + COLUMNS < size) return start + Math.min(place + COLUMNS, size - 1);
    return next ? start + size + Math.min(column, next - 1) : at;
  }
  if (row) return at - COLUMNS;
  if (!previous) return -1;
  const lastRow = previous - 1 - ((previous - 1) % COLUMNS);
  return start - previous + Math.min(lastRow + column, previous - 1);
}

function section(all, at) {
  const sizes = all.filter(Boolean);
  let start = 0;
  let index = 0;
  while (index < sizes.length - 1 && at >= start + sizes[index]) {
    start += sizes[index];
    index += 1;
  }
  return { start, size: sizes[index], next: sizes[index + 1], previous: sizes[index - 1] };
}
