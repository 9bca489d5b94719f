import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** Labs of tests keep nothing in the home of whoever runs them. */
const stateHome = mkdtempSync(join(tmpdir(), 'pxe-lab-test-state-'))
process.on('exit', () => rmSync(stateHome, { recursive: true, force: true }))

// Projects by what they need: `npm test` runs those this machine can.
const project = (name: string, folders: string[], options: object = {}) => ({
  extends: true as const,
  test: { name, include: folders.map((folder) => `test/${folder}/**/*.test.ts`), ...options },
})

/** Real sockets, processes and firmware: one file at a time, for two cores and one network stack. */
const slow = { testTimeout: 120_000, hookTimeout: 120_000, fileParallelism: false }

export default defineConfig({
  test: {
    environment: 'node',
    env: { XDG_STATE_HOME: stateHome },
    // What is waited for comes when it comes on a busy machine.
    expect: { poll: { timeout: 20_000 } },
    projects: [
      project('rules', ['rules'], { testTimeout: 60_000 }),
      // No limit that a busy machine reaches: what a property costs, the benches tell.
      project(
        'core',
        [
          'wire',
          'lab',
          'logs',
          'machines',
          'responder',
          'system',
          'trace',
          'simulation',
          'diagnosis',
          'remedy',
          'planner',
          'knowledge',
          'desktop',
          'supervise',
        ],
        { testTimeout: 60_000 },
      ),
      project('cli', ['cli'], { testTimeout: 60_000, hookTimeout: 120_000 }),
      project('net', ['net'], slow),
      // Of tests that run side by side three keep two cores busy.
      project('firmware', ['firmware'], { ...slow, testTimeout: 180_000, maxConcurrency: 3 }),
      project('browser', ['browser'], slow),
      project('package', ['package'], { ...slow, testTimeout: 300_000, hookTimeout: 300_000 }),
      project('windows', ['windows'], {
        ...slow,
        fileParallelism: true,
        maxWorkers: 2,
        globalSetup: ['test/helpers/windows-setup.ts'],
      }),
      project('shell', ['shell'], slow),
      {
        extends: true,
        test: {
          name: 'ui',
          testTimeout: 60_000,
          include: ['test/ui/**/*.test.tsx'],
          environment: 'jsdom',
          setupFiles: ['test/ui/setup.ts'],
        },
      },
    ],
  },
})
