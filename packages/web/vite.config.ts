import { defineConfig } from 'vite';

/** The system that `npm run dev` shows: it gives the addresses and the token in its config.json. */
const system = process.env['DARKROOM_API'] ?? 'http://127.0.0.1:4567';

export default defineConfig({
  // Relative addresses: the page works under any path of any static host.
  base: './',
  build: {
    // Chrome 94, Safari 16, Firefox 93 and later.
    target: 'es2022',
    // The policy of the page allows no data: scripts or styles, and a phone caches files better than text in a file.
    assetsInlineLimit: 0,
    modulePreload: false,
    reportCompressedSize: true,
  },
  server: {
    host: '127.0.0.1',
    proxy: { '/config.json': system },
  },
});
