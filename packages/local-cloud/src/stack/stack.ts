import {
  attributeOf,
  identify,
  isEmulated,
  namePropertyOf,
  type CloudAddress,
  type ResourceIdentity,
} from './attributes.ts';
import { StackError } from './errors.ts';
import { NO_VALUE, resolveValue, type IntrinsicScope } from './intrinsics.ts';
import { functionLogicalId } from './naming.ts';
import type { Resource, ServiceModel } from './service-model.ts';
import { dictOf, textOf, type Dict } from './values.ts';

/** Looks up what no loaded stack declares, such as a secret that the operator put there. */
export type ParameterStore = (name: string) => string | undefined;

const SSM_PARAMETER_TYPE = 'AWS::SSM::Parameter::Value<';

/** One stack whose references are computed on demand, over the borders of stacks through SSM parameter names. */
export class Stack implements IntrinsicScope {
  readonly model: ServiceModel;
  readonly owner: string;
  readonly #universe: Universe;
  readonly #identities = new Map<string, ResourceIdentity>();
  readonly #parameters = new Map<string, unknown>();
  readonly #open = new Set<string>();

  constructor(model: ServiceModel, universe: Universe) {
    this.model = model;
    this.owner = `service ${model.name}`;
    this.#universe = universe;
  }

  /** Resolves intrinsic functions in any value of this stack. @throws StackError */
  resolve(value: unknown): unknown {
    const resolved = resolveValue(value, this);
    return resolved === NO_VALUE ? undefined : resolved;
  }

  resolveDict(value: unknown): Dict {
    return dictOf(this.resolve(value));
  }

  /** Resources whose condition holds, of one type or of all. */
  resourcesOf(type?: string): Resource[] {
    return [...this.model.resources.values()].filter(
      (resource) => (type === undefined || resource.type === type) && this.#exists(resource),
    );
  }

  /** Physical name, Ref and attributes of a resource. */
  identity(logicalId: string): ResourceIdentity | undefined {
    const known = this.#identities.get(logicalId);
    if (known) return known;
    const resource = this.model.resources.get(logicalId);
    if (!resource) return undefined;
    return this.#guard(`resource ${logicalId}`, () => {
      const property = namePropertyOf(resource.type);
      const name = property === undefined ? undefined : this.#resolveName(resource, property);
      const identity = identify(this.model, resource, { cloud: this.#universe.cloud, name });
      this.#identities.set(logicalId, identity);
      return identity;
    });
  }

  ref(name: string): unknown {
    if (name.startsWith('AWS::')) return this.#pseudo(name);
    if (Object.hasOwn(this.model.parameters, name)) return this.#parameter(name);
    return this.identity(name)?.ref;
  }

  attribute(logicalId: string, attribute: string): unknown {
    // serverless-step-functions lets state machines name functions by their key instead of their logical id.
    const id = this.model.resources.has(logicalId) ? logicalId : functionLogicalId(logicalId);
    const resource = this.model.resources.get(id);
    if (resource?.type === 'AWS::SSM::Parameter' && attribute === 'Value')
      return this.resolve(resource.properties.Value);
    const identity = this.identity(id);
    return resource && identity ? attributeOf(resource, identity, attribute) : undefined;
  }

  condition(name: string): boolean {
    if (!Object.hasOwn(this.model.conditions, name)) {
      throw new StackError(
        'STACK_REFERENCE_UNRESOLVED',
        `expected a condition ${name} in ${this.owner} but received none`,
      );
    }
    return this.#guard(`condition ${name}`, () => resolveValue(this.model.conditions[name], this) === true);
  }

  mapping(name: string): Dict {
    return dictOf(this.model.mappings[name]);
  }

  #exists(resource: Resource): boolean {
    return resource.condition === undefined || this.condition(resource.condition);
  }

  /** Inert resources keep a generated name where theirs cannot be computed: nothing depends on it. */
  #resolveName(resource: Resource, property: string): unknown {
    const given = resource.properties[property];
    return isEmulated(resource.type) || typeof given === 'string' ? this.resolve(given) : undefined;
  }

  #pseudo(name: string): unknown {
    const { cloud } = this.#universe;
    const values: Record<string, unknown> = {
      'AWS::AccountId': cloud.accountId,
      'AWS::NoValue': NO_VALUE,
      'AWS::NotificationARNs': [],
      'AWS::Partition': 'aws',
      'AWS::Region': cloud.region,
      'AWS::StackId': `arn:aws:cloudformation:${cloud.region}:${cloud.accountId}:stack/${this.model.stackName}/local`,
      'AWS::StackName': this.model.stackName,
      'AWS::URLSuffix': 'amazonaws.com',
    };
    return values[name];
  }

  #parameter(name: string): unknown {
    if (this.#parameters.has(name)) return this.#parameters.get(name);
    const declaration = this.model.parameters[name] ?? {};
    const value = this.#guard(`parameter ${name}`, () => this.#parameterValue(name, declaration));
    this.#parameters.set(name, value);
    return value;
  }

  #parameterValue(name: string, declaration: Dict): unknown {
    const fallback = textOf(declaration.Default);
    if (textOf(declaration.Type)?.startsWith(SSM_PARAMETER_TYPE) !== true) {
      if (fallback !== undefined) return fallback;
      throw new StackError(
        'STACK_PARAMETER_UNRESOLVED',
        `expected a Default for parameter ${name} of ${this.owner} but received none`,
      );
    }
    const value = fallback === undefined ? undefined : this.#universe.ssmValue(fallback);
    if (value !== undefined) return value;
    throw new StackError(
      'STACK_PARAMETER_UNRESOLVED',
      `expected SSM parameter ${fallback ?? '(no Default)'} for parameter ${name} of ${this.owner} but received none: no loaded service publishes it and it is not in the parameter store`,
    );
  }

  #guard<T>(what: string, compute: () => T): T {
    if (this.#open.has(what))
      throw new StackError(
        'STACK_CYCLE',
        `expected no circular reference in ${this.owner} but received one through ${what}`,
      );
    this.#open.add(what);
    try {
      return compute();
    } finally {
      this.#open.delete(what);
    }
  }
}

/** All loaded stacks and what lies around them. */
export class Universe {
  readonly cloud: CloudAddress;
  readonly stacks: readonly Stack[];
  readonly #store: ParameterStore;
  #published: Map<string, { stack: Stack; resource: Resource }> | undefined;

  constructor(models: readonly ServiceModel[], cloud: CloudAddress, store: ParameterStore) {
    this.cloud = cloud;
    this.#store = store;
    this.stacks = models.map((model) => new Stack(model, this));
  }

  /** Value of an SSM parameter: published by a loaded stack, else from the store; undefined when neither has it. */
  ssmValue(name: string): string | undefined {
    const owner = this.#publishers().get(name);
    return owner ? textOf(owner.stack.resolve(owner.resource.properties.Value)) : this.#store(name);
  }

  /** Names of parameters are computed without parameters of other stacks, so that looking for an owner cannot go round in circles. */
  #publishers(): Map<string, { stack: Stack; resource: Resource }> {
    if (this.#published) return this.#published;
    this.#published = new Map();
    for (const stack of this.stacks) {
      for (const resource of stack.resourcesOf('AWS::SSM::Parameter')) {
        const name = stack.identity(resource.logicalId)?.name;
        if (name !== undefined) this.#published.set(name, { stack, resource });
      }
    }
    return this.#published;
  }
}
