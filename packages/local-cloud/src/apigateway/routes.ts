/** What a route leads to. */
export interface RouteTarget {
  readonly functionName: string;
  /** The API (one a service) whose CORS rules hold. */
  readonly api: string;
}

export interface Route extends RouteTarget {
  /** Upper case, or `ANY`. */
  readonly method: string;
  /** `/images/{id}`, or `$default`. */
  readonly path: string;
}

export interface RouteMatch {
  readonly route: Route;
  /** `GET /images/{id}` or `$default`, as the event carries it. */
  readonly routeKey: string;
  readonly pathParameters: Readonly<Record<string, string>> | undefined;
}

/** Sorts before everything else in precedence; lower wins. */
const STATIC = 0;
const VARIABLE = 1;
const GREEDY = 2;

function segmentsOf(path: string): string[] {
  return path.split('/').slice(1);
}

function rankOf(segment: string): number {
  if (/^\{.+\+\}$/.test(segment)) return GREEDY;
  return /^\{.+\}$/.test(segment) ? VARIABLE : STATIC;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    // A stray percent sign is kept as it is, which is what the gateway does with a path it cannot decode.
    return segment;
  }
}

/** Parameters of a path that fits the pattern; undefined when it does not fit. */
function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = segmentsOf(pattern);
  const given = segmentsOf(path);
  const parameters: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const rank = rankOf(segment);
    const actual = given[index];
    if (actual === undefined) return undefined;
    if (rank === GREEDY) {
      const rest = given.slice(index).map(decode).join('/');
      return rest === '' ? undefined : { ...parameters, [segment.slice(1, -2)]: rest };
    }
    if (rank === STATIC ? segment !== actual : actual === '') return undefined;
    if (rank === VARIABLE) parameters[segment.slice(1, -1)] = decode(actual);
  }
  return wanted.length === given.length ? parameters : undefined;
}

function comparePaths(left: string, right: string): number {
  const [a, b] = [segmentsOf(left), segmentsOf(right)];
  for (let index = 0; index < Math.min(a.length, b.length); index += 1) {
    const difference = rankOf(a[index] ?? '') - rankOf(b[index] ?? '');
    if (difference !== 0) return difference;
  }
  return b.length - a.length;
}

/** Full match before path variables before greedy variables before `$default`; a named method before ANY. */
function compareRoutes(left: Route, right: Route): number {
  if (left.path === '$default' || right.path === '$default')
    return Number(left.path === '$default') - Number(right.path === '$default');
  return comparePaths(left.path, right.path) || Number(left.method === 'ANY') - Number(right.method === 'ANY');
}

/** Serverless writes `*` for any method, any path or both. */
export function toRoute(trigger: { method: string; path: string }, target: RouteTarget): Route {
  const method = trigger.method === '*' ? 'ANY' : trigger.method.toUpperCase();
  if (trigger.path === '*') return { ...target, method: 'ANY', path: '$default' };
  return { ...target, method, path: trigger.path.startsWith('/') ? trigger.path : `/${trigger.path}` };
}

/**
 * Routes of HTTP APIs with API Gateway's precedence.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 */
export class RouteTable {
  readonly #routes: Route[] = [];

  /** Adds a route; false when another service already has the same method and path, which then keeps it. */
  add(route: Route): boolean {
    if (this.#routes.some(({ method, path }) => method === route.method && path === route.path)) return false;
    this.#routes.push(route);
    this.#routes.sort(compareRoutes);
    return true;
  }

  list(): readonly Route[] {
    return this.#routes;
  }

  /** @param path as in the request line, without the query */
  match(method: string, path: string): RouteMatch | undefined {
    for (const route of this.#routes) {
      if (route.method !== 'ANY' && route.method !== method) continue;
      if (route.path === '$default') return { route, routeKey: '$default', pathParameters: undefined };
      const parameters = matchPath(route.path, path);
      if (!parameters) continue;
      const hasParameters = Object.keys(parameters).length > 0;
      return {
        route,
        routeKey: `${route.method} ${route.path}`,
        pathParameters: hasParameters ? parameters : undefined,
      };
    }
    return undefined;
  }
}
