// Files cannot be sent. A pasted or dropped one is answered in words, and the text in the box stays.

const IMAGES = "Images cannot be sent here yet. Paste a link to the image instead.";
const FILES = "Files cannot be sent here yet. Paste a link to the file instead.";

// `say(text)` shows the answer. With `drops` also for files dropped anywhere, which would otherwise replace the page.
export function answerFiles(area, say, { drops = false } = {}) {
  const handle = (event) => {
    const data = event.clipboardData ?? event.dataTransfer;
    if (!data?.types.includes("Files")) return;
    // Office programs add an image of a copied text, and browsers the address of a dragged image.
    if (event.target === area && data.types.some((type) => type === "text/plain" || type === "text/uri-list")) return;
    event.preventDefault();
    if (event.type === "dragover") return;
    const kinds = [...data.items].filter((item) => item.kind === "file").map((item) => item.type);
    say(kinds.length && kinds.every((kind) => kind.startsWith("image/")) ? IMAGES : FILES);
    area.focus();
  };
  area.addEventListener("paste", handle);
  if (!drops) return;
  for (const type of ["dragover", "drop"]) area.ownerDocument.addEventListener(type, handle);
}
