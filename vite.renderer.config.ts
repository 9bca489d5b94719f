import { resolve } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { thirdPartyNotices } from './scripts/packaging/notices.ts'
import { catalogueFiles } from './scripts/packaging/catalogue-files.ts'

// One definition of the window, used by electron-vite and by plain vite where there is no Electron.
export default defineConfig({
  root: resolve(import.meta.dirname, 'src/renderer'),
  plugins: [react(), thirdPartyNotices(), catalogueFiles('../messages', true)],
  // Workers are bundles of their own, whose parts are loaded as they are needed.
  worker: { format: 'es', plugins: () => [thirdPartyNotices(), catalogueFiles('../messages')] },
  build: {
    outDir: resolve(import.meta.dirname, 'out/renderer'),
    emptyOutDir: true,
    minify: true,
    // Fonts as files: the content security policy allows no data in place of them.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2500,
    // The window, the page of a student in a class, and that of a lesson in a learning platform.
    rolldownOptions: {
      input: ['index', 'class', 'scorm'].map((name) => resolve(import.meta.dirname, `src/renderer/${name}.html`)),
    },
  },
})
