import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { peProgram } from '../helpers/boot-programs.ts'
import { fixture } from '../helpers/fixtures.ts'
import { LabFolder } from '../helpers/lab.ts'
import { labInBrowser } from '../helpers/lab-browser.ts'
import { hashList } from '../helpers/ovmf-variables.ts'
import { describeWith } from '../helpers/requirements.ts'

const lab = `interface: lo
mode: dhcp
dhcp:
  subnets:
    - subnet: 192.168.77.0/24
      pools: [{ start: 192.168.77.100, end: 192.168.77.199 }]
`

describeWith(['chromium', 'built', 'xorriso'], 'boot files', () => {
  let page: Page
  const folder = new LabFolder()
  beforeAll(() => writeFileSync(folder.file, lab))
  const { open } = labInBrowser({ folder })

  const labText = (): string => readFileSync(folder.file, 'utf8')
  const inBoot = (name: string): string => join(folder.root, 'boot', name)

  beforeAll(async () => {
    page = await open('#/files')
  })

  /** Files as somebody drops them on the page. */
  const drop = async (files: Readonly<Record<string, Uint8Array>>): Promise<void> => {
    const encoded = Object.entries(files).map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')])
    const transfer = await page.evaluateHandle(
      `(() => { const data = new DataTransfer(); for (const [name, base64] of ${JSON.stringify(encoded)}) data.items.add(new File([Uint8Array.from(atob(base64), (one) => one.charCodeAt(0))], name)); return data })()`,
    )
    for (const type of ['dragenter', 'dragover', 'drop'])
      await page.dispatchEvent('.page-filled', type, { dataTransfer: transfer })
  }
  const rule = (text: RegExp) => page.getByRole('region', { name: 'Boot programs' }).getByRole('row', { name: text })

  test('what is dropped is copied, and each program offers its rule', async () => {
    await page.getByText('This folder does not exist.').waitFor()
    // Larger than one piece.
    const large = new Uint8Array(2_500_000).map((_, at) => at % 251)
    await drop({
      'undionly.kpxe': new Uint8Array(3000).fill(7),
      'ipxe.efi': peProgram(0x8664, 4000),
      'large.bin': large,
    })
    await page.getByRole('gridcell', { name: 'large.bin' }).waitFor()
    // The table's menu by keyboard.
    await page.getByRole('grid', { name: 'Files' }).press('End')
    await page.getByRole('grid', { name: 'Files' }).press('Shift+F10')
    await page.getByRole('menuitem', { name: 'Copy name' }).waitFor()
    await page.keyboard.press('Escape')
    expect(new Uint8Array(readFileSync(inBoot('large.bin')))).toEqual(large)
    await page.getByText('No machine gets anything to boot').waitFor()
    await page.getByRole('button', { name: 'Assign undionly.kpxe to BIOS machines' }).click()
    await rule(/BIOS undionly\.kpxe/).waitFor()
    // Those that still get nothing are told.
    await page.getByText(/UEFI x64 machines get nothing to boot: no rule/).waitFor()
    await page.getByRole('button', { name: 'Assign ipxe.efi to UEFI x64 machines' }).click()
    await rule(/UEFI x64 ipxe\.efi/).waitFor()
  })

  test('signatures are checked, by the published dbx and by one of somebody', async () => {
    const plain = readFileSync(inBoot('ipxe.efi'))
    copyFileSync(fixture('wire/signed.efi'), inBoot('ipxe.efi'))
    const secureBoot = page.getByRole('region', { name: 'Secure Boot' })
    await secureBoot.getByRole('button', { name: 'Check signatures' }).click()
    const chain = secureBoot.getByRole('group', { name: 'Certificate chain of ipxe.efi' })
    await chain.getByRole('row', { name: /ipxe\.efi boot program .*Test authority/ }).waitFor()
    await chain.getByRole('row', { name: /certificates of 2011 alone refuse ipxe\.efi.*not in db/ }).waitFor()
    await secureBoot.getByText(/dbx as published on 20/).waitFor()
    const choose = async (name: string, bytes: Uint8Array): Promise<void> =>
      secureBoot.locator('input[type=file]').setInputFiles({ name, mimeType: '', buffer: Buffer.from(bytes) })
    await choose('dbx.bin', hashList(['ab'.repeat(32)]))
    await secureBoot.getByText(/dbx\.bin \(1 program, 0 certificates\)/).waitFor()
    await choose('notes.txt', new Uint8Array(50))
    await page.getByText(/notes\.txt is no dbx/).waitFor()
    writeFileSync(inBoot('ipxe.efi'), plain)
  })

  test('a file of the same name is replaced, which can be undone', async () => {
    const size = (): number => readFileSync(inBoot('large.bin')).length
    await drop({ 'LARGE.bin': new Uint8Array([1]) })
    const notice = page.getByRole('alert').filter({ hasText: 'Replaced large.bin' })
    await notice.waitFor()
    expect(size()).toBe(1)
    await notice.getByRole('button', { name: 'Undo' }).click()
    await expect.poll(size).toBe(2_500_000)
  })

  test('rules are dragged, edited and removed, and every change is taken back', async () => {
    await rule(/UEFI x64 ipxe\.efi/)
      .getByTitle('Drag to change the order')
      .dragTo(rule(/BIOS undionly/))
    await expect.poll(() => labText().indexOf('ipxe.efi') < labText().indexOf('undionly')).toBe(true)
    // The file is written before the page hears of it.
    await rule(/1 UEFI x64 ipxe\.efi/).waitFor()
    await page.getByRole('button', { name: 'Edit line 1' }).click()
    await page.getByRole('combobox', { name: 'File or address' }).first().fill('other.efi')
    await page.keyboard.press('Enter')
    await rule(/UEFI x64 other\.efi .*missing/).waitFor()
    await page.getByRole('button', { name: 'Remove line 1' }).click()
    await expect.poll(labText).not.toContain('other.efi')
    await page.getByRole('heading', { name: 'Boot files' }).click()
    for (const back of [/other\.efi/, /ipxe\.efi/]) {
      await page.keyboard.press('Control+z')
      await rule(back).waitFor()
    }
    await page.keyboard.press('Control+z')
    await expect.poll(() => labText().indexOf('undionly') < labText().indexOf('ipxe.efi')).toBe(true)
  })

  test('a menu is made, edited, tried and saved as the script that iPXE loads', async () => {
    await page.getByRole('button', { name: 'Create a menu' }).click()
    await rule(/iPXE, when it runs menu\.ipxe/).waitFor()
    const menu = page.getByRole('region', { name: 'iPXE boot menu' })
    await menu.getByRole('combobox', { name: 'Add an entry' }).click()
    await page.getByRole('option', { name: 'Program or script' }).click()
    const entry = menu.getByRole('group', { name: 'Entry 3' })
    await entry.getByText('Not in the boot folder: program.efi').waitFor()
    await entry.getByRole('textbox', { name: 'Text' }).fill('a ${b}')
    await entry.getByText('has ${ in it, which iPXE takes for a setting').waitFor()
    expect(await menu.getByRole('button', { name: 'Save menu' }).isDisabled()).toBe(true)
    await entry.getByRole('textbox', { name: 'Text' }).fill('Large')
    await entry.getByRole('combobox', { name: 'File or address' }).fill('large.bin')
    await menu.getByRole('radio', { name: 'Entry 3 is the default' }).check()
    await menu.getByRole('button', { name: 'Try each entry' }).click()
    await entry.getByText('Simulated on BIOS: boots').waitFor()
    await menu.getByRole('button', { name: 'Save menu' }).click()
    await expect
      .poll(() => readFileSync(inBoot('menu.ipxe'), 'utf8'))
      .toMatch(/--default entry3 .*[^]*chain large\.bin/)
    // An image of a disc is told, and becomes an entry that is found within it.
    const disc = join(folder.root, 'disc')
    mkdirSync(join(disc, 'live'), { recursive: true })
    for (const name of ['vmlinuz', 'initrd.img', 'filesystem.squashfs']) writeFileSync(join(disc, 'live', name), name)
    execFileSync('xorriso', ['-as', 'mkisofs', '-R', '-V', 'Small live', '-o', inBoot('small.iso'), disc], { stdio: 'ignore' }) // prettier-ignore
    await page.getByRole('button', { name: 'Refresh' }).click()
    await page.getByRole('gridcell', { name: 'Disc image: Small live' }).waitFor()
    await page.getByRole('button', { name: 'Show the contents of small.iso' }).click()
    const sheet = page.getByRole('dialog', { name: 'small.iso' })
    await sheet.getByText(/Memory: about 256 MiB, estimated from/).waitFor()
    expect(await sheet.getByRole('button', { name: 'Add to the menu' }).isDisabled()).toBe(true)
    await sheet
      .getByRole('textbox', { name: 'Address of this server, as machines reach it' })
      .fill('http://192.168.77.1')
    await sheet.getByRole('button', { name: 'Add to the menu' }).click()
    const added = menu.getByRole('group', { name: 'Entry 4' })
    await added.waitFor()
    expect(await added.getByRole('combobox', { name: 'Arguments' }).inputValue()).toBe('boot=live components ip=dhcp fetch=http://192.168.77.1/small.iso/live/filesystem.squashfs') // prettier-ignore
    expect(await added.getByText(/Not in the boot folder/).count()).toBe(0)
    await added.getByRole('combobox', { name: 'Kernel' }).fill('/small.iso/live/gone')
    await added.getByText('Not in the boot folder: /small.iso/live/gone').waitFor()
    await added.getByRole('combobox', { name: 'Kernel' }).fill('/small.iso/live/vmlinuz')
    await menu.getByRole('button', { name: 'Try each entry' }).click()
    await added.getByText('Simulated on BIOS: boots').waitFor()
    expect(labText()).toMatch(/protocol: http[^]*http:\n {2}enabled: true|http:\n {2}enabled: true[^]*protocol: http/)
    // A script that somebody else writes is left alone.
    writeFileSync(inBoot('menu.ipxe'), '#!ipxe\nshell\n')
    await page.getByRole('button', { name: 'Refresh' }).click()
    await menu.getByText(/which was not created in this form/).waitFor()
    await page.getByRole('button', { name: 'Edit menu.ipxe' }).click()
    const text = page.getByRole('textbox', { name: 'Text of menu.ipxe' })
    await text.fill('#!ipxe\necho by hand\nshell\n')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await expect.poll(() => readFileSync(inBoot('menu.ipxe'), 'utf8')).toContain('by hand')
  })

  test('the rules are tested: by kind and by MAC address, simulated', async () => {
    const tried = page.getByRole('region', { name: 'Test the rules' })
    await tried.getByRole('button', { name: 'Test', exact: true }).click()
    await tried.getByRole('row', { name: /^BIOS undionly\.kpxe/ }).waitFor()
    await tried.getByRole('row', { name: /^UEFI ARM64 nothing: no rule/ }).waitFor()
    await tried.getByRole('textbox', { name: 'MAC address' }).fill('52:54')
    await tried.getByText('six octets, such as').waitFor()
    await tried.getByRole('textbox', { name: 'MAC address' }).fill('52-54-00-00-00-01')
    await tried.getByRole('button', { name: 'Test', exact: true }).click()
    await tried.getByRole('row', { name: /^iPXE ROM menu\.ipxe/ }).waitFor()
  })

  test('a preset changes what machines load and says what is missing', async () => {
    await page.getByRole('button', { name: 'Presets' }).click()
    const preset = page.getByRole('region', { name: 'Windows PE without WDS (wimboot)' })
    await preset.getByText(/^\d files? to provide: .*wimboot/).click()
    await preset.getByText(/^wimboot: .* From the releases of ipxe\/wimboot/).waitFor()
    await preset.getByRole('button', { name: 'Use this preset' }).click()
    await rule(/iPXE, when it runs windows-pe\.ipxe/).waitFor()
    await expect.poll(() => existsSync(inBoot('windows-pe.ipxe'))).toBe(true)
    expect(labText()).toMatch(/http:\n\s+enabled: true/)
  })

  test('the lab file as text: completion, marks while one writes, saved; a bad setting stays in its field', async () => {
    await page.getByRole('link', { name: 'Settings' }).click()
    const lease = page.getByRole('textbox', { name: 'Lease time in seconds' })
    await lease.fill('0')
    await lease.press('Enter')
    await page.getByText(/dhcp\.leaseSeconds .* \(it is 0\)/).waitFor()
    expect(await lease.inputValue()).toContain('0')
    await page.getByText('Lab file', { exact: true }).click()
    const text = page.getByRole('textbox', { name: 'Lab file as text' })
    await text.click()
    await page.keyboard.press('Control+End')
    await page.keyboard.type('autoStop')
    await page.getByRole('option', { name: 'autoStopMinutes' }).click()
    await page.keyboard.type('0')
    await page
      .getByRole('alert')
      .filter({ hasText: /autoStopMinutes/ })
      .waitFor()
    await page.keyboard.press('Backspace')
    await page.keyboard.type('30')
    await page
      .getByRole('alert')
      .filter({ hasText: /autoStopMinutes/ })
      .waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await expect.poll(labText).toMatch(/autoStopMinutes: 30/)
  })
})
