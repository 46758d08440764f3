/**
 * The Accept header, as RFC 9110 §12.5.1 reads it. Written without destructuring, for-of and default arguments, because
 * all of src/core must run on the CloudFront Functions JavaScript runtime 2.0 as it stands.
 */

/** The media type (or parameter name) of an entry: what stands before its first `mark`. */
const head = (text: string, mark: string): string => (text.split(mark)[0] ?? '').trim();

/** `q` of an entry; 1 without one (RFC 9110 §12.4.2). A weight that is no number from 0 to 1 counts as 0: refused is safer than served wrong. */
const weightOf = (entry: string): number => {
  const parameter = entry
    .split(';')
    .slice(1)
    .find((part) => head(part, '=') === 'q');
  if (parameter === undefined) return 1;
  const weight = Number((parameter.split('=')[1] ?? '').trim());
  return weight >= 0 && weight <= 1 ? weight : 0;
};

/** Quality of one media type from 0 to 1: of its own entry only (`exact`), or of the most specific entry that matches. */
export const qualityOf = (accept: string, type: string, exact: boolean): number => {
  const entries = accept.toLowerCase().split(',');
  const ranges = exact ? [type] : [type, `${head(type, '/')}/*`, '*/*'];
  const matching = ranges.map((range) => entries.find((entry) => head(entry, ';') === range));
  const best = matching.find((entry) => entry !== undefined);
  return best === undefined ? 0 : weightOf(best);
};
