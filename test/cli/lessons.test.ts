/** `pxe-lab lessons`: the list, packages of one lesson and of one that somebody wrote, and what is told of what is wrong. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { strFromU8, unzipSync } from 'fflate'
import { afterAll, expect, test } from 'vitest'
import { cli, LabFolder } from '../helpers/lab.ts'

const folder = new LabFolder()
afterAll(() => folder.remove())
const run = (...values: string[]) =>
  spawnSync(process.execPath, [cli, 'lessons', ...values], { encoding: 'utf8', cwd: folder.root })
const packageAt = (name: string): Record<string, Uint8Array> => unzipSync(readFileSync(join(folder.root, name)))
const itemsOf = (files: Record<string, Uint8Array>): string[] =>
  [...strFromU8(files['imsmanifest.xml']!).matchAll(/parameters="([^"]+)"/g)].map(([, one]) => one!)

test('lists the twelve lessons in their order', () => {
  const lines = run().stdout.trimEnd().split('\n')
  expect(lines).toHaveLength(12)
  expect(lines[0]).toMatch(/^what-is-dhcp\s+\S/)
})

test('one lesson becomes a package that is the same each time, in blind mode under a title that gives nothing away', () => {
  const { status, stdout } = run('export', 'proxy-dhcp', '--blind')
  expect(stdout).toMatch(/^Wrote .*pxe-lab-proxy-dhcp-scorm\.zip: 1 lesson, [\d.]+\sMiB\n$/)
  expect(status).toBe(0)
  const files = packageAt('pxe-lab-proxy-dhcp-scorm.zip')
  expect(itemsOf(files)).toEqual(['?lesson=proxy-dhcp&amp;blind=1'])
  expect(strFromU8(files['imsmanifest.xml']!)).not.toMatch(/proxyDHCP/)
  expect(run('export', 'proxy-dhcp', '--blind', '--out', 'again.zip').status).toBe(0)
  expect(readFileSync(join(folder.root, 'again.zip'))).toEqual(readFileSync(join(folder.root, 'pxe-lab-proxy-dhcp-scorm.zip'))) // prettier-ignore
})

test('a lesson that somebody wrote goes into the package with its scenario', () => {
  copyFileSync(new URL('../../resources/lessons/proxy-dhcp.yaml', import.meta.url), join(folder.root, 'mine.yaml'))
  expect(run('export', 'mine.yaml')).toMatchObject({ status: 0, stderr: '' })
  const files = packageAt('pxe-lab-lesson-scorm.zip')
  expect(itemsOf(files)).toEqual(['?lesson=own'])
  const own = JSON.parse(strFromU8(files['lesson.json']!)) as { readonly scenario: { readonly hosts: object } }
  expect(own.scenario.hosts).toBeTypeOf('object')
})

test('what is wrong is told with what to do, and nothing is written', () => {
  const unknown = run('export', 'port-4012', '--out', 'none.zip')
  expect(unknown).toMatchObject({ status: 64 })
  expect(unknown.stderr).toMatch(/no lesson port-4012.*port-4011/)
  writeFileSync(join(folder.root, 'broken.yaml'), 'title: A lesson\nsteps: 5\n')
  const broken = run('export', 'broken.yaml', '--out', 'none.zip')
  expect(broken).toMatchObject({ status: 2 })
  expect(broken.stderr).toMatch(/broken\.yaml: Line 1 of the lesson, blindTitle: .*Write the title/)
  expect(run('export', 'nowhere.yaml', '--out', 'none.zip').stderr).toMatch(/nowhere\.yaml/)
  expect(existsSync(join(folder.root, 'none.zip'))).toBe(false)
  const nowhere = run('export', 'proxy-dhcp', '--out', join('nowhere', 'deep', 'x.zip'))
  expect(nowhere.status).not.toBe(0)
  expect(nowhere.stderr).toMatch(/x\.zip/)
})

test('lessons as a page to print: the course, one lesson, one of a file; what is wrong is told', () => {
  const printed = (name: string): string => readFileSync(join(folder.root, name), 'utf8')
  expect(run('print', 'what-is-dhcp').stdout).toMatch(/^Wrote .*pxe-lab-what-is-dhcp\.html: 1 lesson, /)
  expect(printed('pxe-lab-what-is-dhcp.html')).toContain('<section class="answers">')
  expect(run('print', '--seed', '2', '--blind', '--out', 'course.html').status).toBe(0)
  expect(printed('course.html').match(/<h1>\d+\./g)).toHaveLength(12)
  copyFileSync(new URL('../../resources/lessons/proxy-dhcp.yaml', import.meta.url), join(folder.root, 'own.yaml'))
  expect(run('print', 'own.yaml').stdout).toMatch(/pxe-lab-own\.html: 1 lesson/)
  writeFileSync(join(folder.root, 'wrong.yaml'), 'title: 7\n')
  expect(run('print', 'wrong.yaml')).toMatchObject({ status: 2, stderr: expect.stringMatching(/wrong\.yaml: Line 1 .*title/) })
  expect(run('print', 'nothing')).toMatchObject({ status: 64, stderr: expect.stringContaining('what-is-dhcp') })
  expect(run('print', '--seed', 'x').status).toBe(64)
}) // prettier-ignore
