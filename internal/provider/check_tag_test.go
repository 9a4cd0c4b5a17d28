package provider_test

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

// checkout is a clone of a repository whose main has the script that checks tags.
type checkout struct {
	t      *testing.T
	folder string
	keys   string // has the maintainer's key and a stranger's
}

// run runs a program in the clone without the configuration of this machine.
func (c *checkout) run(name string, args ...string) (string, error) {
	cmd := exec.CommandContext(c.t.Context(), acctest.NeedProgram(c.t, name), args...)
	cmd.Dir = c.folder
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull, "GNUPGHOME="+c.keys,
		"GIT_AUTHOR_NAME=m", "GIT_AUTHOR_EMAIL=m@example.com", "GIT_COMMITTER_NAME=m", "GIT_COMMITTER_EMAIL=m@example.com")
	output, err := cmd.CombinedOutput()
	return string(output), err
}

// git runs git commands, each in one string.
func (c *checkout) git(commands ...string) {
	c.t.Helper()
	for _, command := range commands {
		if output, err := c.run("git", strings.Fields(command)...); err != nil {
			c.t.Fatalf("git %s: %v\n%s", command, err, output)
		}
	}
}

// sign makes a tag that the owner of the key signs.
func (c *checkout) sign(owner, tag string) {
	c.t.Helper()
	c.git("-c gpg.format=ssh -c user.signingkey=" + filepath.Join(c.keys, owner) + " tag -s -m " + tag + " " + tag)
}

func (c *checkout) write(name, content string) {
	c.t.Helper()
	path := filepath.Join(c.folder, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o700); err != nil {
		c.t.Fatal(err)
	}
}

// newCheckout makes a repository of two commits, and its clone.
func newCheckout(t *testing.T) *checkout {
	t.Helper()
	c := &checkout{t: t, folder: filepath.Join(t.TempDir(), "clone"), keys: t.TempDir()}
	origin := filepath.Join(t.TempDir(), "origin.git")
	if err := os.Mkdir(c.folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, owner := range []string{"maintainer", "stranger"} {
		if output, err := c.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", filepath.Join(c.keys, owner)); err != nil {
			t.Fatalf("%v: %s", err, output)
		}
	}
	c.write("scripts/check-tag", read(t, root, "scripts/check-tag"))
	c.write(".github/allowed_signers", read(t, root, ".github/allowed_signers")+
		`m@example.com namespaces="git" `+read(t, c.keys, "maintainer.pub"))
	c.git("init -q -b main", "add .", "commit -q -m first", "commit -q --allow-empty -m second",
		"init -q --bare "+origin, "remote add origin "+origin, "push -q origin main")
	return c
}

// Only a tag that a maintainer signed on main, under the name that it still has, can be released.
func TestCheckTag(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		make func(*checkout)
		tag  string // default v1.2.3
		says string // nothing for a tag that is accepted
	}{
		"signed":                   {make: func(c *checkout) { c.sign("maintainer", "v1.2.3") }},
		"signed, before a release": {make: func(c *checkout) { c.sign("maintainer", "v1.2.3-rc.1") }, tag: "v1.2.3-rc.1"},
		"signed, and main moved on": {make: func(c *checkout) {
			c.sign("maintainer", "v1.2.3")
			c.git("commit -q --allow-empty -m third", "push -q origin main", "checkout -q v1.2.3")
		}},
		"signed, and replaced by its commit here": {make: func(c *checkout) {
			c.sign("maintainer", "v1.2.3")
			c.git("push -q origin v1.2.3", "tag -f v1.2.3 HEAD")
		}},
		"not signed":           {make: func(c *checkout) { c.git("tag -a -m x v1.2.3") }, says: "isn't signed with an SSH key"},
		"not annotated":        {make: func(c *checkout) { c.git("tag v1.2.3") }, says: "isn't an annotated tag"},
		"signed by a stranger": {make: func(c *checkout) { c.sign("stranger", "v1.2.3") }, says: "isn't signed with an SSH key"},
		"missing":              {make: func(*checkout) {}, says: "can't be fetched"},
		"on another commit":    {make: func(c *checkout) { c.sign("maintainer", "v1.2.3"); c.git("push -q origin v1.2.3", "checkout -q HEAD~") }, says: "another commit"},
		"on a branch":          {make: func(c *checkout) { c.git("commit -q --allow-empty -m third"); c.sign("maintainer", "v1.2.3") }, says: "isn't on main"},
		"an old one, under a new name": {make: func(c *checkout) {
			c.sign("maintainer", "v1.0.0")
			c.git("update-ref refs/tags/v1.2.3 refs/tags/v1.0.0")
		}, says: `was signed as "v1.0.0"`},
		"with a key of its own": {make: func(c *checkout) {
			c.write(".github/allowed_signers", "m@example.com "+read(c.t, c.keys, "stranger.pub"))
			c.git("commit -q -a -m third")
			c.sign("stranger", "v1.2.3")
		}, says: "isn't on main"},
		"without keys on main": {make: func(c *checkout) {
			c.write(".github/allowed_signers", read(c.t, root, ".github/allowed_signers"))
			c.git("commit -q -a -m third", "push -q origin main")
			c.sign("maintainer", "v1.2.3")
		}, says: "isn't signed with an SSH key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCheckout(t)
			test.make(c)
			tag := cmp.Or(test.tag, "v1.2.3")
			if _, err := c.run("git", "ls-remote", "--exit-code", "origin", "refs/tags/"+tag); err != nil {
				_, _ = c.run("git", "push", "-q", "origin", "refs/tags/"+tag) // there may be none
			}
			output, err := c.run("bash", "scripts/check-tag", tag)
			if accepted := err == nil; accepted != (test.says == "") || !strings.Contains(output, test.says) {
				t.Errorf("%v, want %q:\n%s", err, test.says, output)
			}
		})
	}
}

// The form is checked first, also when a release is published.
func TestCheckTagForm(t *testing.T) {
	t.Parallel()
	c := newCheckout(t)
	for _, tag := range []string{"", "main", "1.2.3", "v1.2", "v1.02.3", "v1.2.3+x", "v1.2.3-", "v1.2.3;id", "v1.2.3\nv1", "--help"} {
		if output, err := c.run("bash", "scripts/check-tag", tag); err == nil || !strings.Contains(output, "must have the form") {
			t.Errorf("%q: %v\n%s", tag, err, output)
		}
	}
	c.write("scripts/release", read(t, root, "scripts/release"))
	if output, err := c.run("env", "GITHUB_REF_NAME=main", "bash", "scripts/release", "--publish"); err == nil || !strings.Contains(output, "must have the form") {
		t.Errorf("publish: %v\n%s", err, output)
	}
}
