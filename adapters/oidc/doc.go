// Package oidc lets people prove who they are at a provider of the firm's
// choice: OpenID Connect, authorization code with PKCE, for confidential
// clients. It speaks to one provider; the secrets of each try come from, and
// what is proven goes to, access.
//
// What is believed of a token: a signature by a key that the provider publishes
// now, with an asymmetric algorithm that stands in a list here; our issuer; us
// as audience, and as authorised party where one is named; the nonce of this
// very try; a time of issue that is not in the future and not long ago; not
// expired. Where the provider says that its answers name their issuer
// (RFC 9207), an answer that names none is refused, so that no other
// provider's answer can be mixed in.
//
// That a second factor was given is believed only where the token says so in a
// value of acr or amr that the configuration lists, with the time of it.
package oidc
