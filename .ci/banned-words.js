/** Words that comments, strings, pages and documents must not use, with what to write instead. */
const WORDS = {
  'nobody|somebody|anybody|everybody|whoever|whom|kin': 'name the actor: endpoint, client, gateway, caller',
  told: 'write reported, sent, configured',
  '(?:an?|the|its|no|their|late|every) answers?|(?:this|each|first|last) answer': 'write response',
  asked: 'write requested, received, tried',
  'hears?|heard': 'write receives, is notified of',
  '(?:says?|said) so': 'write reports it, logs it, requires it',
  'blame|blames|blamed': 'write counts against, suspends',
  'lets? go of': 'write detaches, evicts, releases',
  anew: 'write again, starts over, a new'
}

/** Names that say nothing of what they name. */
export const BANNED_NAMES = new Set(
  [
    'nobody', 'somebody', 'everybody', 'told', 'heard', 'asked', 'answer',
    'patience', 'leaf', 'story', 'stories', 'world', 'lane', 'lanes', 'feed', 'errand', 'errands', 'trail', 'elsewhere'
  ]
)

const BANNED = new RegExp(`\\b(?:${Object.keys(WORDS).join('|')})\\b`, 'gi')

/** Finds the banned words of a text: each with its offset, and what to write instead. */
export function * bannedWords (text) {
  for (const { 0: word, index } of text.matchAll(BANNED)) {
    const [, advice] = Object.entries(WORDS).find(([words]) => new RegExp(`^(?:${words})$`, 'i').test(word))
    yield { word, index, advice }
  }
}
