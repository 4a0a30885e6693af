import type { TruthRule } from '../../contracts/xml-form.js'

/** What an attribute means as a truth value. Undefined: nothing that it may be. */
type ReadTruth = (text: string) => boolean | undefined

const either = (isTrue: RegExp, isFalse: RegExp): ReadTruth => text =>
  isTrue.test(text) ? true : isFalse.test(text) ? false : undefined

/**
 * Texts are read as the engines read them, attribute by attribute; white space around them counts there.
 * @see Synapse: LoadbalanceEndpointFactory, FaultMediatorFactory, CloneMediatorFactory; Java: Boolean.valueOf;
 * Axis2: JavaUtils
 */
const RULES: Readonly<Record<TruthRule, ReadTruth>> = {
  onlyTrue: text => /^true$/i.test(text),
  unlessFalse: text => !/^false$/i.test(text),
  unlessNo: text => !/^(false|0|no)$/i.test(text),
  exact: either(/^true$/, /^false$/),
  literal: text => text === 'true',
  explicit: text => /^(true|1|yes)$/i.test(text),
  own: either(/^\s*(true|1|yes)\s*$/i, /^\s*(false|0|no)\s*$/i)
}

/** What the text of an attribute means, by its rule; undefined if it may not be this. */
export const truthOf = (text: string, rule: TruthRule): boolean | undefined => RULES[rule](text)

/** Whether a reader would expect the other value: `failover="no"` is true in the engines. */
export function isSurprising (text: string, rule: TruthRule): boolean {
  const read = truthOf(text, rule)
  return read !== undefined && read !== RULES.own(text)
}
