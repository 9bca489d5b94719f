import { say } from '#messages/message.ts'
/** Scripts of iPXE beside what the real one printed: Debian's ROM (1.0.0+git-20190125) in QEMU, dnsmasq beside it. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FileInput } from '#shared/simulation/scenario.ts'
import { fixture } from '../helpers/fixtures.ts'
import { scenarioOf, sessionOfSimulation, simulated } from '../helpers/simulate.ts'
import { spoken } from '../helpers/spoken.ts'

const scripts = JSON.parse(readFileSync(fixture('fidelity/scripts/scripts.json'), 'utf8')) as Record<string, string>

interface Habits {
  readonly pressesKey?: boolean
  readonly menuLine?: number
}

/** Boots that script; further files by path. */
function booting(
  script: string,
  files: Record<string, FileInput> = {},
  habits: Habits = {},
  firmware: 'ipxe' | 'edk2' = 'ipxe',
) {
  const simulation = simulated(
    scenarioOf({
      hosts: {
        boot1: {
          kind: 'linux',
          on: { lan: '192.168.77.1' },
          services: {
            DHCPServer: {
              type: 'DHCPServer',
              nextServer: '192.168.77.1',
              subnets: [
                { subnet: '192.168.77.0/24', start: '192.168.77.140', end: '192.168.77.149', router: '192.168.77.1' },
              ],
              options: { 67: firmware === 'ipxe' ? 'ipxe/boot.ipxe' : 'ipxe/snponly.efi' },
              userClasses: { iPXE: { 67: 'ipxe/boot.ipxe' } },
            },
            tftp: { type: 'tftp' },
            http: { type: 'http', port: 80 },
          },
          files: {
            'ipxe/boot.ipxe': { text: script },
            'ipxe/snponly.efi': { program: 'ipxe', architecture: 'x64-uefi', size: 170_000 },
            'big/big.bin': { size: 70_000 },
            ...files,
          },
        },
      },
      clients: { pc1: { firmware, on: 'lan', mac: '52:54:00:77:00:01', ...habits } },
    }),
  )
  const outcome = simulation.outcomes()[0]!
  const asked = sessionOfSimulation(simulation)
    .trace.attempts.flatMap((one) => one.events)
    .flatMap((one) =>
      one.kind === 'transfer' ? [one.file] : one.kind === 'http' ? [`${one.method} ${one.target}`] : [],
    )
  const begin = outcome.screen.findIndex((line) => line.includes(' [script]'))
  return {
    outcome: spoken(outcome),
    asked: asked.slice(asked.indexOf('ipxe/boot.ipxe') + 1),
    screen: outcome.screen.slice(begin + 1),
  }
}

test('an address writes octets as percent signs, and an image is called by what they mean (as the ROM in QEMU)', () => {
  const { screen, asked } = booting(
    '#!ipxe\nimgfetch my%20file.txt && echo loaded\nimgfetch 100%.txt && echo loaded\nimgstat\n',
    { 'ipxe/my file.txt': { text: 'x' }, 'ipxe/100%.txt': { text: 'x' } },
  )
  expect(asked.slice(0, 2)).toEqual(['ipxe/my file.txt', 'ipxe/100%.txt'])
  expect(screen.filter((line) => line === 'loaded')).toHaveLength(2)
  expect(screen).toContain('my file.txt : 1 bytes [PXE-NBP]')
})

/** As a terminal of 80 columns shows it, without blank lines, and without usages: those name options of newer builds. */
const onTerminal = (lines: readonly string[]): string[] =>
  withoutUsage(lines).flatMap((line) =>
    line.trim() === '' ? [] : (line.match(/.{1,80}/g) ?? []).map((part) => part.trimEnd()),
  )

const withoutUsage = (lines: readonly string[]): string[] => {
  let isUsage = false
  return lines.filter((line) => {
    if (line === 'Usage:') isUsage = true
    if (line.startsWith('See ')) isUsage = false
    return !isUsage
  })
}

