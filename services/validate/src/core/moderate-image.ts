import type { Moderation } from '@darkroom/types/image';
import type { Policy } from '@darkroom/types/policies';
import { type ModerateInput, pixelSourceOf } from '@darkroom/types/workflow';
import type { Moderator, ReadOriginal } from '../ports.ts';

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

/**
 * ModerateImage: may this image be shown? What a person approved is not looked at again. Throws ImageRejected when the
 * pixels cannot be decoded, and what the ports throw.
 */
export const moderateImage = async (
  { readOriginal, moderator, policyOf }: ModeratePorts,
  { task, header }: ModerateInput,
): Promise<Moderation> => {
  if (task.approval !== undefined) return task.approval.moderation;
  const source = pixelSourceOf(task, header);
  const policy = policyOf(task.tenant).moderation;
  const opinion = await moderator({ bytes: await readOriginal(source), header: source.header }, policy);
  return {
    verdict: verdictOf(opinion.concern, policy),
    scores: rounded(opinion.scores),
    model: opinion.model.slice(0, 64),
  };
};
