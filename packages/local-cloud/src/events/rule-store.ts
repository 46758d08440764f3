import type { DatabaseSync } from 'node:sqlite';
import { AwsError, type CloudContext } from '../service.ts';
import { compilePattern } from './pattern.ts';
import type { Target } from './target.ts';

export type RuleState = 'ENABLED' | 'DISABLED';

export interface Rule {
  readonly bus: string;
  readonly name: string;
  readonly arn: string;
  /** JSON text */
  readonly pattern: string | null;
  readonly schedule: string | null;
  readonly state: RuleState;
  readonly description: string | null;
  readonly matches: (event: Readonly<Record<string, unknown>>) => boolean;
  readonly targets: readonly Target[];
}

export interface Bus {
  readonly name: string;
  readonly description: string | null;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

export type NewRule = Pick<Rule, 'bus' | 'name' | 'pattern' | 'schedule' | 'state' | 'description'>;

const notFound = (message: string): AwsError => new AwsError('ResourceNotFoundException', message);

/** Buses, rules and targets. Rules are held in memory, compiled, and read again after every change. */
export class RuleStore {
  readonly #context: CloudContext;
  readonly #database: DatabaseSync;
  #rules = new Map<string, Rule[]>();

  constructor(context: CloudContext, database: DatabaseSync) {
    this.#context = context;
    this.#database = database;
    if (!this.findBus('default')) this.addBus('default', null);
    this.#reload();
  }

  busArn(name: string): string {
    return `arn:aws:events:${this.#context.region}:${this.#context.accountId}:event-bus/${name}`;
  }

  findBus(name: string): Bus | undefined {
    return this.#database.prepare('SELECT * FROM bus WHERE name = ?').get(name) as unknown as Bus | undefined;
  }

  /** @param nameOrArn undefined means the default bus. @throws AwsError ResourceNotFoundException */
  bus(nameOrArn: string | undefined): Bus {
    const name = busName(nameOrArn);
    const bus = this.findBus(name);
    if (!bus) throw notFound(`Event bus ${name} does not exist.`);
    return bus;
  }

  buses(): Bus[] {
    return this.#database.prepare('SELECT * FROM bus ORDER BY name').all() as unknown as Bus[];
  }

  addBus(name: string, description: string | null): void {
    this.#database.prepare('INSERT INTO bus VALUES (?, ?, ?)').run(name, description, this.#context.now());
  }

  deleteBus(name: string): void {
    this.#database.prepare('DELETE FROM bus WHERE name = ?').run(name);
    this.#reload();
  }

  rules(bus: string): readonly Rule[] {
    return this.#rules.get(bus) ?? [];
  }

  find(bus: string, name: string): Rule | undefined {
    return this.rules(bus).find((rule) => rule.name === name);
  }

  /** @throws AwsError ResourceNotFoundException */
  rule(bus: string, name: string): Rule {
    const rule = this.find(bus, name);
    if (!rule) throw notFound(`Rule ${name} does not exist on EventBus ${bus}.`);
    return rule;
  }

  /** Creates or replaces a rule; its targets stay. */
  put(rule: NewRule): Rule {
    this.#database
      .prepare(
        `INSERT INTO rule VALUES ($bus, $name, $pattern, $schedule, $state, $description)
         ON CONFLICT (bus, name) DO UPDATE SET pattern = excluded.pattern, schedule = excluded.schedule,
           state = excluded.state, description = excluded.description`,
      )
      .run({ ...rule });
    this.#reload();
    return this.rule(rule.bus, rule.name);
  }

  delete(rule: Rule): void {
    this.#database.prepare('DELETE FROM rule WHERE bus = ? AND name = ?').run(rule.bus, rule.name);
    this.#reload();
  }

  putTargets(rule: Rule, targets: readonly Target[]): void {
    const put = this.#database.prepare(
      'INSERT INTO target VALUES (?, ?, ?, ?) ON CONFLICT (bus, rule, id) DO UPDATE SET target = excluded.target',
    );
    for (const target of targets) put.run(rule.bus, rule.name, target.Id, JSON.stringify(target));
    this.#reload();
  }

  removeTargets(rule: Rule, ids: readonly string[]): void {
    const remove = this.#database.prepare('DELETE FROM target WHERE bus = ? AND rule = ? AND id = ?');
    for (const id of ids) remove.run(rule.bus, rule.name, id);
    this.#reload();
  }

  #reload(): void {
    const rows = this.#database.prepare('SELECT * FROM rule ORDER BY name').all() as unknown as NewRule[];
    const targets = this.#database.prepare('SELECT target FROM target WHERE bus = ? AND rule = ? ORDER BY id');
    this.#rules = Map.groupBy(
      rows.map(
        (row): Rule => ({
          ...row,
          arn: this.#ruleArn(row),
          matches: row.pattern === null ? () => false : compilePattern(row.pattern),
          targets: targets.all(row.bus, row.name).map(({ target }) => JSON.parse(String(target)) as Target),
        }),
      ),
      ({ bus }) => bus,
    );
  }

  #ruleArn({ bus, name }: NewRule): string {
    const prefix = `arn:aws:events:${this.#context.region}:${this.#context.accountId}:rule`;
    return bus === 'default' ? `${prefix}/${name}` : `${prefix}/${bus}/${name}`;
  }
}

/** The API takes names and ARNs of buses alike. */
export function busName(nameOrArn: string | undefined): string {
  return nameOrArn === undefined ? 'default' : nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1);
}
