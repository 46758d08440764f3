import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { complaintsOf, inBrowser, launch } from '../support/browser.ts';
import { anyPorts, startCli } from '../support/cli.ts';
import { writePhonePhoto, writePhoto } from '../support/photos.ts';

interface Shown {
  readonly types: readonly string[];
  readonly upright: boolean;
  /** Pixels that the page takes across. */
  readonly width: number;
}

/**
 * Runs in the page, so it is text: the types of the browser are not those of this program. Until every picture has come the browser may
 * still change its mind about which of the widths it loads, and a page on a busy machine may have to ask again; either makes `decode` refuse.
 */
const readGallery = `(async () => {
  const images = [...document.querySelectorAll('#gallery img')];
  const haveCome = () => images.every(({ complete, naturalWidth }) => complete && naturalWidth > 0);
  while (!haveCome()) await new Promise((resolve) => setTimeout(resolve, 50));
  await Promise.all(images.map((image) => image.decode()));
  const typeOf = async ({ currentSrc }) => (await fetch(currentSrc, { headers: { accept: 'image/avif' } })).headers.get('content-type');
  return {
    types: await Promise.all(images.map(typeOf)),
    upright: images.every(({ naturalWidth, naturalHeight }) => naturalWidth > naturalHeight),
    width: document.documentElement.scrollWidth,
  };
})()`;

inBrowser('the gallery page in Chromium', () => {
  let dir: string;
  let data: string;
  let browser: Browser;
  let page: Page;
  let complaints: string[] = [];

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'darkroom-page-'));
    data = join(dir, 'data');
    const photos = await mkdtemp(join(dir, 'photos-'));
    await writePhonePhoto(photos, 6);
    await writePhoto(photos, 'png');
    const { code } = await startCli(['ingest', photos, '--keep', '--json', '--data', data, ...anyPorts]).finished;
    expect(code).toBe(0);
    const status = await startCli(['status', '--json', '--data', data]).finished;
    const { page: url } = JSON.parse(status.stdout) as { page: string };

    browser = await launch();
    page = await browser.newPage({ viewport: { width: 360, height: 780 } });
    complaints = complaintsOf(page);
    await page.goto(url);
    await page.locator('#gallery img').nth(1).waitFor();
  }, 120_000);

  afterAll(async () => {
    await browser.close();
    await startCli(['down', '--data', data]).finished;
    await rm(dir, { recursive: true, force: true });
  });

  it('shows every image as the CDN serves it: AVIF for Chromium, upright, within a phone', async () => {
    const shown = await page.evaluate<Shown>(readGallery);
    expect(shown).toEqual({ types: ['image/avif', 'image/avif'], upright: true, width: 360 });
    expect(await page.textContent('#summary')).toBe('2 ready');
    expect(complaints).toEqual([]);
  });

  it('opens an image from the keyboard, lists its renditions and closes again', async () => {
    await page.locator('.open').first().focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('#viewer').isVisible()).toBe(true);
    expect(await page.locator('#viewer-variants tr').count()).toBeGreaterThanOrEqual(4);
    const square = await fetch((await page.locator('#viewer-facts a').getAttribute('href')) ?? '');
    const { width, height } = await sharp(Buffer.from(await square.arrayBuffer())).metadata();
    expect([square.status, width === height]).toEqual([200, true]);
    await page.keyboard.press('Escape');
    expect(await page.locator('#viewer').isVisible()).toBe(false);
  });

  it('asks for the low tier when the viewer wants to save data', async () => {
    await page.check('#low');
    const addresses = await page.evaluate<string[]>(
      `[...document.querySelectorAll('#gallery img')].map(({ src }) => src)`,
    );
    expect(addresses.every((address) => address.endsWith('&t=l'))).toBe(true);
  });
});
