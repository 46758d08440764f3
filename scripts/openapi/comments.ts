import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { isRecord, type Json } from './json-schema.ts';

/** Comments of one exported schema: its own under '', those of its properties by their names joined with dots. */
export type Comments = ReadonlyMap<string, string>;

/** The text of the block comment right before a node, without its stars, on one line. */
const commentOf = (node: ts.Node, text: string): string | undefined => {
  const [last] = (ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []).slice(-1);
  const raw = last === undefined ? '' : text.slice(last.pos, last.end);
  if (!raw.startsWith('/**')) return undefined;
  return raw
    .slice(3, -2)
    .replace(/^\s*\* ?/gm, '')
    .replace(/\s+/g, ' ')
    .trim();
};

/** Comments of the properties in a node, by path; `path` is where the node itself stands. */
const propertyComments = (node: ts.Node, text: string, path: readonly string[] = []): (readonly [string, string])[] => {
  const inside = (inner: readonly string[]) =>
    node.getChildren().flatMap((child) => propertyComments(child, text, inner));
  if (!ts.isPropertyAssignment(node)) return inside(path);
  const here = [...path, node.name.getText()];
  const comment = commentOf(node, text);
  return [...(comment === undefined ? [] : [[here.join('.'), comment] as const]), ...inside(here)];
};

/** The comments of every exported constant of a source file, so that the document says what the code says, once. */
export const commentsIn = (file: URL): Map<string, Comments> => {
  const text = readFileSync(file, 'utf8');
  const source = ts.createSourceFile(file.pathname, text, ts.ScriptTarget.Latest, true);
  const statements = source.statements.filter(ts.isVariableStatement);
  return new Map(
    statements.flatMap((statement) => {
      const own = commentOf(statement, text);
      return statement.declarationList.declarations.map((declaration) => {
        const inner = propertyComments(declaration, text);
        return [declaration.name.getText(), new Map(own === undefined ? inner : [['', own], ...inner])] as const;
      });
    }),
  );
};

const described = (schema: Json, text: string | undefined): Json =>
  text === undefined || 'description' in schema ? schema : { description: text, ...schema };

/** A schema at `path` with the comments of its properties as descriptions, however deep they are. */
const withInner = (schema: Json, comments: Comments, path: readonly string[]): Json => {
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    return isRecord(value) ? withInner(value, comments, path) : value;
  };
  const property = ([name, inner]: [string, unknown]) => {
    const here = [...path, name];
    return [name, described(withInner(inner as Json, comments, here), comments.get(here.join('.')))] as const;
  };
  const entries = Object.entries(schema).map(([keyword, value]) => {
    if (keyword !== 'properties' || !isRecord(value)) return [keyword, walk(value)] as const;
    return [keyword, Object.fromEntries(Object.entries(value).map(property))] as const;
  });
  return Object.fromEntries(entries);
};

/** The schema with its comments as descriptions. */
export const describe = (schema: Json, comments: Comments): Json =>
  described(withInner(schema, comments, []), comments.get(''));
