import { type SFNClient, StartSyncExecutionCommand } from '@aws-sdk/client-sfn';
import { type WorkflowOutput, workflowOutputSchema } from '@darkroom/types/workflow';

/** Thrown when an execution ended other than by success. */
export class ExecutionFailedError extends Error {
  override readonly name = 'ExecutionFailedError';
}

/** Runs an Express state machine and waits for its end: at most once, and never twice for one call (the client does not retry). */
export const createRunWorkflow =
  (client: SFNClient, stateMachineArn: string) =>
  async (input: unknown): Promise<WorkflowOutput> => {
    const { status, output, error, cause, executionArn } = await client.send(
      new StartSyncExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }),
    );
    if (status === 'SUCCEEDED') return workflowOutputSchema.parse(JSON.parse(output ?? 'null'));
    throw new ExecutionFailedError(`${executionArn ?? ''} ${status ?? ''}: ${error ?? ''} ${cause ?? ''}`.trim());
  };
