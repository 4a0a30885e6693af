/** The same characters in memory of their own: a part of a string keeps the whole string, with the secrets in it. */
export const copied = (text: string): string => Buffer.from(text, 'utf16le').toString('utf16le')
