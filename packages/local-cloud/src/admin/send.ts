import type { SendToDestination } from '../lambda/async-invoke.ts';
import type { SendToQueue } from '../ports.ts';
import { AwsError, type CloudContext, type JsonService } from '../service.ts';
import { call } from '../stack/targets.ts';

/** Sends results and scheduled events to a queue or an event bus, by the target's ARN. */
export function createSender(
  context: CloudContext,
  ports: { sendToQueue: SendToQueue; events: JsonService },
): SendToDestination {
  return (targetArn, record, { source, detailType }) => {
    const service = targetArn.split(':')[2];
    if (service === 'sqs') {
      ports.sendToQueue(targetArn, JSON.stringify(record));
      return;
    }
    if (service !== 'events') {
      throw new AwsError(
        'InvalidParameterValueException',
        `expected a queue or an event bus as target but received ${targetArn}`,
      );
    }
    const entry = { Source: source, DetailType: detailType, Detail: JSON.stringify(record), EventBusName: targetArn };
    call(ports.events, 'PutEvents', { Entries: [entry] }).catch((error: unknown) => {
      context.log('error', 'result could not be sent', { targetArn, error: String(error) });
    });
  };
}
