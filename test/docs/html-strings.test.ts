/** What the page shows of others is text: its sources cannot make HTML of a string. */
import { fileURLToPath } from 'node:url'
import { ESLint } from 'eslint'
import t from 'tap'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const eslint = new ESLint({ cwd: ROOT })

/** Whether lint, as the project runs it, refuses a line of this file for making HTML of a string. */
async function isRefused (line: string, file = 'plugins/console/page/example.tsx'): Promise<boolean> {
  const [result] = await eslint.lintText(`${line}\n`, { filePath: `${ROOT}${file}` })
  return result!.messages.some(({ ruleId, message }) =>
    ruleId === 'no-restricted-syntax' && /render them as text, not as HTML$/.test(message))
}

const AS_HTML = [
  'element.innerHTML = name',
  'element.outerHTML = name',
  "element['innerHTML'] += name",
  'element[`innerHTML`] = name',
  'Object.assign(element, { innerHTML: name })',
  "element.insertAdjacentHTML('beforeend', name)",
  'const { insertAdjacentHTML: add } = element',
  'export const Name = () => <b dangerouslySetInnerHTML={{ __html: name }} />',
  'export const Name = () => <iframe srcdoc={name} />',
  "h('b', { dangerouslySetInnerHTML: { __html: name } })",
  'element.setHTMLUnsafe(name)',
  'range.createContextualFragment(name)',
  'new DOMParser()',
  'document.write(name)',
  'element.innerHTML = name // eslint-disable-line no-restricted-syntax'
]

const AS_TEXT = [
  'element.textContent = name',
  'element.append(name)',
  'stream.write(name)',
  'export const Name = () => <b title={name}>{name}</b>',
  "const text = 'the innerHTML of an element'"
]

t.test('lint refuses HTML made from strings in the sources of the console, however it is written', async t => {
  for (const line of AS_HTML) t.equal(await isRefused(line), true, line)
  t.equal(await isRefused('element.innerHTML = name', 'plugins/console/model/example.ts'), true, 'all of its folders')
})

t.test('lint accepts text in the sources of the console', async t => {
  for (const line of AS_TEXT) t.equal(await isRefused(line), false, line)
})
