import { Button, FileButton, Group, Text, Title } from '@mantine/core'
import { useState, type ReactElement } from 'react'
import type { BootChainReply } from '#shared/contract/calls.ts'
import { sbatSource } from '#shared/wire/secure-boot/sbat.ts'
import { call } from '../connection.ts'
import { attempt } from '../store.ts'
import { base64Of } from './upload.ts'

type Link = BootChainReply['links'][number]
type Verdict = BootChainReply['verdicts'][number]

const stateTexts = {
  valid: '',
  'of-another-program': 'not of this file: it was changed, or is cut off',
  damaged: 'the signature is damaged',
  unknown: 'cannot be verified here',
} as const satisfies Record<Link['signers'][number]['state'], string>

function Signers({ link: { problem, signers } }: { readonly link: Link }): ReactElement {
  if (problem !== '') return <span className="bad-text">{problem}</span>
  if (signers.length === 0) return <span className="bad-text">not signed</span>
  return (
    <>
      {signers.map((one) => (
        <div key={`${one.name} ${one.authority} ${one.thumbprints[0]}`}>
          {one.name === '' ? 'a signature that cannot be read' : `${one.name}, under ${one.authority}`}
          {[stateTexts[one.state], one.problem].filter(Boolean).map((text) => (
            <Text key={text} size="xs" c="var(--lab-bad)">
              {text}
            </Text>
          ))}
        </div>
      ))}
    </>
  )
}

const looks = {
  yes: { className: 'good-text', shape: 'dot', word: 'start' },
  no: { className: 'bad-text', shape: 'square', word: 'refuse' },
  unknown: { className: 'quiet-text', shape: 'dot', word: 'not known' },
} as const

function VerdictRow({ verdict: { name, starts, because } }: { readonly verdict: Verdict }): ReactElement {
  const { className, shape, word } = looks[starts]
  return (
    <tr>
      <td>{name}</td>
      <td className={className}>
        <span className="dot" data-shape={shape} />
        {word}
      </td>
      <td>{because}</td>
    </tr>
  )
}

function Chain({ chain }: { readonly chain: BootChainReply }): ReactElement {
  return (
    <div role="group" className="spaced" aria-label={`Chain of ${chain.links[0]!.file}`}>
      <table className="grid-table">
        <thead>
          <tr>
            <th>File</th>
            <th>What it is</th>
            <th>Signed by</th>
            <th>SBAT</th>
          </tr>
        </thead>
        <tbody>
          {chain.links.map((link) => (
            <tr key={`${link.role} ${link.file}`}>
              <td className="mono">{link.file}</td>
              <td>{link.role === 'program' ? 'boot program' : link.role}</td>
              <td>
                <Signers link={link} />
              </td>
              <td>{link.sbat.map((one) => `${one.name} ${one.generation}`).join(', ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <table className="grid-table spaced">
        <thead>
          <tr>
            <th>With Secure Boot on</th>
            <th>They</th>
            <th>Because</th>
          </tr>
        </thead>
        <tbody>
          {chain.verdicts.map((one) => (
            <VerdictRow key={one.machine} verdict={one} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Who signed what the rules hand out, and which machines start it. Programs are read whole, so only when asked. */
export function SecureBoot(): ReactElement {
  const [chains, setChains] = useState<readonly BootChainReply[]>()
  const [isBusy, setBusy] = useState(false)
  const check = async (dbx?: File): Promise<void> => {
    setBusy(true)
    const found = await attempt('Signatures', async () =>
      call('files.chains', dbx ? { dbx: { name: dbx.name, base64: await base64Of(dbx) } } : {}),
    )
    if (found) setChains(found)
    setBusy(false)
  }
  return (
    <section className="section" aria-label="Secure Boot">
      <Group justify="space-between">
        <Title order={2}>Secure Boot</Title>
        <Group gap="xs">
          <FileButton onChange={(file) => file && void check(file)}>
            {(props) => (
              <Button size="compact-sm" variant="default" disabled={isBusy} {...props}>
                Check with a dbx file…
              </Button>
            )}
          </FileButton>
          <Button size="compact-sm" variant="default" loading={isBusy} onClick={() => void check()}>
            Check signatures
          </Button>
        </Group>
      </Group>
      {!chains && (
        <Text size="sm" c="dimmed">
          Who signed the programs in these rules, and which machines refuse them. A dbx file is the list of what one
          machine refuses.
        </Text>
      )}
      {chains?.length === 0 && <Text c="dimmed">No rule hands out a UEFI program that is in the folder.</Text>}
      {chains?.map((one) => (
        <Chain key={one.links[0]!.file} chain={one} />
      ))}
      {chains && chains.length > 0 && (
        <Text size="xs" c="dimmed">
          SBAT level {chains[0]!.sbatLevel}, the newest as of {sbatSource.asOf}; {chains[0]!.dbx}. Keys that were
          enrolled on a machine (MOK) are not known here.
        </Text>
      )}
    </section>
  )
}
