/** ISO 8601 in UTC with milliseconds of a time in milliseconds since the epoch. */
export const instantOf = (ms: number): string => new Date(ms).toISOString();

/** A zone at the end of an ISO time: `Z`, `+02:00`, `-0700`. */
const ZONE = /(?:Z|[+-]\d{2}:?\d{2})$/i;

/** A notification's `eventTime` as an instant, or undefined when it is no time. Without a zone (moto) it is UTC. */
export const parseEventTime = (eventTime: string): string | undefined => {
  const ms = Date.parse(ZONE.test(eventTime) ? eventTime : `${eventTime}Z`);
  return Number.isNaN(ms) ? undefined : instantOf(ms);
};
