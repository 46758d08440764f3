import { inputFor, type Target } from './target.ts';

const EVENT = { id: 'e1', source: 'lab', detail: { name: 'a "b"', n: 3, list: ['x', 'y'], deep: { ok: true } } };
const CONTEXT = { ruleArn: 'arn:rule', ruleName: 'rule', ingestionTime: '2026-01-01T00:00:00.000Z' };

const input = (target: Partial<Target>): string => inputFor({ Id: '1', Arn: 'arn', ...target }, EVENT, CONTEXT);

describe('what a target gets', () => {
  it('is the event, a constant, or a part of the event', () => {
    expect(JSON.parse(input({}))).toEqual(EVENT);
    expect(input({ Input: '{"fixed":1}' })).toBe('{"fixed":1}');
    expect(input({ InputPath: '$.detail.deep' })).toBe('{"ok":true}');
    expect(input({ InputPath: '$.detail.list[1]' })).toBe('"y"');
  });

  it('is a filled template: values in quotes as text, others as JSON', () => {
    const filled = input({
      InputTransformer: {
        InputPathsMap: { name: '$.detail.name', n: '$.detail.n', list: '$.detail.list', none: '$.detail.none' },
        InputTemplate:
          '{"name": <name>, "said": "it is <name>", "n": <n>, "list": <list>, "none": <none>, "rule": <aws.events.rule-name>, "event": <aws.events.event.json>}',
      },
    });

    expect(JSON.parse(filled)).toEqual({
      name: 'a "b"',
      said: 'it is a "b"',
      n: 3,
      list: ['x', 'y'],
      none: '',
      rule: 'rule',
      event: EVENT,
    });
  });

  it('may be plain text', () => {
    const template = '"Image <n> of <source>"';

    const filled = input({
      InputTransformer: { InputPathsMap: { n: '$.detail.n', source: '$.source' }, InputTemplate: template },
    });

    expect(filled).toBe('"Image 3 of lab"');
  });
});
