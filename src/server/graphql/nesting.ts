const code = (character: string) => character.charCodeAt(0);
const quote = code('"');
const backslash = code("\\");
const newline = code("\n");
const carriageReturn = code("\r");

/** Index of the string's last character; `start` is its opening quote. */
function endOfString(text: string, start: number): number {
  if (text.startsWith('"""', start)) {
    for (let at = start + 3; ;) {
      const end = text.indexOf('"""', at);
      if (end === -1) return text.length;
      if (text.charCodeAt(end - 1) !== backslash) return end + 2;
      at = end + 1;
    }
  }
  for (let at = start + 1; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === backslash) at++;
    // Neither language lets a string go on in the next line; their parsers will say so.
    else if (character === quote || character === newline || character === carriageReturn) return at;
  }
  return text.length;
}

function endOfComment(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === newline || character === carriageReturn) return at;
  }
  return text.length;
}

/**
 * Whether brackets of any kind nest deeper than `depthMax` in a GraphQL document or a JSON text.
 * graphql-js parses, validates and executes by recursion: 20,000 levels overflow the stack.
 * One scan serves both: in valid JSON there is no `#` and no `"""` outside a string, and invalid JSON
 * is refused by a parser that does not recurse.
 */
export function isNestedDeeper(text: string, depthMax: number): boolean {
  if (text.length <= depthMax) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case "{":
      case "[":
      case "(":
        if (++depth > depthMax) return true;
        break;
      case "}":
      case "]":
      case ")":
        depth--;
        break;
      case '"':
        at = endOfString(text, at);
        break;
      case "#":
        at = endOfComment(text, at);
        break;
    }
  }
  return false;
}
