/**
 * The kinds of problems that a configuration may have, by their stable codes, each with a sentence for the reference
 * page. A code is never renamed: pipelines filter `check --json` by it.
 */
export const PROBLEM_CODES = {
  'circular-reference': 'A sequence, endpoint, template or local entry that contains itself.',
  'duplicate-name': 'Two artefacts of one name.',
  'empty-configuration': 'A folder without configuration files, or a configuration without a proxy.',
  'invalid-configuration': 'An element, attribute or combination of both that is not allowed there.',
  'invalid-name': 'A name that no artefact may have.',
  'invalid-value': 'A value that its attribute, element or property does not accept.',
  'malformed-json': 'Text that is not JSON, or is nested too deep.',
  'malformed-xml': 'Text that is not well-formed XML.',
  'message-failure': 'Loads, but messages that reach this place fail.',
  'missing-property': 'A required property of JSON that is absent.',
  'missing-reference': 'A key that names no sequence, endpoint, template or local entry.',
  'no-effect': 'An element, attribute or artefact that is ignored.',
  'unknown-namespace': 'An element in a namespace that is not the one of Synapse, or in none.',
  'unknown-property': 'A property of JSON that the model does not have.',
  'unreadable-file': 'A file that is missing, too large, or not a file of a configuration.',
  'unresolved-address': 'An address that no message can be sent to.',
  unreachable: 'An API, or a resource of one, that receives no requests: another one takes them.',
  'unsupported-artefact': 'An artefact of the real engines that is not supported.',
  'unsupported-feature': 'A setting or element of the real engines that is not supported.',
  'unsupported-kind': 'A kind of mediator, endpoint, algorithm or session that is not known.',
  'unsupported-mediator': 'A mediator of the real engines that is not supported.',
  'unusable-wsdl': 'A WSDL that cannot be read, or lacks what is wanted of it.'
} as const satisfies Readonly<Record<string, string>>

export type ProblemCode = keyof typeof PROBLEM_CODES
