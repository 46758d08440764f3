import type { CloudFront } from '../cloudfront/index.ts';
import type { Stack, Universe } from '../stack/stack.ts';
import { dictOf, textOf } from '../stack/values.ts';

/** Resources of one type in a stack, one part of each, by what templates refer to them by. */
function byReference<T>(
  stack: Stack,
  source: { type: string; attribute?: string; read: (properties: Record<string, unknown>) => T },
): Map<string, T> {
  const { type, attribute, read } = source;
  return new Map(
    stack.resourcesOf(type).map(({ logicalId, properties }) => {
      const key = attribute === undefined ? stack.ref(logicalId) : stack.attribute(logicalId, attribute);
      return [textOf(key) ?? logicalId, read(stack.resolveDict(properties))];
    }),
  );
}

/** Puts the distribution of a stack, with the functions and policies it names, into the local CDN. @throws AwsError, StackError */
export function deployDistributions(universe: Universe, cdn: CloudFront, functionNames: readonly string[]): void {
  for (const stack of universe.stacks) {
    for (const { properties } of stack.resourcesOf('AWS::CloudFront::Distribution')) {
      cdn.deploy({
        config: stack.resolve(properties.DistributionConfig),
        functions: byReference(stack, {
          type: 'AWS::CloudFront::Function',
          attribute: 'FunctionMetadata.FunctionARN',
          read: ({ FunctionCode }) => textOf(FunctionCode) ?? '',
        }),
        cachePolicies: byReference(stack, {
          type: 'AWS::CloudFront::CachePolicy',
          read: ({ CachePolicyConfig }) => dictOf(CachePolicyConfig),
        }),
        responseHeadersPolicies: byReference(stack, {
          type: 'AWS::CloudFront::ResponseHeadersPolicy',
          read: ({ ResponseHeadersPolicyConfig }) => dictOf(ResponseHeadersPolicyConfig),
        }),
        functionNames,
      });
    }
  }
}
