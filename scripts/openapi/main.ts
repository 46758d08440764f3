import { writeFileSync } from 'node:fs';
import { documentPath, openApiText } from './document.ts';

const text = openApiText();
writeFileSync(documentPath, text);
process.stdout.write(`wrote ${documentPath}: ${Buffer.byteLength(text)} bytes\n`);
