import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

/** An alert of Prometheus. */
export interface Alert {
  readonly alert: string
  readonly expr: string
  readonly for?: string
  readonly annotations: { readonly summary: string; readonly description: string }
}

const RULES = new URL('../../../config/kubernetes/chart/monitoring/rules.yaml', import.meta.url)

/** The alerts of the manifests. */
export const alerts = (): readonly Alert[] =>
  parse(readFileSync(RULES, 'utf8')).spec.groups.flatMap((group: { rules: Alert[] }) => group.rules)
