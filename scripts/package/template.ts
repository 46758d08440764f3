import type { Json, JsonObject } from './json.ts';
import { asList, at, isObject, text } from './json.ts';

/** A CloudFormation template as `sls package` writes it, and the service it belongs to. */
export interface ServiceTemplate {
  readonly service: string;
  readonly template: JsonObject;
}

/** One resource of a template. */
export interface Resource {
  readonly id: string;
  readonly type: string;
  readonly properties: JsonObject;
}

/** Resources of a template, all or those of one type, in the order of the template. */
export const resourcesOf = ({ template }: ServiceTemplate, type?: string): Resource[] => {
  const resources = at(template, 'Resources');
  if (!isObject(resources)) return [];
  const list = Object.entries(resources).map(([id, value]) => {
    const properties = at(value, 'Properties');
    return { id, type: text(value, 'Type'), properties: isObject(properties) ? properties : {} };
  });
  return type === undefined ? list : list.filter((resource) => resource.type === type);
};

/** Account and region as long as they come: names must fit there too. */
const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::AccountId': '123456789012',
  'AWS::Partition': 'aws',
  // The longest region names of the aws partition have 14 characters.
  'AWS::Region': 'ap-southeast-2',
  'AWS::StackName': 'darkroom-monitoring-prod',
};

const joined = (value: Json | undefined): string | undefined => {
  const [separator, parts] = asList(value);
  if (typeof separator !== 'string') return undefined;
  const texts = asList(parts).map(literal);
  return texts.every((part) => part !== undefined) ? texts.join(separator) : undefined;
};

const substituted = (value: Json | undefined): string | undefined => {
  const pattern = asList(value)[0];
  if (typeof pattern !== 'string') return undefined;
  const filled = pattern.replaceAll(/\$\{(AWS::\w+)\}/g, (whole, name: string) => PSEUDO[name] ?? whole);
  return filled.includes('${') ? undefined : filled;
};

/** The text a value will have once deployed, as far as it needs no other resource: strings, Ref of a pseudo parameter, Join, Sub. */
export const literal = (value: Json | undefined): string | undefined => {
  if (typeof value === 'string') return value;
  if (!isObject(value)) return undefined;
  if (typeof value['Ref'] === 'string') return PSEUDO[value['Ref']];
  return joined(value['Fn::Join']) ?? substituted(value['Fn::Sub']);
};

/** The logical id that a Ref or GetAtt points to, '' for anything else. */
export const target = (value: Json | undefined): string => {
  const ref = text(value, 'Ref');
  if (ref) return ref;
  const attribute = at(value, 'Fn::GetAtt');
  const first = typeof attribute === 'string' ? attribute.split('.')[0] : asList(attribute)[0];
  return typeof first === 'string' ? first : '';
};
