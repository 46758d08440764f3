const START_BYTES = 2;

/** A JPEG with a segment put before its first. */
export const withSegment = (jpeg: Buffer, marker: number, data: Buffer): Buffer => {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(data.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, START_BYTES), head, data, jpeg.subarray(START_BYTES)]);
};

/** A JPEG with a profile of less than 64 KB (ICC.1, annex B.4). */
export const withIcc = (jpeg: Buffer, icc: Buffer): Buffer =>
  withSegment(jpeg, 0xe2, Buffer.concat([Buffer.from('ICC_PROFILE\0\x01\x01', 'latin1'), icc]));
