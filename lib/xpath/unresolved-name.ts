/**
 * A name in an expression that stands for nothing: an undeclared prefix, an unknown function or variable. The engines
 * find it when the first message is evaluated.
 */
export class UnresolvedName extends SyntaxError {}
