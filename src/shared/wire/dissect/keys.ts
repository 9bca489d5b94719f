/** Every name that the dissector gives to fields, as Wireshark has them: what a filter may ask for. */
export const fieldKeys: ReadonlySet<string> = new Set(
  `
  arp.dst.hw_mac arp.dst.proto_ipv4 arp.opcode arp.src.hw_mac arp.src.proto_ipv4 capwap.header.length chdlc.protocol
  dhcp.file dhcp.flags dhcp.hops dhcp.hw.len dhcp.hw.mac_addr dhcp.hw.type dhcp.id dhcp.ip.client dhcp.ip.relay
  dhcp.ip.server dhcp.ip.your dhcp.option.boot_file_size dhcp.option.bootfile_name dhcp.option.broadcast_address
  dhcp.option.client_system_architecture dhcp.option.default_ip_ttl dhcp.option.dhcp dhcp.option.dhcp_max_message_size
  dhcp.option.dhcp_server_id dhcp.option.domain_name dhcp.option.domain_name_server dhcp.option.extension_path
  dhcp.option.hostname dhcp.option.interface_mtu dhcp.option.ip_address_lease_time dhcp.option.log_server
  dhcp.option.message dhcp.option.name_server dhcp.option.netbios_over_tcpip_name_server
  dhcp.option.netbios_over_tcpip_node_type dhcp.option.nis_domain dhcp.option.nis_server dhcp.option.ntp_server
  dhcp.option.option_overload dhcp.option.rebinding_time_value dhcp.option.renewal_time_value
  dhcp.option.request_list_item dhcp.option.requested_ip_address dhcp.option.root_path dhcp.option.router
  dhcp.option.smtp_server dhcp.option.subnet_mask dhcp.option.swap_server dhcp.option.tftp_server_name
  dhcp.option.time_server dhcp.option.vendor_class_id dhcp.secs dhcp.server dhcp.type dhcpv6.aftr_name
  dhcpv6.auth.algorithm dhcpv6.auth.info dhcpv6.auth.protocol dhcpv6.auth.rdm dhcpv6.auth.replay_detection
  dhcpv6.bcmcs_server_a dhcpv6.bcmcs_server_fqdn dhcpv6.captive_portal dhcpv6.capwap_ac_v6 dhcpv6.client_domain
  dhcpv6.client_fqdn_flags dhcpv6.clt_time dhcpv6.dns_server dhcpv6.duid.bytes dhcpv6.duid.type
  dhcpv6.duiden.enterprise dhcpv6.duiden.identifier dhcpv6.duidll.hwtype dhcpv6.duidll.link_layer_addr
  dhcpv6.duidllt.hwtype dhcpv6.duidllt.link_layer_addr dhcpv6.duiduuid.bytes dhcpv6.elapsed_time dhcpv6.hopcount
  dhcpv6.iaaddr.ip dhcpv6.iaaddr.pref_lifetime dhcpv6.iaaddr.valid_lifetime dhcpv6.iaid dhcpv6.iaid.t1 dhcpv6.iaid.t2
  dhcpv6.iaprefix.pref_addr dhcpv6.iaprefix.pref_len dhcpv6.iaprefix.pref_lifetime dhcpv6.iaprefix.valid_lifetime
  dhcpv6.iata dhcpv6.interface_id dhcpv6.lifetime dhcpv6.linkaddr dhcpv6.lq_client_link dhcpv6.lq_query
  dhcpv6.lq_query_link_address dhcpv6.lq_relay_data_peer_addr dhcpv6.msgtype dhcpv6.mudurl dhcpv6.nis_fqdn
  dhcpv6.nis_server dhcpv6.nisp_fqdn dhcpv6.nisp_server dhcpv6.ntpserver.addr dhcpv6.ntpserver.fqdn
  dhcpv6.ntpserver.mc_addr dhcpv6.ntpserver.option.length dhcpv6.ntpserver.option.type dhcpv6.option.length
  dhcpv6.option.type dhcpv6.option_preference dhcpv6.pana_agent dhcpv6.peeraddr dhcpv6.reconf_msg dhcpv6.relay_port
  dhcpv6.remoteid.enterprise dhcpv6.remoteid_enterprise_id dhcpv6.requested_option_code dhcpv6.search_list_entry
  dhcpv6.sip_server_a dhcpv6.sip_server_domain_search_fqdn dhcpv6.sntp_server dhcpv6.status_code dhcpv6.status_msg
  dhcpv6.subscriber_id dhcpv6.timezone dhcpv6.tzdb dhcpv6.unicast dhcpv6.userclass.length dhcpv6.userclass.opaque_data
  dhcpv6.vendorclass.data dhcpv6.vendorclass.enterprise dhcpv6.vendoropts.enterprise
  dhcpv6.vendoropts.enterprise.option_code dhcpv6.vendoropts.enterprise.option_data
  dhcpv6.vendoropts.enterprise.option_length dhcpv6.xid dns.a dns.aaaa dns.cname dns.count.add_rr dns.count.answers
  dns.count.auth_rr dns.count.queries dns.flags dns.id dns.qry.name dns.qry.type dns.resp.name dns.resp.ttl
  dns.resp.type erspan.spanid erspan.version erspan.vlan eth.dst eth.len
  eth.src eth.type geneve.proto_type geneve.vni gre.key gre.proto http.accept http.accept_encoding
  http.accept_language http.cache_control http.connection http.content_encoding http.content_length_header
  http.content_type http.date http.host http.last_modified http.location http.referer http.request.method
  http.request.uri http.response.code http.server http.transfer_encoding http.user_agent icmp.checksum icmp.code
  icmp.type icmpv6.checksum icmpv6.code icmpv6.echo.identifier icmpv6.echo.sequence_number icmpv6.mtu
  icmpv6.nd.na.flag.o icmpv6.nd.na.flag.r icmpv6.nd.na.flag.s icmpv6.nd.na.target_address icmpv6.nd.ns.target_address
  icmpv6.nd.ra.cur_hop_limit icmpv6.nd.ra.flag icmpv6.nd.ra.flag.m icmpv6.nd.ra.flag.o icmpv6.nd.ra.reachable_time
  icmpv6.nd.ra.retrans_timer icmpv6.nd.ra.router_lifetime icmpv6.nd.rd.target_address icmpv6.opt.dnssl
  icmpv6.opt.dnssl.lifetime icmpv6.opt.length icmpv6.opt.linkaddr icmpv6.opt.mtu icmpv6.opt.prefix
  icmpv6.opt.prefix.flag icmpv6.opt.prefix.flag.a icmpv6.opt.prefix.flag.l icmpv6.opt.prefix.length
  icmpv6.opt.prefix.preferred_lifetime icmpv6.opt.prefix.valid_lifetime icmpv6.opt.rdnss icmpv6.opt.rdnss.lifetime
  icmpv6.opt.route_lifetime icmpv6.opt.type icmpv6.pointer icmpv6.type ieee8021ah.isid ip.checksum ip.dst
  ip.frag_offset ip.hdr_len ip.id ip.len ip.proto ip.src ip.ttl ipv6.dst ipv6.dstopts.len ipv6.dstopts.nxt ipv6.flow
  ipv6.fraghdr.ident ipv6.fraghdr.more ipv6.fraghdr.nxt ipv6.fraghdr.offset ipv6.hlim ipv6.hopopts.len
  ipv6.hopopts.nxt ipv6.nxt ipv6.opt.jumbo ipv6.opt.length ipv6.opt.router_alert ipv6.opt.type ipv6.plen
  ipv6.routing.len ipv6.routing.nxt ipv6.routing.segleft ipv6.routing.type ipv6.src ipv6.tclass ipv6.version llc.dsap
  llc.oui llc.ssap llc.type mpls.bottom mpls.exp mpls.label mpls.ttl nsh.si nsh.spi null.family ppp.protocol
  pppoe.payload_length pppoe.session_id radiotap.length sll.etype sll.halen sll.src.eth tcp.ack_raw tcp.dstport
  tcp.flags tcp.hdr_len tcp.seq_raw tcp.srcport tcp.window_size_value tftp.block tftp.destination_file tftp.error.code
  tftp.error.message tftp.nextwindowsize tftp.opcode tftp.option.name tftp.option.value tftp.source_file tftp.type
  udp.checksum udp.dstport udp.length udp.srcport vlan.etype vlan.id vlan.len vlan.priority vxlan.vni wlan.da wlan.sa
  wol.mac wol.passwd wol.sync
`
    .trim()
    .split(/\s+/),
)