describe('a script prints what the real one printed', () => {
  test.each([
    ['a2', 'forms', 'forms of settings, options and images'],
    ['g', 'errors', 'errors, each with its number'],
  ])('%s (%s): %s', (name, printed) => {
    const files = Object.fromEntries(Object.entries(scripts).map(([file, text]) => [`ipxe/${file}`, { text }]))
    const { screen } = booting(
      scripts[`${name}.ipxe`]!.replaceAll('boot.ipxe', name),
      {
        ...files,
        'ipxe/boot2.txt': { text: 'text\n' },
      },
      { pressesKey: false },
    )
    const real = readFileSync(fixture(`fidelity/scripts/${printed}.txt`), 'utf8')
      .trimEnd()
      .split('\n')
      .slice(1)
    // The script is called boot.ipxe here; nothing else differs.
    const shown = onTerminal(screen.map((line) => line.replaceAll('ipxe/boot.ipxe', `ipxe/${name}.ipxe`)))
    const end = shown.findIndex((line) => line.startsWith('No more network'))
    expect(shown.slice(0, end + 1)).toEqual(withoutUsage(real))
  })
})

test('snponly.efi in OVMF prints it with the numbers of UEFI, and takes only what can run', () => {
  const files = Object.fromEntries(Object.entries(scripts).map(([file, text]) => [`ipxe/${file}`, { text }]))
  const { screen } = booting(scripts['a.ipxe']!, { ...files, 'ipxe/boot2.txt': { text: 'text\n' } }, {}, 'edk2')
  // The build of 2019 knows no cwuri, and what it says of the machine is not simulated.
  const comparable = (lines: readonly string[]): string[] =>
    withoutUsage(lines)
      .filter((line) => line.trim() !== '' && !/^(A 52|in c)/.test(line))
      .map((line) => line.trimEnd())
  const real = comparable(
    readFileSync(fixture('fidelity/scripts/efi.txt'), 'utf8').replaceAll('.142', '.140').split('\n').slice(1),
  )
  const shown = comparable(screen)
  expect(shown.slice(0, shown.indexOf('No more network devices') + 1)).toEqual(real)
})

const echoes = (screen: readonly string[]): string[] => screen.filter((line) => line.startsWith('= '))

