/** The parts of dynalite 4.0.0 that are used: its validations and item actions, on a store of our own. */

declare module 'dynalite/validations/index.js' {
  const validations: {
    checkTypes(data: Record<string, unknown>, types: unknown): Record<string, unknown>;
    checkValidations(data: Record<string, unknown>, types: unknown, custom: unknown, store: unknown): void;
  };
  export default validations;
}

declare module 'dynalite/db/index.js' {
  const db: {
    createKey(item: unknown, table: unknown): string;
    checkConditional(data: unknown, existing: unknown): Error | null | undefined;
    itemSize(item: unknown): number;
    validateItem(item: unknown, table: unknown): Error | null | undefined;
    validateKey(key: unknown, table: unknown): Error | null | undefined;
    getIndexActions(
      indexes: readonly unknown[],
      existing: unknown,
      item: unknown,
      table: unknown,
    ): { puts: { index: string; key: string; item: unknown }[]; deletes: { index: string; key: string }[] };
  };
  export default db;
}

declare module 'dynalite/actions/*.js' {
  const action: (
    store: unknown,
    data: Record<string, unknown>,
    callback: (error: unknown, result?: unknown) => void,
  ) => void;
  export default action;
}

declare module 'dynalite/validations/*.js' {
  const validation: { types: unknown; custom?: unknown };
  export default validation;
}
