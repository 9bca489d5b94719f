import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Download, Locator, Page } from 'playwright-core'
import { beforeEach, expect, test } from 'vitest'
import { fixture, framesIn } from '../helpers/fixtures.ts'
import { labInBrowser } from '../helpers/lab-browser.ts'
import { describeWith } from '../helpers/requirements.ts'

const capture = (name: string): string => fileURLToPath(fixture(`captures/${name}.pcap`))
let page: Page
const { folder, browser, open: openPage } = labInBrowser()

const ladder = (): Locator => page.getByRole('figure', { name: 'Ladder' })
const story = (): Locator => page.getByRole('region', { name: 'What happened' })
const packets = (): Locator => page.getByRole('listbox', { name: 'Packets' })
const filter = (): Locator => page.getByRole('textbox', { name: 'Filter packets' })
const open = async (name: string): Promise<void> => {
  await page.locator('input[type=file]').setInputFiles(capture(name))
  await page
    .getByRole('button', { name: 'What is shown' })
    .filter({ hasText: `${name}.pcap` })
    .waitFor()
  await ladder().waitFor()
}
const saved = async (choose: () => Promise<void>): Promise<{ name: string; path: string }> => {
  const [download] = (await Promise.all([page.waitForEvent('download'), choose()])) as [Download, unknown]
  const path = join(folder.root, download.suggestedFilename())
  await download.saveAs(path)
  return { name: download.suggestedFilename(), path }
}
const choose = async (item: string | RegExp): Promise<void> => {
  await page.getByRole('button', { name: 'Export' }).click()
  await page.getByRole('menuitem', { name: item }).click()
}

