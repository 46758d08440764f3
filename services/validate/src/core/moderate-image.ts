import type { Moderation } from '@darkroom/types/image';
import type { Policy } from '@darkroom/types/policies';
import { type ModerateInput, pixelSourceOf } from '@darkroom/types/workflow';
import type { Moderator, Picture, PixelFile, ReadOriginal } from '../ports.ts';

export interface ModeratePorts {
  readonly readOriginal: ReadOriginal;
  readonly moderator: Moderator;
  /** What holds for a tenant's images. */
  readonly policyOf: (tenant: string) => Policy;
}

/** What a tenant's thresholds make of a score. Without `enforce` everything is allowed. */
export const verdictOf = (
  concern: number,
  { enforce, reviewFrom, refuseFrom }: Policy['moderation'],
): Moderation['verdict'] => {
  if (!enforce) return 'allowed';
  if (concern >= refuseFrom) return 'refused';
  return concern >= reviewFrom ? 'review' : 'allowed';
};

/** Three decimals: more would claim what no model knows, and the record keeps them all. */
const rounded = (scores: Readonly<Record<string, number>>): Moderation['scores'] =>
  Object.fromEntries(
    Object.entries(scores).map(([category, score]) => [
      category.slice(0, 64),
      Math.round(Math.min(1, Math.max(0, score)) * 1000) / 1000,
    ]),
  );

const pictureOf = (readOriginal: ReadOriginal, { task, header, metadata }: ModerateInput): Picture => {
  const source = pixelSourceOf(task, header);
  let reading: Promise<PixelFile> | undefined;
  const whole = () => (reading ??= readOriginal(source).then((bytes) => ({ bytes, header: source.header })));
  const glance = metadata?.glance;
  if (glance === undefined) return { small: whole, whole };
  const small = { bytes: Buffer.from(glance.jpeg, 'base64'), header: { format: 'jpeg', progressive: false } } as const;
  return { small: () => Promise.resolve(small), whole };
};

/**
 * ModerateImage: may this image be shown? What a person approved is not looked at again. The original is read where no smaller
 * picture travelled, or a moderator wants more pixels. Throws ImageRejected when the pixels cannot be decoded, and what the ports throw.
 */
export const moderateImage = async (
  { readOriginal, moderator, policyOf }: ModeratePorts,
  input: ModerateInput,
): Promise<Moderation> => {
  const { task } = input;
  if (task.approval !== undefined) return task.approval.moderation;
  const policy = policyOf(task.tenant).moderation;
  const opinion = await moderator(pictureOf(readOriginal, input), policy);
  return {
    verdict: verdictOf(opinion.concern, policy),
    scores: rounded(opinion.scores),
    model: opinion.model.slice(0, 64),
  };
};
