package oidcsim

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// token gives a token for a code, once, to the client that proves to be the
// one that asked.
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		answer(w, http.StatusBadRequest, map[string]string{"error": "invalid_request"})
		return
	}
	id, secret, basic := r.BasicAuth()
	if basic { // RFC 6749 2.3.1: both are form-encoded first
		id, _ = url.QueryUnescape(id)
		secret, _ = url.QueryUnescape(secret)
	} else {
		id, secret = r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	}
	if id != s.ClientID || subtle.ConstantTimeCompare([]byte(secret), []byte(s.Secret)) != 1 {
		answer(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client"})
		return
	}
	v := r.PostForm
	s.mu.Lock()
	g, known := s.codes[v.Get("code")]
	delete(s.codes, v.Get("code"))
	fault := s.fault
	s.mu.Unlock()
	if !known || v.Get("grant_type") != "authorization_code" || g.redirect != v.Get("redirect_uri") ||
		g.challenge != challengeOf(v.Get("code_verifier")) || s.Wall.Now().Time().Sub(g.at) > time.Minute {
		answer(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant"})
		return
	}
	out := map[string]any{"access_token": random(), "token_type": "Bearer", "expires_in": 300}
	if fault != NoToken {
		out["id_token"] = s.sign(s.claims(g, fault), fault)
	}
	answer(w, http.StatusOK, out)
}

func (s *Server) claims(g grant, fault Fault) map[string]any {
	now := s.Wall.Now().Time()
	c := map[string]any{
		"iss": s.issuer, "sub": g.person.Sub, "aud": s.ClientID, "exp": now.Add(5 * time.Minute).Unix(), "iat": now.Unix(),
		"auth_time": g.at.Unix(), "nonce": g.nonce, "name": g.person.Name, "email": g.person.Email, "acr": "urn:sim:one-factor", "amr": []string{"pwd"},
	}
	if g.person.Groups != nil && fault != NoGroups {
		c["groups"] = g.person.Groups
	}
	if g.strong {
		c["acr"], c["amr"] = s.SecondFactor, []string{"pwd", "otp", "mfa"}
	}
	for name, wrong := range map[Fault]map[string]any{
		WrongNonce: {"nonce": random()}, WrongIssuer: {"iss": "https://another.example"}, WrongAudience: {"aud": "another"},
		TwoAudiences: {"aud": []string{s.ClientID, "another"}}, WrongAZP: {"azp": "another"}, NoSubject: {"sub": ""},
		Expired:     {"exp": now.Add(-time.Minute).Unix()},
		OldToken:    {"iat": now.Add(-time.Hour).Unix()},
		FutureToken: {"iat": now.Add(time.Hour).Unix()},
		LongAgo:     {"auth_time": now.Add(-48 * time.Hour).Unix()},
		NoAuthTime:  {"auth_time": nil},
	}[fault] {
		if c[name] = wrong; wrong == nil {
			delete(c, name)
		}
	}
	return c
}

func (s *Server) sign(claims map[string]any, fault Fault) string {
	s.mu.Lock()
	key, kid := s.key, s.kidText()
	s.mu.Unlock()
	body, _ := json.Marshal(claims)
	head := func(alg string) string {
		h, _ := json.Marshal(map[string]string{"alg": alg, "typ": "JWT", "kid": kid})
		return b64(h) + "." + b64(body)
	}
	switch fault {
	case AlgNone:
		return head("none") + "."
	case AlgHS256:
		text := head("HS256")
		mac := hmac.New(sha256.New, []byte(s.Secret))
		mac.Write([]byte(text))
		return text + "." + b64(mac.Sum(nil))
	case StrangeKey:
		key, _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	text := head("ES256")
	sum := sha256.Sum256([]byte(text))
	r, z, err := ecdsa.Sign(rand.Reader, key, sum[:])
	if err != nil {
		return ""
	}
	sig := make([]byte, 64)
	r.FillBytes(sig[:32])
	z.FillBytes(sig[32:])
	return text + "." + b64(sig)
}
