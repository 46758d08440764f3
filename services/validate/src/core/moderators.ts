import { ImageRejected } from '@darkroom/types/rejection';
import type { Policy } from '@darkroom/types/policies';
import type { Moderator, Opinion } from '../ports.ts';

/** Told when a model could not be asked. */
export type OnFailure = (error: unknown) => void;

/** Whether a second opinion is worth its fee: where the tenant enforces, and the first neither allows nor refuses for sure. */
export const isUncertain = (concern: number, { enforce, askFrom, refuseFrom }: Policy['moderation']): boolean =>
  enforce && concern >= askFrom && concern < refuseFrom;

/** Both have looked: the second decides, the scores of both are kept. */
const together = (first: Opinion, second: Opinion): Opinion => ({
  scores: { ...first.scores, ...second.scores },
  concern: second.concern,
  model: `${first.model}+${second.model}`,
});

/** The second's answer, or undefined when it cannot be asked. That the picture cannot be decoded is no failure of the model. */
const unlessFailing = async (moderator: Moderator, onFailure: OnFailure, ...given: Parameters<Moderator>) => {
  try {
    return await moderator(...given);
  } catch (error) {
    if (error instanceof ImageRejected) throw error;
    onFailure(error);
    return undefined;
  }
};

/**
 * The first looks at every picture, the second at those that the first is unsure about, and decides them. When the second
 * cannot be asked, the first's opinion stands: an image is neither lost nor held up by a service that is away.
 */
export const cascade =
  (first: Moderator, second: Moderator, onFailure: OnFailure): Moderator =>
  async (picture, policy) => {
    const opinion = await first(picture, policy);
    if (!isUncertain(opinion.concern, policy)) return opinion;
    const other = await unlessFailing(second, onFailure, picture, policy);
    return other === undefined ? opinion : together(opinion, other);
  };

/** The first looks at every picture; when it cannot be asked, the second does. */
export const orElse =
  (first: Moderator, second: Moderator, onFailure: OnFailure): Moderator =>
  async (picture, policy) =>
    (await unlessFailing(first, onFailure, picture, policy)) ?? second(picture, policy);
