import { t } from '#messages/text.ts'
import type { ReactElement } from 'react'
import type { Lab, LabMode } from '#shared/lab/lab.ts'

export type DrawnLab = Pick<Lab, 'mode' | 'ports'> & {
  readonly tftp: Pick<Lab['tftp'], 'enabled'>
  readonly http: Pick<Lab['http'], 'enabled' | 'port'>
  readonly https: Pick<Lab['https'], 'enabled' | 'port'>
  readonly ipv6: Pick<Lab['ipv6'], 'enabled'>
}

/** Who answers what in a lab, on which ports, drawn: the client, the wire, this machine and the DHCP server. */
export function ModePicture({ lab }: { readonly lab: DrawnLab }): ReactElement {
  const { mode, ports } = lab
  const filePorts = [
    ...(lab.tftp.enabled ? [`${ports.tftp}`] : []),
    ...(lab.http.enabled ? [`HTTP ${lab.http.port}`] : []),
    ...(lab.https.enabled ? [`HTTPS ${lab.https.port}`] : []),
  ]
  const files = filePorts.join(', ')
  const serves = files === '' ? t('parts.serves-no-files') : t('parts.serves-files-port', { ports: filePorts })
  const dhcpPorts = lab.ipv6.enabled ? `${ports.dhcp}, IPv6 ${ports.dhcp6}` : `${ports.dhcp}`
  const text = (
    x: number,
    y: number,
    words: string,
    options: { bold?: boolean; colour?: string; anchor?: 'start' | 'middle' } = {},
  ) => (
    <text
      x={x}
      y={y}
      fontSize={11.5}
      fill={options.colour ?? 'currentColor'}
      fontWeight={options.bold ? 600 : 400}
      textAnchor={options.anchor ?? 'middle'}
    >
      {words}
    </text>
  )
  const box = (x: number, y: number, width: number, height: number, isOurs: boolean) => (
    <rect
      x={x}
      y={y}
      width={width}
      height={height}
      rx={4}
      fill="none"
      stroke={isOurs ? 'var(--mantine-primary-color-filled)' : 'currentColor'}
      strokeWidth={isOurs ? 1.6 : 1}
      opacity={isOurs ? 1 : 0.6}
    />
  )
  const arrow = (y: number, words: string, colour: string, to: number, dashed = false) => (
    <g stroke={colour} fill={colour}>
      <line x1={132} x2={to - 8} y1={y} y2={y} strokeWidth={1.4} {...(dashed ? { strokeDasharray: '4 3' } : {})} />
      <path d={`M ${to - 2} ${y} l -8 -4 v 8 z`} stroke="none" />
      <path d={`M 128 ${y} l 8 -4 v 8 z`} stroke="none" />
      <text x={(132 + to) / 2} y={y - 5} fontSize={words.length > 33 ? 10 : 11} textAnchor="middle" stroke="none">
        {words}
      </text>
    </g>
  )
  const isSameHost = mode === 'boot-server'
  const hasOther = mode === 'proxy-dhcp'
  const said: Readonly<Record<LabMode, string>> = {
    listen: t('parts.machine-only-listens-ports', { dhcp: ports.dhcp, bootServer: ports.bootServer }),
    dhcp: t('parts.machine-answers-client-port-address', { dhcp: ports.dhcp, bootServer: ports.bootServer, serves }),
    'proxy-dhcp': t('parts.another-machine-gives-address-machine', {
      dhcp: ports.dhcp,
      bootServer: ports.bootServer,
      serves,
    }),
    'boot-server': t('parts.dhcp-server-machine-gives-address', { bootServer: ports.bootServer, serves }),
  }
  return (
    <svg viewBox="0 0 460 190" role="img" aria-label={said[mode]} className="mode-picture">
      {box(10, 60, 112, 62, false)}
      {text(66, 88, t('parts.pxe-client'), { bold: true })}
      {text(66, 106, t('parts.port', { port: 68 }))}
      {hasOther ? (
        <>
          {box(320, 12, 130, 52, false)}
          {text(385, 35, t('parts.dhcp-server'), { bold: true })}
          {text(385, 52, t('parts.another-machine'))}
          {arrow(40, t('parts.address-67'), 'var(--lab-dhcp)', 320)}
          {box(320, 84, 130, 96, true)}
          {text(385, 106, 'PXE Lab', { bold: true })}
          {text(385, 124, t('parts.this-machine'))}
          {arrow(
            108,
            t('parts.boot-server-ports', { ports: `${dhcpPorts}, ${ports.bootServer}` }),
            'var(--lab-pxe)',
            320,
          )}
          {files !== '' && arrow(158, t('parts.files-ports', { ports: files }), 'var(--lab-tftp)', 320)}
        </>
      ) : isSameHost ? (
        <>
          <rect
            x={304}
            y={4}
            width={150}
            height={182}
            rx={6}
            fill="none"
            stroke="currentColor"
            strokeDasharray="3 3"
            opacity={0.6}
          />
          {box(316, 16, 126, 52, false)}
          {text(379, 38, t('parts.dhcp-server'), { bold: true })}
          {text(379, 55, t('parts.sends-option-60'))}
          {arrow(42, t('parts.address-67'), 'var(--lab-dhcp)', 316)}
          {box(316, 82, 126, 78, true)}
          {text(379, 112, 'PXE Lab', { bold: true })}
          {text(379, 177, t('parts.this-machine'))}
          {arrow(104, t('parts.boot-program-port', { port: ports.bootServer }), 'var(--lab-pxe)', 316)}
          {files !== '' && arrow(146, t('parts.files-ports', { ports: files }), 'var(--lab-tftp)', 316)}
        </>
      ) : (
        <>
          {box(320, 20, 130, 150, true)}
          {text(385, 92, 'PXE Lab', { bold: true })}
          {text(385, 110, t('parts.this-machine'))}
          {mode === 'listen' ? (
            arrow(
              92,
              t('parts.only-heard', { ports: `${dhcpPorts}, ${ports.bootServer}` }),
              'var(--lab-quiet)',
              320,
              true,
            )
          ) : (
            <>
              {arrow(46, t('parts.address-program', { dhcpPorts }), 'var(--lab-dhcp)', 320)}
              {arrow(92, t('parts.boot-server-ports', { ports: ports.bootServer }), 'var(--lab-pxe)', 320)}
              {files !== '' && arrow(148, t('parts.files-ports', { ports: files }), 'var(--lab-tftp)', 320)}
            </>
          )}
        </>
      )}
    </svg>
  )
}
