// Imports one function's module in a fresh process, as Lambda's init does, and tells how long that took and what it holds then.
// Plain JavaScript: stripping types would be measured, too. Argument: the module's file.
import process from 'node:process';
import { pathToFileURL } from 'node:url';

const [file] = process.argv.slice(2);
const heap = () => {
  globalThis.gc();
  return process.memoryUsage().heapUsed;
};
const before = heap();
const began = performance.now();
await import(pathToFileURL(file).href);
const milliseconds = performance.now() - began;
const heapBytes = heap() - before;
process.send({ milliseconds, heapBytes, rssBytes: process.memoryUsage.rss() }, () => process.exit(0));
