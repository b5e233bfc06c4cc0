package app

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// proxies are the configured networks of the web servers in front.
func (c Config) proxies() ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, text := range c.Proxies {
		p, err := netip.ParsePrefix(text)
		if ip, single := netip.ParseAddr(text); err != nil && single == nil {
			p, err = netip.PrefixFrom(ip, ip.BitLen()), nil
		}
		if err != nil {
			return nil, fmt.Errorf(`"proxies": %q is no network; write it as "10.0.0.0/8"`, text)
		}
		out = append(out, p)
	}
	return out, nil
}

// clientIP says from where a request comes: the peer, or, where that is a web
// server of ours, the last address in X-Forwarded-For that is none of ours.
// What stands before it was written by whoever sent the request.
func (c Config) clientIP() func(*http.Request) string {
	ours, _ := c.proxies() // checked when the configuration was read
	isOurs := func(ip netip.Addr) bool {
		return slices.ContainsFunc(ours, func(p netip.Prefix) bool { return p.Contains(ip) })
	}
	return func(r *http.Request) string {
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		if err != nil {
			return r.RemoteAddr
		}
		hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		for at, err := netip.ParseAddr(host); err == nil && isOurs(at.Unmap()) && len(hops) > 0; hops = hops[:len(hops)-1] {
			if at, err = netip.ParseAddr(strings.TrimSpace(hops[len(hops)-1])); err == nil {
				host = at.Unmap().String()
			}
		}
		return host
	}
}
