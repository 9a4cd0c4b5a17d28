package simulator

import (
	"crypto/hmac"
	"net/http"
	"time"
)

const (
	// maxSignatureFailures is the number of wrong signatures in a row that lock an access key.
	maxSignatureFailures = 5
	// accessKeyLock is the duration of the lock.
	accessKeyLock = 5 * time.Minute
)

// accessKey is the secret part of an access key.
type accessKey struct {
	secret        string
	securityToken string // empty for a permanent key
}

// accessKeyRecord counts wrong signatures with an ID, whether the key exists or not.
type accessKeyRecord struct {
	inARow      int // wrong signatures since the last right one or lock
	failures    int // all rejected requests
	lockedUntil time.Time
}

// accessKey returns the key with this ID, and whether it exists.
func (s *Simulator) accessKey(id string) (accessKey, bool) {
	switch o := s.options; id {
	case DefaultAccessKey:
		return accessKey{secret: o.SecretKey}, true
	case DefaultTemporaryAccessKey:
		return accessKey{secret: o.TemporarySecretKey, securityToken: o.SecurityToken}, true
	default:
		return accessKey{}, false
	}
}

// KeyFailures returns the number of requests that failed because of a wrong signature with
// this access key, or because the key was locked. The key need not exist.
func (s *Simulator) KeyFailures(accessKey string) int {
	s.mu.Lock()
	defer s.mu.Unlock()

	if record, ok := s.keyRecords[accessKey]; ok {
		return record.failures
	}

	return 0
}

// verifySignature returns an error if the signature of the request is wrong, or its access key
// locked. Every error counts for that key.
func (s *Simulator) verifySignature(r *http.Request, now time.Time) error {
	g, ok := parseSignature(r.Header.Get(authorizationHeader))
	if !ok {
		return invalidCredentials("the Authorization header is not of the form " +
			signaturePrefix + "Access=..., SignedHeaders=..., Signature=...")
	}

	record := s.keyRecords[g.accessKey]
	if record == nil {
		record = &accessKeyRecord{}
		s.keyRecords[g.accessKey] = record
	}

	if now.Before(record.lockedUntil) {
		record.failures++

		return invalidCredentials("the access key is locked until " + record.lockedUntil.UTC().Format(time.RFC3339))
	}

	if err := s.checkSignature(g, r, now); err != nil {
		record.fail(now)

		return err
	}

	record.inARow = 0

	return nil
}

// checkSignature returns an error if the signature is wrong. It ignores locks.
func (s *Simulator) checkSignature(g signature, r *http.Request, now time.Time) error {
	key, ok := s.accessKey(g.accessKey)
	if !ok {
		return wrongSignature()
	}

	if err := g.verify(r, bodyOf(r), key.secret, now); err != nil {
		return err
	}

	// A request with a permanent key must not have a security token, not even an empty one.
	token := r.Header.Get(securityTokenHeader)
	if hasToken := len(r.Header.Values(securityTokenHeader)) > 0; hasToken != (key.securityToken != "") ||
		!hmac.Equal([]byte(token), []byte(key.securityToken)) {
		return invalidCredentials(securityTokenHeader + " is not the one of the access key")
	}

	return nil
}

// fail counts a wrong signature, and locks the key after too many in a row.
func (k *accessKeyRecord) fail(now time.Time) {
	k.failures++
	k.inARow++

	if k.inARow == maxSignatureFailures {
		k.inARow, k.lockedUntil = 0, now.Add(accessKeyLock)
	}
}
