// The emoji picker of text boxes and reactions, which is loaded when it is opened.

export async function pickEmoji(anchor, onChoose) {
  try {
    const { openPicker } = await import('./emoji_picker.js');
    openPicker(anchor, onChoose);
  } catch {
    // Offline: the page says so.
  }
}

// A button that inserts an emoji at the caret of a text box (text_box.js).
export function connectEmojiButton(button, box) {
  button.addEventListener("click", () => {
    pickEmoji(button, (emoji) => {
      if (box.enterSends) box.focus(); // not on touch screens, where an on-screen keyboard would open
      box.insert(emoji);
    });
  });
}
