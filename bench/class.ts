/**
 * A class of thirty real browsers on this machine, after `npm run build`. Each is a page of Chromium with a storage of its own, which loads the page, comes in, simulates by itself and votes; times are what the trainer waits for.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBrowser } from '../test/helpers/browser.ts'
import { joinClass } from '../test/helpers/class.ts'
import { cli } from '../test/helpers/lab.ts'
import { Running } from '../test/helpers/network.ts'
import { connectToLab } from '../test/helpers/lab-connection.ts'

const count = 30

export async function benchClass(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pxe-lab-class-bench-'))
  const values = [cli, 'serve', '--config', join(folder, 'lab.yaml'), '--class', '127.0.0.1:0']
  const served = new Running(spawn(process.execPath, values, { stdio: ['ignore', 'pipe', 'pipe'] }), 'utf8')
  const [, address, code] = await served.sees(/Class: (\S+) \(code (\w+)\)/)
  const [url] = await served.sees(/http:\/\/\S+code=\S+/)
  const browser = await openBrowser(folder)
  const complaints: string[] = []

  let since = 0
  const begin = (): void => void (since = performance.now())
  const tell = (what: string): void =>
    void process.stdout.write(`${what.padEnd(52)} ${((performance.now() - since) / 1000).toFixed(2).padStart(7)} s\n`)

  try {
    const client = await connectToLab(url)
    const state = async () => (await client.call('class.read', {}))!
    const until = async (isSo: (one: Awaited<ReturnType<typeof state>>) => boolean): Promise<void> => {
      while (!isSo(await state())) await new Promise((resolve) => setTimeout(resolve, 20))
    }

    begin()
    const students = await Promise.all(
      Array.from({ length: count }, (_, index) =>
        joinClass(browser, address!, code!, `Student ${index + 1}`, complaints),
      ),
    )
    tell(`${count} pages loaded at once and in`)

    const take = (at: number) =>
      client.call('class.lead', { do: 'take', place: { kind: 'lesson', lesson: 'two-dhcp-servers', title: 'Lesson', seed: null, isBlind: false, at, text: null } }) // prettier-ignore
    begin()
    await take(0)
    await until(({ students: all }) => all.every(({ report }) => report?.lesson === 'two-dhcp-servers'))
    tell('all in a lesson, each with a boot of its own')
    begin()
    await take(3)
    await until(({ students: all }) => all.every(({ report }) => report?.at === 3))
    tell('all at another step')
    begin()
    await client.call('class.lead', { do: 'ask', question: 'Which offer wins?', choices: ['The first', 'The second'] })
    await Promise.all(students.map(({ page }, index) => page.getByRole('button', { name: index % 3 === 0 ? 'The first' : 'The second' }).click())) // prettier-ignore
    await until(({ vote }) => vote?.voted === count)
    tell('all voted')
    begin()
    await Promise.all(students.map(({ page }) => page.reload()))
    await until(({ students: all }) => all.every(({ isHere }) => isHere))
    tell('all loaded anew, and have their seats again')
    const { counts } = (await client.call('class.lead', { do: 'close-vote' })).vote!
    const { heapUsed } = process.memoryUsage()
    process.stdout.write(`votes ${JSON.stringify(counts)}, consoles that complain: ${complaints.length}, heap of this script ${Math.round(heapUsed / 1e6)} MB\n`) // prettier-ignore
    for (const text of new Set(complaints)) process.stdout.write(`  ${text}\n`)
    client.close()
  } finally {
    await browser.close()
    await served.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
