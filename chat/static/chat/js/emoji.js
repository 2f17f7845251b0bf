// Emoji in text boxes and reactions. The picker and the list of emoji are loaded when they are needed first.

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

// Completes `:shortcode`: a source for the completion of text boxes.
export const emojiSource = {
  trigger: ":",
  label: "Emoji",

  async find(query) {
    if (query.length < 2) return [];
    const { find } = await import('./emoji_completion.js');
    return find(query);
  },

  text: (item) => item.take(),
};
