import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { compileMessages } from './scripts/messages/compile.ts'

compileMessages()

/** Labs of tests keep nothing in the home of whoever runs them. */
const stateHome = mkdtempSync(join(tmpdir(), 'pxe-lab-test-state-'))
process.on('exit', () => rmSync(stateHome, { recursive: true, force: true }))

/** Hundreds of tests start the command line from its sources, which then are stripped of types and compiled once, not each time. */
const compiled = fileURLToPath(new URL('node_modules/.cache/pxe-lab-compiled', import.meta.url))

// Projects by what they need: `npm test` runs those this machine can.
const project = (name: string, folders: string[], options: object = {}) => ({
  extends: true as const,
  test: { name, include: folders.map((folder) => `test/${folder}/**/*.test.ts`), ...options },
})

/** Vitest leaves a core for itself, which of two is half: most of these files compute, and some wait. */
const computing = {
  // No limit that a busy machine reaches: what a property costs, the benches tell.
  testTimeout: 300_000,
  hookTimeout: 300_000,
  maxWorkers: Math.max(2, availableParallelism()) + 1,
  sequence: { groupOrder: 0 },
}
/** Browsers and firmware: one file at a time, the group in its place. `npm test` has them beside all others. */
const slow = (groupOrder: number) => ({
  testTimeout: 300_000,
  hookTimeout: 300_000,
  fileParallelism: false,
  sequence: { groupOrder },
})
/** Each file has namespaces, folders or a prefix of its own, and waits most of its time: the others work meanwhile. */
const apart = { testTimeout: 300_000, hookTimeout: 300_000, maxWorkers: 3, sequence: { groupOrder: 1 } }

export default defineConfig({
  test: {
    environment: 'node',
    // Tests read English, whatever the system of whoever runs them speaks.
    env: { XDG_STATE_HOME: stateHome, NODE_COMPILE_CACHE: compiled, LC_ALL: 'C.UTF-8' },
    setupFiles: [fileURLToPath(new URL('test/helpers/phrases.ts', import.meta.url))],
    // What is waited for comes when it comes on a busy machine.
    expect: { poll: { timeout: 60_000 } },
    projects: [
      project('rules', ['rules'], computing),
      project(
        'core',
        [
          'wire',
          'secure-boot',
          'interchange',
          'twin',
          'lab',
          'logs',
          'machines',
          'responder',
          'system',
          'trace',
          'simulation',
          'lessons',
          'classroom',
          'diagnosis',
          'remedy',
          'planner',
          'knowledge',
          'desktop',
          'supervise',
          'messages',
        ],
        computing,
      ),
      project('cli', ['cli'], computing),
      project('net', ['net'], apart),
      // Of tests that run side by side three keep two cores busy.
      project('firmware', ['firmware'], { ...slow(4), testTimeout: 500_000, maxConcurrency: 3 }),
      project('browser', ['browser'], slow(2)),
      project('package', ['package'], apart),
      project('windows', ['windows'], {
        ...apart,
        globalSetup: ['test/helpers/windows-setup.ts'],
      }),
      project('shell', ['shell'], slow(3)),
      {
        extends: true,
        test: {
          ...computing,
          name: 'ui',
          include: ['test/ui/**/*.test.tsx'],
          environment: 'jsdom',
          setupFiles: ['test/ui/setup.ts'],
        },
      },
    ],
  },
})
