import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import { NOW, ready } from '../../test/support/fixtures.ts';
import { deletedEvent } from '../core/domain-events.ts';
import { createEmitEvent } from './event-bus.ts';

const client = new EventBridgeClient({ region: 'eu-west-1' });
const bus = mockClient(client);
const emit = createEmitEvent(client, 'test');
const event = deletedEvent(ready(), new Date(NOW).toISOString());

beforeEach(() => {
  bus.reset();
});

describe('createEmitEvent', () => {
  it('puts one entry on the default bus, under the source of the stage', async () => {
    bus.on(PutEventsCommand).resolves({ FailedEntryCount: 0, Entries: [{ EventId: '1' }] });
    await emit(event);
    expect(bus.call(0).args[0].input).toEqual({
      Entries: [{ Source: 'darkroom.test', DetailType: 'image.deleted', Detail: JSON.stringify(event.detail) }],
    });
  });

  it('is transient when the bus takes the call but not the entry', async () => {
    bus.on(PutEventsCommand).resolves({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'ThrottlingException' }] });
    await expect(emit(event)).rejects.toMatchObject({
      name: 'TransientError',
      message: expect.stringContaining('ThrottlingException') as string,
    });
  });

  it('is transient when the call fails, whatever the reason', async () => {
    bus.on(PutEventsCommand).rejects(new Error('AccessDenied'));
    await expect(emit(event)).rejects.toMatchObject({ name: 'TransientError' });
  });
});
