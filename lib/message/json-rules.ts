/** How XML becomes JSON, and JSON becomes XML, where that differs from the defaults. */
export interface JsonRules {
  /** Whether text that looks like a number or a boolean becomes one. Default: true */
  readonly primitives?: boolean | undefined
  /** Text that matches stays text. */
  readonly keepsText?: RegExp | undefined
  /** What begins with a match stays text, without the match. */
  readonly marksText?: { readonly pattern: RegExp; readonly replacement: string } | undefined
  /** Whether names keep their prefixes. Default: false */
  readonly prefixes?: boolean | undefined
  /** Stands between a prefix and a name. Default: `_` */
  readonly separator?: string | undefined
  /** Whether declarations of namespaces become members, where names keep their prefixes. Default: false */
  readonly declarations?: boolean | undefined
  /** Whether an empty element becomes null; else an empty string. Default: true */
  readonly nullForEmpty?: boolean | undefined
  /** Whether `nil="true"` stands for null, both ways. Default: false */
  readonly nil?: boolean | undefined
}