describe('loading', () => {
  test.each([
    ['imgfetch --name big.bin ../big/big.bin', 'big/big.bin'],
    ['imgfetch ../big/big.bin', 'big/big.bin'],
    ['imgfetch ./.././big/big.bin', 'big/big.bin'],
    // Only what stands in front is a way through folders (resolve_path).
    ['imgfetch ../ipxe/../big/big.bin || shell', 'ipxe/../big/big.bin'],
    ['kernel -n vmlinuz ../big/big.bin quiet', 'big/big.bin'],
    ['kernel --name=vmlinuz ../big/big.bin quiet', 'big/big.bin'],
    ['kernel -nvmlinuz -- ../big/big.bin -- quiet', 'big/big.bin'],
    ['initrd --name initrd.img /big/big.bin', 'big/big.bin'],
    ['module -t 500 -a tftp://${next-server}/big/big.bin', 'big/big.bin'],
    ['chain --timeout 5000 second.ipxe', 'ipxe/second.ipxe'],
    ['chain --autofree -r second.ipxe', 'ipxe/second.ipxe'],
    ['imgexec -qn second second.ipxe', 'ipxe/second.ipxe'],
    ['imgargs http://192.168.77.1/big/big.bin?x=1 some words', 'GET /big/big.bin?x=1'],
    ['imgverify ../big/big.bin ../big/big.bin', 'big/big.bin'],
    ['console --x 1024 --picture ../big/big.bin', 'big/big.bin'],
  ])('%s', (line, asked) => {
    const told = booting(`#!ipxe\n${line}\nshell\n`, { 'ipxe/second.ipxe': { text: '#!ipxe\nshell\n' } })
    expect(told.asked[0]).toBe(asked)
    expect(told.outcome.state).toBe('booted')
  })

  test('what is there under a name is run without being loaded again; imgfetch loads it again', () => {
    const second = { 'ipxe/second.ipxe': { text: '#!ipxe\necho = ran\n' } }
    const told = booting(
      '#!ipxe\nimgfetch -n s second.ipxe\nchain s\nboot s\nimgfree s\nchain second.ipxe\nimgfetch second.ipxe\nshell\n',
      second,
    )
    expect(told.asked).toEqual(['ipxe/second.ipxe', 'ipxe/second.ipxe', 'ipxe/second.ipxe'])
    expect(echoes(told.screen)).toHaveLength(3)
  })

  test('kernel and initrd boot; the words behind the address are none', () => {
    const told = booting('#!ipxe\nkernel ../big/big.bin initrd=x quiet || shell\ninitrd -n x ../big/big.bin\nboot\n')
    expect(told.asked).toEqual(['big/big.bin', 'big/big.bin'])
    expect(told.outcome).toMatchObject({ state: 'booted', because: say('pxe-client.file-runs', { file: 'big.bin' }) })
  })

  test('params make a form that is sent', () => {
    const told = booting('#!ipxe\nparams\nparam mac ${mac}\nchain http://192.168.77.1/form.ipxe##params\n', {
      'form.ipxe': { text: '#!ipxe\nshell\n' },
    })
    expect(told.asked).toEqual(['POST /form.ipxe'])
    expect(told.outcome.state).toBe('booted')
  })

  test('a program of another architecture fails the command, and the script goes on', () => {
    const told = booting(
      '#!ipxe\nchain arm.efi || echo = failed\nshell\n',
      { 'ipxe/arm.efi': { program: 'plain', architecture: 'arm64-uefi', size: 5000 } },
      {},
      'edk2',
    )
    expect(echoes(told.screen)).toEqual(['= failed'])
    expect(told.outcome.state).toBe('booted')
  })

  test('a script whose last command failed fails the boot with its error', () => {
    const told = booting('#!ipxe\nimgfetch missing.txt\necho = not reached\n')
    expect(told.outcome).toMatchObject({
      state: 'failed',
      line: 'Could not boot image: No such file or directory (http://ipxe.org/2d12603b)',
    })
    expect(echoes(told.screen)).toEqual([])
  })
})

