import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { complaintsOf, inBrowser, launch, type Link, linkOf, PHONE } from '../support/browser.ts';
import { anyPorts, type CliRun, startCli } from '../support/cli.ts';
import { writePhonePhoto, writePhoto } from '../support/photos.ts';

interface System {
  readonly page: string;
  readonly api: string;
  readonly token: string;
}

/** The first line of `up --json`. */
const firstLine = (run: CliRun): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = '';
    run.child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
    });
    void run.finished.then(({ stderr }) => reject(new Error(stderr)));
  });

const upload = (page: Page, phase: string) => page.locator(`.upload[data-phase=${phase}]`);

/** Settles once the bar of the only upload is past a share of the whole. Runs in the page, as text: its types are not ours. */
const sentPast = (page: Page, share: number): Promise<void> =>
  page.evaluate<undefined>(`new Promise((resolve) => {
    const look = () => {
      const bar = document.querySelector('.upload progress');
      if (bar && bar.value > ${share}) resolve();
      else requestAnimationFrame(look);
    };
    look();
  })`);

inBrowser('uploads by the page in Chromium', () => {
  let dir: string;
  let data: string;
  let system: System;
  let run: CliRun;
  let browser: Browser;
  let photo: string;
  const contexts: BrowserContext[] = [];

  /** A fresh browser profile on the page. */
  const open = async (
    options: BrowserContextOptions = {},
  ): Promise<{ page: Page; link: Link; complaints: string[] }> => {
    const context = await browser.newContext({ viewport: { width: 1100, height: 800 }, ...options });
    contexts.push(context);
    const page = await context.newPage();
    const complaints = complaintsOf(page);
    const link = await linkOf(page);
    await page.goto(system.page);
    await page.locator('#gallery li, #empty:not([hidden])').first().waitFor();
    return { page, link, complaints };
  };

  const newest = async (): Promise<{ imageId: string; bytes: number; sha256: string; status: string }> => {
    const answer = await fetch(`${system.api}/images?limit=1`, {
      headers: { authorization: `Bearer ${system.token}` },
    });
    const { images } = (await answer.json()) as { images: Awaited<ReturnType<typeof newest>>[] };
    return images[0]!;
  };

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'darkroom-page-upload-'));
    data = join(dir, 'data');
    const { name } = await writePhonePhoto(dir, 6, 2400, 1800);
    photo = join(dir, name);
    await writePhoto(dir, 'png', 500, 400);
    run = startCli(['up', '--json', '--data', data, ...anyPorts]);
    system = JSON.parse(await firstLine(run)) as System;
    browser = await launch();
  }, 120_000);

  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
  });

  afterAll(async () => {
    await browser.close();
    await startCli(['down', '--data', data]).finished;
    await run.finished;
    await rm(dir, { recursive: true, force: true });
  });

  it('goes on by itself after the link was cut and the page reloaded in the middle, and shows the picture', async () => {
    const { page, link, complaints } = await open();
    const bytes = await readFile(photo);
    // A round trip of 400 ms is a weak link, on which the client sends by chunks.
    const weak = () => link.throttle(Math.round(bytes.length / 12), 400);
    await weak();
    await page.setInputFiles('#pick-files', photo);
    await sentPast(page, 0.25);

    await link.cut();
    await upload(page, 'offline').waitFor();
    expect(await page.locator('.upload .state').textContent()).toMatch(/^Offline/);
    await weak();
    await upload(page, 'uploading').waitFor();
    await sentPast(page, 0.5);

    await page.reload();
    await upload(page, 'uploading').waitFor();
    expect(await page.locator('.upload .name').textContent()).toBe('orientation-6.jpg');
    expect(await page.locator('.upload .state').textContent()).toBe('Sending, from where it stopped');
    await link.free();
    await upload(page, 'ready').waitFor();

    const picture = page.locator('.upload .preview img');
    await picture.waitFor();
    const sides = await page.evaluate<number[]>(`(() => {
      const { naturalWidth, naturalHeight } = document.querySelector('.upload .preview img');
      return [naturalWidth, naturalHeight];
    })()`);
    expect(sides[0]).toBeGreaterThan(sides[1]!);
    expect(await page.locator('.upload .renditions summary').textContent()).toMatch(
      /renditions · .* as AVIF, .*× smaller/,
    );
    await page.locator('#gallery .open').first().waitFor();
    expect(await newest()).toMatchObject({
      status: 'READY',
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
    expect(complaints).toEqual([]);
  }, 120_000);

  it('can be used by keyboard alone, keeps the focus, and tells a screen reader what happened', async () => {
    const { page, link } = await open();
    await link.throttle(60_000, 50);
    const chooser = page.waitForEvent('filechooser');
    await page.locator('#pick-files').press('Enter');
    await (await chooser).setFiles(photo);
    await upload(page, 'uploading').waitFor();

    const pause = page.getByRole('button', { name: 'Pause: orientation-6.jpg' });
    await pause.focus();
    await page.keyboard.press('Space');
    await upload(page, 'paused').waitFor();
    const focused = () => page.evaluate<string>('document.activeElement.getAttribute("aria-label")');
    expect(await focused()).toBe('Resume: orientation-6.jpg');
    await page.locator('#announcer', { hasText: 'orientation-6.jpg: Paused' }).waitFor({ state: 'attached' });

    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Cancel: orientation-6.jpg');
    await page.keyboard.press('Enter');
    await page.locator('.upload').waitFor({ state: 'detached' });
    expect(await page.evaluate('document.activeElement.id')).toBe('pick-files');
  });

  it('says why a file was refused, and takes the others', async () => {
    const { page } = await open();
    const png = await readFile(join(dir, 'photo.png'));
    await page.setInputFiles('#pick-files', [
      { name: 'not-really.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('this is text, whatever its name says') },
      { name: 'fine.png', mimeType: 'image/png', buffer: png },
      { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('text') },
    ]);
    await upload(page, 'ready').waitFor();
    await page.locator('.upload:is([data-phase=rejected], [data-phase=failed])').waitFor();
    expect(await page.locator('.upload', { hasText: 'not-really.jpg' }).locator('.state').textContent()).toMatch(
      /^Refused: .*not an image/,
    );
    expect(await page.getByRole('button', { name: 'Try again: not-really.jpg' }).isVisible()).toBe(false);
    expect(await page.textContent('#left-out')).toBe('Left out, not an image: notes.txt');
  });

  it('takes pictures that are dropped and pasted', async () => {
    const { page } = await open();
    const png = (await readFile(join(dir, 'photo.png'))).toString('base64');
    await page.evaluate(`(() => {
      const bytes = Uint8Array.from(atob('${png}'), (char) => char.charCodeAt(0));
      const given = (name) => {
        const data = new DataTransfer();
        data.items.add(new File([bytes], name, { type: 'image/png' }));
        return data;
      };
      document.dispatchEvent(new DragEvent('drop', { dataTransfer: given('dropped.png'), bubbles: true, cancelable: true }));
      document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: given('pasted.png'), bubbles: true }));
    })()`);
    await upload(page, 'ready').nth(1).waitFor();
    expect((await page.locator('.upload .name').allTextContents()).sort()).toEqual(['dropped.png', 'pasted.png']);
  });

  it('sends a smaller copy when asked to', async () => {
    const { page } = await open();
    await writePhonePhoto(dir, 1, 3200, 2400);
    const large = join(dir, 'orientation-1.jpg');
    await page.check('#smaller');
    await page.setInputFiles('#pick-files', large);
    await upload(page, 'ready').waitFor();
    const { bytes } = await newest();
    expect(bytes).toBeLessThan((await readFile(large)).length);
    await page.getByRole('button', { name: 'Open: orientation-1.jpg' }).click();
    expect(await page.locator('#viewer-facts').textContent()).toContain('2560 × 1920');
  });

  it.each([
    ['light', 'rgb(250, 248, 245)'],
    ['dark', 'rgb(22, 20, 18)'],
  ] as const)('fits a phone of 360 pixels, %s', async (colorScheme, paper) => {
    const { page, complaints } = await open({ ...PHONE, colorScheme });
    await page.setInputFiles('#pick-files', [photo, join(dir, 'photo.png')]);
    await upload(page, 'ready').nth(1).waitFor();
    await page.locator('.upload summary').first().click();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe(paper);
    expect(await page.getByText('Take a photograph').isVisible()).toBe(true);
    expect(complaints).toEqual([]);
  });

  it('says when the API does not answer, and when access has ended', async () => {
    const { page } = await open();
    await page.route(/\/images/, (route) => route.abort());
    await page.reload();
    await page.getByText('The API does not answer.').waitFor();
    await page.unroute(/\/images/);
    await page.route(/\/images/, (route) =>
      route.fulfill({ status: 401, json: { code: 'TOKEN_EXPIRED', message: 'ended' } }),
    );
    await page.reload();
    await page.getByText('Your access to this page has ended. Reload it to go on.').waitFor();
  });
});
