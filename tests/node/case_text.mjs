// Words and texts in the lines of a case.

/** Says that a line does not hold. */
export const wrong = (what) => { throw new Error(what); };

/** The first word, and what is behind it. */
export function takeWord(rest) {
  const [, word, behind] = /^\s*(\S*)\s*([^]*)$/.exec(rest);
  return [word, behind];
}

/** The JSON string in front, and what is behind it. */
export function takeQuoted(rest) {
  const [found] = /^\s*"(?:[^"\\]|\\.)*"/.exec(rest) ?? wrong('a quoted text was expected');
  return [JSON.parse(found), rest.slice(found.length).trim()];
}
