// What `npm run package` makes. Nothing is signed unless the variables that CONTRIBUTING.md lists are set.
import { resolve } from 'node:path'
import { installProductionModules } from './scripts/packaging/stage.mjs'
import { root } from './scripts/node24.mjs'

/** Where packages and what they are made of go. */
const dist = process.env.PXE_LAB_DIST ?? 'dist'

const has = (...names) => names.every((name) => (process.env[name] ?? '') !== '')
const signsWindows = has('WIN_CSC_LINK') || has('CSC_LINK')
const signsAzure = has('AZURE_TENANT_ID', 'AZURE_CLIENT_ID', 'AZURE_SIGNING_ENDPOINT', 'AZURE_SIGNING_ACCOUNT')
const signsMac = has('CSC_LINK') || has('CSC_NAME')
const notarises =
  signsMac &&
  (has('APPLE_API_KEY', 'APPLE_API_KEY_ID', 'APPLE_API_ISSUER') ||
    has('APPLE_ID', 'APPLE_APP_SPECIFIC_PASSWORD', 'APPLE_TEAM_ID'))

/** Node's names of the processors, by electron-builder's numbers. */
const processors = { 1: 'x64', 3: 'arm64' }

const capture = (ext, mimeType, name) => ({ ext, mimeType, name, role: 'Viewer', description: `${name} for PXE Lab` })

export default {
  appId: 'org.pxelab.desktop',
  productName: 'PXE Lab',
  copyright: 'Copyright © The PXE Lab authors. MIT License.',
  directories: { app: `${dist}/app`, output: `${dist}/packages`, buildResources: 'resources/icons' },
  // What is staged is what is packed; of koffi only the loader and the binary of this system.
  files: [
    '**/*',
    '!**/node_modules/koffi/{doc,lib,vendor,cnoke.cjs,CHANGELOG.md,README.md,index.d.ts}',
    '!**/node_modules/koffi/src/koffi/{CMakeLists.txt,src/**/*.{cc,hh,inc,S,asm,def}}',
    '!**/node_modules/@koromix/*/musl_*',
    '!**/node_modules/.package-lock.json',
  ],
  asar: true,
  // A native library is loaded by the system, which cannot look into an archive.
  asarUnpack: ['**/node_modules/koffi/**', '**/node_modules/@koromix/**'],
  extraResources: [
    // For people: to copy to a server, and to read.
    { from: `${dist}/app/resources/collect-facts.ps1`, to: 'collect-facts.ps1' },
    { from: `${dist}/app/out/THIRD-PARTY-NOTICES.txt`, to: 'THIRD-PARTY-NOTICES.txt' },
    { from: `${dist}/app/LICENSE`, to: 'LICENSE.txt' },
  ],
  // Modules are staged for the system the package is for, whichever this one is; nothing is compiled.
  npmRebuild: false,
  nodeGypRebuild: false,
  async beforePack({ electronPlatformName, arch }) {
    const processor = processors[arch]
    if (processor === undefined) throw new Error(`There is no package for this processor. Pass --x64 or --arm64.`)
    await installProductionModules(resolve(root, dist, 'app'), electronPlatformName, processor)
  },
  electronFuses: {
    runAsNode: false,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableCookieEncryption: true,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    loadBrowserProcessSpecificV8Snapshot: false,
    grantFileProtocolExtraPrivileges: false,
    // An unsigned build for Apple silicon starts only with the signature that its linker made, renewed.
    resetAdHocDarwinSignature: !signsMac,
  },
  electronLanguages: ['en-US'],
  compression: process.env.PXE_LAB_COMPRESSION ?? 'maximum',
  forceCodeSigning: has('PXE_LAB_REQUIRE_SIGNATURE'),
  publish: null,
  artifactName: 'pxe-lab-${version}-${os}-${arch}.${ext}',
  fileAssociations: [
    capture('pcap', 'application/vnd.tcpdump.pcap', 'Packet capture'),
    capture('pcapng', 'application/x-pcapng', 'Packet capture (pcapng)'),
    { ext: 'pxelab', mimeType: 'application/x-pxe-lab+yaml', name: 'PXE Lab file', role: 'Editor' },
  ],
  win: {
    target: [
      { target: 'nsis', arch: ['x64', 'arm64'] },
      { target: 'zip', arch: ['x64', 'arm64'] },
      { target: 'msi', arch: ['x64'] },
    ],
    icon: 'resources/icons/icon.ico',
    ...(signsAzure
      ? {
          azureSignOptions: {
            publisherName: process.env.AZURE_PUBLISHER_NAME,
            endpoint: process.env.AZURE_SIGNING_ENDPOINT,
            codeSigningAccountName: process.env.AZURE_SIGNING_ACCOUNT,
            certificateProfileName: process.env.AZURE_SIGNING_PROFILE,
          },
        }
      : signsWindows
        ? { signtoolOptions: { signingHashAlgorithms: ['sha256'] } }
        : {}),
  },
  nsis: {
    oneClick: false,
    perMachine: true,
    allowToChangeInstallationDirectory: true,
    createDesktopShortcut: false,
    // Labs and captures stay where they are when the program goes.
    deleteAppDataOnUninstall: false,
    // The same in every version: an installer replaces what an older one installed.
    guid: '9e1f3c52-6f0b-4d0e-8c0a-6b5c1f4f7a11',
    artifactName: 'pxe-lab-${version}-${os}-${arch}-setup.${ext}',
    license: 'LICENSE',
  },
  msi: {
    oneClick: false,
    perMachine: true,
    upgradeCode: '{4B7B7C0A-2E6D-4E0C-9A55-0F7C5D3E8F21}',
    createDesktopShortcut: false,
  },
  linux: {
    target: ['AppImage', 'deb', 'rpm'].map((target) => ({ target, arch: ['x64', 'arm64'] })),
    executableName: 'pxe-lab-desktop',
    icon: 'resources/icons',
    category: 'Network',
    synopsis: 'A lab for network boot: DHCP, proxyDHCP, TFTP and HTTP boot, packet by packet',
    maintainer: 'The PXE Lab authors <pxe-lab@pxe-lab.example>',
    vendor: 'The PXE Lab authors',
    desktop: { entry: { Keywords: 'PXE;DHCP;TFTP;WDS;network boot;' } },
  },
  deb: { recommends: ['wireshark-common | tcpdump'], compression: 'xz' },
  mac: {
    target: [{ target: 'dmg', arch: ['x64', 'arm64'] }],
    icon: 'resources/icons/icon.icns',
    category: 'public.app-category.developer-tools',
    hardenedRuntime: true,
    ...(signsMac ? {} : { identity: null }),
    notarize: notarises,
  },
  dmg: { sign: false },
}
