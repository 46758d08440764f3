/**
 * S3's sequencer in a form whose order is the order of text. S3 compares sequencers of one key as hex digits, the shorter
 * one padded on the right with zeros (S3 User Guide, "Event message structure"); without zeros at its end a sequencer sorts
 * the same way as plain text, and so DynamoDB can compare it in a condition. Empty when the server sends none: older than any.
 */
export const canonicalSequencer = (sequencer: string | undefined): string =>
  (sequencer ?? '').toUpperCase().replace(/0+$/, '');
