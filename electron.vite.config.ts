import { resolve } from 'node:path'
import { defineConfig } from 'electron-vite'
import { thirdPartyNotices } from './scripts/packaging/notices.ts'
import { catalogueFiles } from './scripts/packaging/catalogue-files.ts'
import { vendorNamesOnly } from './scripts/packaging/vendor-names.ts'
import renderer from './vite.renderer.config.ts'

const source = (path: string): string => resolve(import.meta.dirname, 'src', path)

export default defineConfig({
  main: {
    // Tables of thousands of keys: not a variable for each besides.
    json: { namedExports: false },
    plugins: [thirdPartyNotices(), vendorNamesOnly(), catalogueFiles('../renderer/messages')],
    build: {
      rolldownOptions: {
        input: {
          electron: source('main/electron/index.ts'),
          'backend-process': source('main/electron/backend-process.ts'),
          'desktop-responder': source('main/electron/desktop-responder.ts'),
          'responder-process': source('main/responder-process/process.ts'),
          cli: source('main/cli/run.ts'),
          'model-worker': source('main/observe/model-worker.ts'),
          'tftp-worker': source('main/responder/tftp/worker.ts'),
          'dhcp-rival': source('main/rivals/dhcp-process.ts'),
          'second-opinion': source('main/probe/second-opinion.ts'),
        },
        // All in one folder: the worker and package.json are found relative to the file that wants them.
        // Without comments and indentation; names stay, for traces that people send.
        output: {
          entryFileNames: '[name].js',
          chunkFileNames: '[name]-[hash].js',
          minify: { compress: false, mangle: false, codegen: true },
        },
      },
    },
  },
  preload: {
    plugins: [thirdPartyNotices()],
    build: {
      // A sandboxed preload must be one CommonJS file.
      rolldownOptions: {
        input: { index: source('preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
      externalizeDeps: false,
    },
  },
  renderer,
})
