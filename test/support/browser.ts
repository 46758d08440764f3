import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, type CDPSession, chromium, type Page } from 'playwright-core';

/** Browsers are not on npm: tests run where one is installed (`DARKROOM_TEST_CHROMIUM`, or Debian's package) and are skipped elsewhere. */
const executablePath = process.env['DARKROOM_TEST_CHROMIUM'] ?? '/usr/bin/chromium';
export const inBrowser = existsSync(executablePath) ? describe : describe.skip;

export const PHONE: BrowserContextOptions = { viewport: { width: 360, height: 780 }, hasTouch: true };

export const launch = (): Promise<Browser> => {
  // Without these Chromium calls home at start, which a closed network answers slowly.
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', ...quiet] });
};

/** What a page complained of: thrown errors, and whatever the content security policy refused. */
export const complaintsOf = (page: Page): string[] => {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy|Trusted/.test(message.text())) complaints.push(message.text());
  });
  return complaints;
};

export interface Link {
  /** Bytes per second each way, and milliseconds of delay. */
  readonly throttle: (bytesPerSecond: number, latency: number) => Promise<void>;
  readonly cut: () => Promise<void>;
  readonly free: () => Promise<void>;
}

/** The link between a page and everything else, by the browser's own means. A reload keeps it. */
export const linkOf = async (page: Page): Promise<Link> => {
  const cdp: CDPSession = await page.context().newCDPSession(page);
  await cdp.send('Network.enable');
  const set = async (offline: boolean, throughput: number, latency: number): Promise<void> => {
    const both = { downloadThroughput: throughput, uploadThroughput: throughput };
    await cdp.send('Network.emulateNetworkConditions', { offline, latency, ...both });
  };
  return {
    throttle: (bytesPerSecond, latency) => set(false, bytesPerSecond, latency),
    cut: () => set(true, 0, 0),
    free: () => set(false, -1, 0),
  };
};
