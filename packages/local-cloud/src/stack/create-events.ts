import type { Stack } from './stack.ts';
import { call, callUnless, type CloudTargets } from './targets.ts';
import { declaredRule, type RuleTrigger, type ScheduleTrigger } from './triggers.ts';
import { dictOf } from './values.ts';

/** Creates event buses that do not exist. */
export async function createBuses(stacks: readonly Stack[], targets: CloudTargets): Promise<void> {
  for (const stack of stacks) {
    for (const { logicalId } of stack.resourcesOf('AWS::Events::EventBus')) {
      const name = stack.identity(logicalId)?.name ?? logicalId;
      const request = { action: 'DescribeEventBus', input: { Name: name } };
      const existing = await callUnless(targets.events, ['ResourceNotFoundException'], request);
      if (!existing) await call(targets.events, 'CreateEventBus', { Name: name });
    }
  }
}

/** Rules that stacks declare as resources. */
export function declaredRules(stacks: readonly Stack[]): { rules: RuleTrigger[]; schedules: ScheduleTrigger[] } {
  const found = stacks.flatMap((stack) =>
    stack
      .resourcesOf('AWS::Events::Rule')
      .map(({ logicalId, properties }) =>
        declaredRule(stack.identity(logicalId)?.name ?? logicalId, stack.resolveDict(properties)),
      ),
  );
  return { rules: found.flatMap(({ rule }) => rule ?? []), schedules: found.flatMap(({ schedules }) => schedules) };
}

/** Creates or replaces rules and their targets. */
export async function createRules(rules: readonly RuleTrigger[], targets: CloudTargets): Promise<void> {
  for (const { name, busName, pattern, state, targets: ruleTargets } of rules) {
    const rule = { Name: name, EventBusName: busName };
    const text = typeof pattern === 'string' ? pattern : JSON.stringify(pattern);
    await call(targets.events, 'PutRule', { ...rule, EventPattern: text, State: state });
    const list = ruleTargets.map((target, index) => ({ Id: `target${String(index)}`, ...dictOf(target) }));
    await call(targets.events, 'PutTargets', { Rule: name, EventBusName: busName, Targets: list });
  }
}
