/** Numbers as people read them. Bytes are decimal (1 MB = 1,000,000), as phones and data plans count them. */

const KB = 1000;
const MB = 1_000_000;

/** `870 B`, `42 kB`, `3.4 MB`, `25 MB`. */
export const bytes = (count: number): string => {
  if (count < KB) return `${count} B`;
  if (count < MB - KB / 2) return `${Math.round(count / KB)} kB`;
  return `${(count / MB).toFixed(count < 9_950_000 ? 1 : 0)} MB`;
};

/** `1.2 of 3.4 MB`: the unit once when both have it. */
export const bytesOf = (part: number, whole: number): string => {
  const [partNumber = '', partUnit] = bytes(part).split(' ');
  const wholeText = bytes(whole);
  const unit = wholeText.split(' ')[1];
  return `${partUnit === unit ? partNumber : bytes(part)} of ${wholeText}`;
};

/** `210 kB/s`. */
export const rate = (bytesPerSecond: number): string => `${bytes(Math.round(bytesPerSecond))}/s`;

const SHORT_SECONDS = 5;
const MINUTE = 60;
const HOUR = 3600;

/** A time left, no finer than it can be known: steps of 5 s below a minute, then minutes, then hours. */
export const timeLeft = (seconds: number): string => {
  if (seconds < SHORT_SECONDS) return 'a few seconds left';
  if (seconds <= MINUTE - SHORT_SECONDS) return `about ${Math.ceil(seconds / SHORT_SECONDS) * SHORT_SECONDS} s left`;
  if (seconds < MINUTE * 1.5) return 'about a minute left';
  if (seconds < HOUR) return `about ${Math.round(seconds / MINUTE)} minutes left`;
  const hours = Math.round(seconds / HOUR);
  return hours === 1 ? 'about an hour left' : `about ${hours} hours left`;
};

/** A measured time: `340 ms`, `3.1 s`, `42 s`, `2 min 5 s`. */
export const duration = (milliseconds: number): string => {
  const seconds = milliseconds / 1000;
  if (seconds < 0.9995) return `${Math.max(0, Math.round(milliseconds))} ms`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < MINUTE - 0.5) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / MINUTE)} min ${whole % MINUTE} s`;
};

/** How many times smaller `served` is than `original`: `34×`, `1.8×`; null when it is not smaller. */
export const timesSmaller = (original: number, served: number): string | null => {
  if (original <= served || served <= 0) return null;
  const ratio = original / served;
  return `${ratio < 10 ? ratio.toFixed(1) : Math.round(ratio)}×`;
};

/** `1 photograph`, `3 photographs`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
