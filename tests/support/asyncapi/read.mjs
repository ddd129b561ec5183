// Reads AsyncAPI documents with AsyncAPI's own parser: read.mjs FILE... Prints what is wrong; exit status 1 if anything is.
import { Parser } from '@asyncapi/parser';
import { readFileSync } from 'node:fs';

const ERROR = 0;
const parser = new Parser();
let wrong = 0;
for (const file of process.argv.slice(2)) {
  const { document, diagnostics } = await parser.parse(readFileSync(file, 'utf8'));
  for (const one of diagnostics.filter((d) => d.severity === ERROR)) {
    console.log(`${file}: ${one.path.join('/')}: ${one.message}`);
    wrong++;
  }
  if (document) {
    const channels = document.channels().length;
    const messages = document.allMessages().length;
    console.log(`${file}: ${channels} channels, ${messages} messages`);
  } else {
    wrong++;
  }
}
process.exit(wrong > 0 ? 1 : 0);
