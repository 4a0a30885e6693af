/** A double as Java writes it, and so the engines write a numeric result: `2.0`, `1.0E7`. @see Java, Double.toString */
export function javaText (value: number): string {
  const size = Math.abs(value)
  if (!Number.isFinite(value)) return String(value)
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  const decimal = (text: string): string => text.includes('.') ? text : `${text}.0`
  if (size >= 1e-3 && size < 1e7) return decimal(String(value))
  const [digits = '', exponent] = value.toExponential().split('e')
  return `${decimal(digits)}E${Number(exponent)}`
}
