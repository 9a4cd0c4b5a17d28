package simulator

import (
	"crypto/hmac"
	"net/http"
	"time"
)

const (
	// maxSignatureRefusals is how many refusals in a row lock an access key.
	maxSignatureRefusals = 5
	// accessKeyLock is for how long.
	accessKeyLock = 5 * time.Minute
)

// accessKey is what belongs to the id of an access key.
type accessKey struct {
	secret        string
	securityToken string // empty for a permanent key
}

// accessKeyRecord is what the gateway remembers of an id, whether there is such
// a key or not.
type accessKeyRecord struct {
	refused     int // of the signatures, in a row
	failures    int // requests refused, ever
	lockedUntil time.Time
}

// accessKey returns the key with this id, if it is valid.
func (s *Simulator) accessKey(id string) (accessKey, bool) {
	switch o := s.options; id {
	case DefaultAccessKey:
		return accessKey{secret: o.SecretKey}, !s.keyRevoked
	case DefaultTemporaryAccessKey:
		return accessKey{secret: o.TemporarySecretKey, securityToken: o.SecurityToken}, true
	default:
		return accessKey{}, false
	}
}

// RevokeAccessKey makes the permanent access key invalid, as if it had been
// deleted. The temporary one stays valid, and so do the tokens.
func (s *Simulator) RevokeAccessKey() {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.keyRevoked = true
}

// KeyFailures returns how many requests were refused because of the signature
// with this access key, or because the key was locked, since the simulator was
// made. The key need not exist.
func (s *Simulator) KeyFailures(accessKey string) int {
	s.mu.Lock()
	defer s.mu.Unlock()

	if record, ok := s.keyRecords[accessKey]; ok {
		return record.failures
	}

	return 0
}

// verifySignature says why the signature of the request is not taken. Every
// refusal counts against the access key that is named.
func (s *Simulator) verifySignature(r *http.Request, now time.Time) error {
	g, ok := parseSignature(r.Header.Get(authorizationHeader))
	if !ok {
		return refuseCredentials("the Authorization header is not of the form " +
			signaturePrefix + "Access=..., SignedHeaders=..., Signature=...")
	}

	record := s.keyRecords[g.accessKey]
	if record == nil {
		record = &accessKeyRecord{}
		s.keyRecords[g.accessKey] = record
	}

	if now.Before(record.lockedUntil) {
		record.failures++

		return refuseCredentials("the access key is locked until " + record.lockedUntil.UTC().Format(time.RFC3339))
	}

	if err := s.checkSignature(g, r, now); err != nil {
		record.refuse(now)

		return err
	}

	record.refused = 0

	return nil
}

// checkSignature does not know of locks.
func (s *Simulator) checkSignature(g signature, r *http.Request, now time.Time) error {
	key, ok := s.accessKey(g.accessKey)
	if !ok {
		return refuseSignature()
	}

	if err := g.verify(r, bodyOf(r), key.secret, now); err != nil {
		return err
	}

	// With a permanent key there must not be any, not even an empty one.
	said := r.Header.Get(securityTokenHeader)
	if there := len(r.Header.Values(securityTokenHeader)) > 0; there != (key.securityToken != "") ||
		!hmac.Equal([]byte(said), []byte(key.securityToken)) {
		return refuseCredentials(securityTokenHeader + " is not the one of the access key")
	}

	return nil
}

// refuse counts a refusal, and locks the key when it is one too many.
func (k *accessKeyRecord) refuse(now time.Time) {
	k.failures++
	k.refused++

	if k.refused == maxSignatureRefusals {
		k.refused, k.lockedUntil = 0, now.Add(accessKeyLock)
	}
}
