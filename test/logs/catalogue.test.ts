/** Tables name their rows of the catalogue by number and id, which no type checks: here each has one, and none is left over. */
import { describe, expect, test } from 'vitest'
import { english, inEnglish } from '#messages/text.ts'
import { isMessage, type Message } from '#messages/message.ts'
import { facilities, setupOperations, setupPhases, wholeCodes, win32Codes } from '#shared/logs/code-tables.ts'
import { signatures } from '#shared/logs/signatures.ts'
import { readCatalogue } from '../../scripts/messages/catalogue.ts'

describe('numbers of errors', () => {
  test('each has a row, and each row a number', () => {
    const named = [win32Codes, wholeCodes, facilities].flatMap((one) => [...one.values()])
    const told = [...named, ...setupPhases, ...setupOperations].map(({ say }) => say)
    const rows = Object.keys(english).filter((id) => /^codes\.(?:0x|(?:win32|facility|phase|operation)-\d)/.test(id))
    expect(new Set(told).size).toBe(told.length)
    expect([...told].sort()).toEqual(rows.sort())
  })
})

describe('signatures', () => {
  /** A message and those that are put into it. */
  const inside = (one: Message): Message[] => [
    one,
    ...Object.values(one.values ?? {})
      .filter(isMessage)
      .flatMap(inside),
  ]
  const told = signatures.map((one) => {
    const captured = Object.fromEntries(one.captures.map((name) => [name, `<${name}>`]))
    return {
      one,
      captured,
      says: [one.title(captured), ...[one.means, one.fix].flatMap((say) => (say ? [say()] : []))],
    }
  })

  test('each has its messages, and each message of their catalogues is of one', () => {
    const named = new Set(told.flatMap(({ says }) => says.flatMap(inside)).map(({ say }) => say))
    // What the stories of SMSPXE.log make of two rows.
    const stories = /^log-pxe\.(?:known|unknown)-no-deployment-(?:title|means|fix)$/
    const rows = Object.keys(english).filter((id) => id.startsWith('log-') && !stories.test(id))
    expect([...named].filter((id) => id.startsWith('log-')).sort()).toEqual(rows.sort())
  })

  test('a title names what is captured, and is a sentence where nothing was', () => {
    const catalogue = readCatalogue('en')
    for (const { one, captured, says } of told) {
      const places = inside(says[0]!).flatMap((message) => {
        const names = [...catalogue.get(message.say)!.values.keys()]
        expect([one.id, names.filter((name) => !(name in (message.values ?? {})))]).toEqual([one.id, []])
        return names
      })
      if (places.some((name) => one.captures.includes(name)))
        expect(inEnglish(one.title(captured))).not.toBe(inEnglish(one.title()))
      expect([one.id, inEnglish(one.title())]).toEqual([one.id, expect.not.stringMatching(/[{}?<>]|  |\(\)|[ :,]$|""/)])
    }
  })
})
