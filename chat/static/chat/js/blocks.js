// Code blocks get a button that copies them. Code and tables that are wider than their message can be focused, so that
// they scroll by keyboard. Loaded at the first gesture.

const BLOCKS = ".words :is(pre, .table)";
const SHOWN_FOR = 2_000; // milliseconds

const list = document.querySelector("[data-messages]");
const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) fit(target);
});

prepare(list);
new MutationObserver((changes) => {
  for (const { addedNodes } of changes) for (const node of addedNodes) if (node.firstElementChild) prepare(node);
}).observe(list, { childList: true, subtree: true });

function prepare(root) {
  for (const block of root.querySelectorAll(BLOCKS)) {
    sizes.observe(block);
    if (block.matches("pre") && !block.closest(".code")) addButton(block);
  }
}

function addButton(block) {
  const box = document.createElement("div");
  box.className = "code";
  block.replaceWith(box);
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.addEventListener("click", () => copy(block, button));
  box.append(block, button);
}

async function copy(block, button) {
  button.textContent = (await write(block)) ? "Copied" : "Select and copy it";
  setTimeout(() => (button.textContent = "Copy"), SHOWN_FOR);
}

// Without HTTPS there is no clipboard API. Then the browser copies the selection.
async function write(block) {
  const code = block.querySelector("code");
  try {
    await navigator.clipboard.writeText(code.textContent.replace(/\n$/, ""));
    return true;
  } catch {
    getSelection().selectAllChildren(code);
    return document.execCommand("copy");
  }
}

// Make a block a stop of the Tab key while a part of it is out of view.
function fit(block) {
  if (!block.isConnected) return sizes.unobserve(block);
  const isWide = block.scrollWidth > block.clientWidth;
  if (isWide) block.tabIndex = 0;
  else block.removeAttribute("tabindex");
  block.role = isWide ? "group" : null;
  block.ariaLabel = isWide ? (block.matches("pre") ? "Code" : "Table") : null;
}
