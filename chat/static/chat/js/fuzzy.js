// Finds names from some of their letters, in their order: "ktc" finds "Kitchen".

const MARKS = /\p{M}/gu;
const WORD_START = /[\s\-_./#]/u;

// A number that is higher the better the text fits, or 0 if a letter is missing. Letters in a row and at the beginning
// of words count more. Inside of a word only letters in a row count: "gard" is not in "change password".
export function fit(query, text) {
  const wanted = plain(query).replace(/\s+/gu, "");
  const letters = Array.from(plain(text));
  if (!wanted) return 1;
  let best = 0;
  for (let start = 0; start < letters.length; start += 1) {
    if (letters[start] === wanted[0]) best = Math.max(best, from(wanted, letters, start));
  }
  return best;
}

function from(wanted, letters, start) {
  const beginsAt = (found) => found === 0 || WORD_START.test(letters[found - 1]);
  const isWord = beginsAt(start);
  let score = 0;
  let run = 0; // letters in a row
  let place = start;
  for (const letter of wanted) {
    const found = letters.indexOf(letter, place);
    if (found < 0 || (!isWord && found > place)) return 0;
    run = found === place ? run + 1 : 1;
    score += run + (beginsAt(found) ? 5 : 0) + (found === 0 ? 3 : 0);
    place = found + 1;
  }
  return score + 1 / letters.length; // of two equal ones the shorter
}

function plain(text) {
  return text.normalize("NFKD").replace(MARKS, "").toLowerCase();
}
