import * as z from 'zod';
import { AwsError, type CloudContext, type JsonAction } from '../service.ts';
import type { NewDelivery } from './outbox.ts';
import { compilePattern } from './pattern.ts';
import { putEvents, putEventsSchema } from './put-events.ts';
import type { Bus, Rule, RuleState, RuleStore } from './rule-store.ts';
import { parseSchedule } from './schedule.ts';
import { targetSchema } from './target.ts';

const EventBusName = z.string().optional();
const ruleName = z.string().regex(/^[.\-_A-Za-z0-9]{1,64}$/);
/** Most items of one page, by EventBridge's documentation. */
const MAX_PAGE = 100;
const paging = { Limit: z.number().int().min(1).max(MAX_PAGE).default(MAX_PAGE), NextToken: z.string().optional() };

const inputs = {
  bus: z.object({ Name: z.string().optional() }),
  CreateEventBus: z.object({ Name: z.string().regex(/^[/.\-_A-Za-z0-9]{1,256}$/), Description: z.string().optional() }),
  list: z.object({ NamePrefix: z.string().default(''), EventBusName, ...paging }),
  PutRule: z.object({
    Name: ruleName,
    EventBusName,
    EventPattern: z.string().optional(),
    ScheduleExpression: z.string().optional(),
    State: z.enum(['ENABLED', 'DISABLED', 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS']).default('ENABLED'),
    Description: z.string().optional(),
  }),
  rule: z.object({ Name: z.string(), EventBusName }),
  PutTargets: z.object({ Rule: z.string(), EventBusName, Targets: z.array(targetSchema).min(1).max(MAX_PAGE) }),
  RemoveTargets: z.object({ Rule: z.string(), EventBusName, Ids: z.array(z.string()).min(1).max(MAX_PAGE) }),
  ListTargetsByRule: z.object({ Rule: z.string(), EventBusName, ...paging }),
  ListRuleNamesByTarget: z.object({ TargetArn: z.string(), EventBusName, ...paging }),
  TestEventPattern: z.object({ EventPattern: z.string(), Event: z.string() }),
};

function read<T extends z.ZodType>(schema: T, input: Record<string, unknown>): z.infer<T> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.map(String).join('.') ?? 'input';
  throw new AwsError(
    'ValidationException',
    `1 validation error detected: Value at '${field}' failed to satisfy constraint: ${issue?.message ?? 'Member is not valid'}`,
  );
}

/** The token is the place of the next item. */
function page<T>(items: readonly T[], input: { Limit: number; NextToken?: string | undefined }) {
  const from = input.NextToken === undefined ? 0 : Number(input.NextToken);
  const to = from + input.Limit;
  return { items: items.slice(from, to), token: to < items.length ? { NextToken: String(to) } : {} };
}

function shownBus(rules: RuleStore, { name, description, createdAt }: Bus) {
  return {
    Name: name,
    Arn: rules.busArn(name),
    ...(description === null ? {} : { Description: description }),
    CreationTime: createdAt / 1000,
  };
}

function shownRule(rule: Rule) {
  return {
    Name: rule.name,
    Arn: rule.arn,
    EventBusName: rule.bus,
    State: rule.state,
    ...(rule.pattern === null ? {} : { EventPattern: rule.pattern }),
    ...(rule.schedule === null ? {} : { ScheduleExpression: rule.schedule }),
    ...(rule.description === null ? {} : { Description: rule.description }),
  };
}

function busActions(rules: RuleStore): Record<string, JsonAction> {
  return {
    CreateEventBus: (raw) => {
      const { Name, Description } = read(inputs.CreateEventBus, raw);
      if (rules.findBus(Name)) {
        throw new AwsError('ResourceAlreadyExistsException', `Event bus ${Name} already exists.`);
      }
      rules.addBus(Name, Description ?? null);
      return { EventBusArn: rules.busArn(Name) };
    },
    DescribeEventBus: (raw) => shownBus(rules, rules.bus(read(inputs.bus, raw).Name)),
    ListEventBuses: (raw) => {
      const input = read(inputs.list, raw);
      const { items, token } = page(
        rules.buses().filter(({ name }) => name.startsWith(input.NamePrefix)),
        input,
      );
      return { EventBuses: items.map((bus) => shownBus(rules, bus)), ...token };
    },
    DeleteEventBus: (raw) => {
      const { Name } = read(inputs.bus, raw);
      if (Name === undefined || Name === 'default') {
        throw new AwsError('ValidationException', `Cannot delete event bus ${Name ?? 'default'}.`);
      }
      if (rules.rules(Name).length > 0) {
        throw new AwsError('ValidationException', `Cannot delete event bus ${Name} because it still has rules.`);
      }
      rules.deleteBus(Name);
      return {};
    },
  };
}

function putRule(rules: RuleStore, raw: Record<string, unknown>): unknown {
  const input = read(inputs.PutRule, raw);
  const { name: bus } = rules.bus(input.EventBusName);
  if (input.EventPattern === undefined && input.ScheduleExpression === undefined) {
    throw new AwsError('ValidationException', 'Parameter(s) EventPattern or ScheduleExpression must be specified.');
  }
  if (input.EventPattern !== undefined) compilePattern(input.EventPattern);
  if (input.ScheduleExpression !== undefined) parseSchedule(input.ScheduleExpression);
  const rule = rules.put({
    bus,
    name: input.Name,
    pattern: input.EventPattern ?? null,
    schedule: input.ScheduleExpression ?? null,
    state: input.State === 'DISABLED' ? 'DISABLED' : 'ENABLED',
    description: input.Description ?? null,
  });
  return { RuleArn: rule.arn };
}

function ruleActions(rules: RuleStore): Record<string, JsonAction> {
  const existing = (raw: Record<string, unknown>): Rule => {
    const { Name, EventBusName: bus } = read(inputs.rule, raw);
    return rules.rule(rules.bus(bus).name, Name);
  };
  const switchTo =
    (state: RuleState): JsonAction =>
    (raw) => {
      const { bus, name, pattern, schedule, description } = existing(raw);
      rules.put({ bus, name, pattern, schedule, description, state });
      return {};
    };
  return {
    PutRule: (raw) => putRule(rules, raw),
    DescribeRule: (raw) => shownRule(existing(raw)),
    ListRules: (raw) => {
      const input = read(inputs.list, raw);
      const all = rules.rules(rules.bus(input.EventBusName).name);
      const { items, token } = page(
        all.filter(({ name }) => name.startsWith(input.NamePrefix)),
        input,
      );
      return { Rules: items.map(shownRule), ...token };
    },
    DeleteRule: (raw) => {
      const { Name, EventBusName: bus } = read(inputs.rule, raw);
      const rule = rules.find(rules.bus(bus).name, Name);
      if (rule && rule.targets.length > 0) {
        throw new AwsError('ValidationException', "Rule can't be deleted since it has targets.");
      }
      // Deleting a rule that is not there succeeds, as on AWS.
      if (rule) rules.delete(rule);
      return {};
    },
    EnableRule: switchTo('ENABLED'),
    DisableRule: switchTo('DISABLED'),
  };
}

function targetActions(rules: RuleStore): Record<string, JsonAction> {
  const ruleOf = (input: { Rule: string; EventBusName?: string | undefined }): Rule =>
    rules.rule(rules.bus(input.EventBusName).name, input.Rule);
  return {
    PutTargets: (raw) => {
      const input = read(inputs.PutTargets, raw);
      rules.putTargets(ruleOf(input), input.Targets);
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
    RemoveTargets: (raw) => {
      const input = read(inputs.RemoveTargets, raw);
      rules.removeTargets(ruleOf(input), input.Ids);
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
    ListTargetsByRule: (raw) => {
      const input = read(inputs.ListTargetsByRule, raw);
      const { items, token } = page(ruleOf(input).targets, input);
      return { Targets: items, ...token };
    },
    ListRuleNamesByTarget: (raw) => {
      const input = read(inputs.ListRuleNamesByTarget, raw);
      const all = rules.rules(rules.bus(input.EventBusName).name);
      const aimed = all.filter(({ targets }) => targets.some(({ Arn }) => Arn === input.TargetArn));
      const { items, token } = page(aimed, input);
      return { RuleNames: items.map(({ name }) => name), ...token };
    },
  };
}

/** Actions of EventBridge: buses, rules, targets, events. */
export function eventActions(parts: {
  context: CloudContext;
  rules: RuleStore;
  accept: (deliveries: readonly NewDelivery[]) => void;
}): Record<string, JsonAction> {
  const { rules } = parts;
  return {
    ...busActions(rules),
    ...ruleActions(rules),
    ...targetActions(rules),
    PutEvents: (raw) => putEvents(parts, read(putEventsSchema, raw).Entries),
    TestEventPattern: (raw) => {
      const { EventPattern, Event } = read(inputs.TestEventPattern, raw);
      return { Result: compilePattern(EventPattern)(JSON.parse(Event) as Record<string, unknown>) };
    },
  };
}
