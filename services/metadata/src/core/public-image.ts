import type { PublicImage } from '@darkroom/types/api';
import type { Reason } from '@darkroom/types/codes';
import type { ImageRecord } from '@darkroom/types/image';

/** What a client reads of a fault of ours: the real text is for the log and the record. */
const OUR_FAULT = 'something went wrong here while the image was developed; upload it again';

/** EXIF orientations that turn the picture by a quarter (EXIF 2.32 §4.6.4): width and height change places. */
const QUARTER_TURNED = 5;

const uprightSize = ({ metadata, header }: ImageRecord): { width: number | null; height: number | null } => {
  if (metadata !== null) return { width: metadata.width, height: metadata.height };
  if (header === null) return { width: null, height: null };
  const { width, height, orientation } = header;
  return orientation >= QUARTER_TURNED ? { width: height, height: width } : { width, height };
};

/** A reason is shown once the image is terminal; text about our own faults never is. */
const shownReason = ({ status, reason }: ImageRecord): Reason | null => {
  if (status === 'PROCESSING' || reason === null) return null;
  return reason.code === 'INTERNAL' ? { code: 'INTERNAL', message: OUR_FAULT } : reason;
};

const shownStatus = ({ imageId, status }: ImageRecord): PublicImage['status'] => {
  if (status === 'DELETED')
    throw new RangeError(`expected an image that exists but received the tombstone of ${imageId}`);
  return status;
};

const orNull = <T>(value: T | undefined): T | null => value ?? null;

const NOTHING_KNOWN = {
  dominantColour: null,
  thumbhash: null,
  sha256: null,
  perceptualHash: null,
  exif: null,
  capture: null,
  credit: null,
  place: null,
  palette: null,
  look: null,
  focus: null,
  tags: null,
};

/** Facts that a client may read; what else the record holds (how hard it is to code, a moderation's scores) is ours. Records may be older than a field. */
const shownMetadata = ({ metadata }: ImageRecord) => {
  if (metadata === null) return NOTHING_KNOWN;
  const { dominantColour, thumbhash, sha256, perceptualHash, exif } = metadata;
  return {
    dominantColour,
    thumbhash,
    sha256,
    perceptualHash,
    exif,
    capture: orNull(metadata.capture),
    credit: orNull(metadata.credit),
    place: orNull(metadata.place),
    palette: orNull(metadata.palette),
    look: orNull(metadata.look),
    focus: orNull(metadata.focus),
    tags: orNull(metadata.tags),
  };
};

/** Addresses exist only for READY images. `{cdn}/i/{imageId}/{version}` negotiates; a variant's own path is fixed for ever. */
const shownAddresses = ({ imageId, status, metadata, variants }: ImageRecord, cdnUrl: string) => {
  if (status !== 'READY' || metadata === null) return { url: null, variants: [] };
  return {
    url: `${cdnUrl}/i/${imageId}/${metadata.version}`,
    variants: variants.map(({ key, ...variant }) => ({ url: `${cdnUrl}/${key}`, ...variant })),
  };
};

const shownModeration = ({ moderation }: ImageRecord): Pick<PublicImage, 'moderation'> =>
  moderation ? { moderation } : {};

/**
 * An image as its owner sees it; `forReviewer`: with what moderation said of it. `cdnUrl` has no slash at its end.
 * Throws RangeError for a tombstone: callers answer those like images that never were.
 */
export const publicImage = (record: ImageRecord, cdnUrl: string, forReviewer = false): PublicImage => ({
  imageId: record.imageId,
  status: shownStatus(record),
  reason: shownReason(record),
  filename: record.filename,
  bytes: record.bytes,
  format: record.header?.format ?? null,
  ...uprightSize(record),
  uploadedAt: record.uploadedAt,
  updatedAt: record.updatedAt,
  ...shownMetadata(record),
  ...shownAddresses(record, cdnUrl),
  ...(forReviewer && shownModeration(record)),
});
