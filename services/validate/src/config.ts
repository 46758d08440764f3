import * as z from 'zod';

/** Environment of the `moderateImage` function. */
export const moderateConfigSchema = z.object({
  /** Who looks: the model in the function; Rekognition; or Rekognition only where the model is unsure. */
  MODERATOR: z.enum(['local', 'rekognition', 'cascade']),
});
export type ModeratorChoice = z.infer<typeof moderateConfigSchema>['MODERATOR'];
