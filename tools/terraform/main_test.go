package main

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/hashicorp/hc-install/releases"
)

// working is the program of the newest version that is supported.
const working = "#!/bin/sh\necho Terraform v1.15.2\n"

// The newest stable version of Terraform 1 is installed, and only with a valid signature and checksum.
func TestInstall(t *testing.T) {
	t.Parallel()
	ours, theirs := key(t), key(t)
	for name, test := range map[string]struct {
		signer  *openpgp.Entity
		program string // of the newest supported version
		damage  string // is appended to the download
		wantErr string // a regular expression
	}{
		"signed":                  {signer: ours, program: working},
		"signed with another key": {signer: theirs, program: working, wantErr: "unable to verify checksums signature"},
		// Version 0.10.0 of hc-install loses the first of these errors, and the second one follows.
		"the download is different": {signer: ours, program: working, damage: "x", wantErr: "checksum mismatch|no such file"},
		"the program doesn't run":   {signer: ours, program: "#!/bin/sh\necho broken; exit 1\n", wantErr: "exit status 1\nbroken"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			server := httptest.NewServer(site(t, test.signer, test.program, test.damage))
			t.Cleanup(server.Close)
			path, err := install(t.Context(), releases.Versions{
				ApiBaseURL: server.URL,
				Install:    releases.InstallationOptions{ArmoredPublicKey: public(t, ours)},
			}, folder)
			want := filepath.Join(folder, "terraform")
			if test.wantErr != "" {
				if err == nil || !regexp.MustCompile(test.wantErr).MatchString(err.Error()) {
					t.Errorf("got %v, want %s", err, test.wantErr)
				}
				expectFiles(t, folder)
				return
			}
			if err != nil || path != want {
				t.Fatalf("got %q, %v, want %q", path, err, want)
			}
			if output, err := exec.CommandContext(t.Context(), path).Output(); err != nil || string(output) != "Terraform v1.15.2\n" {
				t.Errorf("the program printed %q, %v", output, err)
			}
			expectFiles(t, folder, "terraform")
		})
	}
}

// A server that accepts the connection and never responds costs no more than the time limit.
func TestSilentServer(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-ended }))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(ended) })
	folder := t.TempDir()
	_, err := install(t.Context(), releases.Versions{ApiBaseURL: server.URL, ListTimeout: 50 * time.Millisecond}, folder)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want a timeout", err)
	}
	expectFiles(t, folder)
}

func expectFiles(t *testing.T, folder string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, entry := range entries {
		got = append(got, entry.Name())
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the folder has %v, want %v", got, want)
	}
}

// site serves what releases.hashicorp.com has of Terraform, signed by signer.
func site(t *testing.T, signer *openpgp.Entity, program, damage string) http.Handler {
	t.Helper()
	files := map[string][]byte{}
	var index []string
	for _, version := range []string{"1.9.8", "1.15.2", "1.14.9", "1.16.0-alpha20261104", "2.0.0"} {
		archive := fmt.Sprintf("terraform_%s_%s_%s.zip", version, runtime.GOOS, runtime.GOARCH)
		sums := fmt.Sprintf("terraform_%s_SHA256SUMS", version)
		folder := "/terraform/" + version + "/"
		content := "#!/bin/sh\necho Terraform v" + version + "\n"
		if version == "1.15.2" {
			content = program
		}
		packed := zipped(t, "terraform", content)
		files[folder+archive] = append(packed, damage...)
		files[folder+sums] = fmt.Appendf(nil, "%x  %s\n", sha256.Sum256(packed), archive)
		var signature bytes.Buffer
		if err := openpgp.DetachSign(&signature, signer, bytes.NewReader(files[folder+sums]), nil); err != nil {
			t.Fatal(err)
		}
		files[folder+sums+".sig"] = signature.Bytes()
		release := fmt.Sprintf(`{"name":"terraform","version":%q,"shasums":%q,"shasums_signature":"%s.sig","shasums_signatures":["%s.sig"],
			"builds":[{"name":"terraform","version":%q,"os":%q,"arch":%q,"filename":%q,"url":"%s%s"}]}`,
			version, sums, sums, sums, version, runtime.GOOS, runtime.GOARCH, archive, folder, archive)
		files[folder+"index.json"] = []byte(release)
		index = append(index, fmt.Sprintf("%q:%s", version, release))
	}
	files["/terraform/index.json"] = []byte(`{"name":"terraform","versions":{` + strings.Join(index, ",") + `}}`)
	types := map[string]string{".json": "application/json", ".zip": "application/zip"}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		content, found := files[r.URL.Path]
		if !found {
			t.Errorf("GET %s", r.URL.Path)
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", types[filepath.Ext(r.URL.Path)])
		_, _ = w.Write(content)
	})
}

func zipped(t *testing.T, name, content string) []byte {
	t.Helper()
	var archive bytes.Buffer
	writer := zip.NewWriter(&archive)
	file, err := writer.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return archive.Bytes()
}

func key(t *testing.T) *openpgp.Entity {
	t.Helper()
	entity, err := openpgp.NewEntity("releases", "", "releases@example.com", nil)
	if err != nil {
		t.Fatal(err)
	}
	return entity
}

func public(t *testing.T, entity *openpgp.Entity) string {
	t.Helper()
	var text bytes.Buffer
	writer, err := armor.Encode(&text, openpgp.PublicKeyType, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := entity.Serialize(writer); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return text.String()
}
