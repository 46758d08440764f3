import { StackError } from './errors.ts';
import { dictOf, isDict, listOf, textOf, type Dict } from './values.ts';

/** What intrinsic functions ask their stack for. */
export interface IntrinsicScope {
  /** Named in errors. */
  readonly owner: string;
  /** Value of `Ref` for a parameter, a resource or a pseudo parameter; undefined when there is no such name. */
  ref(name: string): unknown;
  /** Value of an attribute; undefined when the resource or attribute does not exist. */
  attribute(logicalId: string, attribute: string): unknown;
  condition(name: string): boolean;
  mapping(name: string): Dict;
}

/** Result of `Ref: AWS::NoValue`: the property that holds it vanishes. */
export const NO_VALUE = Symbol('AWS::NoValue');

type Intrinsic = (argument: unknown, scope: IntrinsicScope) => unknown;

function unresolved(scope: IntrinsicScope, what: string): StackError {
  return new StackError(
    'STACK_REFERENCE_UNRESOLVED',
    `expected ${what} in ${scope.owner} but received nothing of that name`,
  );
}

function getAttribute(argument: unknown, scope: IntrinsicScope): unknown {
  const [logicalId, ...path] =
    typeof argument === 'string' ? argument.split('.') : listOf(resolveValue(argument, scope)).map(String);
  const attribute = path.join('.');
  const value = scope.attribute(String(logicalId), attribute);
  if (value === undefined) throw unresolved(scope, `attribute ${attribute} of resource ${String(logicalId)}`);
  return value;
}

function reference(argument: unknown, scope: IntrinsicScope): unknown {
  const value = scope.ref(String(argument));
  if (value === undefined) throw unresolved(scope, `a parameter or resource ${String(argument)}`);
  return value;
}

function substitute(argument: unknown, scope: IntrinsicScope): string {
  const [template, given] = Array.isArray(argument) ? (argument as unknown[]) : [argument];
  const variables = dictOf(resolveValue(given ?? {}, scope));
  return String(template).replace(/\$\{(!?)([^}]+)\}/g, (_all, literal: string, raw: string) => {
    const name = raw.trim();
    if (literal === '!') return `\${${name}}`;
    const value =
      name in variables ? variables[name] : name.includes('.') ? getAttribute(name, scope) : reference(name, scope);
    return textOf(value) ?? JSON.stringify(value);
  });
}

function pair(argument: unknown, scope: IntrinsicScope): [unknown, unknown] {
  const [first, second] = listOf(argument);
  return [resolveValue(first, scope), resolveValue(second, scope)];
}

function findInMap(argument: unknown, scope: IntrinsicScope): unknown {
  const [map, top, second] = listOf(argument).map((item) => resolveValue(item, scope));
  const value = dictOf(scope.mapping(String(map))[String(top)])[String(second)];
  if (value === undefined)
    throw unresolved(scope, `${String(map)}.${String(top)}.${String(second)} among the mappings`);
  return value;
}

function choose(argument: unknown, scope: IntrinsicScope): unknown {
  const [condition, yes, no] = listOf(argument);
  return resolveValue(scope.condition(String(condition)) ? yes : no, scope);
}

function truthOf(value: unknown, scope: IntrinsicScope): boolean {
  return resolveValue(value, scope) === true;
}

const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  Ref: reference,
  Condition: (argument, scope) => scope.condition(String(argument)),
  'Fn::GetAtt': getAttribute,
  'Fn::Sub': substitute,
  'Fn::FindInMap': findInMap,
  'Fn::If': choose,
  'Fn::Equals': (argument, scope) => {
    const [left, right] = pair(argument, scope);
    return (textOf(left) ?? JSON.stringify(left)) === (textOf(right) ?? JSON.stringify(right));
  },
  'Fn::Not': (argument, scope) => !truthOf(listOf(argument)[0], scope),
  'Fn::And': (argument, scope) => listOf(argument).every((item) => truthOf(item, scope)),
  'Fn::Or': (argument, scope) => listOf(argument).some((item) => truthOf(item, scope)),
  'Fn::Join': (argument, scope) => {
    const [separator, items] = pair(argument, scope);
    return listOf(items)
      .map((item) => textOf(item) ?? '')
      .join(String(separator));
  },
  'Fn::Select': (argument, scope) => {
    const [index, items] = pair(argument, scope);
    return listOf(items)[Number(index)];
  },
  'Fn::Split': (argument, scope) => {
    const [separator, text] = pair(argument, scope);
    return String(text).split(String(separator));
  },
  'Fn::Base64': (argument, scope) => Buffer.from(String(resolveValue(argument, scope))).toString('base64'),
  'Fn::ToJsonString': (argument, scope) => JSON.stringify(resolveValue(argument, scope)),
  'Fn::Length': (argument, scope) => listOf(resolveValue(argument, scope)).length,
  'Fn::GetAZs': (argument, scope) => {
    const region = textOf(resolveValue(argument, scope));
    const base = region === undefined || region === '' ? String(scope.ref('AWS::Region')) : region;
    return ['a', 'b', 'c'].map((zone) => `${base}${zone}`);
  },
};

function resolveDict(value: Dict, scope: IntrinsicScope): unknown {
  const keys = Object.keys(value);
  const [only] = keys;
  if (keys.length === 1 && only !== undefined) {
    const intrinsic = Object.hasOwn(INTRINSICS, only) ? INTRINSICS[only] : undefined;
    // `Condition` is an intrinsic only with text; an IAM statement's Condition block is a mapping.
    if (intrinsic && (only !== 'Condition' || typeof value[only] === 'string')) return intrinsic(value[only], scope);
    if (only.startsWith('Fn::')) throw unresolved(scope, `a supported intrinsic function instead of ${only}`);
  }
  const result: Dict = {};
  for (const [key, item] of Object.entries(value)) {
    const resolved = resolveValue(item, scope);
    if (resolved !== NO_VALUE) result[key] = resolved;
  }
  return result;
}

/**
 * A copy of the value with CloudFormation's intrinsic functions computed; properties that are `AWS::NoValue` are left out.
 * @throws StackError STACK_REFERENCE_UNRESOLVED
 */
export function resolveValue(value: unknown, scope: IntrinsicScope): unknown {
  if (Array.isArray(value)) return value.map((item) => resolveValue(item, scope)).filter((item) => item !== NO_VALUE);
  return isDict(value) ? resolveDict(value, scope) : value;
}
