/**
 * What causes are about. The simulator, the diagnosis of captures and the notes each name a cause in their own words; a page that
 * lists all three tells each once.
 */

/** By topic: the words of simulated causes, and those of the other tables. */
export const causeTopics: readonly { readonly simulated: RegExp; readonly told: RegExp }[] = [
  { simulated: /Option 60 .* wrong server/i, told: /^Option 60 PXEClient is|delete option 60 at every level/ },
  { simulated: /(WDS|responder) is stopped/, told: /^The WDS service is stopped/ },
  { simulated: /firewall drops port 4011/, told: /firewall drops UDP port 4011/ },
  { simulated: /firewall drops TFTP/, told: /firewall drops UDP port 69/ },
  { simulated: /does not send option 60/, told: /but option 60 is not set/ },
  { simulated: /does not listen on UDP port 67/, told: /UseDHCPPorts is still 0/ },
  { simulated: /helper for DHCP only/, told: /needs the PXE server as a second IP helper/ },
  { simulated: /helper for the PXE server only/, told: /needs the DHCP server as a second IP helper/ },
  { simulated: /switch port is not forwarding yet/, told: /^The switch port is not forwarding yet/ },
  { simulated: /WDS refuses the path/, told: /WDS read filter/ },
  { simulated: /DNS sits on the ports/, told: /^DNS has taken the port range/ },
  { simulated: /Blocks larger than the path/, told: /blocks are larger than the path/ },
  { simulated: /boot menu whose server is not there/, told: /offers a kind of boot server that no server answers/ },
  { simulated: /clients have no router/, told: /gives no router \(option 3\)/ },
  { simulated: /nothing for this machine/, told: /has no program for this architecture/ },
]

const topicOf = (text: string): number =>
  causeTopics.findIndex(({ simulated, told }) => simulated.test(text) || told.test(text))

/** A filter that takes each cause once; `told`: those that stand above already. */
export function eachCauseOnce(told: readonly string[]): (text: string) => boolean {
  const known = new Set<string | number>(told.flatMap((text) => [text, topicOf(text)]))
  return (text) => {
    const topic = topicOf(text)
    if (known.has(text) || (topic >= 0 && known.has(topic))) return false
    known.add(text).add(topic)
    return true
  }
}
