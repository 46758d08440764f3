import { AwsError } from '../service.ts';
import type { Problem } from './asl/validate.ts';

export const machineDoesNotExist = (arn: string): AwsError =>
  new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);

export const executionDoesNotExist = (arn: string): AwsError =>
  new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);

export const invalidDefinition = (problems: readonly Problem[]): AwsError =>
  new AwsError(
    'InvalidDefinition',
    `Invalid State Machine Definition: '${problems.map(({ code, message, location }) => `${code}: ${message} at ${location}`).join(', ')}'`,
  );

export const validation = (message: string): AwsError => new AwsError('ValidationException', message);