describe('control', () => {
  test.each([
    ['iseq a a && echo = yes || echo = no', ['= yes']],
    ['iseq a b && echo = yes || echo = no', ['= no']],
    ['iseq a b || iseq a c || echo = both differ', ['= both differ']],
    ['isset ${mac} && isset ${nothing} || echo = one is not set', ['= one is not set']],
    ['iseq a b ; echo = always', ['= always']],
    ['set x a b  c\necho = ${x}', ['= a b c']],
    ['set base x\nset x-y deep\necho = ${${base}-y}', ['= deep']],
    ['goto end\necho = not here\n:end\necho = here', ['= here']],
    ['goto end\necho = not here\n:end echo = behind the label', ['= behind the label']],
    ['goto none || echo = no label', ['= no label']],
    ['set n:int32 0\n:again\ninc n\niseq ${n} 3 || goto again\necho = ${n}', ['= 3']],
    ['nosuch command || echo = told', ['= told']],
    ['echo = a # a comment\n# another', ['= a']],
    ['echo = one \\\ntwo', ['= one two']],
    ['time echo = timed', ['= timed']],
    ['cpuid --ext 29 && echo = x86_64 || echo = i386', ['= x86_64']],
    ['nslookup a 192.168.77.9 && echo = ${a}', ['= 192.168.77.9']],
    ['nslookup a fd00::9 && echo = ${a} ${a:hexraw}', ['= fd00::9 fd000000000000000000000000000009']],
    ['nslookup a:hexraw 192.168.77.9 && echo = ${a}', ['= c0a84d09']],
    ['nslookup a:nothing 192.168.77.9 || echo = no such type', ['= no such type']],
    ['exit 0\necho = not reached', []],
    [
      'ifopen net0 && ifstat && route && imgtrust --allow && sanhook -d 0x80 iscsi:x && sync && echo = went on',
      ['= went on'],
    ],
  ])('%s', (script, expected) => {
    expect(echoes(booting(`#!ipxe\n${script}\n`).screen)).toEqual(expected)
  })

  test('prompts: with a key, with nobody and a time, with nobody at all', () => {
    const script =
      '#!ipxe\nprompt --key 0x02 --timeout 3000 = press || goto none\necho = pressed\nshell\n:none\necho = nobody\nshell\n'
    // What it asked is wiped when it goes on.
    expect(echoes(booting(script).screen)).toEqual(['= pressed'])
    const alone = booting(script, {}, { pressesKey: false })
    expect(echoes(alone.screen)).toEqual(['= nobody'])
    expect(booting('#!ipxe\nprompt wait\nshell\n', {}, { pressesKey: false }).outcome).toMatchObject({
      state: 'failed',
      because: 'the script waits for a key',
    })
    expect(booting('#!ipxe\nlogin || shell\n', {}, { pressesKey: false }).outcome.because).toBe(
      'the script waits for somebody to log in',
    )
  })

  test('menus: the default of choose, of the item, the first; a chosen line; gaps are none; several by name', () => {
    const menu = (choose: string): string =>
      `#!ipxe\nmenu Boot\nitem --gap -- Systems\nitem --key l local Local disk\nitem\nitem --default install Install\n${choose}\necho = \${target}\nshell\n`
    const alone = { pressesKey: false }
    expect(echoes(booting(menu('choose --timeout 3000 target'), {}, alone).screen)).toEqual(['= install'])
    expect(echoes(booting(menu('choose --default local -t 3000 target'), {}, alone).screen)).toEqual(['= local'])
    expect(echoes(booting(menu('choose target'), {}, { menuLine: 0 }).screen)).toEqual(['= local'])
    expect(booting(menu('choose target'), {}, alone).outcome.because).toBe('the menu waits for somebody')
    const named =
      '#!ipxe\nmenu -n a\nmenu -n b\nitem -m a one One\nitem -m b two Two\nchoose -m b -t 100 target\necho = ${target}\nchoose -m b -t 100 target || echo = gone\nshell\n'
    expect(echoes(booting(named, {}, alone).screen)).toEqual(['= two', '= gone'])
  })

  test('a loop that never ends is cut off, whatever loads what', () => {
    expect(booting('#!ipxe\n:a\ngoto a\n').outcome.because).toBe('the script goes round in circles')
    expect(booting('#!ipxe\nchain boot.ipxe\n').outcome.because).toBe('the script goes round in circles')
  })

  test('no script makes it fail otherwise than in words', () => {
    const words = [
      'chain',
      'boot',
      '--name',
      '-n',
      '--',
      '-',
      '',
      '||',
      '&&',
      ';',
      '#',
      '${',
      '${${x}}',
      '${x:int32}',
      'item',
      'choose',
      'x',
      'menu',
      'set',
      'inc',
      'goto',
      ':l',
      'constructor',
      '__proto__',
      'toString',
      'imgfetch',
      '../../..',
      'http://',
      'tftp://',
      '://',
    ]
    fc.assert(
      fc.property(fc.array(fc.array(fc.constantFrom(...words), { maxLength: 5 }), { maxLength: 6 }), (lines) => {
        const { outcome } = booting(
          `#!ipxe\n${lines.map((line) => line.join(' ')).join('\n')}\n`,
          {},
          { pressesKey: false },
        )
        expect(['booted', 'failed', 'local', 'waiting']).toContain(outcome.state)
      }),
      { numRuns: 150 },
    )
  })
})
