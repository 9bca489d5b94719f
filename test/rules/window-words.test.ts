/** The window says nothing but messages: whatever stands in its code as English would stay English in every language. */
import { expect, test } from 'vitest'
import { projectFiles, readProjectFile } from '../helpers/source-files.ts'
import { englishIn } from '../helpers/window-words.ts'

/** What is the same in every language. */
const stays = new Set([
  // Names of products, standards, settings and keys, as whoever made them writes them.
  'PXE Lab', 'PXE', 'SMS Provider', 'Windows ADK', 'UseDHCPPorts', 'DoNotListenOnDhcpPort', 'REG_DWORD', 'SBAT', 'HTTPS', 'SVG',
  'PNG', 'CSV', 'HTML', 'Markdown', 'Ctrl', 'Mod',
  // Units as Intl would write them, and marks with nothing but values.
  '… ms', '…×',
  // What the menu shows on the screen of iPXE, whose letters are those of ASCII.
  'Linux', 'Windows PE', 'Another program',
  // What stands in a file: the name of a task sequence that is begun, a value of a site file, the name of what was pasted.
  'Upgrade', 'stand-alone media', 'pasted dump.txt',
  // Filters as they are typed, and keys of maps and elements.
  'address == …', 'client == …', 'menu …', 'segment …', 'end …', 'capture …',
  // Colours, and where the page keeps its text.
  'var(--lab-bad)', 'var(--lab-quiet)', 'planner',
]) // prettier-ignore

const englishOf = (file: string): string[] =>
  englishIn(readProjectFile(file), file)
    .filter(({ text }) => !stays.has(text))
    .map(({ line, text }) => `${file}:${line}: ${text}`)

test('what the window says is messages', () => {
  const files = projectFiles().filter((file) => /^src\/renderer\/.*\.tsx?$/.test(file))
  expect(files.length).toBeGreaterThan(200)
  expect(files.flatMap(englishOf), 'put it into src/messages/en and say it with t or Rich').toEqual([])
})

test('the rule finds what it is there for', () => {
  const found = (code: string): string[] => englishIn(code, 'a.tsx').map(({ text }) => text)
  expect(found('<p>Save</p>')).toEqual(['Save'])
  expect(found('<p>{isOn ? "on" : `${count} off`}</p>')).toEqual(['on', '… off'])
  expect(found('<Button aria-label="open" title={a ?? "none"} />')).toEqual(['open', 'none'])
  expect(found('const columns = [{ id: "name", title: "Name", width: 8 }]')).toEqual(['Name'])
  expect(found("const words = { done: 'was made', open: 'Waiting' }")).toEqual(['was made', 'Waiting'])
  expect(found('undo(`${count} addresses`); const key = `${page} ${row}`')).toEqual(['… addresses'])
  expect(found("attempt('save', () => call('lab.write', {}))")).toEqual(['save'])
  expect(found("throw new Error('The file is gone.')")).toEqual(['The file is gone.'])
  const fine = `
    import { a } from 'Some Where'
    const one = t('area.some-words', { name: 'as it is' }) ?? say('area.other')
    const two = <i className="with dot" data-state={state === 'Some State' ? 'open' : 'shut'}>{t('area.x')} · {'→'}&nbsp;</i>
    const three = text.replace('Windows ', '').startsWith('Arrow')`
  expect(found(fine)).toEqual(['as it is'])
})
