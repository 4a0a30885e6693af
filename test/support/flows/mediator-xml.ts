import { TO_BACKEND } from './drive-flow.js'

/** Mediators as text, for flows that tests drive by hand. */
export const CALL = `<call>${TO_BACKEND}</call>`
/** Where `iterate` and `clone` send a part. */
export const targetOf = (inside = CALL): string => `<target><sequence>${inside}</sequence></target>`

/** An `enrich`: the attributes of its source with what ends that, and the attributes of its target. */
export const enrich = (source: string, target: string): string =>
  `<enrich><source ${source}<target ${target}/></enrich>`
/** The attribute that selects by JSONPath. */
export const jsonEval = (path: string): string => `xpath="json-eval(${path})"`

/** A `payloadFactory` with these `arg` elements. @param type its `media-type`. Default: none, which is XML */
export const payloadFactory = (format: string, args = '', type?: 'xml' | 'json' | 'text'): string =>
  `<payloadFactory${type === undefined ? '' : ` media-type="${type}"`}>` +
  `<format>${format}</format><args>${args}</args></payloadFactory>`
