import { RekognitionClient } from '@aws-sdk/client-rekognition';
import type { ModeratorChoice } from '../config.ts';
import { cascade, type OnFailure, orElse } from '../core/moderators.ts';
import type { Moderator } from '../ports.ts';
import { localModel } from './local-model.ts';
import { createRekognition } from './rekognition.ts';

/** Two tries of five seconds leave time for the model here to decide within the function's own thirty. */
const rekognition = (): Moderator =>
  createRekognition(
    new RekognitionClient({
      maxAttempts: 2,
      requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
    }),
  );

const choices: Readonly<Record<ModeratorChoice, (onFailure: OnFailure) => Moderator>> = {
  local: () => localModel,
  rekognition: (onFailure) => orElse(rekognition(), localModel, onFailure),
  cascade: (onFailure) => cascade(localModel, rekognition(), onFailure),
};

/** Who moderates, by the function's configuration. `onFailure` hears of every picture that Rekognition could not be asked about. */
export const createModerator = (choice: ModeratorChoice, onFailure: OnFailure): Moderator => choices[choice](onFailure);