describeWith(['chromium', 'built', 'tshark', 'tcpdump'], 'flows', () => {
  beforeEach(async () => {
    page = await openPage('#/flows')
    await page.getByRole('heading', { name: 'No packet yet' }).waitFor()
  })

  test('a dropped capture is a ladder with what is missing, and a sentence that says what happened', async () => {
    const bytes = [...readFileSync(capture('fail-no4011-uefi-x64'))]
    // As text: the tests are not compiled for a page.
    const transfer = await page.evaluateHandle(
      `(() => { const data = new DataTransfer(); data.items.add(new File([Uint8Array.from(${JSON.stringify(bytes)})], 'dropped.pcap')); return data })()`,
    )
    await page.dispatchEvent('body', 'dragover', { dataTransfer: transfer })
    await page.getByText('Drop a capture to see its boots').waitFor()
    await page.dispatchEvent('body', 'drop', { dataTransfer: transfer })
    await story()
      .getByRole('heading', { name: /UDP port 4011 of the boot server is closed \(PXE-E16\)/ })
      .waitFor()
    expect(await ladder().locator('.ladder-row.ghost').count()).toBe(4)
    await expect
      .poll(() =>
        page
          .getByRole('listbox', { name: /Machines/ })
          .getByRole('option')
          .count(),
      )
      .toBe(3)
    await story()
      .getByText(/PXE-E16: No valid offer received/)
      .first()
      .waitFor()
  })

  test('whatever is chosen is chosen everywhere: sentence, arrow, line, field, byte', async () => {
    await open('proxy-uefi-x64')
    await story().getByRole('button', { name: /\(proxyDHCP\) offered option 60 PXEClient/ }).click()
    await expect.poll(() => packets().getByRole('option', { selected: true }).textContent()).toContain('OFFER')
    expect(await ladder().locator('.ladder-row.selected').getAttribute('data-frame')).toBe('2')
    await page.getByText(/^Frame 2 ·/).waitFor()
    await ladder().locator('.ladder-row', { hasText: 'ACK, file grub/x64.efi, port 4011' }).click()
    await page.getByText(/^Frame 11 ·/).waitFor()
    expect(await story().locator('[aria-current]').textContent()).toContain('boot server')
    await page.getByRole('treeitem', { name: /vendor-class-identifier PXEClient/ }).click()
    await expect.poll(() => page.locator('.hex-byte[data-on]').count()).toBe(11)
    // The other way round: a byte of xid leads to the field.
    await page.locator('.hex-byte').nth(14 + 20 + 8 + 5).click()
    await expect.poll(() => page.getByRole('treeitem', { selected: true }).textContent()).toMatch(/^xid/)
    await page.reload()
    await page.getByRole('heading', { name: 'proxy-uefi-x64.pcap is no longer open' }).waitFor()
  }) // prettier-ignore

  test('keys go through packets, attempts and problems; bars unfold; time can be to scale', async () => {
    await open('fail-nofile-uefi-x64')
    const frame = async (): Promise<string> => (await page.getByText(/^Frame \d+ ·/).textContent())!.split(' ')[1]!
    await page.keyboard.press('n')
    await expect.poll(frame).toBe('1')
    await page.keyboard.press('n')
    await expect.poll(frame).toBe('2')
    await page.keyboard.press('p')
    await expect.poll(frame).toBe('1')
    await page.keyboard.press('x')
    await expect.poll(frame).toMatch(/^(9|10)$/)
    await open('fail-nopxe-uefi-x64')
    await story().getByText('attempt 1').waitFor()
    await page.keyboard.press(']')
    await story().getByText('attempt 2').waitFor()
    await page.keyboard.press('[')
    await story().getByText('attempt 1').waitFor()
    const height = async (): Promise<number> =>
      Number(await ladder().locator('.ladder-rows svg').getAttribute('height'))
    const even = await height()
    await page.keyboard.press('t')
    await expect.poll(height).toBeGreaterThan(even)
    await page.keyboard.press('e')
    await expect.poll(height).toBe(even)
    await open('full-bios-ipxe')
    await story()
      .getByRole('heading', { name: /^Booted/ })
      .waitFor()
    const arrows = (): Promise<number> => ladder().locator('.ladder-row.arrow').count()
    const folded = await arrows()
    await ladder().locator('.ladder-row.bar').first().click()
    await expect.poll(arrows).toBeGreaterThan(folded + 100)
    await page.getByRole('button', { name: 'Collapse all files' }).click()
    await expect.poll(arrows).toBe(folded)
  })

  test('the filter completes, complains with a remedy, and has presets', async () => {
    await open('proxy-uefi-x64')
    await filter().click()
    await page.keyboard.type('dhcp.t')
    // Tab takes the first that is offered: it must be the one for what was typed.
    const offered = (): Promise<string | null> => page.locator('[data-combobox-option]:visible').first().textContent()
    await expect.poll(offered).toMatch(/^dhcp\.type/)
    await page.keyboard.press('Tab')
    await page.keyboard.type('== off')
    await expect.poll(offered).toMatch(/^offer/)
    await page.keyboard.press('Tab')
    await page.getByText('2 of 734 packets').waitFor()
    expect(await packets().getByRole('option').count()).toBe(2)
    await filter().fill('dhcp.typo == 3')
    await page.getByText('there is no field dhcp.typo. Perhaps dhcp.type is meant.').waitFor()
    await filter().fill('')
    await page.getByText('734 of 734 packets').waitFor()
    await page.getByText('Only 4011').click()
    await page.getByText('2 of 734 packets').waitFor()
    await packets().getByRole('option').first().click()
    await packets().press('Shift+ArrowDown')
    await page.getByText('2 selected', { exact: true }).waitFor()
    expect(await packets().getByRole('option', { selected: true }).count()).toBe(2)
    await filter().fill('')
    await page.getByText('734 of 734 packets').waitFor()
    await packets().press('ControlOrMeta+a')
    await page.getByText('734 selected', { exact: true }).waitFor()
    await packets().press('Shift+Home')
    await packets().press('Escape')
    await expect.poll(() => packets().getByRole('option', { selected: true }).count()).toBe(1)
    // Only rows in view are there: the list has gone to the end too.
    await packets().press('End')
    await expect.poll(() => packets().getByRole('option', { selected: true }).textContent()).toContain('734')
    await page.getByText('This machine').click()
    await expect.poll(() => filter().inputValue()).toBe('client == 52:54:00:77:00:03')
  })

  test('the report opens anywhere, with names masked when asked', async () => {
    await open('fail-no4011-uefi-x64')
    const report = await saved(() => choose(/^This attempt, names masked/))
    const masked = readFileSync(report.path, 'utf8')
    expect(masked).toContain('PXE-E16')
    expect(masked).not.toMatch(/192\.168\.77\.|52:54:00:77:00:03/)
    // Without a network, and without the lab.
    const alone = await browser().newContext({ offline: true })
    const opened = await alone.newPage()
    const problems: string[] = []
    opened.on('console', (message) => problems.push(message.text()))
    await opened.goto(pathToFileURL(report.path).href)
    await opened.locator('svg text', { hasText: 'ACK from port 4011 did not come' }).first().waitFor()
    expect(await opened.locator('svg').count()).toBe(1)
    expect(problems).toEqual([])
    await alone.close()
  })

  test('packets and pictures are exported, with our verdicts as comments', async () => {
    await open('fail-nopxe-uefi-x64')
    const attempt = await saved(() => choose('Packets of this attempt'))
    expect(attempt.name).toBe('fail-nopxe-uefi-x64-attempt-1.pcapng')
    const frames = framesIn(readFileSync(attempt.path))
    expect(frames.length).toBeLessThan(25)
    expect(frames[0]!.comment).toContain('OFFER with boot information did not come')
    const told = execFileSync('tshark', ['-r', attempt.path, '-T', 'fields', '-e', 'frame.comment'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }) // prettier-ignore
    expect(told).toContain('did not come')
    await filter().fill('dhcp.type == offer')
    await page.getByText(/^8 of 25/).waitFor()
    const shown = await saved(() => choose('Filtered packets'))
    expect(framesIn(readFileSync(shown.path))).toHaveLength(8)
    const svg = readFileSync((await saved(() => choose('SVG'))).path, 'utf8')
    expect(svg).toMatch(/^<svg xmlns[\s\S]*OFFER with boot information did not come/)
    const png = readFileSync((await saved(() => choose('PNG'))).path)
    expect(png.subarray(1, 4).toString()).toBe('PNG')
    expect(png.readUInt32BE(16)).toBeGreaterThan(1000)
  })

  test('two captures of one boot side by side', async () => {
    await open('relay-uefi-x64')
    await open('relay-uefi-x64.server')
    // The heads that stay stand above their lanes, to the pixel; times and labels stay where the ladder is scrolled.
    await ladder().getByRole('listbox').waitFor()
    const [heads, lanes, times, labels] = (await page.evaluate(`(async () => {
      const box = document.querySelector('.ladder-box')
      const told = new Promise((done) => box.addEventListener('scroll', () => requestAnimationFrame(done), { once: true }))
      box.scrollLeft = box.scrollWidth
      box.scrollTop = 100
      await told
      const middles = (query) => [...box.querySelectorAll(query)].map((one) => one.getBoundingClientRect()).map(({ left, width }) => left + width / 2)
      return [middles('.ladder-heads text[y="32"]'), middles('.ladder-rows .ladder-lane > line'),
        [box, box.querySelector('.ladder-times')].map((one) => one.getBoundingClientRect().left),
        [...box.querySelectorAll('.ladder-label')].map((one) => one.getBoundingClientRect().left - box.getBoundingClientRect().left)]
    })()`)) as [number[], number[], [number, number], number[]]
    expect(Math.abs(times[0] - times[1])).toBeLessThan(1)
    expect(labels.length).toBeGreaterThan(3)
    expect(labels.filter((left) => left > 66).length).toBeGreaterThan(3)
    expect(heads).toHaveLength(4)
    for (const [index, head] of heads.entries()) expect(Math.abs(head - lanes[index]!)).toBeLessThan(1)
    await page.getByRole('button', { name: 'Compare' }).click()
    await page.getByRole('menuitem', { name: 'relay-uefi-x64.pcap' }).click()
    const region = page.getByRole('region', { name: 'Comparison' })
    await region.getByText(/\d+ packets are in both|All \d+ packets/).waitFor()
    expect(Number(/(\d+) packets/.exec((await region.textContent())!)![1])).toBeGreaterThan(700)
    await region
      .getByRole('row', { name: /DISCOVER/ })
      .first()
      .click()
    await page.getByText(/^Frame 3 ·/).waitFor()
    await region.getByRole('button', { name: 'Back to the ladder' }).click()
    await ladder().waitFor()
  })

  test('a file that is damaged, empty or none is told with its place', async () => {
    const damaged = readFileSync(capture('proxy-uefi-x64')).subarray(0, 5000)
    await page.locator('input[type=file]').setInputFiles({ name: 'cut.pcap', mimeType: '', buffer: damaged })
    await ladder().waitFor()
    await page.getByRole('note').getByText(/damaged at byte \d+/).waitFor()
    await page.locator('input[type=file]').setInputFiles({ name: 'empty.pcap', mimeType: '', buffer: Buffer.alloc(0) })
    await page.getByRole('alert').getByText(/The file is empty/).waitFor()
    await page.locator('input[type=file]').setInputFiles({ name: 'text.pcap', mimeType: '', buffer: Buffer.from('no capture file at all, only text') })
    await page.getByRole('heading', { name: 'text.pcap is not a capture' }).waitFor()
    await page.getByRole('alert').getByText(/It is text, "no capture file at all/).waitFor()
  }) // prettier-ignore

  test.each([
    ['tshark -x', 'tshark', ['-x']],
    ['tshark -V -x', 'tshark', ['-V', '-x']],
    ['tcpdump -xx', 'tcpdump', ['-nn', '-xx']],
  ])('a dump as %s writes it is pasted and opens', async (_, program, values) => {
    const dump = execFileSync(program, [...values, '-r', capture('fail-nofile-bios-legacy')], { encoding: 'utf8' })
    await page.evaluate(`(() => {
      const clipboardData = new DataTransfer()
      clipboardData.setData('text/plain', ${JSON.stringify(dump)})
      document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
    })()`)
    await page.getByRole('button', { name: 'What is shown' }).filter({ hasText: 'pasted dump.txt' }).waitFor()
    await story().getByText('Boot file not found').first().waitFor()
  })

  test('a compressed capture of several members opens as a whole', async () => {
    const whole = readFileSync(capture('fail-nofile-bios-legacy'))
    const file = join(folder.root, 'members.pcap.gz')
    writeFileSync(file, Buffer.concat([gzipSync(whole.subarray(0, 500)), gzipSync(whole.subarray(500))]))
    await page.locator('input[type=file]').setInputFiles(file)
    await page.getByRole('button', { name: 'What is shown' }).filter({ hasText: 'members.pcap.gz' }).waitFor()
    await story().getByText('Boot file not found').first().waitFor()
  })

  test('nothing complained meanwhile', () => {})
})
